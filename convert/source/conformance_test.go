package source_test

import (
	"fmt"
	"strings"
	"testing"

	"obmen/convert/source/sourcetest"
)

// withMore puts members behind those of an object.
func withMore(object, more string) string {
	if more == "" {
		return object
	}
	return object[:len(object)-1] + "," + more + "}"
}

func listOf(name string) func(...string) string {
	return func(orders ...string) string { return fmt.Sprintf(`{%q:[%s]}`, name, strings.Join(orders, ",")) }
}

// Every native reader of JSON keeps the promises of all readers.
func TestNativeJSON(t *testing.T) {
	for _, s := range []sourcetest.JSON{
		{
			Format: formatNamed(t, "shop-orders"), File: listOf("orders"), List: "/orders", Amount: "/line_items/0/price", Numbers: true,
			Order: func(f sourcetest.Fields) string {
				return withMore(fmt.Sprintf(`{"order_number":%s,"created_at":"2026-11-18T09:12:44Z","currency":"EUR","line_items":[{"sku":%s,"quantity":%s,"price":%s}]}`,
					f.ID, f.SKU, f.Quantity, f.Amount), f.More)
			},
		},
		{
			Format: formatNamed(t, "amazon-orders-2026-01-01"), File: listOf("orders"), List: "/orders",
			Amount: "/orderItems/0/proceeds/breakdowns/0/subtotal/amount", Numbers: true,
			Order: func(f sourcetest.Fields) string {
				return withMore(fmt.Sprintf(`{"orderId":%s,"createdTime":"2026-11-18T09:12:44Z","lastUpdatedTime":"2026-11-18T10:00:00Z","salesChannel":{"channelName":"AMAZON","marketplaceId":"A1RKKUPIHCS9HS"},`+
					`"orderItems":[{"orderItemId":"1","quantityOrdered":%s,"product":{"sellerSku":%s},"proceeds":{"breakdowns":[{"type":"ITEM","subtotal":{"amount":%s,"currencyCode":"EUR"}}]}}]}`,
					f.ID, f.Quantity, f.SKU, f.Amount), f.More)
			},
		},
		{
			Format: formatNamed(t, "amazon-orders-v0"), File: listOf("Orders"), List: "/Orders", Amount: "/OrderItems/0/ItemPrice/Amount", Numbers: true,
			Order: func(f sourcetest.Fields) string {
				return withMore(fmt.Sprintf(`{"AmazonOrderId":%s,"PurchaseDate":"2026-11-18T09:12:44Z","OrderStatus":"Unshipped",`+
					`"OrderItems":[{"OrderItemId":"2","QuantityOrdered":%s,"SellerSKU":%s,"ItemPrice":{"CurrencyCode":"USD","Amount":%s}}]}`,
					f.ID, f.Quantity, f.SKU, f.Amount), f.More)
			},
		},
	} {
		t.Run(s.Format.Name(), s.Test)
	}
}
