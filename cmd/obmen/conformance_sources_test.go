package main

import (
	"math/big"
	"path/filepath"
	"slices"
	"testing"

	"obmen/cmd/obmen/report"

	"github.com/google/go-cmp/cmp"
)

// verdict is what must become of an order, with the figures that were added up by hand.
type verdict struct {
	file, order    string
	outcome, code  string
	currency       string
	total, without string // the order total, and what of it is not the seller's
	why            string
}

// Amazon's sandbox answers, every one that could be taken for an order file, each for itself.
var sandboxVerdicts = []verdict{
	{"orders_2026-01-01.getOrder.200.0.json", "171-9876543-2109876", "held", "tax-reading-unknown", "BRL", "299.90", "", "no tax is stated, and nobody knows whether prices in Brazil contain it"},
	{"orders_2026-01-01.getOrder.200.1.json", "028-1234567-8901234", "held", "tax-reading-unknown", "TRY", "125.00", "", "2 × 62.50, no tax is stated, and nobody knows whether prices in Turkey contain it"},
	{"orders_2026-01-01.getOrder.200.2.json", "114-9876543-1234567", "exported", "", "USD", "49.99", "10.00", "39.99 + tax 10.00, which Amazon pays in the US"},
	{"orders_2026-01-01.getOrder.200.example-application_json.json", "202-1234567-8901234", "exported", "", "GBP", "103.97", "", "89.97 + shipping 10.00 + tax 4.00"},
	{"orders_2026-01-01.searchOrders.200.0.json", "250-1234567-8901234", "exported", "", "JPY", "19940", "", "5980 + 2 × 6980"},
	{"orders_2026-01-01.searchOrders.200.1.json", "202-7654321-1098765", "exported", "", "GBP", "34.99", "", "one item, tax inside as in the whole of Britain"},
	{"orders_2026-01-01.searchOrders.200.2.json", "171-2345678-9012345", "held", "tax-reading-unknown", "BRL", "1599.90", "", "as the other one from Brazil"},
	{"orders_2026-01-01.searchOrders.200.example-application_json.json", "123-4567890-1234567", "exported", "", "USD", "154.99", "5.02", "2 × 49.99 + 49.99 + tax 0.02 + tip 5.00; tax and tip are not the seller's"},

	{"ordersV0.getOrder.200.0.json", "902-1845936-5435065", "held", "items-missing", "USD", "11.01", "", "Orders v0 tells the items elsewhere"},
	{"ordersV0.getOrder.200.1.json", "921-3175655-0452641", "held", "items-missing", "EUR", "100.00", "", "Orders v0 tells the items elsewhere"},
	{"ordersV0.getOrder.200.example-application_json.json", "902-3159896-1390916", "held", "pending", "USD", "", "", "OrderStatus Pending, no OrderTotal"},
	{"ordersV0.getOrders.200.0.json", "902-1845936-5435065", "held", "items-missing", "USD", "11.01", "", "Orders v0 tells the items elsewhere"},
	{"ordersV0.getOrders.200.0.json", "902-8745147-1934268", "held", "items-missing", "USD", "11.01", "", "Orders v0 tells the items elsewhere"},
	{"ordersV0.getOrders.200.1.json", "902-3159896-1390916", "held", "pending", "USD", "", "", "OrderStatus Pending, no OrderTotal"},
	{"ordersV0.getOrders.200.2.json", "902-3159896-1390916", "held", "pending", "USD", "", "", "OrderStatus Pending, no OrderTotal"},
	{"ordersV0.getOrders.200.example-application_json.json", "902-3159896-1390916", "held", "pending", "USD", "", "", "OrderStatus Pending, no OrderTotal"},
	{"ordersV0.getOrderItems.200.0.json", "902-1845936-5435065", "held", "order-missing", "USD", "", "", "items without their order"},
	{"ordersV0.getOrderItems.200.example-application_json.json", "903-1671087-0812628", "held", "unreadable", "", "", "", "goods in JPY, gift wrap 41.99 GBP"},

	{"ordersV0.getOrderAddress.200.0.json", "", "refused", "", "", "", "", "an address is no order"},
	{"ordersV0.getOrderAddress.200.example-application_json.json", "", "refused", "", "", "", "", "an address is no order"},
	{"ordersV0.getOrderBuyerInfo.200.0.json", "", "refused", "", "", "", "", "a buyer is no order"},
	{"ordersV0.getOrderBuyerInfo.200.example-application_json.json", "", "refused", "", "", "", "", "a buyer is no order"},
	{"ordersV0.getOrderItemsBuyerInfo.200.0.json", "", "refused", "", "", "", "", "a gift message is no order"},
	{"ordersV0.getOrderItemsBuyerInfo.200.example-application_json.json", "", "refused", "", "", "", "", "a gift message is no order"},
}

func TestSandboxBodies(t *testing.T) { judge(t, sandbox(t), sandboxVerdicts) }

// The other files that were gathered: reports, files of hard encodings, a shop's fixtures.
var fileVerdicts = []verdict{
	{"all_orders_es_33col.tsv", "171-2000001-1000001", "exported", "", "EUR", "1210.00", "", "tax 210.00 = 21 % of 1000.00 is inside the price; the report states no total"},
	{"all_orders_es_33col_bom_crlf.tsv", "171-2000001-1000001", "exported", "", "EUR", "1210.00", "", "the same rows with a byte order mark and CRLF"},
	{"mfn_returns_header.tsv", "", "refused", "", "", "", "", "returns are no orders"},
	{"settlement_v2_header.tsv", "", "refused", "", "", "", "", "payments are no orders"},
	{"report-headers.tsv", "", "refused", "", "", "", "", "a list of reports"},
	{"CP932EncodedFile.txt", "", "refused", "", "", "", "", "three fields, no order"},
	{"ISO-8859-1EncodedFile.txt", "", "refused", "", "", "", "", "three fields, no order"},
	{"go-shopify_order.json", "1234", "skipped", "test-order", "USD", "9.50", "", "test is true; current_total_price is 9.50"},
	{"go-shopify_orders.json", "1234", "skipped", "test-order", "USD", "9.50", "", "test is true; current_total_price is 9.50"},
}

func TestSharedFiles(t *testing.T) {
	files := glob(t, shared(t, "amazon/reports/*.tsv"), shared(t, "amazon/encodings/*"), shared(t, "shopify/*"))
	judge(t, files, fileVerdicts)
}

// judge converts each file for itself. Each must be known here, so that new data is looked at, and each
// verdict must be found.
func judge(t *testing.T, files []string, want []verdict) {
	t.Helper()
	var got []verdict
	for _, file := range files {
		c := convertAll(t, createAll(t, file))
		got = append(got, verdicts(t, c)...)
		reconcile(t, filepath.Base(file), c)
	}
	reasonless := slices.Clone(want)
	for i := range reasonless {
		reasonless[i].why = ""
	}
	byPlace := func(a, b verdict) int { return slices.Compare([]string{a.file, a.order}, []string{b.file, b.order}) }
	slices.SortFunc(reasonless, byPlace)
	slices.SortFunc(got, byPlace)
	if diff := cmp.Diff(reasonless, got, cmp.AllowUnexported(verdict{})); diff != "" {
		t.Errorf("(-by hand +obmen):\n%s", diff)
	}
}

func verdicts(t *testing.T, c conversion) (list []verdict) {
	t.Helper()
	file := filepath.Base(c.Files[0].Name)
	for _, o := range c.Orders {
		if o.Outcome != "exported" && (o.Sentence == "" || o.Outcome == "held" && o.Cure == "") {
			t.Errorf("%s: %s is %s without a reason or a cure", file, o.ID, o.Outcome)
		}
		list = append(list, verdict{file: file, order: o.ID, outcome: o.Outcome, code: o.Code, currency: o.Currency, total: o.Total, without: o.Excluded})
	}
	for _, f := range c.Files {
		if f.Outcome == "refused" {
			list = append(list, verdict{file: file, outcome: f.Outcome})
			if f.Reason == "" || f.Hint == "" {
				t.Errorf("%s: refused without a reason or a hint", file)
			}
		}
	}
	return list
}

// reconcile holds the sums of the output files against the orders: per currency and layout, what the
// files have is what the exported orders come to without what is not the seller's.
func reconcile(t *testing.T, name string, c conversion) {
	t.Helper()
	want, got := sums{}, map[string]sums{}
	exported := 0
	for _, o := range c.Orders {
		if o.Outcome == "exported" {
			exported++
			want.add(o.Currency, rat(t, o.Total))
			want.add(o.Currency, new(big.Rat).Neg(rat(t, o.Excluded)))
		}
		if in := len(o.Output) > 0; in != (o.Outcome == "exported") {
			t.Errorf("%s: %s is %s and in %d files", name, o.ID, o.Outcome, len(o.Output))
		}
	}
	orders := map[string]int{}
	for _, out := range c.Outputs {
		if got[out.Layout] == nil {
			got[out.Layout] = sums{}
		}
		orders[out.Layout] += out.Orders
		for currency, sum := range out.Sums {
			got[out.Layout].add(currency, rat(t, sum))
		}
	}
	for layout, s := range got {
		if diff := cmp.Diff(want.text(), s.text()); diff != "" || orders[layout] != exported {
			t.Errorf("%s, %s: %d orders in files, %d exported (-orders +files):\n%s", name, layout, orders[layout], exported, diff)
		}
	}
	if exported > 0 && len(got) != 2 {
		t.Errorf("%s: %d layouts wrote", name, len(got))
	}
}

// An order of Orders v0 and its items come together from two files, in either order.
func TestSandboxPairs(t *testing.T) {
	dir := shared(t, "amazon/sandbox")
	items := filepath.Join(dir, "ordersV0.getOrderItems.200.0.json")
	for name, order := range map[string]string{"getOrder": "ordersV0.getOrder.200.0.json", "getOrders": "ordersV0.getOrders.200.0.json"} {
		order = filepath.Join(dir, order)
		for _, files := range [][]string{{order, items}, {items, order}} {
			c := convertAll(t, createAll(t, files...))
			reconcile(t, name, c)
			for _, o := range c.Orders {
				pair := o.ID == "902-1845936-5435065" // its buyer asked to cancel, and it is not shipped
				switch {
				case pair && (o.Outcome != "held" || o.Code != "buyer-cancel"):
					t.Errorf("%s: %+v", name, o)
				case !pair && o.Code != "items-missing":
					t.Errorf("%s: %+v", name, o)
				}
			}
			if want := map[string]int{"getOrder": 1, "getOrders": 2}[name]; len(c.Orders) != want {
				t.Errorf("%s: %d orders, want %d", name, len(c.Orders), want)
			}
		}
	}
}

// An exchange file keeps two places: an order that needs a third is held, one that does not goes out.
func TestDinars(t *testing.T) {
	c := convertAll(t, createAll(t, orderFile(t, dinarOrders)))
	for i, want := range []report.Order{
		{ID: "00012", Outcome: "exported", Total: "1.020"}, // 3 × 0.340
		{ID: "00013", Outcome: "held", Refusal: report.Refusal{Code: "too-many-places"}},
	} {
		if got := c.Orders[i]; got.ID != want.ID || got.Outcome != want.Outcome || got.Code != want.Code || got.Total != want.Total {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
	if len(c.Orders) != 2 || c.Outputs[0].Sums["KWD"] != "1.020" {
		t.Errorf("%+v", c.Outputs)
	}
}

// All that was gathered in one call: every order is accounted for, none twice.
func TestAllInOneCall(t *testing.T) {
	c := convertAll(t, exportPair(createAll(t, append(sandbox(t), hardCases(t))...)))
	reconcile(t, "all", c)
	exported := map[string]int{}
	for _, o := range c.Orders {
		if o.Outcome == "exported" {
			exported[o.Account+" "+o.ID]++
		}
	}
	for id, n := range exported {
		if n > 1 {
			t.Errorf("%s was exported %d times", id, n)
		}
	}
	if want := 6 + 4; len(exported) != want { // 5 of Orders 2026, 1 joined pair, 4 of the shop
		t.Errorf("%d orders exported, want %d: %v", len(exported), want, exported)
	}
}

// sums are amounts by currency.
type sums map[string]*big.Rat

func (s sums) add(currency string, amount *big.Rat) {
	if s[currency] == nil {
		s[currency] = new(big.Rat)
	}
	s[currency].Add(s[currency], amount)
}

func (s sums) text() map[string]string {
	list := map[string]string{}
	for currency, sum := range s {
		list[currency] = sum.RatString()
	}
	return list
}

// rat reads an exact number; an empty text is 0.
func rat(t *testing.T, s string) *big.Rat {
	t.Helper()
	if s == "" {
		return new(big.Rat)
	}
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		t.Fatalf("%q is no number", s)
	}
	return r
}
