package source_test

import (
	"context"
	"fmt"
	"io"
	"strings"
	"testing"

	"obmen/convert/source/input"
)

// BenchmarkOrders2026 reads orders of three lines, some 3 KB each, from memory.
func BenchmarkOrders2026(b *testing.B) {
	line := `{"orderItemId":"%d","quantityOrdered":2,"product":{"asin":"B0EXAMPLE1","title":"A thing of some length for a bench","sellerSku":"AB-10%d",` +
		`"condition":{"conditionType":"NEW"},"price":{"unitPrice":{"amount":"6.25","currencyCode":"EUR"}}},"proceeds":{"proceedsTotal":{"amount":"14.50","currencyCode":"EUR"},` +
		`"breakdowns":[` + breakdown("ITEM", "12.50") + `,` + breakdown("TAX", "2.00", "ITEM=2.00") + `]},"fulfillment":{"quantityFulfilled":2,"quantityUnfulfilled":0}}`
	var lines []string
	for i := range 3 {
		lines = append(lines, fmt.Sprintf(line, i, i))
	}
	body := with2026(`"buyer":{"buyerName":"Ana Lem","buyerEmail":"ana@example.com"},"recipient":{"deliveryAddress":{"name":"Ana Lem","addressLine1":"Rua 1","city":"Vigo","postalCode":"36201","countryCode":"ES"}}`, "")
	one := strings.TrimSuffix(strings.TrimPrefix(body, `{"order":`), "}")
	one = one[:strings.Index(one, `"orderItems":`)] + `"orderItems":[` + strings.Join(lines, ",") + `]}`
	benchJSON(b, "amazon-orders-2026-01-01", one)
}

func BenchmarkShopOrders(b *testing.B) {
	benchJSON(b, "shop-orders", jsonShop)
}

// benchJSON reads b.N orders in one file.
func benchJSON(b *testing.B, name, one string) {
	format := formatNamed(b, name)
	in := input.Input{Name: "in.json", Open: func() (io.ReadCloser, error) {
		return io.NopCloser(io.MultiReader(strings.NewReader(`{"orders":[`+one), &repeated{text: "," + one, left: b.N - 1}, strings.NewReader(`]}`))), nil
	}}
	b.SetBytes(int64(len(one)))
	b.ReportAllocs()
	for _, err := range format.Read(context.Background(), in) {
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "orders/s")
}
