package generate

import (
	"fmt"
	"strconv"
	"time"
)

// pageSize is how many orders searchOrders gives at once.
const pageSize = 100

// orders2026 are the bodies of searchOrders one after another, as fetched with BUYER, RECIPIENT,
// PROCEEDS, PROMOTION and FULFILLMENT.
type orders2026 struct{ open bool }

func (f *orders2026) begin(b []byte) []byte { return b }

func (f *orders2026) order(b []byte, o *Order) []byte {
	switch {
	case f.open && o.number%pageSize == 0:
		b = f.page(b, true)
		fallthrough
	case !f.open:
		b, f.open = append(b, `{"orders":[`...), true
	default:
		b = append(b, ',')
	}
	return append2026(b, o)
}

func (f *orders2026) end(b []byte) []byte {
	if !f.open {
		b = append(b, `{"orders":[`...)
	}
	return f.page(b, false)
}

func (f *orders2026) page(b []byte, more bool) []byte {
	b = append(b, `],`...)
	if more {
		b = append(b, `"pagination":{"nextToken":"MDEyMzQ1Njc4OWFiY2RlZg=="},`...)
	}
	return append(b, `"lastUpdatedBefore":"2026-11-20T10:00:00Z"}`+"\n"...)
}

func append2026(b []byte, o *Order) []byte {
	m := o.market
	b = fmt.Appendf(b, `{"orderId":"%s","orderAliases":[{"aliasId":"SHOP-%d","aliasType":"SELLER_ORDER_ID"}],`, o.id, o.number)
	b = append(b, `"createdTime":"`...)
	b = o.created.AppendFormat(b, time.RFC3339)
	b = append(b, `","lastUpdatedTime":"`...)
	b = o.created.Add(26*time.Hour).AppendFormat(b, time.RFC3339)
	b = fmt.Appendf(b, `","programs":["PRIME"],"salesChannel":{"channelName":"AMAZON","marketplaceId":"%s","marketplaceName":"%s"},`, m.id, m.domain)
	b = fmt.Appendf(b, `"buyer":{"buyerName":"%s %s","buyerEmail":"%s"},`, firstName(o.buyer), lastName(o.buyer), email(o.buyer))
	b = fmt.Appendf(b, `"recipient":{"deliveryAddress":{"name":"%s %s","addressLine1":"Beispielstraße %d","addressLine2":"","city":"%s","stateOrRegion":"","postalCode":"%s","countryCode":"%s","addressType":"RESIDENTIAL"}},`,
		firstName(o.buyer), lastName(o.buyer), o.buyer%200+1, m.city, m.postcode, m.country)
	b = append(b, `"proceeds":{"grandTotal":`...)
	b = appendMoney(b, o.total())
	b = append(b, `},"fulfillment":{"fulfillmentStatus":"SHIPPED","fulfilledBy":"`...)
	b = append(b, o.fulfilledBy()...)
	b = append(b, `","fulfillmentServiceLevel":"STANDARD","shipByWindow":`...)
	b = appendWindow(b, o.created, 1)
	b = append(b, `,"deliverByWindow":`...)
	b = appendWindow(b, o.created, 3)
	b = append(b, `},"orderItems":[`...)
	for i := range o.items {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendItem2026(b, m, &o.items[i])
	}
	return append(b, `]}`...)
}

func (o *Order) fulfilledBy() string {
	if o.amazon {
		return "AMAZON"
	}
	return "MERCHANT"
}

func appendItem2026(b []byte, m market, it *item) []byte {
	b = fmt.Appendf(b, `{"orderItemId":"%014d","quantityOrdered":%d,"product":{"asin":"B0%08d","title":"%s","sellerSku":"%s",`,
		it.id, it.quantity, it.product, title(it.product), sku(it.product))
	b = append(b, `"condition":{"conditionType":"NEW","conditionSubtype":"NEW","conditionNote":""},"price":{"unitPrice":`...)
	b = appendMoney(b, it.price/it.quantity)
	b = append(b, `,"priceDesignation":""}},"proceeds":{"proceedsTotal":`...)
	b = appendMoney(b, it.total())
	b = append(b, `,"breakdowns":[`...)
	b = appendBreakdown(b, "ITEM", it.price)
	if it.shipping > 0 {
		b = appendBreakdown(append(b, ','), "SHIPPING", it.shipping)
	}
	b = appendDiscount(b, it)
	b = appendTax(b, m, it)
	b = append(b, `]},`...)
	if it.discount > 0 || it.free {
		b = append(b, `"promotion":{"breakdowns":[{"promotionId":"HERBST-2026"}]},`...)
	}
	q := strconv.FormatInt(it.quantity, 10)
	return append(b, `"fulfillment":{"quantityFulfilled":`+q+`,"quantityUnfulfilled":0}}`...)
}

func appendDiscount(b []byte, it *item) []byte {
	shipping := int64(0)
	if it.free {
		shipping = it.shipping
	}
	if it.discount+shipping == 0 {
		return b
	}
	b = append(b, `,{"type":"DISCOUNT","subtotal":`...)
	b = appendMoney(b, -it.discount-shipping)
	return appendDetails(b, -it.discount, -shipping)
}

func appendTax(b []byte, m market, it *item) []byte {
	goods, shipping := m.tax(it.price-it.discount), int64(0)
	if !it.free {
		shipping = m.tax(it.shipping)
	}
	b = append(b, `,{"type":"TAX","subtotal":`...)
	b = appendMoney(b, goods+shipping)
	return appendDetails(b, goods, shipping)
}

// appendDetails ends a breakdown with the parts of it that are not zero.
func appendDetails(b []byte, goods, shipping int64) []byte {
	b = append(b, `,"detailedBreakdowns":[`...)
	if goods != 0 {
		b = append(b, `{"subtype":"ITEM","value":`...)
		b = append(appendMoney(b, goods), '}')
	}
	if goods != 0 && shipping != 0 {
		b = append(b, ',')
	}
	if shipping != 0 {
		b = append(b, `{"subtype":"SHIPPING","value":`...)
		b = append(appendMoney(b, shipping), '}')
	}
	return append(b, `]}`...)
}

func appendBreakdown(b []byte, kind string, cents int64) []byte {
	b = append(b, `{"type":"`+kind+`","subtotal":`...)
	return append(appendMoney(b, cents), '}')
}

func appendMoney(b []byte, cents int64) []byte {
	b = append(b, `{"amount":"`...)
	b = appendCents(b, cents)
	return append(b, `","currencyCode":"EUR"}`...)
}

func appendWindow(b []byte, at time.Time, days int) []byte {
	b = append(b, `{"earliestDateTime":"`...)
	b = at.AddDate(0, 0, days).AppendFormat(b, "2006-01-02T00:00:00Z")
	b = append(b, `","latestDateTime":"`...)
	b = append(at.AddDate(0, 0, days+2).AppendFormat(b, "2006-01-02"), "T23:59:59Z"...)
	return append(b, `"}`...)
}
