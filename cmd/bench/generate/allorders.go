package generate

import (
	"fmt"
	"strings"
	"time"
)

// allOrders is the All Orders report with its usual 33 columns and order-item-id.
type allOrders struct{}

var allOrdersColumns = []string{
	"amazon-order-id", "merchant-order-id", "purchase-date", "last-updated-date", "order-status", "fulfillment-channel",
	"sales-channel", "order-channel", "ship-service-level", "product-name", "sku", "asin", "item-status", "quantity", "currency",
	"item-price", "item-tax", "shipping-price", "shipping-tax", "gift-wrap-price", "gift-wrap-tax", "item-promotion-discount",
	"ship-promotion-discount", "ship-city", "ship-state", "ship-postal-code", "ship-country", "promotion-ids", "is-business-order",
	"purchase-order-number", "price-designation", "signature-confirmation-recommended", "order-item-id",
}

func (allOrders) begin(b []byte) []byte {
	return append(b, strings.Join(allOrdersColumns, "\t")+"\n"...)
}

func (allOrders) order(b []byte, o *Order) []byte {
	for i := range o.items {
		b = appendRow(b, o, &o.items[i])
	}
	return b
}

func (allOrders) end(b []byte) []byte { return b }

func appendRow(b []byte, o *Order, it *item) []byte {
	m := o.market
	b = append(b, o.id...)
	b = append(b, '\t', '\t')
	b = o.created.AppendFormat(b, "2006-01-02T15:04:05+00:00")
	b = append(b, '\t')
	b = o.created.Add(26*time.Hour).AppendFormat(b, "2006-01-02T15:04:05+00:00")
	channel := "Merchant"
	if o.amazon {
		channel = "Amazon"
	}
	b = fmt.Appendf(b, "\tShipped\t%s\t%s\t\tExpedited\t%s\t%s\tB0%08d\tShipped\t%d\tEUR\t", channel, m.domain, title(it.product), sku(it.product), it.product, it.quantity)
	b = append(appendCents(b, it.price), '\t')
	b = append(appendCents(b, m.tax(it.price-it.discount)), '\t')
	if it.shipping > 0 {
		b = appendCents(b, it.shipping)
	}
	b = append(b, '\t')
	if it.shipping > 0 && !it.free {
		b = appendCents(b, m.tax(it.shipping))
	}
	b = append(b, "\t\t\t"...)
	if it.discount > 0 {
		b = appendCents(b, it.discount)
	}
	b = append(b, '\t')
	promotion := ""
	if it.discount > 0 || it.free {
		promotion = "HERBST-2026 EU Core Free Shipping"
	}
	if it.free {
		b = appendCents(b, it.shipping)
	}
	return fmt.Appendf(b, "\t%s\t\t%s\t%s\t%s\tfalse\t\t\tfalse\t%014d\n", m.city, m.postcode, m.country, promotion, it.id)
}
