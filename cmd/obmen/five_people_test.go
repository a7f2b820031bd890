//go:build linux

package main

import (
	"bytes"
	"fmt"
	"html"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"obmen/watch/web"
)

// office is a scene whose people work on its page while the watcher is killed.
type office struct {
	*scene
	done atomic.Int64 // things that people have brought to their end
}

// colleague is one of them, with a browser of their own. What gets no answer, or another one than they want, they
// look at and do again, as people do.
type colleague struct {
	*office
	name string
	http http.Client
}

func (o *office) colleague(name string) *colleague {
	jar, err := cookiejar.New(nil)
	o.check(err)
	return &colleague{o, name, http.Client{Jar: jar, Timeout: time.Minute}}
}

// send sends a request and returns the page behind it; empty where there is no answer. Who is not known yet, or no
// more, opens a link first.
func (c *colleague) send(method, path, kind string, body []byte) string {
	address, err := web.Address(c.path("state"))
	if err != nil {
		return ""
	}
	for range 2 {
		r, err := http.NewRequest(method, address+path, bytes.NewReader(body))
		if err != nil {
			return ""
		}
		r.Header.Set("Content-Type", kind)
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		answer, err := c.http.Do(r)
		if err != nil {
			return ""
		}
		text, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if err != nil {
			return ""
		}
		if !strings.HasSuffix(answer.Request.URL.Path, "/login") {
			return string(text)
		}
		link, err := web.MakeLink(c.path("state"), c.name, time.Now())
		if err != nil {
			return ""
		}
		if answer, err = c.http.Get(link); err != nil {
			return ""
		}
		answer.Body.Close()
	}
	return ""
}

func (c *colleague) get(path string) string { return c.send(http.MethodGet, path, "", nil) }

func (c *colleague) post(path string, form url.Values) string {
	return c.send(http.MethodPost, path, "application/x-www-form-urlencoded", []byte(form.Encode()))
}

func (c *colleague) sendFile(path, field, name, text string) string {
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	part, err := w.CreateFormFile(field, name)
	if err == nil {
		_, err = io.WriteString(part, text)
	}
	if err != nil || w.Close() != nil {
		return ""
	}
	return c.send(http.MethodPost, path, w.FormDataContentType(), form.Bytes())
}

// until tries something until it is so.
func (c *colleague) until(what string, try func() bool) {
	for deadline := time.Now().Add(progressPatience); !try(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			c.t.Errorf("%s never came to it: %s", c.name, what)
			return
		}
	}
	c.done.Add(1)
}

// field returns the value of a hidden field of a page.
func field(page, name string) string {
	_, rest, _ := strings.Cut(page, `name="`+name+`" value="`)
	value, _, _ := strings.Cut(rest, `"`)
	return html.UnescapeString(value)
}

func (c *colleague) catalog(name string) string {
	text, err := os.ReadFile(c.path("catalogs/" + name))
	if err != nil {
		return ""
	}
	return string(text)
}

// cure finds the product of an SKU and saves the line that is shown.
func (c *colleague) cure(sku string) {
	c.until("cure "+sku, func() bool {
		if strings.Contains(c.catalog("skus.csv"), "\n"+sku+";") {
			return true
		}
		form := url.Values{"code": {"unknown-sku"}, "file": {"skus.csv"}, "line": {sku + ";;;1;"}, "product": {"A"}, "quantity": {"1"}, "share": {""}}
		page := c.get("/held?" + form.Encode())
		form.Set("hash", field(page, "hash"))
		if form.Get("hash") != "" {
			c.post("/held/cure", form)
		}
		return false // she looks whether it stands there
	})
}

// dismiss deals with an order by hand.
func (c *colleague) dismiss(order string) {
	c.until("dismiss "+order, func() bool {
		if strings.Contains(c.get("/held?gone=1"), `value="`+order+`"`) {
			return true
		}
		c.post("/held/dismiss", url.Values{"order": {order}, "why": {"entered in 1C"}})
		return false
	})
}

// undo brings an order back.
func (c *colleague) undo(order string) {
	c.until("undo "+order, func() bool {
		page := c.get("/held?gone=1")
		if strings.Contains(page, "/held") && !strings.Contains(page, `value="`+order+`"`) {
			return true
		}
		c.post("/held/undo", url.Values{"order": {order}})
		return false
	})
	c.post("/held/retry", url.Values{"order": {order}})
}

// dropOrder drops a file until the order is there.
func (c *colleague) dropOrder(number int) {
	c.until(fmt.Sprint("drop ", number), func() bool {
		if strings.Contains(c.get(fmt.Sprint("/order?number=", number)), fmt.Sprintf("page-%d.json", number)) {
			return true
		}
		c.sendFile("/drop/files", "files", fmt.Sprintf("page-%d.json", number), shopOrders(number))
		return false
	})
}

// addProduct sends the catalog with one more line, on the basis of what lies there now.
func (c *colleague) addProduct(sku string) {
	c.until("add "+sku, func() bool {
		now := c.catalog("products.csv")
		if strings.Contains(now, "\n"+sku+";") {
			return true
		}
		page := c.sendFile("/catalogs/upload", "file", "products.csv", now+sku+";Thing\n")
		form := url.Values{"upload": {field(page, "upload")}, "hash": {field(page, "hash")}}
		if strings.Contains(page, sku) && c.catalog("products.csv") == now { // she has looked at what it was made of
			c.post("/catalogs/replace", form)
		}
		return false
	})
}

// Five people cure, dismiss, bring back, drop and send catalogs at once while the watcher is killed again and again:
// nothing is lost, nothing doubled, and no line of a catalog is overwritten by another's.
func TestFivePeopleWhileKilled(t *testing.T) {
	t.Setenv(noPage, "127.0.0.1:0")
	const each, kills = 2, 3
	o := &office{scene: newScene(t)}
	o.write("obmen.toml", "[watch]\nsettle = \"20ms\"\npoll = \"50ms\"\n")
	o.write("catalogs/skus.csv", "sku;marketplace;product;quantity;share\nOLD;;A;1;\n")
	held := func(from int, sku string) {
		for i := range each {
			text := strings.ReplaceAll(shopOrder(from+i), `"A"`, fmt.Sprintf(`"%s%d"`, sku, i))
			o.drop(fmt.Sprintf("%s%d.json", sku, i), `{"orders":[`+text+`]}`)
		}
	}
	held(1000, "CURE")
	held(2000, "GONE")
	held(3000, "BACK")
	for i := range each {
		o.orders = append(o.orders, fmt.Sprint(1000+i), fmt.Sprint(3000+i), fmt.Sprint(4000+i))
	}
	var people sync.WaitGroup
	for name, work := range map[string]func(c *colleague, i int){
		"anna":  func(c *colleague, i int) { c.cure(fmt.Sprint("CURE", i)) },
		"boris": func(c *colleague, i int) { c.dismiss(fmt.Sprint(2000 + i)) },
		"vera": func(c *colleague, i int) {
			order := fmt.Sprint(3000 + i)
			c.dismiss(order)
			c.undo(order)
			c.cure(fmt.Sprint("BACK", i))
		},
		"gleb": func(c *colleague, i int) {
			c.dropOrder(4000 + i)
			c.addProduct(fmt.Sprint("G", i))
		},
		"dina": func(c *colleague, i int) { c.addProduct(fmt.Sprint("D", i)) },
	} {
		c := o.colleague(name)
		people.Go(func() {
			for i := range each {
				work(c, i)
			}
		})
	}
	ready := make(chan struct{})
	go func() { people.Wait(); close(ready) }()
	const all = each * (1 + 1 + 3 + 2 + 1)
	for kill := range kills {
		process, ended := o.watchUntil()
		for o.done.Load() < int64(all*(kill+1)/(kills+1)) && !t.Failed() {
			time.Sleep(time.Millisecond)
		}
		o.check(process.Kill())
		if err := <-ended; exitedByItself(err) {
			t.Fatalf("kill %d: watch ended by itself: %v", kill, err)
		}
		if err := o.always(); err != nil {
			t.Fatalf("after kill %d: %v", kill, err)
		}
	}
	process, ended := o.watchUntil()
	<-ready
	o.check(process.Signal(os.Interrupt))
	<-ended
	for i := range each {
		for sku, line := range map[string]string{"CURE": ";;A;1;", "BACK": ";;A;1;"} {
			if n := strings.Count(o.read("catalogs/skus.csv"), fmt.Sprint("\n", sku, i, line)); n != 1 {
				t.Errorf("the line of %s%d stands in skus.csv %d times:\n%s", sku, i, n, o.read("catalogs/skus.csv"))
			}
		}
		for _, who := range []string{"G", "D"} {
			if n := strings.Count(o.read("catalogs/products.csv"), fmt.Sprint("\n", who, i, ";")); n != 1 {
				t.Errorf("the line of %s%d stands in products.csv %d times:\n%s", who, i, n, o.read("catalogs/products.csv"))
			}
		}
	}
	for _, dir := range []string{"inbox", "state/requests"} { // of a drop or a request that was killed
		left, err := filepath.Glob(o.path(dir + "/.obmen-tmp/*"))
		o.check(err)
		for _, path := range left { // what is younger may be another command's
			o.check(os.Chtimes(path, time.Time{}, time.Now().Add(-2*time.Hour)))
		}
	}
	if err := o.finish(); err != nil {
		t.Error(err)
	}
}

func (s *scene) read(name string) string {
	s.t.Helper()
	text, err := os.ReadFile(s.path(name))
	s.check(err)
	return string(text)
}
