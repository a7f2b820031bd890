package main

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"obmen/cmd/obmen/ui"
)

// sendFile sends a form with a file, and returns the page behind it.
func (p *person) sendFile(path, field, name, text string) string {
	p.Helper()
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	part, err := w.CreateFormFile(field, name)
	p.check(err)
	_, err = part.Write([]byte(text))
	p.check(err)
	p.check(w.Close())
	r := p.request(http.MethodPost, path, &form)
	r.Header.Set("Content-Type", w.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	_, page := p.ask(r)
	return page
}

// An administrator applies changed settings on the page: with a mistake they are refused and those before stay, good
// ones count, and the person is still logged in. Who may only work does not get at them.
func TestPageAppliesSettings(t *testing.T) {
	s := newPageScene(t)
	anna := s.person()
	anna.logIn("anna", "admin")
	ivan := s.person()
	ivan.logIn("ivan", "work")
	if _, page := anna.get("/settings"); !strings.Contains(page, "In force since") || strings.Contains(page, "is not in force yet") {
		t.Errorf("the page is\n%s", page)
	}
	good, err := os.ReadFile(s.path("obmen.toml"))
	s.check(err)
	s.check(os.WriteFile(s.path("obmen.toml"), append([]byte("colour = \"green\"\n"), good...), 0o666))
	if _, page := anna.get("/settings"); !strings.Contains(page, "is not in force yet") {
		t.Errorf("the page is\n%s", page)
	}
	if _, page := anna.post("/settings/apply", nil); !strings.Contains(page, "those before stay in force") || !strings.Contains(page, "colour") {
		t.Errorf("the page is\n%s", page)
	}
	if status, _ := ivan.post("/settings/apply", nil); status != http.StatusForbidden {
		t.Errorf("who may not do it got %d", status)
	}

	s.check(os.Mkdir(s.path("second"), 0o777))
	more := "\n[[route]]\nname = \"second\"\ninbox = \"second\"\noutbox = \"outbox\"\n"
	s.check(os.WriteFile(s.path("obmen.toml"), append(good, more...), 0o666))
	_, page := anna.post("/settings/apply", nil)
	if !strings.Contains(page, "The settings are good") {
		t.Fatalf("the page is\n%s", page)
	}
	s.waitForPage(s.address) // it has another port each time
	if _, page := anna.get("/settings"); !strings.Contains(page, "second") || !strings.Contains(page, "applied the settings") {
		t.Errorf("the page is\n%s", page)
	}
}

// An unknown file of a shop is guessed, mended by the lines that are named, tried, saved, and then read.
func TestPageMendsMapping(t *testing.T) {
	s := newPageScene(t)
	p := s.person()
	p.logIn("anna", "work")
	const shop = "Order No;Created;SKU;Item;Qty;Price;Order total;Currency\n" +
		"A-1;2026-11-29 10:00;AB-100;Mug;2;10.00;20.00;EUR\nA-2;2026-11-29 11:00;AB-200;Pot;1;35.00;35.00;EUR\n"
	page := p.sendFile("/catalogs/guess", "file", "shop.csv", shop)
	if !strings.Contains(page, "2 orders are read") {
		t.Fatalf("the page is\n%s", page)
	}
	_, text, _ := strings.Cut(page, "<textarea")
	_, text, _ = strings.Cut(text, ">")
	text, _, _ = strings.Cut(text, "</textarea>")
	text = strings.NewReplacer("&#34;", `"`, "&#39;", "'", "&amp;", "&", "&#43;", "+").Replace(text)
	wrong := strings.Replace(text, `kind  = "csv"`, `kind  = "cvs"`, 1)
	if wrong == text {
		t.Fatalf("the mapping is\n%s", text)
	}
	_, page = p.post("/guess/save", url.Values{"text": {wrong}})
	if !strings.Contains(page, "line 5") || !strings.Contains(page, "to mend</p>") || strings.Contains(page, "is saved") {
		t.Errorf("the page is\n%s", page)
	}
	named := strings.Replace(text, `"my-source"`, `"my-shop"`, 1)
	_, page = p.post("/guess/save", url.Values{"text": {strings.ReplaceAll(named, "\n", "\r\n")}})
	if !strings.Contains(page, "The mapping my-shop is saved") || !strings.Contains(page, `href="/guess?own=my-shop"`) {
		t.Errorf("the page is\n%s", page)
	}
	saved, err := os.ReadFile(s.path("sources/my-shop.toml"))
	s.check(err)
	if string(saved) != named {
		t.Errorf("saved is\n%s", saved)
	}
	s.check(os.WriteFile(s.path("inbox/shop.csv"), []byte(shop), 0o666))
	s.until("the file is read by it", func() bool {
		_, page := p.get("/order?number=A-1")
		return strings.Contains(page, "shop.csv")
	})
	if _, page := p.get("/guess?own=..%2f..%2fobmen"); !strings.Contains(page, "no such mapping") {
		t.Errorf("the page is\n%s", page)
	}
}

// The guide for the first ten minutes, walked from an empty folder in the browser: products, a shop and its secrets,
// what the shop answers, the first orders.
func TestFirstStepsInBrowser(t *testing.T) {
	shop := httptest.NewServer(&wooShop{orders: 2})
	t.Cleanup(shop.Close)
	s := startWatchScene(t, "127.0.0.1:0", func(s *pageScene) {
		s.check(runInit(s.dir, ui.Streams{Out: io.Discard, Err: io.Discard}))
		text, err := os.ReadFile(s.path("obmen.toml"))
		s.check(err)
		s.check(os.WriteFile(s.path("obmen.toml"), append([]byte("language = \"ru\"\n"), text...), 0o666))
	})
	s.waitForPage("")
	b := s.newBrowser()
	b.width(1280)
	b.do("log in", chromedp.Navigate(s.link()), chromedp.WaitVisible(".side"))
	b.open("/start")
	b.says("пока пусто")
	b.shoot("start-empty-ru-desk")

	b.open("/catalogs")
	s.check(os.WriteFile(s.path("products.csv"), []byte("sku;name;unit;vat\r\nA;Кружка;шт;20\r\nORDER_DELIVERY;Доставка;шт;20\r\n"), 0o666))
	b.do("choose the file", chromedp.SetUploadFiles("#file", []string{s.path("products.csv")}))
	b.click(`//button[contains(., "Показать, что изменится")]`)
	b.click(`//button[contains(., "Принять")]`)
	b.says("products.csv заменён")

	text, err := os.ReadFile(s.path("obmen.toml"))
	s.check(err)
	account := fmt.Sprintf("\n[[account]]\nname = \"shop\"\npull = \"woocommerce\"\npull_with = { shop = %q }\n", shop.URL)
	s.check(os.WriteFile(s.path("obmen.toml"), append(text, account...), 0o666))
	b.open("/settings")
	before := s.address
	b.click(`form[action="/settings/apply"] button`)
	s.waitForPage(before)

	b.open("/start")
	b.says("2 товара")
	b.click(`#fetch details summary`)
	b.typed("#s-shop-consumer_key", wooKey)
	b.typed("#s-shop-consumer_secret", wooSecret)
	b.shoot("start-secrets-ru-desk")
	b.click(`form[action="/start/secrets"] button`)
	b.says("Секреты кабинета shop сохранены")
	b.click(`form[action="/start/check"] button`)
	b.says("Что ответил магазин для shop")
	b.shoot("start-checked-ru-desk")

	s.until("the orders of the shop", func() bool {
		found, err := filepath.Glob(s.path("outbox/shop-*.xml"))
		return err == nil && len(found) > 0
	})
	b.open("/start")
	b.says("готово")
	if page, err := chromedp.Run(b.ctx, chromedp.OuterHTML("html")); err != nil || strings.Contains(page, wooSecret) || strings.Contains(s.log.String(), wooSecret) {
		t.Errorf("the secret is shown: %v", err)
	}
}
