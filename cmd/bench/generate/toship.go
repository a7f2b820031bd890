package generate

import (
	"fmt"
	"strings"
	"time"
)

// Reports of the orders that their seller has yet to ship: New Orders with prices, and Unshipped, which
// has none.
type (
	newOrders struct{}
	unshipped struct{}
)

var newOrdersColumns = []string{
	"order-id", "order-item-id", "purchase-date", "payments-date", "buyer-email", "buyer-name", "buyer-phone-number", "sku",
	"product-name", "quantity-purchased", "currency", "item-price", "item-tax", "shipping-price", "shipping-tax", "ship-service-level",
	"recipient-name", "ship-address-1", "ship-address-2", "ship-address-3", "ship-city", "ship-state", "ship-postal-code",
	"ship-country", "item-promotion-discount", "item-promotion-id", "ship-promotion-discount", "ship-promotion-id", "sales-channel",
}

func (newOrders) begin(b []byte) []byte {
	return append(b, strings.Join(newOrdersColumns, "\t")+"\n"...)
}

func (newOrders) end(b []byte) []byte { return b }

func (newOrders) order(b []byte, o *Order) []byte {
	m, name := o.market, firstName(o.buyer)+" "+lastName(o.buyer)
	for i := range o.items {
		it := &o.items[i]
		b = appendBuyerCells(b, o, it)
		b = fmt.Appendf(b, "%s\t\t%s\t%s\t%d\tEUR\t", name, sku(it.product), title(it.product), it.quantity)
		b = append(appendCents(b, it.price), '\t')
		b = append(appendCents(b, m.tax(it.price-it.discount)), '\t')
		if it.shipping > 0 {
			b = appendCents(b, it.shipping)
		}
		b = append(b, '\t')
		if it.shipping > 0 && !it.free {
			b = appendCents(b, m.tax(it.shipping))
		}
		b = fmt.Appendf(b, "\tStandard\t%s\tBeispielweg %d\t\t\t%s\t\t%s\t%s\t", name, o.buyer%99+1, m.city, m.postcode, m.country)
		b = append(appendPromotion(b, it.discount, "HERBST-2026"), '\t')
		b = appendPromotion(b, it.freed(), "Core Free Shipping")
		b = fmt.Appendf(b, "\t%s\n", m.domain)
	}
	return b
}

// freed is the shipping that is discounted away.
func (it *item) freed() int64 {
	if it.free {
		return it.shipping
	}
	return 0
}

func appendPromotion(b []byte, discount int64, id string) []byte {
	if discount == 0 {
		return append(b, '\t')
	}
	return append(append(appendCents(b, discount), '\t'), id...)
}

// appendBuyerCells appends the cells that both reports begin with.
func appendBuyerCells(b []byte, o *Order, it *item) []byte {
	const layout = "2006-01-02T15:04:05+00:00"
	b = fmt.Appendf(b, "%s\t%014d\t", o.id, it.id)
	b = append(o.created.AppendFormat(b, layout), '\t')
	b = o.created.Add(10*time.Minute).AppendFormat(b, layout)
	return append(append(append(b, '\t'), email(o.buyer)...), '\t')
}

var unshippedColumns = []string{
	"order-id", "order-item-id", "purchase-date", "payments-date", "buyer-email", "buyer-phone-number", "sku", "product-name",
	"quantity-purchased", "quantity-shipped", "quantity-to-ship", "ship-service-level", "recipient-name", "ship-address-1",
	"ship-address-2", "ship-address-3", "ship-city", "ship-state", "ship-postal-code", "ship-country", "is-business-order",
	"purchase-order-number", "price-designation", "is-prime", "sales-channel",
}

func (unshipped) begin(b []byte) []byte {
	return append(b, strings.Join(unshippedColumns, "\t")+"\n"...)
}

func (unshipped) end(b []byte) []byte { return b }

func (unshipped) order(b []byte, o *Order) []byte {
	for i := range o.items {
		it := &o.items[i]
		b = appendBuyerCells(b, o, it)
		b = fmt.Appendf(b, "\t%s\t%s\t%d\t0\t%d\tStandard\t%s %s\tBeispielweg %d\t\t\t%s\t\t%s\t%s\tfalse\t\t\tfalse\t%s\n",
			sku(it.product), title(it.product), it.quantity, it.quantity, firstName(o.buyer), lastName(o.buyer), o.buyer%99+1,
			o.market.city, o.market.postcode, o.market.country, o.market.domain)
	}
	return b
}
