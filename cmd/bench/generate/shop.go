package generate

import (
	"fmt"
	"time"
)

// shop is the orders of a shop of one's own, with tax inside the prices.
type shop struct{ open bool }

func (f *shop) begin(b []byte) []byte { return append(b, `{"orders":[`...) }

func (f *shop) order(b []byte, o *Order) []byte {
	if f.open {
		b = append(b, ",\n"...)
	}
	f.open = true
	var discount, shipping int64
	for _, it := range o.items {
		discount += it.discount
		if !it.free {
			shipping += it.shipping
		}
	}
	b = fmt.Appendf(b, `{"id":%d,"name":"#%d","order_number":%d,"created_at":"`, 5_000_000+o.number, o.number+1, o.number+1)
	b = o.created.AppendFormat(b, time.RFC3339)
	b = append(b, `","currency":"EUR","taxes_included":true,"total_price":"`...)
	b = appendCents(b, o.total())
	b = append(b, `","total_discounts":"`...)
	b = appendCents(b, discount)
	b = fmt.Appendf(b, `","financial_status":"paid","fulfillment_status":"fulfilled","customer":{"id":%d,"first_name":"%s","last_name":"%s","email":"%s"},`, o.buyer+1, firstName(o.buyer), lastName(o.buyer), email(o.buyer))
	b = fmt.Appendf(b, `"shipping_address":{"first_name":"%s","last_name":"%s","address1":"Beispielstraße %d","city":"%s","zip":"%s","country_code":"%s"},"line_items":[`,
		firstName(o.buyer), lastName(o.buyer), o.buyer%200+1, o.market.city, o.market.postcode, o.market.country)
	for i, it := range o.items {
		if i > 0 {
			b = append(b, ',')
		}
		b = fmt.Appendf(b, `{"id":%d,"sku":"%s","title":"%s","quantity":%d,"price":"`, it.id+1, sku(it.product), title(it.product), it.quantity)
		b = appendCents(b, it.price/it.quantity)
		b = append(b, `","total_discount":"`...)
		b = append(appendCents(b, it.discount), `"}`...)
	}
	b = append(b, `],"shipping_lines":[`...)
	if shipping > 0 {
		b = append(b, `{"title":"DHL","price":"`...)
		b = append(appendCents(b, shipping), `"}`...)
	}
	return append(b, `]}`...)
}

func (f *shop) end(b []byte) []byte { return append(b, "]}\n"...) }
