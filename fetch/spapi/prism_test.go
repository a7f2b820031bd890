package spapi_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"obmen/fetch/spapi"
	"obmen/fetch/spapi/spapitest"
)

// Prism (Stoplight) knows Amazon's models and nothing of us: between our client and our fake it judges every
// request and every answer, and alone it answers our client from the models.

// models are Amazon's four in one document, which saves three starts of Prism. Definitions of the same name
// differ from one to the other, so each gets a number.
func models(t *testing.T) string {
	t.Helper()
	paths, definitions := map[string]any{}, map[string]any{}
	for i, name := range []string{"orders_2026-01-01", "reports_2021-06-30", "tokens_2021-03-01", "sellers"} {
		text := shared(t, "amazon/models/"+name+".json")
		text = bytes.ReplaceAll(text, []byte(`"#/definitions/`), fmt.Appendf(nil, `"#/definitions/m%d`, i))
		var model struct{ Paths, Definitions map[string]any }
		if err := json.Unmarshal(text, &model); err != nil {
			t.Fatal(err)
		}
		for path, v := range model.Paths {
			paths[path] = v
		}
		for definition, v := range model.Definitions {
			definitions[fmt.Sprintf("m%d%s", i, definition)] = v
		}
	}
	text, err := json.Marshal(map[string]any{
		"swagger": "2.0", "info": map[string]any{"title": "Selling Partner API", "version": "1"}, "paths": paths, "definitions": definitions,
		"consumes": []string{"application/json"}, "produces": []string{"application/json"},
	})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "models.json")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// prism runs it until the test ends and returns its address.
func prism(t *testing.T, args ...string) string {
	t.Helper()
	program := filepath.Join(npm(t, "prism", "@stoplight/prism-cli", "5.16.0"), "dist", "index.js")
	run := node(t)
	for try := 1; ; try++ {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		_, port, _ := net.SplitHostPort(l.Addr().String())
		l.Close()
		cmd := exec.CommandContext(t.Context(), run, append([]string{program, args[0], "-h", "127.0.0.1", "-p", port}, args[1:]...)...)
		cmd.Env = append(os.Environ(), "SCARF_ANALYTICS=false", "NODE_ENV=test")
		said := &bytes.Buffer{}
		cmd.Stdout, cmd.Stderr = said, said
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }() // ends with the test, whose context kills the program
		if answering("127.0.0.1:"+port, ended) {
			t.Cleanup(func() {
				_ = cmd.Process.Kill()
				<-ended
				if t.Failed() {
					t.Logf("prism said:\n%s", said)
				}
			})
			return "http://127.0.0.1:" + port
		}
		_ = cmd.Process.Kill()
		if try == 3 { // somebody else may have taken the port between
			t.Fatalf("prism does not start:\n%s", said)
		}
	}
}

// answering waits until somebody listens; false when the program ended or takes more than a minute.
func answering(address string, ended <-chan error) bool {
	for range 600 {
		if c, err := net.Dial("tcp", address); err == nil {
			c.Close()
			return true
		}
		select {
		case <-ended:
			return false
		case <-time.After(100 * time.Millisecond):
		}
	}
	return false
}

// judged is a client that reaches the fake through Prism.
func judged(t *testing.T) (*spapi.Client, *spapitest.Amazon) {
	t.Helper()
	a := &spapitest.Amazon{Rates: spapitest.Rates{Limits: map[string]spapitest.Limit{"searchOrders": {Rate: 100, Burst: 100}, "getReport": {Rate: 100, Burst: 100}}}}
	a.Plan(spapitest.Plan{Orders: 40, From: time.Now().AddDate(0, 0, -10), To: time.Now().AddDate(0, 0, -1)})
	server := httptest.NewServer(a)
	t.Cleanup(server.Close)
	a.Base, a.ReportDelay = server.URL, time.Nanosecond
	c := client(a)
	c.Transport, c.Attempts = http.DefaultTransport, 1
	c.TokenURL = server.URL + spapitest.TokenPath
	c.Endpoint = prism(t, "proxy", "--errors", models(t), server.URL)
	return c, a
}

// Every request of the client and every answer of the fake is as Amazon's models say, refusals included.
func TestModelsJudgeClientAndFake(t *testing.T) {
	c, a := judged(t)
	t.Run("orders", func(t *testing.T) { judgeOrders(t, c, a) })
	t.Run("a whole fetch", func(t *testing.T) { judgeFetch(t, c, a) })
	t.Run("reports", func(t *testing.T) { judgeReports(t, c) })
	t.Run("refusals", func(t *testing.T) { judgeRefusals(t, c, a) })
	t.Run("the judge", func(t *testing.T) { judgeTheJudge(t, c, a) })
	for _, wrong := range a.Broken() {
		t.Error(wrong)
	}
}

func judgeOrders(t *testing.T, c *spapi.Client, a *spapitest.Amazon) {
	ctx, since, until := t.Context(), time.Now().AddDate(0, 0, -20), time.Now().Add(-time.Hour)
	found := 0
	p := spapi.SearchParams{
		LastUpdatedAfter: since, LastUpdatedBefore: until, MarketplaceIDs: []string{spapitest.Germany.ID}, IncludedData: spapi.Datasets(),
		MaxResultsPerPage: 15, FulfilledBy: []string{"AMAZON", "MERCHANT"},
		FulfillmentStatuses: []string{"PENDING", "UNSHIPPED", "SHIPPED", "CANCELLED"},
	}
	for {
		page, err := c.SearchOrders(ctx, p)
		if err != nil {
			t.Fatal(err)
		}
		found += len(page.Orders)
		if p.PaginationToken = page.NextToken; p.PaginationToken == "" {
			break
		}
	}
	if found != 40 || a.Count("searchOrders") != 3 {
		t.Errorf("%d orders on %d pages", found, a.Count("searchOrders"))
	}
	if page, err := c.SearchOrders(ctx, spapi.SearchParams{CreatedAfter: since, CreatedBefore: until}); err != nil || len(page.Orders) != 40 {
		t.Errorf("by creation: %v", err)
	}
	if o, err := c.GetOrder(ctx, "900-0000000-0000007", spapi.DefaultDatasets()); err != nil || o.ID != "900-0000000-0000007" {
		t.Errorf("getOrder: %v", err)
	}
	if all, err := c.MarketplaceParticipations(ctx); err != nil || len(all.Marketplaces) != 1 || all.Marketplaces[0].Country != "DE" {
		t.Errorf("participations: %+v %v", all, err)
	}
}

func judgeReports(t *testing.T, c *spapi.Client) {
	for _, kind := range []string{spapi.AllOrdersByOrderDate, "GET_FLAT_FILE_ACTIONABLE_ORDER_DATA_SHIPPING"} {
		var text bytes.Buffer
		d, err := report(c, kind, func(spapi.Download) (io.Writer, error) { return &text, nil })
		if err != nil || strings.Count(text.String(), "\n") < 41 || d.Charset != "UTF-8" {
			t.Errorf("%s: %v, %d bytes", kind, err, text.Len())
		}
	}
}

// Prism answers 500 with words of its own when a refusal is not as the model says.
func judgeRefusals(t *testing.T, c *spapi.Client, a *spapitest.Amazon) {
	for kind, f := range map[spapi.Kind]*spapitest.Fault{
		spapi.KindQuota: spapitest.Quota(), spapi.KindServer: spapitest.Internal(503), spapi.KindRole: spapitest.Denied(),
		spapi.KindToken: spapitest.Malformed(), spapi.KindInput: spapitest.Invalid(),
	} {
		a.Fault = fault("searchOrders", 1000, f)
		err := asks["searchOrders"](t.Context(), c)
		if e, ok := errors.AsType[*spapi.Error](err); !ok || e.Kind != kind || e.Status != f.Status || e.Code == "" {
			t.Errorf("%v, expected kind %q", err, kind)
		}
	}
	a.Fault = nil
	if _, err := c.GetOrder(t.Context(), "900-9999999-9999999", nil); spapi.KindOf(err) != spapi.KindNotFound {
		t.Errorf("unknown order: %v", err)
	}
}

// An order without its sales channel does not pass, nor does a dataset that is none.
func judgeTheJudge(t *testing.T, c *spapi.Client, a *spapitest.Amazon) {
	p := spapi.SearchParams{CreatedAfter: time.Now().AddDate(0, 0, -20)}
	a.Fault = fault("searchOrders", 1000, &spapitest.Fault{Mangle: func(b []byte) []byte {
		return bytes.ReplaceAll(b, []byte(`"salesChannel"`), []byte(`"sales"`))
	}})
	if _, err := c.SearchOrders(t.Context(), p); spapi.KindOf(err) != spapi.KindServer {
		t.Errorf("an answer against the model: %v", err)
	}
	a.Fault = nil
	before := a.Count("searchOrders")
	p.IncludedData = []spapi.Dataset{"NOTHING"}
	if _, err := c.SearchOrders(t.Context(), p); err == nil || a.Count("searchOrders") != before {
		t.Errorf("a request against the model: %v", err)
	}
}

// preferring asks Prism for an answer other than the first that would do.
type preferring struct{ prefer string }

func (p *preferring) RoundTrip(r *http.Request) (*http.Response, error) {
	if p.prefer != "" {
		r = r.Clone(r.Context())
		r.Header.Set("Prefer", p.prefer)
	}
	return http.DefaultTransport.RoundTrip(r)
}

// Answers made up from the models alone do not upset the client: every page has a successor, rates are no
// numbers, and nothing means anything.
func TestAnswersFromTheModels(t *testing.T) {
	a := &spapitest.Amazon{}
	login := httptest.NewServer(a)
	t.Cleanup(login.Close)
	how := &preferring{}
	c := client(a)
	c.Transport, c.Attempts = how, 1
	c.TokenURL = login.URL + spapitest.TokenPath
	c.Endpoint = prism(t, "mock", models(t))
	c.Limits = map[spapi.Operation]spapi.Limit{spapi.OpSearchOrders: {Rate: 100, Burst: 100}, spapi.OpGetOrder: {Rate: 100, Burst: 100}}
	t.Run("orders", func(t *testing.T) { mockOrders(t, c) })
	t.Run("a whole fetch", func(t *testing.T) { mockFetch(t, c) })
	t.Run("others", func(t *testing.T) { mockOthers(t, c) })
	t.Run("refusals", func(t *testing.T) { mockRefusals(t, c, how) })
	t.Run("by chance", func(t *testing.T) {
		how.prefer = "dynamic=true"
		for range 20 {
			page, err := c.SearchOrders(t.Context(), spapi.SearchParams{CreatedAfter: time.Now().AddDate(0, 0, -1)})
			if page == nil || err != nil && spapi.KindOf(err) != spapi.KindAnswer {
				t.Errorf("an answer of chance: %v", err)
			}
		}
	})
}

func mockOrders(t *testing.T, c *spapi.Client) {
	p := spapi.SearchParams{CreatedAfter: time.Now().AddDate(0, 0, -1), MarketplaceIDs: []string{spapitest.Germany.ID}, IncludedData: spapi.Datasets()}
	for range 3 {
		page, err := c.SearchOrders(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		if page.NextToken == "" || len(page.Orders) != 1 || page.RateLimit != "string" || page.Orders[0].ID != "123-4567890-1234567" {
			t.Errorf("%+v", page.Orders)
		}
		p.PaginationToken = page.NextToken
	}
	// A rate that is no number has not made the 97 requests slower that are left.
	if wait, err := c.WaitFor(t.Context(), spapi.OpSearchOrders, 97); err != nil || wait != 0 {
		t.Errorf("97 more requests wait %v (%v)", wait, err)
	}
	if o, err := c.GetOrder(t.Context(), "123-4567890-1234567", spapi.Datasets()); err != nil || o.ID == "" {
		t.Errorf("getOrder: %v", err)
	}
}

func mockOthers(t *testing.T, c *spapi.Client) {
	ctx := t.Context()
	if id, err := c.CreateReport(ctx, spapi.ReportRequest{
		Type: spapi.AllOrdersByOrderDate, Start: time.Now().AddDate(0, 0, -1), End: time.Now(), MarketplaceIDs: []string{spapitest.Germany.ID},
	}); err != nil || id == "" {
		t.Errorf("createReport: %v", err)
	}
	if token, err := c.RestrictedDataToken(ctx, "", spapi.RestrictedResource{Method: "GET", Path: "/x"}); err != nil || token == "" {
		t.Errorf("restricted data token: %v", err)
	}
	// The example of this model is a list where the model says an object: it is given back, and refused.
	if all, err := c.MarketplaceParticipations(ctx); spapi.KindOf(err) != spapi.KindAnswer || all == nil || len(all.Body) == 0 {
		t.Errorf("participations: %v", err)
	}
}

func mockRefusals(t *testing.T, c *spapi.Client, how *preferring) {
	for status, kind := range map[int]spapi.Kind{
		400: spapi.KindInput, 403: spapi.KindRole, 404: spapi.KindNotFound, 413: spapi.KindRefused, 415: spapi.KindRefused,
		429: spapi.KindQuota, 500: spapi.KindServer, 503: spapi.KindServer,
	} {
		how.prefer = fmt.Sprintf("code=%d", status)
		_, err := c.GetOrder(t.Context(), "123-4567890-1234567", nil)
		if e, ok := errors.AsType[*spapi.Error](err); !ok || e.Kind != kind || e.Status != status {
			t.Errorf("%d: %v", status, err)
		}
	}
}
