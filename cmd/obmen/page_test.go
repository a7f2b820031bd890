package main

import (
	"bytes"
	"context"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"obmen/cmd/obmen/serving"
	"obmen/cmd/obmen/ui"
	"obmen/watch/desk"
	"obmen/watch/ledger"
	"obmen/watch/web"
)

// pageScene is a watcher that works on copies of samples and serves its page.
type pageScene struct {
	*testing.T
	dir     string
	address string
	log     syncBuffer
}

type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(b)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// newPageScene starts a watcher in a folder of its own, and waits for its page; it ends with the test.
func newPageScene(t *testing.T) *pageScene {
	t.Helper()
	s := newWatchScene(t, "127.0.0.1:0")
	s.waitForPage("")
	return s
}

// waitForPage waits until there is a page with another address than before.
func (s *pageScene) waitForPage(before string) {
	s.Helper()
	s.until("the page", func() bool {
		now, err := web.Address(s.path("state"))
		if err != nil || now == before {
			return false
		}
		s.address = now
		return true
	})
}

// newWatchScene starts a watcher whose page is to have an address.
func newWatchScene(t *testing.T, listen string) *pageScene {
	t.Helper()
	return startWatchScene(t, listen, (*pageScene).copySamples)
}

// copySamples makes the folders of the samples.
func (s *pageScene) copySamples() {
	s.Helper()
	for _, dir := range []string{"inbox", "outbox", "archive", "quarantine", "ack", "state"} {
		s.check(os.Mkdir(s.path(dir), 0o777))
	}
	s.check(os.CopyFS(s.path("catalogs"), os.DirFS("../../samples/catalogs")))
	settings, err := os.ReadFile("../../samples/obmen.toml")
	s.check(err)
	s.check(os.WriteFile(s.path("obmen.toml"), append([]byte("language = \"en\"\n[watch]\nsettle = \"100ms\"\npoll = \"100ms\"\nack_within = \"1ms\"\n"), settings...), 0o666))
}

// startWatchScene starts a watcher in a folder that is prepared first.
func startWatchScene(t *testing.T, listen string, prepare func(*pageScene)) *pageScene {
	t.Helper()
	s := &pageScene{T: t, dir: t.TempDir()}
	t.Setenv(noPage, listen)
	prepare(s)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- serving.Run(ctx, serving.Options{Config: s.path("obmen.toml")}, ui.Streams{Out: &s.log, Err: &s.log})
	}()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("%v\n%s", err, &s.log)
		}
	})
	return s
}

func (s *pageScene) path(name string) string { return filepath.Join(s.dir, name) }

func (s *pageScene) check(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// until waits for what the watcher brings about.
func (s *pageScene) until(what string, is func() bool) {
	s.Helper()
	for deadline := time.Now().Add(time.Minute); !is(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			s.Fatalf("never came: %s\n%s", what, &s.log)
		}
	}
}

// link returns a link that opens the page once.
func (s *pageScene) link() string {
	s.Helper()
	link, err := web.MakeLink(s.path("state"), "anna", time.Now())
	s.check(err)
	return link
}

// sample returns the path of a sample's input.
func (s *pageScene) sample(pattern string) string {
	s.Helper()
	list, err := filepath.Glob("../../samples/" + pattern)
	s.check(err)
	if len(list) == 0 {
		s.Fatal("no sample " + pattern)
	}
	path, err := filepath.Abs(list[0])
	s.check(err)
	return path
}

// drop puts a sample into the inbox and waits until it is done or refused.
func (s *pageScene) drop(pattern string) {
	s.Helper()
	from := s.sample(pattern)
	text, err := os.ReadFile(from)
	s.check(err)
	name := filepath.Base(filepath.Dir(filepath.Dir(from))) + filepath.Ext(from)
	s.check(os.WriteFile(s.path("inbox/"+name), text, 0o666))
	s.until(name+" is read", func() bool {
		for _, dir := range []string{"archive", "quarantine"} {
			if found, _ := filepath.Glob(s.path(dir + "/*/" + name)); len(found) > 0 {
				return true
			}
		}
		return false
	})
}

// orderNumber is the number of an order that went out.
func (s *pageScene) orderNumber() string {
	s.Helper()
	return s.orderNumberOf("amazon-eu")
}

func (s *pageScene) orderNumberOf(account string) string {
	s.Helper()
	book, err := desk.OpenLedger(s.Context(), s.path("state"), nil, false)
	s.check(err)
	defer book.Close()
	orders, err := book.Orders(s.Context(), ledger.OrderFilter{Account: account, Limit: 1})
	s.check(err)
	if len(orders) == 0 {
		s.Fatal("no order went out")
	}
	return orders[0].Order
}

// heldNumber is the number of an order that is held.
func (s *pageScene) heldNumber() string {
	s.Helper()
	book, err := desk.OpenLedger(s.Context(), s.path("state"), nil, false)
	s.check(err)
	defer book.Close()
	holds, err := book.Holds(s.Context(), ledger.HoldFilter{Limit: 1})
	s.check(err)
	if len(holds) == 0 {
		s.Fatal("no order is held")
	}
	return holds[0].Order
}

// browser is one person's browser.
type browser struct {
	*pageScene
	ctx context.Context
}

// chromium is the browser of Debian.
const chromium = "chromium"

// newBrowser opens a browser; without one the test is skipped, but not in CI.
func (s *pageScene) newBrowser() *browser {
	s.Helper()
	path, err := exec.LookPath(chromium)
	if err != nil {
		if os.Getenv("CI") == "true" {
			s.Fatal("missing: chromium")
		}
		s.Skip("missing: chromium (Debian: chromium)")
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.Flag("no-sandbox", true), chromedp.Flag("disable-gpu", true),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("hide-scrollbars", true))
	ctx, stop := chromedp.NewExecAllocator(s.Context(), opts...)
	s.Cleanup(stop)
	ctx, stop = chromedp.NewContext(ctx)
	s.Cleanup(stop)
	s.check(chromedp.Do(ctx, chromedp.Navigate("about:blank"))) // a limit of time here would be one of the browser
	return &browser{s, ctx}
}

// do does something in the browser, as one step.
func (b *browser) do(what string, actions ...chromedp.Action[chromedp.Void]) {
	b.Helper()
	ctx, stop := context.WithTimeout(b.ctx, time.Minute) // a page that hangs would hang the test
	defer stop()
	if err := chromedp.Do(ctx, actions...); err != nil {
		html, _ := chromedp.Run(b.ctx, chromedp.OuterHTML("#main"))
		b.Fatalf("%s: %v\n%s\n%s", what, err, html, &b.log)
	}
}

// open opens a page of the watcher.
func (b *browser) open(path string) {
	b.Helper()
	b.do("open "+path, chromedp.Navigate(b.address+path), chromedp.WaitVisible("#main"))
}

// screens is where the pictures go.
const screens = "../../out/screenshots"

// shoot keeps a picture of the page.
func (b *browser) shoot(name string) {
	b.Helper()
	picture, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
	b.check(err)
	b.check(os.MkdirAll(screens, 0o777))
	b.check(os.WriteFile(filepath.Join(screens, name+".png"), picture, 0o666))
}

// width makes the window as wide as a desk's or a phone's.
func (b *browser) width(pixels int64) {
	b.Helper()
	b.do("width", chromedp.EmulateViewport(pixels, 850))
}

// says waits until the page has a text.
func (b *browser) says(text string) {
	b.Helper()
	defer func() {
		if b.Failed() {
			seen, _ := chromedp.Run(b.ctx, chromedp.Evaluate[string](`document.body.innerText`))
			b.Log(seen)
		}
	}()
	b.until(text, func() bool {
		found, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](`document.querySelector("main")?.innerText.includes(`+quoteJS(text)+`) ?? false`))
		return err == nil && found
	})
}

func quoteJS(text string) string { return `"` + strings.ReplaceAll(text, `"`, `\"`) + `"` }

// pagesToLookAt are all pages that have an address of their own.
var pagesToLookAt = []string{"today", "drop", "held", "catalogs", "files", "onec", "order?number=", "reports?from=2026-01-01&to=2030-01-01", "settings?check=1", "start"}

// Every page in both languages, at a desk and on a phone: nothing is wider than the screen, and nothing keeps people
// with a keyboard or a screen reader out.
func TestPageLooks(t *testing.T) {
	s := newPageScene(t)
	s.drop("amazon-all-orders/de-vat-calculated-by-amazon/input/*")
	s.drop("amazon-all-orders/us-utf-8-bom-rows-apart/input/*")
	s.drop("wildberries/*/input/*")
	s.drop("refused/broken-files/input/sign-in-page.html")
	b := s.newBrowser()
	axe := s.axe()
	b.do("the login", chromedp.Navigate(s.address+"/login"), chromedp.WaitVisible("#main"))
	b.lookOver(axe, "login")
	b.logIn()
	for _, lang := range []string{"ru", "en"} {
		for _, pixels := range []int64{1280, 400} {
			b.width(pixels)
			for _, page := range pagesToLookAt {
				name, _, _ := strings.Cut(page, "?")
				if name == "order" {
					page += s.orderNumber()
				}
				b.open("/language?" + url.Values{"language": {lang}, "to": {"/" + page}}.Encode())
				name += "-" + lang + "-" + map[int64]string{1280: "desk", 400: "phone"}[pixels]
				b.shoot(name)
				if wide, err := chromedp.Run(b.ctx, chromedp.Evaluate[int64]("document.documentElement.scrollWidth")); err != nil || wide > pixels {
					t.Errorf("%s: %d pixels wide, %v", name, wide, err)
				}
				if lang == "ru" && pixels == 1280 { // the others differ in words and widths alone
					b.lookOver(axe, name)
					b.inDark(func() {
						b.shoot(name + "-dark")
						b.contrast(axe, name+" in the dark")
					})
				}
			}
		}
	}
}

// axe is the text of the program that looks pages over.
func (s *pageScene) axe() string {
	s.Helper()
	text, err := os.ReadFile(filepath.Join(os.Getenv("OBMEN_TEST_CACHE"), "axe/node_modules/axe-core/axe.min.js"))
	if err != nil && os.Getenv("CI") == "true" {
		s.Fatal("missing: axe-core")
	}
	return string(text) // without one, the rest of the test has its worth
}

// inDark does something while the system prefers dark colours.
func (b *browser) inDark(do func()) {
	b.Helper()
	prefer := func(colours string) {
		b.do(colours, chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
			_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
				Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: colours}},
			})
			return err
		}))
	}
	prefer("dark")
	do()
	prefer("light")
}

// contrast looks for letters that cannot be told from what is behind them; lookOver has brought the program.
func (b *browser) contrast(axe, name string) {
	b.Helper()
	if axe == "" {
		return
	}
	found, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](`axe.run({runOnly: ["color-contrast"]}).then(r => r.violations.map(v => v.nodes.map(n => n.html).join(" | ")).join("\n"))`, chromedp.EvalAwaitPromise))
	b.check(err)
	if found != "" {
		b.Errorf("%s: too little contrast: %s", name, found)
	}
}

// lookOver looks for what keeps people out of a page.
func (b *browser) lookOver(axe, name string) {
	b.Helper()
	if axe == "" {
		return
	}
	_, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](axe+"; true"))
	b.check(err)
	found, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](`axe.run().then(r => r.violations.map(v => v.id + ": " + v.nodes.map(n => n.html).join(" | ")).join("\n"))`, chromedp.EvalAwaitPromise))
	b.check(err)
	if found != "" {
		b.Errorf("%s: %s", name, found)
	}
}

// logIn opens the page by a link.
func (b *browser) logIn() {
	b.Helper()
	b.do("log in", chromedp.Navigate(b.link()), chromedp.WaitVisible(".side"))
}

// A person drops files, sees what came of them, reads a refused one again, deals with a held order by hand and brings
// it back, sends orders again and compares a report.
func TestPageTasks(t *testing.T) {
	s := newPageScene(t)
	b := s.newBrowser()
	b.width(1280)
	b.logIn()
	b.open("/drop")
	b.do("choose files", chromedp.SetUploadFiles("#files", []string{
		s.sample("amazon-all-orders/us-utf-8-bom-rows-apart/input/*"), s.sample("refused/broken-files/input/sign-in-page.html"),
	}))
	b.says("3 orders exported, 1 held")
	b.says("a web page, probably a sign-in page")
	b.shoot("drop-done")

	b.open("/files")
	b.do("read it again", chromedp.Click(`form[action="/files/requeue"] button`))
	b.says("is in the inbox again")

	b.open("/order?number=" + s.heldNumber())
	b.says("held")
	b.do("deal with it by hand", chromedp.Click("details summary"), chromedp.SendKeys("#why-0", "entered in 1C"), chromedp.Click(`form[action="/order/dismiss"] button`))
	b.says("entered in 1C")
	b.do("bring it back", chromedp.Click(`form[action="/order/undo"] button`))
	b.says("The order is held again")

	b.open("/onec")
	_, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool]("window.confirm = () => true; true"))
	s.check(err)
	b.do("send again", chromedp.Click(`form[action="/onec/again"] button`))
	b.says("3 orders are being sent again")

	b.open("/reports")
	b.do("compare", chromedp.SetUploadFiles("#report", []string{s.sample("amazon-all-orders/us-utf-8-bom-rows-apart/input/*")}), chromedp.Click(`form[action="/reports/audit"] button`))
	b.says("6 agree, 0 differences")

	b.open("/settings")
	for _, did := range []string{"dropped", "read again", "dealt with by hand", "brought back", "sent again", "anna"} {
		b.says(did)
	}
}
