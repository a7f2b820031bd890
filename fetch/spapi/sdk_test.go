package spapi_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os/exec"
	"path/filepath"
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
let status = 0;
try { await get.getOrder('900-9999999-9999999'); } catch (e) { status = e.status; }
console.log(JSON.stringify({found, pages, one: one.order.orderId, country: parts.payload[0].marketplace.countryCode, status}));
`

// Amazon's own client reads our fake, and asks it for orders in the same words as ours.
func TestOfficialClient(t *testing.T) {
	dir, run := npm(t, "amazon-sdk", "@amazon-sp-api-release/amazon-sp-api-sdk-js", "1.12.0"), node(t)
	a := &spapitest.Amazon{}
	a.Plan(spapitest.Plan{Orders: 50, From: time.Now().AddDate(0, 0, -10), To: time.Now().AddDate(0, 0, -1)})
	server := httptest.NewServer(a)
	t.Cleanup(server.Close)
	c := client(a)
	var token string
	c.Transport = spying{&token}
	c.Endpoint, c.TokenURL = server.URL, server.URL+spapitest.TokenPath
	p := spapi.SearchParams{
		LastUpdatedAfter: time.Now().AddDate(0, 0, -30).Truncate(time.Millisecond), LastUpdatedBefore: time.Now().Add(-time.Hour).Truncate(time.Millisecond),
		MarketplaceIDs: []string{spapitest.Germany.ID}, IncludedData: []spapi.Dataset{spapi.Proceeds, spapi.Fulfillment}, MaxResultsPerPage: 20,
		FulfilledBy: []string{"AMAZON", "MERCHANT"}, FulfillmentStatuses: []string{"PENDING", "UNSHIPPED", "SHIPPED", "CANCELLED"},
	}
	var want struct {
		Found   []string
		Pages   []int
		One     string
		Country string
		Status  int
	}
	want.Country, want.Status = "DE", 404
	for o := range a.All() {
		total := ""
		if o.Status != "PENDING" {
			total = o.Amount(o.Total())
		}
		want.Found = append(want.Found, o.ID+" "+o.Updated.UTC().Format("2006-01-02T15:04:05.000Z")+" "+string(rune('0'+len(o.Items)))+" "+total)
	}
	first := p
	for {
		page, err := c.SearchOrders(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		want.Pages = append(want.Pages, len(page.Orders))
		if len(want.Pages) == 1 {
			want.One = page.Orders[0].ID
		}
		if p.PaginationToken = page.NextToken; p.PaginationToken == "" {
			break
		}
	}
	ours := searches(t, a.Calls())

	question, err := json.Marshal(map[string]any{
		"lastUpdatedAfter": first.LastUpdatedAfter, "lastUpdatedBefore": first.LastUpdatedBefore, "marketplaceIds": first.MarketplaceIDs,
		"includedData": first.IncludedData, "maxResultsPerPage": first.MaxResultsPerPage, "fulfilledBy": first.FulfilledBy,
		"fulfillmentStatuses": first.FulfillmentStatuses,
	})
	if err != nil {
		t.Fatal(err)
	}
	before := len(a.Calls())
	cmd := exec.CommandContext(t.Context(), run, "--input-type=module", "-e", official, "--", filepath.ToSlash(dir), server.URL, token, string(question))
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v:\n%s", err, stderr.String())
	}
	got := want
	got.Found, got.Pages, got.One, got.Country, got.Status = nil, nil, "", "", 0
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-the fake +Amazon's client):\n%s", diff)
	}
	theirs := searches(t, a.Calls()[before:])
	if diff := cmp.Diff(theirs, ours); diff != "" || len(ours) != 3 {
		t.Errorf("%d requests (-Amazon's client +ours):\n%s", len(ours), diff)
	}
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
