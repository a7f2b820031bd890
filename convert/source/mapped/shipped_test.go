package mapped_test

import (
	"errors"
	"os"
	"testing"

	"obmen/convert/money"
	"obmen/convert/order"
	"obmen/convert/source"
	"obmen/convert/source/mapped"
)

// Every shipped mapping knows its own example, alone, and reads as many orders as it states.
func TestShippedExamples(t *testing.T) {
	set := mapped.NewSet()
	if len(set.Mappings()) < 11 {
		t.Errorf("%d mappings", len(set.Mappings()))
	}
	for _, m := range set.Mappings() {
		if m.Title == "" || m.Sure == "" || len(m.Examples) == 0 {
			t.Errorf("%s: no title, no word on how sure it is, or no example", m.Name)
		}
		for _, e := range m.Examples {
			in := fileOf(m.Name, e.Content)
			f, err := source.Detect(in, set)
			if err != nil {
				t.Errorf("%s: %v", m.Name, err)
				continue
			}
			if f.Name() != m.Name {
				t.Errorf("%s is taken for %s", m.Name, f.Name())
			}
			n := 0
			for o, err := range f.Read(t.Context(), in) {
				var row *source.RowError
				if errors.As(err, &row) {
					t.Errorf("%s: %v (%s)", m.Name, err, row.Field)
					continue
				}
				if err != nil {
					t.Errorf("%s: %v", m.Name, err)
					break
				}
				if !o.Fragment {
					n++
				}
				if o.ID == "" || o.Format != m.Name || !o.Fragment && (o.Created.IsZero() || o.Status == order.Unknown) {
					t.Errorf("%s: %+v", m.Name, o)
				}
			}
			if n != e.Orders {
				t.Errorf("%s: %d orders, want %d", m.Name, n, e.Orders)
			}
		}
	}
}

// The quirks of each source's money, in the files that lie among the samples: totals were added up by hand.
func TestMoneyQuirks(t *testing.T) {
	for _, c := range []struct {
		file, order     string
		price, tax      string // of the first line
		shipping        string
		total, quantity string
	}{
		{"woocommerce/tax-on-top-though-prices-include-it/input/orders.json", "727", "36", "6.84", "5", "49.98", "2"},
		{"woocommerce/tax-on-top-though-prices-include-it/input/orders.json", "728", "10", "1.9", "", "11.9", "3"}, // price is 3.3333333333333335
		{"shopify-csv/rows-of-one-order/input/orders_export_1.csv", "1001", "40", "5.8", "5", "50", "2"},           // 7.98 over 40 + 10 + 5
		{"ozon-postings/postings-of-one-order-fbs/input/fbs.json", "12345678-0001-2", "890.5", "", "", "", "1"},
		{"ebay-orders/summary-row-blank-line-footer/input/eBay-OrdersReport-Nov-18-2026.csv", "12-00002-00002", "20", "0", "4.99", "1049.99", "2"},
		{"ebay-orders/french-semicolons-comma-euro/input/rapport.csv", "12-00009-00009", "1229.5", "", "5", "1234.5", "1"},
		{"yandex-market/subsidies-and-rur/input/orders.json", "7000001", "1000", "", "", "1000", "2"},
		{"yandex-market/subsidies-and-rur/input/orders.json", "7000002", "1500", "", "", "1500", "3"},
		{"amazon-vendor/cases-become-pieces/input/purchaseOrders.json", "4Z32PABC", "144", "", "", "", "36"},
		{"etsy-csv/once-per-order-shipping-and-tax/input/EtsySoldOrderItems2026-4.csv", "2000001", "20", "0.92", "5.5", "47.6", "2"}, // 2.10 over 20 + 20 + 5.50
		{"wildberries-fbs/kopecks/input/orders.json", "f884001e44e511edb8780242ac120002", "1200.5", "", "", "", "1"},
		{"kaspi/entries-included-and-not/input/orders.json", "1001", "25980", "", "", "25980", "2"},
	} {
		content, err := os.ReadFile("../../../samples/" + c.file)
		if err != nil {
			t.Fatal(err)
		}
		in := fileOf(c.file, string(content))
		f, err := source.Detect(in, mapped.NewSet())
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for o, err := range f.Read(t.Context(), in) {
			if err != nil || o.ID != c.order {
				continue
			}
			found = true
			l := o.Lines[0]
			for what, pair := range map[string][2]string{
				"price": {c.price, text(l.Price.Amount)}, "tax": {c.tax, text(l.Price.Tax)}, "shipping": {c.shipping, text(o.Shipping.Amount)},
				"total": {c.total, text(o.Total)}, "quantity": {c.quantity, l.Ordered.String()},
			} {
				if pair[0] != pair[1] {
					t.Errorf("%s: %s is %s, want %s", c.order, what, pair[1], pair[0])
				}
			}
		}
		if !found {
			t.Errorf("%s: no order %s", c.file, c.order)
		}
	}
}

func text(n money.Optional) string {
	if !n.Known {
		return ""
	}
	return n.Value.String()
}
