package spapi_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"obmen/fetch/spapi"
	"obmen/fetch/spapi/spapitest"

	"github.com/google/go-cmp/cmp"
)

// official asks through Amazon's own client and prints what it understood. Its Login with Amazon has a fixed
// address, so it is given a token.
const official = `
process.on('uncaughtException', e => { console.error(e.message, e.response?.text ?? e.stack); process.exit(1); });
const [dir, endpoint, token, question] = process.argv.slice(1);
const load = async (api, name) => {
  const {ApiClient} = await import(dir + '/src/' + api + '/ApiClient.js');
  const client = new ApiClient(endpoint);
  client.applyXAmzAccessTokenToRequest(token);
  const index = await import(dir + '/src/' + api + '/index.js');
  return new index[name](client);
};
const q = JSON.parse(question), dates = ['createdAfter', 'createdBefore', 'lastUpdatedAfter', 'lastUpdatedBefore'];
for (const d of dates) if (q[d]) q[d] = new Date(q[d]);
const search = await load('orders_v2026_01_01', 'SearchOrdersApi');
const found = [], pages = [];
for (;;) {
  const page = await search.searchOrders(q);
  pages.push(page.orders.length);
  for (const o of page.orders) found.push(o.orderId + ' ' + o.lastUpdatedTime.toISOString() + ' ' + o.orderItems.length + ' ' + (o.proceeds?.grandTotal?.amount ?? ''));
  if (!page.pagination?.nextToken) break;
  q.paginationToken = page.pagination.nextToken;
}
const get = await load('orders_v2026_01_01', 'GetOrderApi');
const one = await get.getOrder(found[0].split(' ')[0], {includedData: q.includedData});
const sellers = await load('sellers_v1', 'SellersApi');
const parts = await sellers.getMarketplaceParticipations();
const reports = await load('reports_v2021_06_30', 'ReportsApi');
const {reportId} = await reports.createReport({reportType: 'GET_FLAT_FILE_ALL_ORDERS_DATA_BY_ORDER_DATE_GENERAL',
  dataStartTime: q.lastUpdatedAfter, dataEndTime: q.lastUpdatedBefore, marketplaceIds: q.marketplaceIds});
const made = await reports.getReport(reportId);
const doc = await reports.getReportDocument(made.reportDocumentId);
const rows = (await (await fetch(doc.url)).text()).split('\r\n').length - 2;
let status = 0;
try { await get.getOrder('900-9999999-9999999'); } catch (e) { status = e.status; }
console.log(JSON.stringify({found, pages, one: one.order.orderId, country: parts.payload[0].marketplace.countryCode, status, report: made.processingStatus, rows}));
`

// understood is what a client made of the fake.
type understood struct {
	Found   []string // id, last update, number of lines, total
	Pages   []int
	One     string // the order that was asked for by its number
	Country string
	Status  int // of an order that there is not
	Report  string
	Rows    int // of the report
}

// Amazon's own client reads our fake, and asks it for orders in the same words as ours.
func TestOfficialClient(t *testing.T) {
	a := &spapitest.Amazon{Reports: spapitest.Reports{ReportDelay: time.Nanosecond, ReportPlain: true}}
	a.Plan(spapitest.Plan{Orders: 50, From: time.Now().AddDate(0, 0, -10), To: time.Now().AddDate(0, 0, -1)})
	server := httptest.NewServer(a)
	t.Cleanup(server.Close)
	p := spapi.SearchParams{
		LastUpdatedAfter: time.Now().AddDate(0, 0, -30).Truncate(time.Millisecond), LastUpdatedBefore: time.Now().Add(-time.Hour).Truncate(time.Millisecond),
		MarketplaceIDs: []string{spapitest.Germany.ID}, IncludedData: []spapi.Dataset{spapi.Proceeds, spapi.Fulfillment}, MaxResultsPerPage: 20,
		FulfilledBy: []string{"AMAZON", "MERCHANT"}, FulfillmentStatuses: []string{"PENDING", "UNSHIPPED", "SHIPPED", "CANCELLED"},
	}
	want, token := ourClient(t, a, server.URL, p)
	ours := searches(t, a.Calls())
	before := len(a.Calls())
	got := theirClient(t, server.URL, token, p)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-the fake +Amazon's client):\n%s", diff)
	}
	theirs := searches(t, a.Calls()[before:])
	if diff := cmp.Diff(theirs, ours); diff != "" || len(ours) != 3 {
		t.Errorf("%d requests (-Amazon's client +ours):\n%s", len(ours), diff)
	}
	for _, wrong := range a.Broken() {
		t.Error(wrong)
	}
}

// ourClient asks for all pages. What is to be understood of them is taken from the fake itself.
func ourClient(t *testing.T, a *spapitest.Amazon, address string, p spapi.SearchParams) (want understood, token string) {
	t.Helper()
	c := client(a)
	c.Transport = spying{&token}
	c.Endpoint, c.TokenURL = address, address+spapitest.TokenPath
	for more := true; more; more = p.PaginationToken != "" {
		page, err := c.SearchOrders(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		want.Pages = append(want.Pages, len(page.Orders))
		p.PaginationToken = page.NextToken
	}
	for o := range a.All() {
		want.Found = append(want.Found, fmt.Sprintf("%s %s %d %s", o.ID, spapi.Stamp(o.Updated), len(o.Items), o.Amount(o.Total())))
		want.Rows += len(o.Items)
	}
	want.One, _, _ = strings.Cut(want.Found[0], " ")
	want.Country, want.Status, want.Report = "DE", 404, "DONE"
	return want, token
}

func theirClient(t *testing.T, address, token string, p spapi.SearchParams) (got understood) {
	t.Helper()
	dir, run := npm(t, "amazon-sdk", "@amazon-sp-api-release/amazon-sp-api-sdk-js", "1.12.0"), node(t)
	question, err := json.Marshal(map[string]any{
		"lastUpdatedAfter": p.LastUpdatedAfter, "lastUpdatedBefore": p.LastUpdatedBefore, "marketplaceIds": p.MarketplaceIDs,
		"includedData": p.IncludedData, "maxResultsPerPage": p.MaxResultsPerPage, "fulfilledBy": p.FulfilledBy,
		"fulfillmentStatuses": p.FulfillmentStatuses,
	})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), run, "--input-type=module", "-e", official, "--", filepath.ToSlash(dir), address, token, string(question))
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v:\n%s", err, stderr.String())
	}
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	return got
}

// spying reads the token that a client was given.
type spying struct{ token *string }

func (s spying) RoundTrip(r *http.Request) (*http.Response, error) {
	if text := r.Header.Get("X-Amz-Access-Token"); text != "" {
		*s.token = text
	}
	return http.DefaultTransport.RoundTrip(r)
}

// searches are the paths and parameters of the calls of searchOrders. What is in a page token depends on the
// time at which it was given, so only that there is one is compared.
func searches(t *testing.T, calls []spapitest.Call) (all []map[string][]string) {
	t.Helper()
	for _, call := range calls {
		if call.Operation != "searchOrders" {
			continue
		}
		u, err := url.ParseRequestURI(call.Request)
		if err != nil {
			t.Fatal(err)
		}
		q, err := url.ParseQuery(u.RawQuery)
		if err != nil {
			t.Fatal(err)
		}
		if q.Has("paginationToken") {
			q.Set("paginationToken", "given")
		}
		q["path"] = []string{u.Path}
		all = append(all, q)
	}
	return all
}
