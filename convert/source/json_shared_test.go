package source_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"obmen/convert/money"
	"obmen/convert/order"
)

// sharedOrders reads the files that match a pattern and gives their orders and refusals by file name.
func sharedOrders(t *testing.T, pattern string) (orders map[string][]order.Order, refused map[string]string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(sharedJSON(t), filepath.FromSlash(pattern)))
	if err != nil || len(files) == 0 {
		t.Fatalf("no %s, error %v", pattern, err)
	}
	orders, refused = map[string][]order.Order{}, map[string]string{}
	for _, name := range files {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		got, rows, err := readAll(jsonFile(string(content)))
		short := strings.TrimSuffix(filepath.Base(name), ".json")
		orders[short] = got
		for _, o := range got {
			checkOrder(t, o)
		}
		for _, row := range rows {
			refused[short] = row.Err.Error()
		}
		if err != nil {
			refused[short] = err.Error()
		}
	}
	return orders, refused
}

// Amazon's own sandbox answers: all with an order are read, with these totals.
func TestSandbox2026(t *testing.T) {
	orders, refused := sharedOrders(t, "amazon/sandbox/orders_2026-01-01.*.200.*.json")
	if len(refused) > 0 {
		t.Errorf("refused: %v", refused)
	}
	want := map[string]struct {
		total    string
		currency money.Currency
		market   string
		lines    int
	}{
		"orders_2026-01-01.getOrder.200.0":                            {"299.90", "BRL", "BR", 1},
		"orders_2026-01-01.getOrder.200.1":                            {"125.00", "TRY", "TR", 1},
		"orders_2026-01-01.getOrder.200.2":                            {"49.99", "USD", "US", 1},
		"orders_2026-01-01.getOrder.200.example-application_json":     {"103.97", "GBP", "GB", 1},
		"orders_2026-01-01.searchOrders.200.0":                        {"19940", "JPY", "JP", 2},
		"orders_2026-01-01.searchOrders.200.1":                        {"34.99", "GBP", "GB", 1},
		"orders_2026-01-01.searchOrders.200.2":                        {"1599.90", "BRL", "BR", 1},
		"orders_2026-01-01.searchOrders.200.example-application_json": {"154.99", "USD", "US", 2},
	}
	if len(orders) != len(want) {
		t.Errorf("%d files, want %d", len(orders), len(want))
	}
	for name, w := range want {
		got := orders[name]
		if len(got) != 1 {
			t.Errorf("%s: %d orders", name, len(got))
			continue
		}
		o := got[0]
		if o.Total != known(w.total) || o.Currency != w.currency || o.Marketplace != w.market || len(o.Lines) != w.lines || o.Missing != "" {
			t.Errorf("%s: %+v", name, o)
		}
		if sum := charges(o); sum != o.Total.Value.Minus(o.Tip.Value) {
			t.Errorf("%s: charges and tax add up to %s of %s", name, sum, o.Total.Value)
		}
	}
	us := orders["orders_2026-01-01.searchOrders.200.example-application_json"][0]
	if us.Tip != known("5") || !us.BusinessOrder || us.Replaces != "123-4567890-1234566" || us.PurchaseOrder != "PO-2024-12345" {
		t.Errorf("US: %+v", us)
	}
	gb := orders["orders_2026-01-01.getOrder.200.example-application_json"][0].Lines[0]
	if gb.Price != (order.Charge{Amount: known("89.97"), Tax: known("3")}) || gb.Shipping.Tax != known("1") || gb.Tax != known("4") || gb.Total != known("103.97") {
		t.Errorf("GB: %+v", gb)
	}
	tr := orders["orders_2026-01-01.getOrder.200.1"][0]
	if tr.Buyer.TaxID != "TR1234567890" || tr.Lines[0].Deemed != "IOSS" || tr.Lines[0].TaxRemitter != "Amazon Services Europe S.a.r.L." {
		t.Errorf("TR: %+v", tr)
	}
}

// charges adds up what the lines state.
func charges(o order.Order) money.Amount {
	sum := money.Zero
	for _, l := range o.Lines {
		sum = money.Sum(sum, l.Price.Amount.Value, l.Shipping.Amount.Value, l.GiftWrap.Amount.Value, l.COD.Amount.Value,
			l.Other.Amount.Value, l.Tax.Value, l.Discount.Amount.Value)
	}
	return sum
}

func TestSandboxV0(t *testing.T) {
	orders, refused := sharedOrders(t, "amazon/sandbox/ordersV0.getOrder*.200.*.json")
	count := 0
	for _, list := range orders {
		count += len(list)
	}
	if count != 9 {
		t.Errorf("%d orders, want 8 and a fragment", count)
	}
	for name, want := range map[string]string{
		"ordersV0.getOrderItems.200.example-application_json":     "two currencies in one order: JPY and GBP",
		"ordersV0.getOrderAddress.200.0":                          "not orders: what getOrderAddress or getOrderBuyerInfo answers",
		"ordersV0.getOrderBuyerInfo.200.example-application_json": "not orders: what getOrderAddress or getOrderBuyerInfo answers",
		"ordersV0.getOrderItemsBuyerInfo.200.0":                   "not orders: what getOrderItemsBuyerInfo answers",
	} {
		if refused[name] != want {
			t.Errorf("%s refused: %q, want %q", name, refused[name], want)
		}
	}
	iba := orders["ordersV0.getOrder.200.1"][0]
	if iba.Total != known("100") || iba.Currency != "EUR" || iba.Marketplace != "DE" || !iba.Has(order.InvoiceByAmazon) ||
		!iba.BusinessOrder || iba.Payment != "Invoice" || iba.Missing != order.ItemsMissing {
		t.Errorf("IBA: %+v", iba)
	}
	items := orders["ordersV0.getOrderItems.200.0"][0]
	if !items.Fragment || items.ID != "902-1845936-5435065" || items.Missing != "" ||
		items.Lines[0].Price != (order.Charge{Amount: known("10"), Tax: known("1.01")}) || items.Lines[0].Deemed != "IOSS" {
		t.Errorf("items: %+v", items)
	}
}

func TestShopFixtures(t *testing.T) {
	orders, refused := sharedOrders(t, "shopify/*.json")
	if len(refused) > 0 || len(orders) != 2 {
		t.Errorf("%d files, refused: %v", len(orders), refused)
	}
	for name, list := range orders {
		if len(list) != 1 {
			t.Fatalf("%s: %d orders", name, len(list))
		}
		o := list[0]
		// 0.00 + 5.00 of goods, 5.00 off them, 10.00 of shipping were the order as it was placed. What it
		// is now is stated beside it: 9.50.
		sum := o.Lines[0].Price.Amount.Value.Plus(o.Lines[1].Price.Amount.Value).Minus(o.Lines[1].Discount.Amount.Value).Plus(o.Shipping.Amount.Value)
		if o.ID != "1234" || o.Total != known("9.5") || sum != known("10").Value || o.Discount.Known || o.Tax != order.TaxOnTop {
			t.Errorf("%s: %+v", name, o)
		}
		if o.Status != order.Cancelled || o.Buyer.Email != "john@test.com" || o.Buyer.LastName != "Smith" || o.ShipTo.Country != "US" || o.Created.Hour() != 4 {
			t.Errorf("%s: %+v", name, o)
		}
	}
}
