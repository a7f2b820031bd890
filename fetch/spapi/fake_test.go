package spapi_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"obmen/fetch/spapi"
	"obmen/fetch/spapi/spapitest"
)

var secrets = []string{spapitest.ClientSecret, spapitest.RefreshToken, "invented-token"}

// client asks the fake without a socket.
func client(a *spapitest.Amazon) *spapi.Client {
	return &spapi.Client{
		Account: "shop-de", Region: spapi.EU, Connection: spapi.Connection{Transport: a.Transport()},
		Credentials: spapi.Credentials{
			ClientID: spapitest.ClientID, ClientSecret: spapitest.ClientSecret, RefreshToken: spapitest.RefreshToken,
		},
	}
}

// shop sells n orders in the ten days before now.
func shop(n int) *spapitest.Amazon {
	a := &spapitest.Amazon{}
	a.Plan(spapitest.Plan{Orders: n, From: time.Now().AddDate(0, 0, -10), To: time.Now().Add(-time.Hour), Still: true})
	return a
}

// everything asks for all pages of the last eleven days.
func everything(t *testing.T, c *spapi.Client) (pages []*spapi.Page) {
	t.Helper()
	p := spapi.SearchParams{LastUpdatedAfter: time.Now().AddDate(0, 0, -11), IncludedData: spapi.DefaultDatasets()}
	for {
		page, err := c.SearchOrders(context.Background(), p)
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, page)
		if page.NextToken == "" {
			return pages
		}
		p.PaginationToken = page.NextToken
	}
}

func TestPages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := shop(450)
		pages := everything(t, client(a))
		seen := map[string]bool{}
		for _, page := range pages {
			for _, o := range page.Orders {
				seen[o.ID] = true
			}
			if !page.LastUpdatedBefore.Equal(pages[0].LastUpdatedBefore) {
				t.Errorf("the window of a later page ends at %v, that of the first at %v", page.LastUpdatedBefore, pages[0].LastUpdatedBefore)
			}
		}
		if len(pages) != 5 || len(seen) != 450 || a.Count("searchOrders") != 5 || a.Count("token") != 1 {
			t.Errorf("%d pages, %d orders, %d requests, %d tokens", len(pages), len(seen), a.Count("searchOrders"), a.Count("token"))
		}
	})
}

// fault is what the fake does to the first requests of an operation.
func fault(op string, times int, f *spapitest.Fault) func(spapitest.Request) *spapitest.Fault {
	return func(r spapitest.Request) *spapitest.Fault {
		if r.Operation == op && r.N <= times {
			return f
		}
		return nil
	}
}

// What may pass is repeated, what cannot is told at once, and each error says what to do.
func TestFaults(t *testing.T) {
	for name, tt := range map[string]struct {
		op    string
		times int
		fault *spapitest.Fault
		kind  spapi.Kind // "" when it passes in the end
		asked int
		says  string
	}{
		"429 twice":             {"searchOrders", 2, spapitest.Quota(), "", 3, ""},
		"429 for ever":          {"searchOrders", 99, spapitest.Quota(), spapi.KindQuota, 8, "8 attempts"},
		"500":                   {"searchOrders", 3, spapitest.Internal(500), "", 4, ""},
		"503":                   {"searchOrders", 1, spapitest.Internal(503), "", 2, ""},
		"504 for ever":          {"searchOrders", 99, spapitest.Internal(504), spapi.KindServer, 8, "fault of its own"},
		"line breaks at once":   {"searchOrders", 2, &spapitest.Fault{Drop: true}, "", 3, ""},
		"line breaks in a body": {"searchOrders", 2, &spapitest.Fault{Break: 100}, "", 3, ""},
		"slow page":             {"searchOrders", 1, &spapitest.Fault{Delay: 50 * time.Second}, "", 1, ""},
		"page never comes":      {"searchOrders", 99, &spapitest.Fault{Delay: time.Hour}, spapi.KindNetwork, 8, "no whole answer came"},
		"body cut short, whole": {"searchOrders", 2, &spapitest.Fault{Mangle: func(b []byte) []byte { return b[:len(b)/2] }}, "", 3, ""},
		"body always cut short": {"searchOrders", 99, &spapitest.Fault{Mangle: func(b []byte) []byte { return b[:len(b)/2] }}, spapi.KindAnswer, 3, "cannot be read"},
		"body empty":            {"searchOrders", 99, &spapitest.Fault{Mangle: func(b []byte) []byte { return nil }}, spapi.KindAnswer, 3, "cannot be read"},
		"body is a web page":    {"searchOrders", 99, &spapitest.Fault{Status: 200, Body: "<html>"}, spapi.KindAnswer, 1, "as a proxy or the login page of a network sends"},
		"400":                   {"searchOrders", 99, spapitest.Invalid(), spapi.KindInput, 1, `HTTP 400 InvalidInput; "The input`},
		"role missing":          {"searchOrders", 99, spapitest.Denied(), spapi.KindRole, 1, "lacks the role Inventory and Order Tracking"},
		"token expired early":   {"searchOrders", 1, spapitest.Expired(), "", 2, ""},
		"token always expired":  {"searchOrders", 99, spapitest.Expired(), spapi.KindToken, 2, "its own access token"},
		"token malformed":       {"searchOrders", 1, spapitest.Malformed(), "", 2, ""},
		"redirect":              {"searchOrders", 99, &spapitest.Fault{Status: 302, Header: http.Header{"Location": {"https://example.com/"}}}, spapi.KindRefused, 1, "HTTP 302"},
		"413":                   {"searchOrders", 99, &spapitest.Fault{Status: 413}, spapi.KindRefused, 1, "HTTP 413"},
		"grant revoked":         {"token", 99, spapitest.Login(400, "invalid_grant", "The request has an invalid grant parameter : refresh_token"), spapi.KindGrant, 1, "revoked"},
		"secret rotated":        {"token", 99, spapitest.Login(401, "invalid_client", "Client authentication failed"), spapi.KindSecret, 1, "180 days"},
		"unauthorised client":   {"token", 99, spapitest.Login(400, "unauthorized_client", ""), spapi.KindSecret, 1, "unauthorized_client"},
		"access denied":         {"token", 99, spapitest.Login(400, "access_denied", ""), spapi.KindGrant, 1, "access_denied"},
		"scope":                 {"token", 99, spapitest.Login(400, "invalid_scope", "bad scope"), spapi.KindRefused, 1, "bad scope"},
		"login says 401":        {"token", 99, &spapitest.Fault{Status: 401}, spapi.KindSecret, 1, "180 days"},
		"page for 401":          {"token", 99, &spapitest.Fault{Status: 401, Body: "<html>"}, spapi.KindForeign, 3, "a web page came"},
		"page for 403":          {"searchOrders", 99, &spapitest.Fault{Status: 403, Body: "\ufeff\n<!DOCTYPE html>"}, spapi.KindForeign, 3, "a web page came"},
		"page for 403 once":     {"searchOrders", 1, &spapitest.Fault{Status: 403, Body: "<html>"}, "", 2, ""},
		"page for 407":          {"searchOrders", 99, &spapitest.Fault{Status: 407, Body: "<html>"}, spapi.KindForeign, 3, "HTTP 407"},
		"page for 502":          {"searchOrders", 99, &spapitest.Fault{Status: 502, Body: "<html>"}, spapi.KindServer, 8, "fault of its own"},
		"page for 429":          {"searchOrders", 1, &spapitest.Fault{Status: 429, Body: "<html>"}, "", 2, ""},
		"come back tomorrow":    {"searchOrders", 99, spapitest.Quota().After(25 * time.Hour), spapi.KindQuota, 1, "to come back in 25h0m0s"},
		"login fails":           {"token", 2, spapitest.Login(500, "server_error", ""), "", 3, ""},
		"login busy":            {"token", 99, spapitest.Login(400, "temporarily_unavailable", ""), spapi.KindServer, 8, "8 attempts"},
		"login is a web page":   {"token", 99, &spapitest.Fault{Status: 200, Body: "<html>"}, spapi.KindForeign, 3, "a web page came"},
		"login is no JSON":      {"token", 99, &spapitest.Fault{Status: 200, Body: "busy"}, spapi.KindNetwork, 8, "no whole answer"},
		"login breaks":          {"token", 1, &spapitest.Fault{Drop: true}, "", 2, ""},
		"login 429":             {"token", 1, &spapitest.Fault{Status: 429}, "", 2, ""},
		"login echoes secrets": {
			"token", 99, spapitest.Login(400, "invalid_request", "bad "+spapitest.ClientSecret+" and "+spapitest.RefreshToken),
			spapi.KindRefused, 1, "bad [secret] and [secret]",
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := shop(10)
				a.Fault = fault(tt.op, tt.times, tt.fault)
				c := client(a)
				page, err := c.SearchOrders(context.Background(), spapi.SearchParams{LastUpdatedAfter: time.Now().AddDate(0, 0, -11)})
				if spapi.KindOf(err) != tt.kind || (err == nil) != (tt.kind == "") {
					t.Fatalf("%v (kind %q), expected kind %q", err, spapi.KindOf(err), tt.kind)
				}
				if got := a.Count(tt.op); got != tt.asked {
					t.Errorf("%d requests, expected %d", got, tt.asked)
				}
				if err == nil {
					if len(page.Orders) != 10 {
						t.Errorf("%d orders", len(page.Orders))
					}
					return
				}
				e, _ := errors.AsType[*spapi.Error](err)
				if !strings.Contains(err.Error(), tt.says) || e.Advice == "" || strings.Contains(e.Advice, "\n") {
					t.Errorf("%v\n hint: %s\n expected the words %q", err, e.Advice, tt.says)
				}
				hides(t, err.Error(), fmt.Sprintf("%+v %#v %q", err, err, err), fmt.Sprint(c.Credentials))
				t.Logf("%v\n  hint: %s", err, e.Advice)
			})
		})
	}
}

// hides fails when a text tells a secret.
func hides(t *testing.T, texts ...string) {
	t.Helper()
	for _, text := range texts {
		for _, secret := range secrets {
			if strings.Contains(text, secret) {
				t.Errorf("%q tells %q", text, secret)
			}
		}
	}
}

// The token is renewed a minute before it ends, and not sooner, so that a request on its way does not
// outlive it.
func TestTokenIsRenewedEarly(t *testing.T) {
	for after, tokens := range map[time.Duration]int{58*time.Minute + 45*time.Second: 1, 59*time.Minute + 15*time.Second: 2} {
		synctest.Test(t, func(t *testing.T) {
			a := shop(1)
			c := client(a)
			for _, rest := range []time.Duration{0, after} {
				time.Sleep(rest)
				if err := asks["searchOrders"](t.Context(), c); err != nil {
					t.Fatal(err)
				}
				a.Fault = fault("searchOrders", 99, &spapitest.Fault{Travel: 50 * time.Second})
			}
			for _, call := range a.Calls() {
				if call.Status != 200 {
					t.Errorf("%+v", call)
				}
			}
			if a.Count("token") != tokens {
				t.Errorf("%d tokens after %v, expected %d", a.Count("token"), after, tokens)
			}
		})
	}
}

// memoryToken keeps what it is given.
type memoryToken struct{ text atomic.Pointer[[]byte] }

func (m *memoryToken) LoadToken(context.Context) ([]byte, error) {
	if p := m.text.Load(); p != nil {
		return *p, nil
	}
	return nil, nil
}

func (m *memoryToken) StoreToken(_ context.Context, text []byte) error {
	m.text.Store(&text)
	return nil
}

// A kept token serves the next run, but not other credentials, and one that was revoked is replaced.
func TestKeptToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := shop(1)
		kept := &memoryToken{}
		run := func(change func(*spapi.Client)) int {
			before := a.Count("token")
			c := client(a)
			c.Tokens = kept
			change(c)
			if _, err := c.MarketplaceParticipations(context.Background()); err != nil {
				t.Fatal(err)
			}
			return a.Count("token") - before
		}
		same := func(*spapi.Client) {}
		if n := run(same); n != 1 {
			t.Errorf("first run: %d tokens", n)
		}
		if n := run(same); n != 0 {
			t.Errorf("second run: %d tokens", n)
		}
		a.RefreshToken = "Atzr|another"
		if n := run(func(c *spapi.Client) { c.Credentials.RefreshToken = a.RefreshToken }); n != 1 {
			t.Errorf("other credentials: %d tokens", n)
		}
		a.Revoke()
		if n := run(func(c *spapi.Client) { c.Credentials.RefreshToken = a.RefreshToken }); n != 1 {
			t.Errorf("after the token was revoked: %d tokens", n)
		}
		for _, broken := range []string{"", "{", "null", `{"owner":"x"}`, `{"owner":1,"ends":2,"token":3}`} {
			text := []byte(broken)
			kept.text.Store(&text)
			if n := run(func(c *spapi.Client) { c.Credentials.RefreshToken = a.RefreshToken }); n != 1 {
				t.Errorf("kept %q: %d tokens", broken, n)
			}
		}
	})
}

// A report comes as it was made, whatever breaks on the way, and no token goes to the storage.
func TestReport(t *testing.T) {
	for name, tt := range map[string]struct {
		kind     string
		change   func(*spapitest.Amazon)
		attempts int
		charset  string
	}{
		"all orders":      {spapi.AllOrdersByOrderDate, func(*spapitest.Amazon) {}, 1, "UTF-8"},
		"not packed":      {spapi.AllOrdersByOrderDate, func(a *spapitest.Amazon) { a.ReportPlain = true }, 1, "UTF-8"},
		"Cp1252":          {spapi.AllOrdersByLastUpdate, func(a *spapitest.Amazon) { a.ReportCharset = "Cp1252" }, 1, "Cp1252"},
		"the line breaks": {spapi.AllOrdersByOrderDate, func(a *spapitest.Amazon) { a.Fault = fault("download", 2, &spapitest.Fault{Break: 50}) }, 3, "UTF-8"},
		"storage is down": {spapi.AllOrdersByOrderDate, func(a *spapitest.Amazon) { a.Fault = fault("download", 2, &spapitest.Fault{Status: 503}) }, 3, "UTF-8"},
		"nothing comes":   {spapi.AllOrdersByOrderDate, func(a *spapitest.Amazon) { a.Fault = fault("download", 1, &spapitest.Fault{Delay: 9 * time.Hour}) }, 2, "UTF-8"},
		"it takes its time": {spapi.AllOrdersByOrderDate, func(a *spapitest.Amazon) {
			a.Fault = fault("download", 1, &spapitest.Fault{Delay: 50 * time.Second})
		}, 1, "UTF-8"},
		"the link expires": {spapi.AllOrdersByOrderDate, func(a *spapitest.Amazon) { a.Fault = fault("download", 1, &spapitest.Fault{Status: 403}) }, 2, "UTF-8"},
		"restricted":       {"GET_FLAT_FILE_ACTIONABLE_ORDER_DATA_SHIPPING", func(*spapitest.Amazon) {}, 1, "UTF-8"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := shop(20)
				tt.change(a)
				c := client(a)
				var text bytes.Buffer
				created := 0
				d, err := report(c, tt.kind, func(spapi.Download) (io.Writer, error) {
					created++
					text.Reset()
					return &text, nil
				})
				if err != nil {
					t.Fatal(err)
				}
				if d.Expires.After(time.Now().Add(5 * time.Minute)) {
					t.Errorf("a link that expires at %v", d.Expires)
				}
				if a.Count("download") != tt.attempts || d.Charset != tt.charset || int(d.Size) != text.Len() {
					t.Errorf("%d downloads, %+v", a.Count("download"), d)
				}
				city := "Köln"
				if tt.charset == "Cp1252" {
					city = "K\xf6ln"
				}
				if n := strings.Count(text.String(), city); n < 20 || !strings.HasPrefix(text.String(), "amazon-order-id\t") {
					t.Errorf("%d lines with the city", n)
				}
				for _, wrong := range a.Broken() {
					t.Error(wrong)
				}
			})
		})
	}
}

func report(c *spapi.Client, kind string, create func(spapi.Download) (io.Writer, error)) (*spapi.Download, error) {
	ctx := context.Background()
	id, err := c.CreateReport(ctx, spapi.ReportRequest{
		Type: kind, Start: time.Now().AddDate(0, 0, -11), End: time.Now(), MarketplaceIDs: []string{spapitest.Germany.ID},
	})
	if err != nil {
		return nil, err
	}
	r, err := c.WaitReport(ctx, id, 0)
	if err != nil {
		return nil, err
	}
	return c.DownloadReport(ctx, kind, r.DocumentID, create)
}

func TestReportThatDoesNotCome(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*spapitest.Amazon)
		kind   spapi.Kind
	}{
		"nothing to report": {func(a *spapitest.Amazon) { a.ReportStatus = "CANCELLED" }, spapi.KindEmpty},
		"fatal":             {func(a *spapitest.Amazon) { a.ReportStatus = "FATAL" }, spapi.KindFatal},
		"takes too long":    {func(a *spapitest.Amazon) { a.ReportDelay = 2 * time.Hour }, spapi.KindPending},
		"role missing": {func(a *spapitest.Amazon) {
			a.Fault = fault("createReport", 9, spapitest.Denied())
		}, spapi.KindRole},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := shop(2)
				tt.change(a)
				_, err := report(client(a), spapi.AllOrdersByOrderDate, func(spapi.Download) (io.Writer, error) {
					t.Error("a file was made")
					return io.Discard, nil
				})
				if spapi.KindOf(err) != tt.kind {
					t.Errorf("%v, expected kind %q", err, tt.kind)
				}
			})
		})
	}
}

// A disk that refuses is not taken for a line that broke.
func TestReportOnAFullDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := shop(20)
		full := errors.New("no space left")
		_, err := report(client(a), spapi.AllOrdersByOrderDate, func(spapi.Download) (io.Writer, error) { return refusing{full}, nil })
		if !errors.Is(err, full) || a.Count("download") != 1 {
			t.Errorf("%v after %d downloads", err, a.Count("download"))
		}
	})
}

type refusing struct{ err error }

func (r refusing) Write([]byte) (int, error) { return 0, r.err }

// trickle gives a byte every half minute, and then nothing any more.
type trickle struct {
	r     io.Reader
	left  int
	until <-chan struct{}
}

func (s *trickle) Read(p []byte) (int, error) {
	if s.left--; s.left < 0 {
		<-s.until
		return 0, context.Canceled
	}
	select {
	case <-time.After(30 * time.Second):
		return s.r.Read(p[:1])
	case <-s.until:
		return 0, context.Canceled
	}
}

func (s *trickle) Close() error { return nil }

// A download may take any time while something comes, and is begun again when nothing does.
func TestStalledDownload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := shop(1)
		c := client(a)
		tries := 0
		c.Transport = trip(func(r *http.Request) (*http.Response, error) {
			resp, err := a.Transport().RoundTrip(r)
			if err == nil && strings.HasPrefix(r.URL.Path, "/invented-storage/") {
				tries++
				left := 40
				if tries > 1 {
					left = 1 << 20
				}
				resp.Body = &trickle{resp.Body, left, r.Context().Done()}
			}
			return resp, err
		})
		var text bytes.Buffer
		d, err := report(c, spapi.AllOrdersByOrderDate, func(spapi.Download) (io.Writer, error) {
			text.Reset()
			return &text, nil
		})
		if err != nil || tries != 2 || !strings.HasPrefix(text.String(), "amazon-order-id\t") || int(d.Size) != text.Len() {
			t.Errorf("%v after %d tries, %d bytes", err, tries, text.Len())
		}
	})
}

// trip is a transport.
type trip func(*http.Request) (*http.Response, error)

func (f trip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
