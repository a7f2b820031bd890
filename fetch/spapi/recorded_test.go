package spapi_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"obmen/fetch/spapi"
	"obmen/fetch/spapi/spapitest"
)

// recorded is an answer as Amazon gave it.
type recorded struct {
	Status  int
	Headers map[string]string
	Body    json.RawMessage
}

func recording(t *testing.T, name string) (r recorded) {
	t.Helper()
	if err := json.Unmarshal(shared(t, "amazon/http-errors/"+name+".json"), &r); err != nil {
		t.Fatal(err)
	}
	return r
}

// Recorded answers are understood, and the fake says the same.
func TestRecordedErrors(t *testing.T) {
	for name, tt := range map[string]struct {
		op   string
		kind spapi.Kind
		fake *spapitest.Fault
	}{
		"lwa_400_invalid_grant": {
			"token", spapi.KindGrant, spapitest.Login(400, "invalid_grant", "The request has an invalid grant parameter : refresh_token"),
		},
		"lwa_400_unsupported_grant_type": {
			"token", spapi.KindRefused,
			spapitest.Login(400, "unsupported_grant_type", "The authorization grant type is not supported by the authorization server"),
		},
		"lwa_invalid_client":                     {"token", spapi.KindSecret, spapitest.Login(401, "invalid_client", "Client authentication failed")},
		"spapi_400_InvalidInput_paginationToken": {"searchOrders", spapi.KindInput, spapitest.Invalid()},
		"spapi_400_missing_token":                {"searchOrders", spapi.KindToken, nil},
		"spapi_403_Unauthorized":                 {"searchOrders", spapi.KindRole, spapitest.Denied()},
		"spapi_403_token_expired":                {"searchOrders", spapi.KindToken, spapitest.Expired()},
		"spapi_403_token_malformed":              {"searchOrders", spapi.KindToken, spapitest.Malformed()},
		"spapi_404_NotFound":                     {"searchOrders", spapi.KindNotFound, nil},
		"spapi_429_QuotaExceeded":                {"searchOrders", spapi.KindQuota, spapitest.Quota()},
		"spapi_500_InternalFailure":              {"searchOrders", spapi.KindServer, spapitest.Internal(500)},
	} {
		t.Run(name, func(t *testing.T) {
			r := recording(t, name)
			header := http.Header{}
			for k, v := range r.Headers {
				header.Set(k, v)
			}
			a := shop(1)
			a.Fault = fault(tt.op, 99, &spapitest.Fault{Status: r.Status, Header: header, Body: string(r.Body)})
			c := client(a)
			c.Attempts = 1
			err := asks["searchOrders"](t.Context(), c)
			if spapi.KindOf(err) != tt.kind {
				t.Errorf("%v, expected kind %q", err, tt.kind)
			}
			looked(t, err)
			if tt.fake != nil && (tt.fake.Status != r.Status || words(t, []byte(tt.fake.Body)) != words(t, r.Body)) {
				t.Errorf("the fake says %d %s,\n Amazon said %d %s", tt.fake.Status, tt.fake.Body, r.Status, r.Body)
			}
		})
	}
}

// words are the texts of an error, without the numbers that differ each time.
func words(t *testing.T, body []byte) string {
	t.Helper()
	var all struct {
		Errors      []struct{ Code, Message, Details string }
		Error       string
		Description string `json:"error_description"`
	}
	if err := json.Unmarshal(body, &all); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// A missing token is refused by the fake as Amazon was seen to refuse it, and the token comes in its form.
func TestFakeWithoutToken(t *testing.T) {
	a := shop(1)
	ask := func(method, path, body string) *http.Response {
		r, err := http.NewRequestWithContext(t.Context(), method, "https://example.com"+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if body == "" {
			r.Body, r.ContentLength = nil, 0
		}
		r.Header.Set("User-Agent", "test")
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded;charset=UTF-8")
		resp, err := a.Transport().RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		return resp
	}
	got, want := ask("GET", "/orders/2026-01-01/orders?createdAfter=2026-01-01T00:00:00Z", ""), recording(t, "spapi_400_missing_token")
	var body bytes.Buffer
	if _, err := body.ReadFrom(got.Body); err != nil || got.StatusCode != want.Status || words(t, body.Bytes()) != words(t, want.Body) {
		t.Errorf("%d %s", got.StatusCode, body.String())
	}
	token := recording(t, "lwa_200_refresh")
	got = ask("POST", spapitest.TokenPath, "grant_type=refresh_token&client_id="+spapitest.ClientID+"&client_secret="+spapitest.ClientSecret+
		"&refresh_token="+strings.ReplaceAll(spapitest.RefreshToken, "|", "%7C"))
	var fields, wanted map[string]any
	if err := json.NewDecoder(got.Body).Decode(&fields); err != nil || json.Unmarshal(token.Body, &wanted) != nil {
		t.Fatal(err)
	}
	for name := range wanted {
		if fields[name] == nil || got.Header.Get("Content-Type") != token.Headers["Content-Type"] {
			t.Errorf("no %s in %v", name, fields)
		}
	}
	for _, wrong := range a.Broken() {
		t.Error(wrong)
	}
}

// Amazon's own examples are understood.
func TestExamples(t *testing.T) {
	example := func(name string) (body []byte) {
		text := shared(t, "amazon/sandbox/"+name+".json")
		var e struct{ Response json.RawMessage }
		if err := json.Unmarshal(text, &e); err != nil {
			t.Fatal(err)
		}
		if e.Response == nil {
			return text
		}
		return e.Response
	}
	ctx := t.Context()
	for name, ask := range map[string]func(*spapi.Client) (bool, error){
		"orders_2026-01-01.searchOrders.200.0": func(c *spapi.Client) (bool, error) {
			p, err := c.SearchOrders(ctx, spapi.SearchParams{CreatedAfter: time.Now()})
			return p != nil && len(p.Orders) > 0 && p.Orders[0].ID != "" && p.Orders[0].LastUpdated != "", err
		},
		"orders_2026-01-01.searchOrders.200.example-application_json": func(c *spapi.Client) (bool, error) {
			p, err := c.SearchOrders(ctx, spapi.SearchParams{CreatedAfter: time.Now()})
			return p != nil && len(p.Orders) == 1 && p.NextToken != "", err
		},
		"orders_2026-01-01.getOrder.200.0": func(c *spapi.Client) (bool, error) {
			o, err := c.GetOrder(ctx, "1", nil)
			return o != nil && o.ID != "", err
		},
		"sellers.getMarketplaceParticipations.200.0": func(c *spapi.Client) (bool, error) {
			p, err := c.MarketplaceParticipations(ctx)
			return p != nil && p.Marketplaces[0].Store == "BestSellerStore" && p.Marketplaces[0].Participating && !p.Marketplaces[0].Suspended, err
		},
		"reports_2021-06-30.getReport.200.0": func(c *spapi.Client) (bool, error) {
			r, err := c.GetReport(ctx, "1")
			return r != nil && r.Status == spapi.ReportRunning, err
		},
		"reports_2021-06-30.getReportDocument.200.0": func(c *spapi.Client) (bool, error) {
			d, err := c.GetReportDocument(ctx, "X", "1")
			return d != nil && d.ID == "0356cf79-b8b0-4226-b4b9-0ee058ea5760" && d.Compression == "", err
		},
		"tokens_2021-03-01.createRestrictedDataToken.200.1": func(c *spapi.Client) (bool, error) {
			token, err := c.RestrictedDataToken(ctx, "", spapi.RestrictedResource{Method: "GET", Path: "/"})
			return strings.HasPrefix(token, "Atz.sprdt|"), err
		},
	} {
		c := client(&spapitest.Amazon{})
		c.Transport = saying{(&spapitest.Amazon{}).Transport(), 200, http.Header{}, example(name)}
		if ok, err := ask(c); !ok || err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
