package generate

import (
	"fmt"
	"time"
)

// ordersV0 is one body of the older getOrders with the items inside, as people keep them.
type ordersV0 struct{ open bool }

func (f *ordersV0) begin(b []byte) []byte { return append(b, `{"payload":{"Orders":[`...) }

func (f *ordersV0) order(b []byte, o *Order) []byte {
	if f.open {
		b = append(b, ",\n"...)
	}
	f.open = true
	channel := "MFN"
	if o.amazon {
		channel = "AFN"
	}
	b = append(b, `{"AmazonOrderId":"`+o.id+`","PurchaseDate":"`...)
	b = o.created.AppendFormat(b, time.RFC3339)
	b = append(b, `","LastUpdateDate":"`...)
	b = o.created.Add(26*time.Hour).AppendFormat(b, time.RFC3339)
	b = fmt.Appendf(b, `","OrderStatus":"Shipped","FulfillmentChannel":"%s","SalesChannel":"%s","ShipServiceLevel":"Std","OrderTotal":`, channel, o.market.domain)
	b = appendMoneyV0(b, o.total())
	b = fmt.Appendf(b, `,"NumberOfItemsShipped":%d,"NumberOfItemsUnshipped":0,"PaymentMethod":"Other","PaymentMethodDetails":["Standard"],"IsReplacementOrder":"false","MarketplaceId":"%s",`, len(o.items), o.market.id)
	b = append(b, `"ShipmentServiceLevelCategory":"Standard","OrderType":"StandardOrder","IsBusinessOrder":false,"IsPrime":true,"IsPremiumOrder":false,"IsGlobalExpressEnabled":false,"IsSoldByAB":false,"IsISPU":false,`...)
	b = fmt.Appendf(b, `"ShippingAddress":{"Name":"%s %s","AddressLine1":"Beispielstraße %d","City":"%s","PostalCode":"%s","CountryCode":"%s"},`, firstName(o.buyer), lastName(o.buyer), o.buyer%200+1, o.market.city, o.market.postcode, o.market.country)
	b = fmt.Appendf(b, `"BuyerInfo":{"BuyerEmail":"%s","BuyerName":"%s %s"},"OrderItems":[`, email(o.buyer), firstName(o.buyer), lastName(o.buyer))
	for i := range o.items {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendItemV0(b, o.market, &o.items[i])
	}
	return append(b, `]}`...)
}

func (f *ordersV0) end(b []byte) []byte {
	return append(b, `],"CreatedBefore":"2026-11-20T10:00:00Z"}}`+"\n"...)
}

func appendItemV0(b []byte, m market, it *item) []byte {
	b = fmt.Appendf(b, `{"ASIN":"B0%08d","OrderItemId":"%014d","SellerSKU":"%s","Title":"%s","QuantityOrdered":%d,"QuantityShipped":%d,"ProductInfo":{"NumberOfItems":"1"},`,
		it.product, it.id, sku(it.product), title(it.product), it.quantity, it.quantity)
	b = appendMoneyV0(append(b, `"ItemPrice":`...), it.price)
	b = appendMoneyV0(append(b, `,"ItemTax":`...), m.tax(it.price-it.discount))
	if it.shipping > 0 {
		b = appendMoneyV0(append(b, `,"ShippingPrice":`...), it.shipping)
	}
	if it.free {
		b = appendMoneyV0(append(b, `,"ShippingDiscount":`...), it.shipping)
	} else if it.shipping > 0 {
		b = appendMoneyV0(append(b, `,"ShippingTax":`...), m.tax(it.shipping))
	}
	if it.discount > 0 {
		b = appendMoneyV0(append(b, `,"PromotionDiscount":`...), it.discount)
	}
	return append(b, `,"PromotionIds":["HERBST-2026"],"ConditionId":"New","ConditionSubtypeId":"New","IsTransparency":false,"IsGift":"false","SerialNumberRequired":false}`...)
}

func appendMoneyV0(b []byte, cents int64) []byte {
	b = append(b, `{"CurrencyCode":"EUR","Amount":"`...)
	return append(appendCents(b, cents), `"}`...)
}
