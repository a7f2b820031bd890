package pull_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"obmen/fetch"
	"obmen/fetch/pull"
	"obmen/fetch/web"
)

const secret = "cs_0123456789"

// shop gives its orders by pages of size, by number; it is a source and what answers, too.
type shop struct {
	orders []int
	size   int
	asked  []string                               // tokens
	fault  func(n int, r *http.Request) *response // of the nth request, from 1; nil for none
	clock  func() time.Time
}

type response struct {
	status int
	header map[string]string
	body   string
	err    error
}

func (s *shop) Name() string { return "my-shop" }

func (s *shop) Request(t pull.Turn) pull.Request {
	return pull.Request{
		Method: "GET", URL: "https://shop.example.com/orders?since=" + strconv.FormatInt(t.Since.Unix(), 10) + "&page=" + t.Token,
		Headers: [][2]string{{"Authorization", "Bearer " + secret}},
	}
}

func (s *shop) LookAt(token string, body []byte) (pull.Found, error) {
	var page struct {
		Orders []int
		Next   string
	}
	err := json.Unmarshal(body, &page)
	return pull.Found{Orders: len(page.Orders), Next: page.Next}, err
}

func (s *shop) RoundTrip(r *http.Request) (*http.Response, error) {
	token := r.URL.Query().Get("page")
	s.asked = append(s.asked, token)
	a := &response{}
	if s.fault != nil {
		if f := s.fault(len(s.asked), r); f != nil {
			a = f
		}
	}
	if a.err != nil {
		return nil, a.err
	}
	if a.body == "" {
		a.body = s.page(token)
	}
	if a.status == 0 {
		a.status = 200
	}
	h := http.Header{}
	for k, v := range a.header {
		h.Set(k, v)
	}
	if s.clock != nil {
		h.Set("Date", s.clock().UTC().Format(http.TimeFormat))
	}
	return &http.Response{StatusCode: a.status, Header: h, Body: io.NopCloser(strings.NewReader(a.body)), Request: r}, nil
}

func (s *shop) page(token string) string {
	n, _ := strconv.Atoi(token)
	from, to := min(n*s.size, len(s.orders)), min((n+1)*s.size, len(s.orders))
	next := ""
	if to < len(s.orders) {
		next = strconv.Itoa(n + 1)
	}
	text, _ := json.Marshal(map[string]any{"orders": s.orders[from:to], "next": next})
	return string(text)
}

// disk is a store and a folder; it can be told to fail at its nth call.
type disk struct {
	cursors map[string]string
	files   map[string]string
	calls   int
	failAt  int
}

var errKilled = errors.New("killed")

func (d *disk) call() error {
	if d.calls++; d.calls == d.failAt {
		return errKilled
	}
	return nil
}

func (d *disk) Cursor(_ context.Context, name string) (string, bool, error) {
	v, ok := d.cursors[name]
	return v, ok, nil
}

func (d *disk) SwapCursor(_ context.Context, name, old, value string) (bool, error) {
	if err := d.call(); err != nil {
		return false, err
	}
	if d.cursors[name] != old {
		return false, nil
	}
	d.cursors[name] = value
	return true, nil
}

func (d *disk) Put(_ context.Context, name string, content []byte) error {
	if err := d.call(); err != nil {
		return err
	}
	if old, taken := d.files[name]; taken && old != string(content) {
		return fetch.ErrTaken
	}
	d.files[name] = string(content)
	return nil
}

func (d *disk) Create() (fetch.File, error) { panic("no file of unknown size is pulled") }

// saved are the orders in the files, sorted.
func (d *disk) saved(t *testing.T) (list []int) {
	t.Helper()
	for name, text := range d.files {
		var page struct {
			Account string
			Body    struct{ Orders []int }
		}
		if err := json.Unmarshal([]byte(text), &page); err != nil || page.Account != "mine" {
			t.Errorf("%s: %v: %.200s", name, err, text)
		}
		if strings.Contains(text, secret) {
			t.Errorf("%s has a secret: %s", name, text)
		}
		list = append(list, page.Body.Orders...)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

func newDisk() *disk { return &disk{cursors: map[string]string{}, files: map[string]string{}} }

func numbers(n int) (list []int) {
	for i := range n {
		list = append(list, i+1)
	}
	return list
}

func newPuller(s *shop, d *disk) *pull.Puller {
	return &pull.Puller{
		Account: "mine", Source: s, Store: d, Folder: d, Overlap: time.Hour, Now: time.Now, First: time.Now().Add(-24 * time.Hour),
		Client: &pull.Client{Account: "mine", Source: "my-shop", Transport: s, Hide: []string{secret}, Rates: &web.MemoryRates{}},
	}
}

func position(t *testing.T, d *disk) pull.Position {
	t.Helper()
	p, err := pull.ReadPosition(d.cursors[pull.CursorName("mine")])
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// All pages come into the folder, and the next run begins before the end of the last.
func TestRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, d := &shop{orders: numbers(25), size: 10}, newDisk()
		began := time.Now()
		sum, err := newPuller(s, d).Run(t.Context())
		if err != nil || sum.Orders != 25 || sum.Pages != 3 || len(d.saved(t)) != 25 {
			t.Fatalf("%+v, %v, saved %v", sum, err, d.saved(t))
		}
		if done := position(t, d).Done; !done.Equal(began.Add(-15 * time.Minute).Truncate(time.Second)) {
			t.Errorf("complete until %v, which no clock of the shop confirms", done)
		}
		s.orders = nil
		time.Sleep(time.Hour)
		p := newPuller(s, d)
		q, since, err := p.Plan(t.Context())
		if err != nil || !since.Equal(began.Add(-75*time.Minute).Truncate(time.Second)) || !strings.Contains(q.URL, "page=") {
			t.Errorf("%+v since %v, %v", q, since, err)
		}
		if sum, err := p.Run(t.Context()); err != nil || sum.Orders != 0 || len(d.files) != 3 {
			t.Errorf("%+v, %v, %d files", sum, err, len(d.files))
		}
	})
}

// The shop's clock counts where it is behind ours.
func TestShopsClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		late := func() time.Time { return time.Now().Add(-2 * time.Hour) }
		s, d := &shop{orders: numbers(5), size: 10, clock: late}, newDisk()
		sum, err := newPuller(s, d).Run(t.Context())
		if err != nil || !sum.Until.Equal(late().Truncate(time.Second)) {
			t.Errorf("complete until %v, %v", sum.Until, err)
		}
	})
}

// Refusals that pass are waited for, as long as the shop asks; others end the run, and the cursor stays.
func TestRefusals(t *testing.T) {
	always := func(r response) func(int, *http.Request) *response {
		return func(int, *http.Request) *response { c := r; return &c }
	}
	second := func(r response) func(int, *http.Request) *response {
		return func(n int, _ *http.Request) *response {
			if n == 2 {
				return &r
			}
			return nil
		}
	}
	for name, c := range map[string]struct {
		fault    func(int, *http.Request) *response
		kind     pull.Kind // empty: the run is whole
		requests int
		waits    time.Duration // at least
		says     string
	}{
		"too many requests":     {second(response{status: 429, header: map[string]string{"Retry-After": "40"}}), "", 4, 40 * time.Second, ""},
		"come back tomorrow":    {always(response{status: 429, header: map[string]string{"Retry-After": "86400"}}), pull.KindQuota, 1, 0, "to come back in 24h0m0s"},
		"a fault":               {second(response{status: 502, body: "<html>"}), "", 4, 0, ""},
		"faults without end":    {always(response{status: 503}), pull.KindServer, 6, 8 * time.Second, "6 attempts"},
		"no line":               {always(response{err: errors.New("connection refused to " + secret)}), pull.KindNetwork, 6, 0, "connection refused to [secret]"},
		"broken JSON once":      {second(response{body: `{"orders":[`}), "", 4, 0, ""},
		"broken JSON":           {always(response{body: `{"orders":[`}), pull.KindAnswer, 3, 0, "unexpected end"},
		"a page of maintenance": {always(response{body: " <!doctype html>"}), pull.KindForeign, 3, 0, "a web page came"},
		"wrong secrets":         {always(response{status: 401, body: `{"code":"x","message":"no ` + secret + `"}`}), pull.KindDenied, 1, 0, `"no [secret]"`},
		"elsewhere":             {always(response{status: 301, header: map[string]string{"Location": "https://evil.example.com/"}}), pull.KindRedirect, 1, 0, "elsewhere"},
		"nothing there":         {always(response{status: 404}), pull.KindNotFound, 1, 0, "nothing is there"},
		"wrong parameters":      {always(response{status: 400, body: `{"error":"bad since"}`}), pull.KindRefused, 1, 0, `"bad since"`},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, d := &shop{orders: numbers(25), size: 10, fault: c.fault}, newDisk()
				began := time.Now()
				_, err := newPuller(s, d).Run(t.Context())
				e, _ := errors.AsType[*pull.Error](err)
				if c.kind == "" && err != nil || c.kind != "" && (e == nil || e.Kind != c.kind || e.Advice == "") {
					t.Fatalf("%v, want %q", err, c.kind)
				}
				if len(s.asked) != c.requests || time.Since(began) < c.waits || err != nil && (!strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), secret)) {
					t.Errorf("%d requests in %v: %v", len(s.asked), time.Since(began), err)
				}
				if err != nil && !position(t, d).Done.IsZero() {
					t.Errorf("the cursor moved to %+v", position(t, d))
				}
				if files := len(d.files); err != nil && files != map[pull.Kind]int{pull.KindAnswer: 1}[c.kind] {
					t.Errorf("%d files", files)
				}
				s.fault = nil
				if _, err := newPuller(s, d).Run(t.Context()); err != nil || c.kind != pull.KindAnswer && len(d.saved(t)) != 25 {
					t.Errorf("run again: %v, %v", err, d.saved(t))
				}
			})
		})
	}
}

// An answer that cannot be read is kept with the reason, as no orders.
func TestUnreadPageIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, d := &shop{fault: func(int, *http.Request) *response { return &response{body: `{"orders":"none"}`} }}, newDisk()
		if _, err := newPuller(s, d).Run(t.Context()); err == nil {
			t.Fatal("no error")
		}
		for _, text := range d.files {
			var kept struct {
				Errors   []struct{ Code, Message string }
				BodyText string
			}
			if err := json.Unmarshal([]byte(text), &kept); err != nil || len(kept.Errors) != 1 || kept.BodyText != `{"orders":"none"}` || strings.Contains(text, `"body":`) {
				t.Errorf("%v: %s", err, text)
			}
		}
		if len(d.files) != 1 {
			t.Errorf("%d files", len(d.files))
		}
	})
}

// Pages that never end do: one that comes again, one that leads back, and new ones without number.
func TestEndlessPages(t *testing.T) {
	page := func(orders, next string) *response {
		return &response{body: fmt.Sprintf(`{"orders":[%s],"next":%q}`, orders, next)}
	}
	for name, c := range map[string]struct {
		fault func(n int, r *http.Request) *response
		most  int
	}{
		"the same page": {func(n int, _ *http.Request) *response {
			return &response{body: `{"orders":[1],"next":"` + "1" + `"}`}
		}, 2},
		"a circle":      {func(n int, _ *http.Request) *response { return page(strconv.Itoa(n), strconv.Itoa(n%3)) }, 4},
		"empty pages":   {func(n int, _ *http.Request) *response { return page("", strconv.Itoa(n)) }, pull.MostPages + 2},
		"ever new ones": {func(n int, _ *http.Request) *response { return page(strconv.Itoa(n), strconv.Itoa(n)) }, pull.MostPages + 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, d := &shop{fault: c.fault}, newDisk()
				_, err := newPuller(s, d).Run(t.Context())
				if !errors.Is(err, pull.ErrEndless) || len(s.asked) > c.most || position(t, d).Window != nil {
					t.Errorf("%d requests, %v", len(s.asked), err)
				}
			})
		})
	}
}

// Wherever a run is killed, the cursor is never past what is saved, and the next run saves the rest.
func TestKilledAnywhere(t *testing.T) {
	for at := 1; ; at++ {
		done := false
		synctest.Test(t, func(t *testing.T) {
			s, d := &shop{orders: numbers(45), size: 10}, newDisk()
			d.failAt = at
			_, err := newPuller(s, d).Run(t.Context())
			if done = err == nil; done {
				return
			}
			if !errors.Is(err, errKilled) {
				t.Fatal(err)
			}
			pos := position(t, d)
			if w := pos.Window; w != nil && len(d.saved(t)) < w.Orders || !pos.Done.IsZero() {
				t.Fatalf("killed at call %d: %+v, saved %d", at, pos, len(d.saved(t)))
			}
			asked := len(s.asked)
			if _, err := newPuller(s, d).Run(t.Context()); err != nil || len(d.saved(t)) != 45 || position(t, d).Window != nil {
				t.Fatalf("killed at call %d, then %v: saved %v", at, err, d.saved(t))
			}
			if again := len(s.asked) - asked; pos.Window != nil && again+pos.Window.Pages != 5 {
				t.Errorf("killed at call %d: %d more pages behind %d", at, again, pos.Window.Pages)
			}
		})
		if done {
			break
		}
	}
}

// A window that was left long ago, or whose request is another now, begins again.
func TestStaleWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, d := &shop{orders: numbers(25), size: 10}, newDisk()
		d.failAt = 4
		if _, err := newPuller(s, d).Run(t.Context()); !errors.Is(err, errKilled) || position(t, d).Window == nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Hour)
		s.asked = nil
		if sum, err := newPuller(s, d).Run(t.Context()); err != nil || sum.Pages != 3 || s.asked[0] != "" {
			t.Errorf("%+v, %v, asked %q", sum, err, s.asked)
		}
	})
}

// A backfill leaves the cursor of the account as it stands, and nothing of its own behind.
func TestBackfill(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, d := &shop{orders: numbers(25), size: 10}, newDisk()
		if _, err := newPuller(s, d).Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		before := position(t, d)
		p := newPuller(s, d)
		p.From = time.Now().Add(-48 * time.Hour)
		if sum, err := p.Run(t.Context()); err != nil || sum.Orders != 25 || position(t, d) != before {
			t.Errorf("%+v, %v", sum, err)
		}
		for name, value := range d.cursors {
			if name != pull.CursorName("mine") && value != "" {
				t.Errorf("%s is left behind as %s", name, value)
			}
		}
	})
}

// The shop's limit is kept within a run and between runs.
func TestLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, d := &shop{orders: numbers(55), size: 10}, newDisk()
		rates, began := &web.MemoryRates{}, time.Now()
		for range 2 {
			p := newPuller(s, d)
			p.Client.Limit, p.Client.Rates = web.Limit{Rate: 0.5, Burst: 2}, rates
			if _, err := p.Run(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(began); took < 20*time.Second || took > 25*time.Second {
			t.Errorf("12 requests in %v, want 10 steps of two seconds", took)
		}
	})
}

// No answer takes more memory or time than it may.
func TestBounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, d := &shop{fault: func(int, *http.Request) *response { return &response{body: strings.Repeat("[", 2000)} }}, newDisk()
		p := newPuller(s, d)
		p.Client.MaxBody = 1000
		if _, err := p.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "more than 1000 bytes") || len(s.asked) != 1 {
			t.Errorf("%d requests, %v", len(s.asked), err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		s.fault = func(int, *http.Request) *response { return &response{status: 500} }
		began := time.Now()
		if _, err := newPuller(s, d).Run(ctx); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) > 3*time.Second {
			t.Errorf("stopped after %v: %v", time.Since(began), err)
		}
	})
}
