package main

import (
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// heldInBrowser is a scene with orders that wait for products, and a browser that shows them in a language.
func heldInBrowser(t *testing.T, lang string) *browser {
	t.Helper()
	s := newPageScene(t)
	s.drop("amazon-orders-v0/unknown-sku-look-alikes/input/*")
	s.drop("amazon-all-orders/us-utf-8-bom-rows-apart/input/*")
	b := s.newBrowser()
	b.width(1280)
	b.do("log in", chromedp.Navigate(s.link()), chromedp.WaitVisible(".side"))
	b.open("/language?" + url.Values{"language": {lang}, "to": {"/held"}}.Encode())
	return b
}

// typed puts text into a field as a person types it.
func (b *browser) typed(field, text string) {
	b.Helper()
	b.do("type into "+field, chromedp.SendKeys(field, text))
}

func (b *browser) click(what string) {
	b.Helper()
	b.do("click "+what, chromedp.Click(what))
}

// A person finds the product while she types, sees the line, saves it, and the order goes out. Another order is
// dismissed with a reason and brought back.
func TestHeldInBrowser(t *testing.T) {
	b := heldInBrowser(t, "ru")
	b.says("Ждут вас")
	b.says("ZZ-999-XYZ")
	b.says("Делать ничего не нужно")
	b.shoot("held-ru-desk")
	b.click(`//li[contains(., "ZZ-999-XYZ")]//a`)
	b.says("Какой это товар в 1С?")
	b.typed("#q", "чайник фьорд")
	b.says("Чайник заварочный «Фьорд», 1 л")
	b.shoot("held-search-ru-desk")
	b.click("#found a.button")
	b.says("Будет записано в skus.csv:")
	b.says("ZZ-999-XYZ;DE;AB-200;1;")
	b.shoot("held-preview-ru-desk")
	b.click(`//button[contains(., "Сохранить")]`)
	b.says("Записано в skus.csv.")
	text, err := os.ReadFile(b.path("catalogs/skus.csv"))
	b.check(err)
	if !strings.HasSuffix(strings.TrimRight(string(text), "\r\n"), "ZZ-999-XYZ;DE;AB-200;1;") {
		t.Errorf("skus.csv is\n%s", text)
	}
	b.until("the order goes out before her eyes", func() bool {
		gone, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](`!document.querySelector("#causes").innerText.includes("ZZ-999-XYZ")`))
		return err == nil && gone
	})
	b.click(`//li[contains(., "АВ-100")]//a`)
	b.says("302-0207001-0000001")
	b.click(`//input[@name="order" and @value="302-0207001-0000001"]`)
	b.typed("#why", "внесён вручную")
	b.shoot("held-dismiss-ru-desk")
	b.click(`//button[contains(., "Отклонить")]`)
	b.says("1 заказ отклонён")
	b.open("/held?gone=1")
	b.says("внесён вручную")
	b.click(`//input[@name="order" and @value="302-0207001-0000001"]`)
	b.click(`//button[contains(., "Вернуть")]`)
	b.says("1 заказ снова удержан")
	b.says("АВ-100")
	b.width(400)
	b.open("/held")
	b.shoot("held-ru-phone")
}

var (
	linkInPage  = regexp.MustCompile(`href="([^"]*)"`)
	fieldInPage = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)">`)
)

// Without scripts the same is done by links and forms alone.
func TestHeldWithoutScripts(t *testing.T) {
	s := newPageScene(t)
	s.drop("amazon-orders-v0/unknown-sku-look-alikes/input/*")
	jar, err := cookiejar.New(nil)
	s.check(err)
	client := &http.Client{Jar: jar}
	read := func(answer *http.Response, err error) string {
		s.check(err)
		defer answer.Body.Close()
		text, err := io.ReadAll(answer.Body)
		s.check(err)
		return string(text)
	}
	follow := func(page, with string) string {
		for _, m := range linkInPage.FindAllStringSubmatch(page, -1) {
			if link := html.UnescapeString(m[1]); strings.HasPrefix(link, "/held") && strings.Contains(link, with) {
				return strings.TrimSuffix(link, "#cure")
			}
		}
		t.Fatalf("no link with %s in\n%s", with, page)
		return ""
	}
	read(client.Get(s.link()))
	cause := follow(read(client.Get(s.address+"/held?language=en")), "ZZ-999-XYZ")
	chosen := follow(read(client.Get(s.address+cause+"&q=AB-200")), "product=AB-200")
	page := read(client.Get(s.address + chosen))
	if !strings.Contains(page, "ZZ-999-XYZ;DE;AB-200;1;") {
		t.Fatalf("the line is not shown:\n%s", page)
	}
	form := url.Values{}
	_, page, _ = strings.Cut(page, `action="/held/cure"`)
	page, _, _ = strings.Cut(page, "</form>")
	for _, m := range fieldInPage.FindAllStringSubmatch(page, -1) {
		form.Add(m[1], html.UnescapeString(m[2]))
	}
	if page := read(client.PostForm(s.address+"/held/cure", form)); !strings.Contains(page, "Written into skus.csv") {
		t.Errorf("the answer is\n%s", page)
	}
	text, err := os.ReadFile(s.path("catalogs/skus.csv"))
	s.check(err)
	if !strings.Contains(string(text), "ZZ-999-XYZ;DE;AB-200;1;") {
		t.Errorf("skus.csv is\n%s", text)
	}
	if page := read(client.PostForm(s.address+"/held/cure", form)); strings.Contains(page, "Written into") {
		t.Error("the same form was written twice")
	}
}

// A new export shows what it changes before it counts; one with a mistake is shown with the line and never taken.
func TestCatalogsInBrowser(t *testing.T) {
	b := heldInBrowser(t, "ru")
	b.open("/catalogs")
	b.says("Что загружено")
	b.shoot("catalogs-ru-desk")
	products, err := os.ReadFile(b.path("catalogs/products.csv"))
	b.check(err)
	lines := strings.SplitAfter(string(products), "\n")
	send := func(text string) {
		b.open("/catalogs")
		b.check(os.WriteFile(b.path("products.csv"), []byte(text), 0o666))
		b.do("choose the file", chromedp.SetUploadFiles("#file", []string{b.path("products.csv")}))
		b.click(`//button[contains(., "Показать, что изменится")]`)
		b.says("Что изменится в products.csv")
	}
	send(string(products) + "NEW;;;;Новая чашка;шт;22;;Товар;Посуда;;;;;;;\r\n")
	b.says("1 ошибка в справочниках")
	b.says("Новая чашка")
	b.shoot("catalogs-mistake-ru-desk")
	send(lines[0] + strings.Replace(lines[1], "белая", "синяя", 1) + strings.Join(lines[2:4], "") + strings.Join(lines[5:], "") + "NEW;;;;Новая чашка;шт;22;;Товар;Посуда\r\n")
	b.says("1 запись исчезнет")
	b.says("1 запись изменится")
	b.says("1 новая запись")
	b.shoot("catalogs-compare-ru-desk")
	b.width(400)
	b.shoot("catalogs-compare-ru-phone")
	b.click(`//button[contains(., "Принять")]`)
	b.says("products.csv заменён")
	now, err := os.ReadFile(b.path("catalogs/products.csv"))
	b.check(err)
	if !strings.Contains(string(now), "Новая чашка") || !strings.Contains(string(now), "синяя") {
		t.Errorf("products.csv is\n%s", now)
	}
	b.do("choose a sample", chromedp.SetUploadFiles("#sample", []string{b.sample("wildberries/*/input/*")}))
	b.click(`//button[contains(., "Предложить")]`)
	b.says("В каждой строке указано, где в файле стоит значение")
	b.shoot("guess-ru-phone")
}
