package spapi_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"obmen/fetch/spapi"
)

// Invented, and found again in nothing that a Client says.
var credentials = spapi.Credentials{
	ClientID: "amzn1.application-oa2-client.example", ClientSecret: "amzn1.oa2-cs.v1.secret-of-the-app", RefreshToken: "Atzr|refresh-of-the-seller",
}

// answers plays a server that says what it was given, one after the other.
func answers(t *testing.T, bodies ...string) (*spapi.Client, *[]*http.Request) {
	t.Helper()
	var asked []*http.Request
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.URL.Path == "/token" {
			fmt.Fprint(w, `{"access_token":"Atza|access","token_type":"bearer","expires_in":3600}`)
			return
		}
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		asked = append(asked, r)
		status, text, _ := strings.Cut(bodies[min(len(asked), len(bodies))-1], " ")
		var code int
		fmt.Sscan(status, &code)
		w.Header().Set("X-Amzn-RequestId", "request-1")
		w.WriteHeader(code)
		fmt.Fprint(w, text)
	}))
	t.Cleanup(s.Close)
	return &spapi.Client{
		Account: "eu", Region: spapi.EU, Credentials: credentials, Connection: spapi.Connection{Endpoint: s.URL, TokenURL: s.URL + "/token", Attempts: 1},
	}, &asked
}

func TestSearchOrders(t *testing.T) {
	body := `{"orders":[{"orderId":"900-0000001-0000001","lastUpdatedTime":"2026-11-01T10:00:00Z"}],` +
		`"pagination":{"nextToken":"a+b/c=="},"lastUpdatedBefore":"2026-11-02T00:00:00Z"}` + "\n"
	c, asked := answers(t, "200 "+body)
	page, err := c.SearchOrders(context.Background(), spapi.SearchParams{
		LastUpdatedAfter: time.Date(2026, 11, 1, 3, 0, 0, 0, time.FixedZone("", 3*3600)),
		MarketplaceIDs:   []string{"A1PA6795UKMFR9", "A13V1IB3VIYZZH"}, IncludedData: spapi.DefaultDatasets(), PaginationToken: "x+/=",
	})
	if err != nil {
		t.Fatal(err)
	}
	if string(page.Body) != body || page.NextToken != "a+b/c==" || page.RequestID != "request-1" || len(page.Orders) != 1 ||
		!page.LastUpdatedBefore.Equal(time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("page %+v", page)
	}
	r := (*asked)[0]
	want := "includedData=PROCEEDS%2CFULFILLMENT%2CPROMOTION%2CCANCELLATION%2CTAX%2CPAYMENT&lastUpdatedAfter=2026-11-01T00%3A00%3A00.000Z" +
		"&marketplaceIds=A1PA6795UKMFR9%2CA13V1IB3VIYZZH&paginationToken=x%2B%2F%3D"
	if r.URL.RawQuery != want {
		t.Errorf("query\n %s, expected\n %s", r.URL.RawQuery, want)
	}
	if r.Header.Get("X-Amz-Access-Token") != "Atza|access" || r.Header.Get("Authorization") != "" || r.ContentLength != 0 {
		t.Errorf("headers %v", r.Header)
	}
	if !strings.HasPrefix(r.UserAgent(), "obmen/dev (Language=Go/") {
		t.Errorf("user agent %q", r.UserAgent())
	}
}

// What cannot be read is given back all the same.
func TestUnreadablePage(t *testing.T) {
	c, _ := answers(t, `200 <html>`)
	page, err := c.SearchOrders(context.Background(), spapi.SearchParams{CreatedAfter: time.Now()})
	e, ok := errors.AsType[*spapi.Error](err)
	if !ok || e.Kind != spapi.KindAnswer || e.RequestID != "request-1" || page == nil || string(page.Body) != "<html>" {
		t.Fatalf("%v, page %+v", err, page)
	}
}
