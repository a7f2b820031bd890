package site_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"obmen/watch/site"
	"obmen/watch/site/sitetest"
)

// ask sends a bare request and returns the status and the answer.
func (p *peer) ask(ctx context.Context, t *testing.T, query, user, password, cookie string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, p.URL+"?"+query, nil)
	if err != nil {
		t.Fatal(err)
	}
	if user != "" {
		r.SetBasicAuth(user, password)
	}
	if cookie != "" {
		r.Header.Set("Cookie", cookie)
	}
	response, err := p.HTTP.Do(r)
	if err != nil {
		return 0, err.Error()
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		t.Error(err)
	}
	return response.StatusCode, string(answer)
}

func TestProtocolErrors(t *testing.T) {
	p := start(t, newMemory(1))
	cookie := p.login(t)
	for query, tt := range map[string]struct {
		status         int
		cookie, answer string
	}{
		"type=sale&mode=query":                      {200, "", "failure\nthere is no session"},
		"type=sale&mode=query&x=1":                  {200, site.CookieName + "=00", "failure\nthere is no session"},
		"type=sale&mode=fly":                        {200, cookie, "failure\nmode \"fly\""},
		"type=sale":                                 {200, cookie, "failure\nmode \"\""},
		"type=other&mode=init":                      {200, cookie, "failure\ntype must be"},
		"":                                          {200, cookie, "failure\ntype must be"},
		"type=sale&mode=file":                       {200, cookie, "failure\nthe name"},
		"type=sale&mode=file&filename=a.xml":        {200, cookie, "failure\nmode=file needs a POST"},
		"type=sale&mode=import&filename=a.xml":      {200, cookie, "failure\nthe file \"a.xml\" was not sent"},
		"type=catalog&mode=query":                   {200, cookie, "failure\nmode \"query\""},
		"type=sale&mode=init":                       {200, cookie, "zip=no\nfile_limit=1048576"},
		"type=sale&mode=init&version=3.1&sessid=ab": {200, cookie, "zip=no\nfile_limit=1048576\nsessid="},
		"type=sale&mode=info":                       {200, cookie, "<?xml"},
		"TYPE=sale&type=SALE&mode=Query":            {200, cookie, "<?xml"},
		"type=sale&mode=checkauth":                  {401, "", "failure\nname and password"},
	} {
		status, answer := p.ask(t.Context(), t, query, "", "", tt.cookie)
		if status != tt.status || !strings.HasPrefix(answer, tt.answer) {
			t.Errorf("%s: %d %q", query, status, answer)
		}
	}
	p.URL = strings.Replace(p.URL, site.Paths[0], "/else", 1)
	if status, answer := p.ask(t.Context(), t, "", "", "", ""); status != 404 || answer == "" {
		t.Errorf("%d %q", status, answer)
	}
}

func TestInitLines(t *testing.T) {
	p := start(t, newMemory(0))
	cookie := p.login(t)
	for query, lines := range map[string]int{"type=sale&mode=init": 2, "type=catalog&mode=init": 2, "type=sale&mode=init&version=2.09": 4} {
		if _, answer := p.ask(t.Context(), t, query, "", "", cookie); strings.Count(answer, "\n")+1 != lines {
			t.Errorf("%s: %q", query, answer)
		}
	}
}

// Wrong passwords are slow, and never keep the right one out, nor another user.
func TestWrongPasswords(t *testing.T) {
	p := start(t, newMemory(1))
	var all sync.WaitGroup
	for i := range 30 {
		all.Go(func() {
			user := []string{"1c", "other", "1c", "other", "nobody"}[i%5]
			status, answer := p.ask(t.Context(), t, "type=sale&mode=checkauth", user, fmt.Sprint("wrong", i), "")
			if status != http.StatusUnauthorized && status != http.StatusTooManyRequests || !strings.HasPrefix(answer, "failure") {
				t.Errorf("%d %q", status, answer)
			}
		})
	}
	for range 5 {
		if err := p.Login(t.Context(), "sale"); err != nil {
			t.Error(err)
		}
	}
	all.Wait()
	for _, e := range p.events {
		if e.Kind == site.WrongLogin && e.User == "nobody" {
			t.Error("what was typed as a name is in the log: it may be a password")
		}
	}
	if n := p.happened(site.WrongLogin); n != 30 {
		t.Errorf("%d events", n)
	}
}

// Sessions of two users are apart. A new session leaves the one before it alone, and the oldest of many is over.
func TestSessions(t *testing.T) {
	p := start(t, newMemory(1))
	first := p.login(t)
	other := *p.Client
	other.User = "other"
	if err := other.Login(t.Context(), "sale"); err != nil {
		t.Fatal(err)
	}
	if _, answer := p.ask(t.Context(), t, "type=sale&mode=init", "", "", first); !strings.HasPrefix(answer, "zip=no") {
		t.Errorf("%q", answer)
	}
	for range 2 {
		p.login(t)
		if _, answer := p.ask(t.Context(), t, "type=sale&mode=init", "", "", first); !strings.HasPrefix(answer, "zip=no") {
			t.Errorf("%q", answer)
		}
	}
	p.login(t)
	if _, answer := p.ask(t.Context(), t, "type=sale&mode=init", "", "", first); !strings.HasPrefix(answer, "failure") {
		t.Errorf("%q", answer)
	}
}

// The second success after a lost answer is right, too.
func TestSuccessTwice(t *testing.T) {
	p := start(t, newMemory(2))
	if n, err := p.Download(t.Context(), &sitetest.Base{}); n != 2 || err != nil {
		t.Fatal(n, err)
	}
	if answer, err := p.Get(t.Context(), "sale", "success", nil); err != nil || string(answer) != "success" {
		t.Errorf("%q, %v", answer, err)
	}
}
