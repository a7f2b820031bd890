package source_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"obmen/convert/money"
	"obmen/convert/order"
)

// The values of a made-up row of the New Orders and Unshipped Orders reports, by column.
var newOrdersRow = map[string]string{
	"order-id": "171-2000002-1000002", "order-item-id": "40500000000002",
	"purchase-date": "2026-11-18T09:12:44+00:00", "payments-date": "2026-11-18T09:30:00+00:00",
	"buyer-email": "buyer@example.com", "buyer-name": "Ana Nadie", "buyer-phone-number": "+34 000 000 000",
	"sku": "AB-100", "product-name": "Lamp", "quantity-purchased": "2", "quantity-shipped": "0", "quantity-to-ship": "2",
	"currency": "EUR", "item-price": "20.00", "item-tax": "3.47", "shipping-price": "4.00", "shipping-tax": "0.69",
	"ship-service-level": "Standard", "recipient-name": "Ana Nadie", "ship-address-1": "Calle Ninguna 1", "ship-address-3": "2 B",
	"ship-city": "Madrid", "ship-state": "M", "ship-postal-code": "28001", "ship-country": "ES", "ship-phone-number": "000",
	"bill-address-1": "Calle Otra 2", "bill-city": "Toledo", "bill-state": "TO", "bill-postal-code": "45001", "bill-country": "ES",
	"item-promotion-discount": "-1.00", "item-promotion-id": "SPRING", "ship-promotion-discount": "-4.00", "ship-promotion-id": "FREE",
	"is-business-order": "false", "purchase-order-number": "", "price-designation": "", "is-prime": "true",
	"sales-channel": "Amazon.es", "payment-method": "COD", "payment-method-details": "Cash", "is-iba": "false",
	"original-order-id": "171-2000001-1000001", "is-replacement-order": "false",
	"tax-collection-model": "MarketplaceFacilitator", "ioss-number": "", "cpf": "", "latest-delivery-date": "2026-11-22T22:59:59+00:00", "buyer-company-name": "Nadie SL",
}

func newOrdersWant(format string, has func(column string) bool) order.Order {
	at := order.Origin{File: "orders.txt", Line: 2}
	line := order.Line{Origin: at, Item: order.Item{ID: "40500000000002", SKU: "AB-100", Title: "Lamp"}, Ordered: money.Int(2)}
	o := order.Order{
		Format: format, Origin: at, Identifiers: order.Identifiers{ID: "171-2000002-1000002"}, Sale: order.Sale{Channel: order.ByMerchant, ServiceLevel: "Standard"},
		Stage: order.Stage{
			Status:  order.Unshipped,
			Created: time.Date(2026, 11, 18, 9, 12, 44, 0, time.UTC),
		},
		ShipTo: order.Address{
			Name: "Ana Nadie", Street: []string{"Calle Ninguna 1", "2 B"}, City: "Madrid", State: "M", Postcode: "28001", Country: "ES",
		},
		Buyer: order.Buyer{Email: "buyer@example.com", Phone: "+34 000 000 000"},
	}
	when := func(column string, do func()) {
		if has(column) {
			do()
		}
	}
	when("buyer-name", func() { o.Buyer.Name = "Ana Nadie" })
	when("buyer-company-name", func() { o.Buyer.Company = "Nadie SL" })
	when("latest-delivery-date", func() { o.DeliverBy = time.Date(2026, 11, 22, 22, 59, 59, 0, time.UTC) })
	when("is-prime", func() { o.Programs = []order.Program{order.Prime} })
	when("payment-method", func() { o.Payment = "COD" })
	when("original-order-id", func() { o.Replaces = "171-2000001-1000001" })
	when("tax-collection-model", func() { line.TaxRemitter = "MarketplaceFacilitator" })
	when("ship-phone-number", func() { o.ShipTo.Phone = "000" })
	when("sales-channel", func() { o.SalesChannel, o.Marketplace = "Amazon.es", "ES" })
	when("quantity-shipped", func() { line.Shipped = dec("0") })
	when("bill-city", func() {
		o.Buyer.Address = order.Address{Street: []string{"Calle Otra 2"}, City: "Toledo", State: "TO", Postcode: "45001", Country: "ES"}
	})
	when("item-price", func() {
		o.Currency = "EUR"
		line.Price = order.Charge{Amount: dec("20"), Tax: dec("3.47")}
		line.Shipping = order.Charge{Amount: dec("4"), Tax: dec("0.69")}
		line.Discount.Amount, line.ShippingDiscount.Amount = dec("-1"), dec("-4")
		line.Promotions = []string{"FREE", "SPRING"}
	})
	if !has("item-price") {
		o.Missing = order.PricesMissing
	}
	o.Lines = []order.Line{line}
	return o
}

func TestNewOrdersAndUnshippedHeaders(t *testing.T) {
	formats := map[string]int{}
	for text := range strings.Lines(string(sharedData(t, "amazon/reports/report-headers.tsv"))) {
		part := strings.Split(strings.TrimRight(text, "\n"), "\t")
		columns := strings.Fields(part[len(part)-1])
		has := func(c string) bool { return strings.Contains(" "+strings.Join(columns, " ")+" ", " "+c+" ") }
		format := ""
		switch {
		case has("quantity-to-ship"):
			format = "amazon-unshipped"
		case has("order-item-id") && has("item-price") && has("order-id"):
			format = "amazon-new-orders"
		default:
			continue
		}
		formats[format]++
		for seed := range uint64(4) {
			if seed > 0 {
				r := rand.New(rand.NewPCG(seed, 2))
				r.Shuffle(len(columns), func(i, j int) { columns[i], columns[j] = columns[j], columns[i] })
			}
			var cells []string
			for _, c := range columns {
				cells = append(cells, newOrdersRow[c])
			}
			out := readInput(file(strings.Join(columns, "\t") + "\n" + strings.Join(cells, "\t") + "\n"))
			if len(out.orders) == 1 && len(out.orders[0].Lines) == 1 {
				slices.Sort(out.orders[0].Lines[0].Promotions)
			}
			if diff := cmp.Diff([]order.Order{newOrdersWant(format, has)}, out.orders, exactly); diff != "" || out.format != format {
				t.Fatalf("%s, seed %d as %s, refused %v (-want +got):\n%s", part[1], seed, out.format, out.refused, diff)
			}
		}
	}
	if formats["amazon-unshipped"] < 3 || formats["amazon-new-orders"] < 2 {
		t.Fatalf("header variants: %v", formats)
	}
}

const newHead = "order-id|order-item-id|sku|quantity-purchased|currency|item-price|item-promotion-discount|item-promotion-id|ship-promotion-discount|ship-promotion-id"

// One order item stands once per promotion; its price counts once and its discounts add up.
func TestNewOrdersPromotions(t *testing.T) {
	tests := []struct {
		name string
		rows []string // item, price, item discount, its promotion, shipping discount, its promotion
		want string   // price, discounts and promotions of the one line; empty: refused
	}{
		{"one", []string{"1|20|-1|A|-4|S"}, "20 -1 -4 A,S"},
		{"none", []string{"1|20||||"}, "20 ? ? "},
		{"two promotions", []string{"1|20|-1|A||", "1|20|-2|B||"}, "20 -3 ? A,B"},
		{"two with equal discounts", []string{"1|20|-1|A||", "1|20|-1|B||"}, "20 -2 ? A,B"},
		{"positive discounts", []string{"1|20|1|A||", "1|20|2.5|B||"}, "20 3.5 ? A,B"},
		{"the same row again", []string{"1|20|-1|A|-4|S", "1|20|-1|A|-4|S"}, "20 -1 -4 A,S"},
		{"shipping repeats", []string{"1|20|-1|A|-4|S", "1|20|-2|B|-4|S"}, "20 -3 -4 A,S,B"},
		{"separate rows", []string{"1|20|-1|A||", "1|20|||-4|S"}, "20 -1 -4 A,S"},
		{"three, the first again", []string{"1|20|-1|A||", "1|20|-2|B||", "1|20|-1|A||"}, "20 -3 ? A,B"},
		{"without ids, different", []string{"1|20|-1|||", "1|20|-2|||"}, "20 -3 ? "},
		{"without ids, equal", []string{"1|20|-1|||", "1|20|-1|||"}, "20 -1 ? "},
		{"one promotion, two amounts", []string{"1|20|-1|A||", "1|20|-2|A||"}, ""},
		{"two prices", []string{"1|20|-1|A||", "1|21|-2|B||"}, ""},
	}
	for _, tt := range tests {
		rows := []string{newHead}
		for _, r := range tt.rows {
			c := strings.SplitN(r, "|", 3)
			rows = append(rows, "A1|"+c[0]+"|AB-100|1|EUR|"+c[1]+"|"+c[2])
		}
		out := readInput(file(tsv(rows...)))
		got := ""
		if len(out.orders) == 1 {
			l := out.orders[0].Lines[0]
			got = optional(l.Price.Amount) + " " + optional(l.Discount.Amount) + " " + optional(l.ShippingDiscount.Amount) + " " + strings.Join(l.Promotions, ",")
			if len(out.orders[0].Lines) != 1 {
				t.Errorf("%s: %d lines", tt.name, len(out.orders[0].Lines))
			}
		}
		if got != tt.want || tt.want == "" && len(out.refused) != 1 {
			t.Errorf("%s: %q, want %q; refused %v", tt.name, got, tt.want, out.refused)
		}
	}
}

func optional(d money.Optional) string {
	if !d.Known {
		return "?"
	}
	return d.Value.String()
}

func FuzzNewOrders(f *testing.F) {
	f.Add([]byte(tsv(newHead, "A1|1|AB-100|1|EUR|20|-1|A|-4|S", "A1|1|AB-100|1|EUR|20|-2|B|-4|S")))
	f.Fuzz(func(t *testing.T, b []byte) { fuzzReport(t, "amazon-new-orders", b) })
}
