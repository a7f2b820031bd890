package main

import (
	"bytes"
	"context"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"obmen/cmd/obmen/ui"
)

// person is someone with a browser that runs no scripts.
type person struct {
	*pageScene
	http http.Client
}

func (s *pageScene) person() *person {
	jar, err := cookiejar.New(nil)
	s.check(err)
	return &person{s, http.Client{Jar: jar}}
}

// ask sends a request and returns status and page.
func (p *person) ask(r *http.Request) (int, string) {
	p.Helper()
	response, err := p.http.Do(r)
	p.check(err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	p.check(err)
	return response.StatusCode, string(text)
}

func (p *person) request(method, path string, body io.Reader) *http.Request {
	p.Helper()
	r, err := http.NewRequestWithContext(p.Context(), method, p.address+path, body)
	p.check(err)
	return r
}

func (p *person) get(path string) (int, string) {
	p.Helper()
	return p.ask(p.request(http.MethodGet, path, nil))
}

// post sends a form as the page's own forms do.
func (p *person) post(path string, form url.Values) (int, string) {
	p.Helper()
	r := p.request(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return p.ask(r)
}

// logIn logs in with a password, which is stored first.
func (p *person) logIn(name, role string) {
	p.Helper()
	const password = "correct horse"
	s := ui.Streams{In: strings.NewReader(password + "\n"), Out: &p.log, Err: &p.log}
	p.check(newApp(s).RunContext(p.Context(), []string{"obmen", "web", "user", "set", "--config", p.path("obmen.toml"), "--role", role, name}))
	if _, text := p.post("/login", url.Values{"user": {name}, "password": {password}}); !strings.Contains(text, "You are logged in") {
		p.Fatal(text)
	}
}

// A page works without scripts: what is dropped by its form has its result on the page.
func TestPageWithoutScripts(t *testing.T) {
	s := newPageScene(t)
	p := s.person()
	p.logIn("anna", "work")
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	part, err := w.CreateFormFile("files", `..\..\evil/orders.json`)
	s.check(err)
	_, err = part.Write([]byte(`{"orders":[]}`))
	s.check(err)
	s.check(w.Close())
	r := p.request(http.MethodPost, "/drop/files", &form)
	r.Header.Set("Content-Type", w.FormDataContentType())
	if status, text := p.ask(r); status != http.StatusOK || !strings.Contains(text, "orders.json") {
		t.Fatal(status, text)
	}
	s.until("its result", func() bool {
		_, text := p.get("/drop")
		return strings.Contains(text, "orders.json") && (strings.Contains(text, "done") || strings.Contains(text, "refused"))
	})
}

// What others might try: names of other pages, forms of other pages, no session, a link twice, a wrong password, a
// role that is too low, paths in the place of names.
func TestPageSafety(t *testing.T) {
	s := newPageScene(t)
	s.drop("amazon-all-orders/us-utf-8-bom-rows-apart/input/*")
	p := s.person()
	for _, path := range []string{"/today", "/files", "/settings", "/live", "/order?number=1"} {
		if _, text := p.get(path); strings.Contains(text, "amazon") || strings.Contains(text, "<nav") {
			t.Errorf("%s without a session: %s", path, text)
		}
	}
	r := p.request(http.MethodGet, "/login", nil)
	r.Host = "evil.example.com"
	if status, _ := p.ask(r); status != http.StatusMisdirectedRequest {
		t.Errorf("a name of others: %d", status)
	}
	if status, _ := p.post("/login", url.Values{"user": {"anna"}, "password": {"wrong"}}); status != http.StatusForbidden {
		t.Errorf("an unknown user: %d", status)
	}
	link := s.link()
	if _, text := p.get(strings.TrimPrefix(link, s.address)); !strings.Contains(text, "You are logged in") {
		t.Error(text)
	}
	if status, _ := s.person().get(strings.TrimPrefix(link, s.address)); status != http.StatusForbidden {
		t.Errorf("a link twice: %d", status)
	}
	r = p.request(http.MethodPost, "/onec/again", strings.NewReader(""))
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	if status, _ := p.ask(r); status != http.StatusForbidden {
		t.Errorf("a form of another page: %d", status)
	}
	for _, path := range []string{"/files/output?set=..%2F..&name=obmen.toml", "/files/refused?id=..%2Fobmen.toml", "/files/kept?sum=..%2Fledger.db", "/static/..%2Fserver.go"} {
		if status, text := p.get(path); status != http.StatusNotFound || strings.Contains(text, "[folders]") {
			t.Errorf("%s: %d %s", path, status, text)
		}
	}
	r = p.request(http.MethodGet, "/today", nil)
	response, err := p.http.Do(r)
	s.check(err)
	response.Body.Close()
	if policy := response.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") {
		t.Error(policy)
	}
}

// Who may only look changes nothing, by no form; who may work sees no settings; buyers are masked.
func TestPageRoles(t *testing.T) {
	s := newPageScene(t)
	s.drop("amazon-all-orders/us-utf-8-bom-rows-apart/input/*")
	held, sent := s.heldNumber(), s.orderNumberOf("amazon-us")
	look := s.person()
	look.logIn("boss", "look")
	for path, form := range map[string]url.Values{
		"/order/dismiss": {"number": {held}, "why": {"x"}}, "/order/replay": {"number": {sent}}, "/onec/again": {}, "/files/requeue": {"id": {"x"}},
		"/drop/files": {}, "/start/secrets": {},
	} {
		if status, _ := look.post(path, form); status != http.StatusForbidden {
			t.Errorf("%s by who may look: %d", path, status)
		}
	}
	if _, text := look.get("/order?number=" + sent); !strings.Contains(text, "…") || strings.Contains(text, "/order/replay") {
		t.Error(text)
	}
	work := s.person()
	work.logIn("anna", "work")
	if status, _ := work.get("/settings"); status != http.StatusForbidden {
		t.Errorf("settings by who may work: %d", status)
	}
	if _, text := work.post("/order/dismiss", url.Values{"number": {held}, "why": {"by hand"}}); !strings.Contains(text, "by hand") {
		t.Error(text)
	}
	s.check(newApp(ui.Streams{Out: &s.log, Err: &s.log}).RunContext(context.Background(), []string{"obmen", "web", "user", "remove", "--config", s.path("obmen.toml"), "anna"}))
	if _, text := work.get("/today"); strings.Contains(text, "<nav") {
		t.Error("who was removed is still there")
	}
}

// A port that is taken stops nothing: the watcher says so, and works.
func TestPagePortIsTaken(t *testing.T) {
	taken := newPageScene(t)
	s := newWatchScene(t, strings.TrimPrefix(taken.address, "http://"))
	s.until("a word about the port", func() bool { return strings.Contains(s.log.String(), "the page cannot be served on") })
	s.drop("amazon-all-orders/us-utf-8-bom-rows-apart/input/*")
}
