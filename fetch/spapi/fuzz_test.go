package spapi_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"
	"unicode/utf8"

	"obmen/fetch/spapi"
	"obmen/fetch/spapi/spapitest"
)

// saying answers every request but that for a token with the same bytes.
type saying struct {
	fake   http.RoundTripper
	status int
	header http.Header
	body   []byte
}

func (s saying) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Path == spapitest.TokenPath {
		return s.fake.RoundTrip(r)
	}
	if r.Body != nil {
		r.Body.Close()
	}
	return &http.Response{
		StatusCode: s.status, Header: s.header, Body: io.NopCloser(bytes.NewReader(s.body)), ContentLength: int64(len(s.body)), Request: r,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}, nil
}

// seeds adds Amazon's own examples, where they are at hand.
func seeds(f *testing.F, add func(body []byte)) {
	f.Helper()
	dir := os.Getenv("OBMEN_SHARED")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared")
	}
	files, _ := filepath.Glob(filepath.Join(dir, "data", "amazon", "sandbox", "*.json"))
	for _, file := range files {
		text, err := os.ReadFile(file)
		var example struct{ Response json.RawMessage }
		if err == nil && json.Unmarshal(text, &example) == nil {
			add(example.Response)
		}
	}
	for _, text := range []string{
		``, `{}`, `[]`, `null`, `{"orders":[]}`, `{"orders":[{}],"pagination":{"nextToken":"a"}}`, `{"orders":[1,null],"pagination":null}`,
		`{"orders":[],"pagination":{"nextToken":7}}`, `{"orders":[],"lastUpdatedBefore":"1.569521782042E9"}`, `{"orders":[],"orders":[{"orderId":1}]}`,
		`{"order":{"orderId":"1"}}`, `{"payload":[{}]}`, `{"errors":[{"code":"A","message":"B","details":"expired"}]}`, `{"reportId":"1"}`,
		`{"processingStatus":"DONE","reportDocumentId":"1"}`, `{"url":"http://127.0.0.1/x","compressionAlgorithm":"GZIP"}`, `{"orders":[]} x`,
	} {
		add([]byte(text))
	}
}

// Whatever comes back, nothing breaks, nothing that came is lost, and what is taken for a page is one.
func FuzzAnswer(f *testing.F) {
	seeds(f, func(body []byte) {
		f.Add(uint16(200), body, "0.0056", "")
		f.Add(uint16(403), body, "", "")
	})
	f.Add(uint16(503), []byte("<html>"), "NaN", "120")
	f.Add(uint16(429), []byte(nil), "1e-9", "Wed, 21 Oct 2099 07:28:00 GMT")
	f.Fuzz(func(t *testing.T, status uint16, body []byte, rate, after string) {
		a := &spapitest.Amazon{}
		c := client(a)
		c.Attempts = 1
		header := http.Header{"X-Amzn-Ratelimit-Limit": {rate}, "Retry-After": {after}}
		c.Transport = saying{a.Transport(), 100 + int(status)%500, header, body}
		ctx := context.Background()
		page, err := c.SearchOrders(ctx, spapi.SearchParams{CreatedAfter: time.Now(), IncludedData: spapi.Datasets()})
		looked(t, err)
		switch {
		case err == nil:
			isPage(t, page, body)
		case spapi.KindOf(err) == spapi.KindAnswer && (page == nil || !bytes.Equal(page.Body, body)):
			t.Errorf("%v: the answer is lost", err)
		}
		for _, ask := range []func() error{
			func() error { _, err := c.GetOrder(ctx, "1", nil); return err },
			func() error { _, err := c.MarketplaceParticipations(ctx); return err },
			func() error { _, err := c.GetReport(ctx, "1"); return err },
			func() error { _, err := c.GetReportDocument(ctx, "X", "1"); return err },
			func() error {
				_, err := c.RestrictedDataToken(ctx, "", spapi.RestrictedResource{Method: "GET", Path: "/"})
				return err
			},
		} {
			looked(t, ask())
		}
	})
}

// looked sees to it that an error is one of ours, with a hint and on one line.
func looked(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		return
	}
	e, ok := errors.AsType[*spapi.Error](err)
	if !ok || e.Advice == "" || e.RetryAfter < 0 || bytes.ContainsAny([]byte(err.Error()), "\r\n") {
		t.Errorf("%q (%T)", err, err)
	}
	hides(t, err.Error())
}

// isPage compares what was found with what another reader finds.
func isPage(t *testing.T, page *spapi.Page, body []byte) {
	t.Helper()
	if !utf8.Valid(body) {
		return // the two readers repair it in ways of their own
	}
	var all map[string]json.RawMessage
	var orders []json.RawMessage
	if err := json.Unmarshal(body, &all); err != nil || json.Unmarshal(all["orders"], &orders) != nil {
		t.Fatalf("taken for a page: %q", body)
	}
	var pagination map[string]json.RawMessage
	var next string
	_ = json.Unmarshal(all["pagination"], &pagination)
	_ = json.Unmarshal(pagination["nextToken"], &next)
	if len(page.Orders) != len(orders) || page.NextToken != next {
		t.Errorf("%d orders and token %q of %q", len(page.Orders), page.NextToken, body)
	}
}

// Whatever is kept between runs, the next one works, and waits no longer than the slowest rate asks for.
func FuzzKept(f *testing.F) {
	f.Add(`{"full":"2026-11-23T12:00:00Z","every":"2s"}`, `{"owner":"x","ends":"2036-11-23T12:00:00Z","token":"a"}`)
	f.Add(`{"full":"9999-11-23T12:00:00Z","every":"1h"}`, `{`)
	f.Add(`{"full":"0001-01-01T00:00:00Z","every":"0s"}`, `null`)
	f.Fuzz(func(t *testing.T, rate, token string) {
		a := &spapitest.Amazon{}
		c := client(a)
		rates, kept := &spapi.MemoryRates{}, &memoryToken{}
		c.Rates, c.Tokens = rates, kept
		ctx := context.Background()
		_ = kept.StoreToken(ctx, []byte(token))
		if err := rates.UpdateRate(ctx, "shop-de/eu/searchOrders", func(string) string { return rate }); err != nil {
			t.Fatal(err)
		}
		if wait, err := c.WaitFor(ctx, spapi.OpSearchOrders, 1); err != nil || wait < 0 || wait > time.Hour {
			t.Errorf("one request waits %v (%v) after %q", wait, err, rate)
		}
		if _, err := c.MarketplaceParticipations(ctx); err != nil {
			t.Errorf("%v after the token %q", err, token)
		}
	})
}

// Whatever a storage sends, what was not packed comes byte for byte, and what was packed comes whole or not.
func FuzzDownload(f *testing.F) {
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	_, _ = w.Write([]byte("amazon-order-id\r\n"))
	_ = w.Close()
	f.Add(z.Bytes(), true, "text/plain; charset=Cp1252")
	f.Add(z.Bytes()[:20], true, "")
	f.Add([]byte("amazon-order-id\r\n"), false, "text/plain;charset")
	f.Fuzz(func(t *testing.T, body []byte, packed bool, contentType string) {
		a := &spapitest.Amazon{}
		c := client(a)
		c.Attempts = 1
		document := `{"reportDocumentId":"1","url":"https://storage.example.com/1"}`
		if packed {
			document = `{"reportDocumentId":"1","url":"https://storage.example.com/1","compressionAlgorithm":"GZIP"}`
		}
		api := saying{a.Transport(), 200, http.Header{}, []byte(document)}
		storage := saying{a.Transport(), 200, http.Header{"Content-Type": {contentType}}, body}
		c.Transport = byHost{"storage.example.com": storage, "": api}
		var got bytes.Buffer
		d, err := c.DownloadReport(context.Background(), spapi.AllOrdersByOrderDate, "1", func(spapi.Download) (io.Writer, error) { return &got, nil })
		looked(t, err)
		want := body
		if packed {
			r, bad := gzip.NewReader(bytes.NewReader(body))
			if bad == nil {
				want, bad = io.ReadAll(r)
			}
			if (bad == nil) != (err == nil) {
				t.Fatalf("%v, expected %v", err, bad)
			}
			if bad != nil {
				return
			}
		}
		if err != nil || !bytes.Equal(got.Bytes(), want) || d.Size != int64(len(want)) || d.ContentType != contentType {
			t.Errorf("%v: %+v, %d bytes", err, d, got.Len())
		}
	})
}

// byHost sends each request to the transport of its host, or to that of "".
type byHost map[string]http.RoundTripper

func (b byHost) RoundTrip(r *http.Request) (*http.Response, error) {
	if to, ok := b[r.URL.Host]; ok {
		return to.RoundTrip(r)
	}
	return b[""].RoundTrip(r)
}
