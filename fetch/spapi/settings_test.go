package spapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"obmen/fetch/spapi"
	"obmen/fetch/spapi/spapitest"
)

// Settings that cannot work are refused before anything is asked, with what to do.
func TestSettings(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*spapi.Client)
		says   string // "" when they are good
	}{
		"good":             {func(*spapi.Client) {}, ""},
		"no region":        {func(c *spapi.Client) { c.Region = "asia" }, `region "asia" is unknown`},
		"loopback":         {func(c *spapi.Client) { c.Endpoint = "http://127.0.0.1:80" }, ""},
		"loopback by name": {func(c *spapi.Client) { c.Endpoint = "http://localhost:80" }, ""},
		"loopback six":     {func(c *spapi.Client) { c.TokenURL = "http://[::1]:80/token" }, ""},
		"plain http":       {func(c *spapi.Client) { c.Endpoint = "http://example.com" }, "plain http is for this computer only"},
		"plain token":      {func(c *spapi.Client) { c.TokenURL = "http://127.0.0.1.example.com/" }, "token_url: http to"},
		"file":             {func(c *spapi.Client) { c.Endpoint = "file://example.com/etc" }, `"file" is not a scheme`},
		"no host":          {func(c *spapi.Client) { c.Endpoint = "https://" }, "not a plain address"},
		"password":         {func(c *spapi.Client) { c.Endpoint = "https://a:invented-token@example.com" }, "not a plain address"},
		"not an address":   {func(c *spapi.Client) { c.Endpoint = "https://%zz" }, "not an address"},
		"no secret":        {func(c *spapi.Client) { c.Credentials.ClientSecret = "" }, "the client secret is missing"},
		"space":            {func(c *spapi.Client) { c.Credentials.RefreshToken += "\n" }, "the refresh token is missing, or has spaces"},
		"user agent":       {func(c *spapi.Client) { c.UserAgent = strings.Repeat("x", 501) }, "501 characters"},
	} {
		t.Run(name, func(t *testing.T) {
			a := &spapitest.Amazon{}
			c := client(a)
			tt.change(c)
			err := c.Check()
			if (err == nil) != (tt.says == "") || err != nil && (!strings.Contains(err.Error(), tt.says) || spapi.KindOf(err) != spapi.KindSettings) {
				t.Fatalf("%v, expected the words %q", err, tt.says)
			}
			if err != nil {
				looked(t, err)
				if _, err := c.GetOrder(t.Context(), "1", nil); !spapi.IsPermanent(err) || len(a.Calls()) != 0 {
					t.Errorf("asked all the same: %v", err)
				}
			}
		})
	}
}

// Requests that Amazon would refuse are not made: they would cost three minutes each.
func TestWrongQuestions(t *testing.T) {
	at := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	a := &spapitest.Amazon{}
	c := client(a)
	for name, p := range map[string]spapi.SearchParams{
		"no time":    {},
		"both times": {CreatedAfter: at, LastUpdatedAfter: at},
		"mixed":      {CreatedAfter: at, LastUpdatedBefore: at},
		"mixed too":  {LastUpdatedAfter: at, CreatedBefore: at},
		"backwards":  {LastUpdatedAfter: at, LastUpdatedBefore: at.Add(-1)},
		"page":       {LastUpdatedAfter: at, MaxResultsPerPage: 101},
		"markets":    {LastUpdatedAfter: at, MarketplaceIDs: make([]string, 51)},
	} {
		if _, err := c.SearchOrders(t.Context(), p); spapi.KindOf(err) != spapi.KindInput {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, r := range map[string]spapi.ReportRequest{
		"no type":    {Start: at, End: at.Add(1), MarketplaceIDs: []string{"A"}},
		"no time":    {Type: "X", MarketplaceIDs: []string{"A"}},
		"same time":  {Type: "X", Start: at, End: at, MarketplaceIDs: []string{"A"}},
		"no markets": {Type: "X", Start: at, End: at.Add(1)},
	} {
		if _, err := c.CreateReport(t.Context(), r); spapi.KindOf(err) != spapi.KindInput {
			t.Errorf("report, %s: %v", name, err)
		}
	}
	if len(a.Calls()) != 0 {
		t.Errorf("%d requests", len(a.Calls()))
	}
}

// Credentials show themselves to nobody.
func TestCredentialsHide(t *testing.T) {
	c := spapi.Credentials{ClientID: spapitest.ClientID, ClientSecret: spapitest.ClientSecret, RefreshToken: spapitest.RefreshToken}
	inside := struct{ C spapi.Credentials }{c}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "c", c, "inside", inside)
	text, err := json.Marshal(inside)
	if err != nil {
		t.Fatal(err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		hides(t, fmt.Sprintf(verb, c), fmt.Sprintf(verb, &c), fmt.Sprintf(verb, inside))
	}
	hides(t, log.String(), string(text))
}

// Errors of the line name no address: those of reports open them, and others tell page tokens.
func TestErrorsOfTheLineHide(t *testing.T) {
	s := httptest.NewServer(http.NotFoundHandler())
	s.Close() // nobody listens there any more
	a := &spapitest.Amazon{}
	login := httptest.NewServer(a)
	t.Cleanup(login.Close)
	c := client(a)
	c.Transport, c.Attempts, c.Endpoint, c.TokenURL = nil, 1, s.URL, login.URL+spapitest.TokenPath
	var told []spapi.Exchange
	c.OnAnswer = func(x spapi.Exchange) { told = append(told, x) }
	_, err := c.SearchOrders(t.Context(), spapi.SearchParams{CreatedAfter: time.Now(), PaginationToken: "a-page-token"})
	if spapi.KindOf(err) != spapi.KindNetwork || strings.Contains(err.Error(), "a-page-token") || strings.Contains(err.Error(), "createdAfter") {
		t.Errorf("%v", err)
	}
	hides(t, err.Error(), fmt.Sprintf("%+v", told))
	if len(told) != 2 || told[1].Err == nil || told[1].Operation != spapi.OpSearchOrders {
		t.Errorf("%+v", told)
	}
}

// A certificate that nobody vouches for is told as what it is: somebody reads along, or the clock is wrong. Nothing
// is sent there.
func TestForeignCertificate(t *testing.T) {
	asked := 0
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++ }))
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // of the handshake
	s.StartTLS()
	t.Cleanup(s.Close)
	for _, op := range []string{"token", "searchOrders"} {
		a := &spapitest.Amazon{}
		login := httptest.NewServer(a)
		t.Cleanup(login.Close)
		c := client(a)
		c.Transport, c.Attempts, c.Endpoint, c.TokenURL = nil, 1, s.URL, s.URL
		if op != "token" {
			c.TokenURL = login.URL + spapitest.TokenPath
		}
		err := asks["searchOrders"](t.Context(), c)
		e, _ := errors.AsType[*spapi.Error](err)
		if e == nil || e.Kind != spapi.KindNetwork || string(e.Operation) != op || !strings.Contains(e.Advice, "clock; else a proxy") || asked != 0 {
			t.Errorf("%s: %v, %d requests", op, err, asked)
		}
	}
}

// A redirect is not followed: the access token would go along.
func TestRedirect(t *testing.T) {
	for _, op := range []string{"searchOrders", "token", "download"} {
		t.Run(op, func(t *testing.T) {
			elsewhere := 0
			other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere++ }))
			t.Cleanup(other.Close)
			a := shop(1)
			a.ReportDelay = 1
			a.Fault = fault(op, 99, &spapitest.Fault{Status: 307, Header: http.Header{"Location": {other.URL}}})
			c := client(a)
			c.Transport = byHost{other.Listener.Addr().String(): http.DefaultTransport, "": a.Transport()}
			c.Attempts = 1
			var err error
			if op == "download" {
				_, err = report(c, spapi.AllOrdersByOrderDate, nil)
			} else {
				err = asks["searchOrders"](t.Context(), c)
			}
			if err == nil || elsewhere != 0 {
				t.Errorf("%v, %d requests elsewhere", err, elsewhere)
			}
			e, _ := errors.AsType[*spapi.Error](err)
			if e == nil || !strings.Contains(e.Advice, "redirects are not followed") {
				t.Errorf("%v", err)
			}
		})
	}
}

// The header is as Amazon asks, with its escapes, and fits.
func TestUserAgent(t *testing.T) {
	got := spapi.UserAgent(`My/App\`, "1.0 (beta)\n")
	if !strings.HasPrefix(got, `My\/App\\/1.0 \(beta)_ (Language=Go/`) || !strings.Contains(got, "; Platform=") || !strings.HasSuffix(got, ")") {
		t.Errorf("%s", got)
	}
}

func TestMarketplaces(t *testing.T) {
	seen := map[string]bool{}
	for _, m := range spapi.Marketplaces() {
		byCountry, ok1 := spapi.FindMarketplace(strings.ToLower(m.Country))
		byID, ok2 := spapi.FindMarketplace(m.ID)
		if !ok1 || !ok2 || byCountry != m || byID != m || !m.Region.Valid() || seen[m.ID] {
			t.Errorf("%+v", m)
		}
		seen[m.ID] = true
	}
	if uk, ok := spapi.FindMarketplace("UK"); !ok || uk.Country != "GB" || len(seen) != 23 {
		t.Errorf("UK is %+v; %d in all", uk, len(seen))
	}
	if _, ok := spapi.FindMarketplace("RU"); ok {
		t.Error("there is no Amazon in RU")
	}
	if got := spapi.FE.Endpoint(true); got != "https://sandbox.sellingpartnerapi-fe.amazon.com" {
		t.Error(got)
	}
}

// A refusal names the role that fits what was asked for, and a page without a buyer tells of it as well.
func TestRoles(t *testing.T) {
	for name, tt := range map[string]struct {
		asked           []spapi.Dataset
		refuse, withold []string
		says            string
		absent          int
	}{
		"buyer refused":       {[]spapi.Dataset{spapi.Buyer}, []string{"BUYER"}, nil, "Tax Invoicing (Restricted) or Tax Remittance (Restricted) for BUYER", 0},
		"recipient refused":   {[]spapi.Dataset{spapi.Recipient}, []string{"RECIPIENT"}, nil, "Direct-to-Consumer Shipping (Restricted) for RECIPIENT", 0},
		"buyer withheld":      {[]spapi.Dataset{spapi.Buyer, spapi.Fulfillment}, nil, []string{"BUYER"}, "", 1},
		"both withheld":       {[]spapi.Dataset{spapi.Buyer, spapi.Recipient, spapi.Fulfillment}, nil, []string{"BUYER", "RECIPIENT"}, "", 2},
		"nothing withheld":    {[]spapi.Dataset{spapi.Buyer, spapi.Recipient, spapi.Fulfillment}, nil, nil, "", 0},
		"nobody asked for it": {[]spapi.Dataset{spapi.Fulfillment}, nil, []string{"BUYER"}, "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			a := shop(3)
			a.Refused, a.Withheld = tt.refuse, tt.withold
			page, err := client(a).SearchOrders(t.Context(), spapi.SearchParams{LastUpdatedAfter: time.Now().AddDate(0, 0, -11), IncludedData: tt.asked})
			if tt.says != "" {
				if spapi.KindOf(err) != spapi.KindRole || !strings.Contains(err.Error(), tt.says) {
					t.Errorf("%v", err)
				}
				return
			}
			if err != nil || len(page.Absent) != tt.absent {
				t.Errorf("%v, absent %v", err, page)
			}
			for _, d := range page.Absent {
				if d.Role() == "" {
					t.Errorf("no role for %s", d)
				}
			}
		})
	}
	for kind, restricted := range map[string]bool{
		spapi.AllOrdersByOrderDate: false, spapi.AllOrdersByLastUpdate: false, "GET_FLAT_FILE_ACTIONABLE_ORDER_DATA_SHIPPING": true,
		"GET_ORDER_REPORT_DATA_INVOICING": true, "GET_FLAT_FILE_ORDER_REPORT_DATA_TAX": true, "GET_AMAZON_FULFILLED_SHIPMENTS_DATA_GENERAL": false,
		"GET_AMAZON_FULFILLED_SHIPMENTS_DATA_TAX": true,
	} {
		if spapi.Restricted(kind) != restricted {
			t.Errorf("%s: %v", kind, !restricted)
		}
	}
}

// What was seen live of other types than the model's is taken.
func TestDrift(t *testing.T) {
	a := shop(3)
	a.Drift = true
	page, err := client(a).SearchOrders(context.Background(), spapi.SearchParams{LastUpdatedAfter: time.Now().AddDate(0, 0, -11)})
	if err != nil || len(page.Orders) != 3 || time.Since(page.LastUpdatedBefore) > time.Hour {
		t.Errorf("%v, %+v", err, page)
	}
}

// Many at once wait for one token, and who gives up does not wait for it.
func TestOneTokenForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := shop(1)
		a.Fault = fault("token", 1, &spapitest.Fault{Delay: 30 * time.Second})
		c := client(a)
		for range 5 {
			go func() {
				if err := asks["getOrder"](t.Context(), c); err != nil {
					t.Error(err)
				}
			}()
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		time.Sleep(time.Millisecond)
		if err := asks["getOrder"](ctx, c); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v", err)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if a.Count("token") != 1 || a.Count("getOrder") != 5 {
			t.Errorf("%d tokens, %d requests", a.Count("token"), a.Count("getOrder"))
		}
	})
}

// Each exchange is told, with Amazon's number of the request, for the log.
func TestExchanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := shop(3)
		a.Fault = fault("searchOrders", 1, spapitest.Internal(503))
		c := client(a)
		var told []spapi.Exchange
		c.OnAnswer = func(x spapi.Exchange) { told = append(told, x) }
		if err := asks["searchOrders"](t.Context(), c); err != nil {
			t.Fatal(err)
		}
		if len(told) != 3 || told[0].Operation != spapi.OpToken || told[0].Err != nil {
			t.Fatalf("%+v", told)
		}
		if x := told[1]; x.Status != 503 || x.Attempt != 1 || x.RequestID == "" || spapi.KindOf(x.Err) != spapi.KindServer {
			t.Errorf("%+v", x)
		}
		if x := told[2]; x.Status != 200 || x.Attempt != 2 || x.RequestID == "" || x.RateLimit != "0.0056" || x.Bytes == 0 || x.Account != "shop-de" || x.Err != nil {
			t.Errorf("%+v", x)
		}
	})
}
