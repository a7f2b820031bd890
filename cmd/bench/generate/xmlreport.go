package generate

import (
	"fmt"
	"strings"
	"time"
)

// envelope opens Amazon's envelope around a report.
func envelope(b []byte, message string) []byte {
	return fmt.Appendf(b, `<?xml version="1.0" encoding="UTF-8"?>
<AmazonEnvelope xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="amzn-envelope.xsd">
<Header><DocumentVersion>1.01</DocumentVersion><MerchantIdentifier>M_EXAMPLE_1</MerchantIdentifier></Header>
<MessageType>%s</MessageType>
`, message)
}

// allOrdersXML is the All Orders report in XML.
type allOrdersXML struct{}

func (allOrdersXML) begin(b []byte) []byte {
	return envelope(b, "AllOrdersReport")
}

func (allOrdersXML) order(b []byte, o *Order) []byte {
	channel := "Merchant"
	if o.amazon {
		channel = "Amazon"
	}
	b = append(b, `<Message><Order><AmazonOrderID>`+o.id+`</AmazonOrderID><PurchaseDate>`...)
	b = o.created.AppendFormat(b, time.RFC3339)
	b = append(b, `</PurchaseDate><LastUpdatedDate>`...)
	b = o.created.Add(26*time.Hour).AppendFormat(b, time.RFC3339)
	b = fmt.Appendf(b, `</LastUpdatedDate><OrderStatus>Shipped</OrderStatus><SalesChannel>%s</SalesChannel><FulfillmentData><FulfillmentChannel>%s</FulfillmentChannel><ShipServiceLevel>Standard</ShipServiceLevel>`, o.market.domain, channel)
	b = fmt.Appendf(b, `<Address><City>%s</City><PostalCode>%s</PostalCode><Country>%s</Country></Address></FulfillmentData><IsBusinessOrder>false</IsBusinessOrder>`, o.market.city, o.market.postcode, o.market.country)
	for i := range o.items {
		b = appendItemXML(b, o.market, &o.items[i])
	}
	return append(b, "</Order></Message>\n"...)
}

func (allOrdersXML) end(b []byte) []byte { return append(b, "</AmazonEnvelope>\n"...) }

func appendItemXML(b []byte, m market, it *item) []byte {
	b = fmt.Appendf(b, `<OrderItem><AmazonOrderItemCode>%014d</AmazonOrderItemCode><ASIN>B0%08d</ASIN><SKU>%s</SKU><ItemStatus>Shipped</ItemStatus><ProductName>%s</ProductName><Quantity>%d</Quantity><ItemPrice>`,
		it.id, it.product, sku(it.product), xmlText.Replace(title(it.product)), it.quantity)
	b = appendComponent(b, "Principal", it.price)
	b = appendComponent(b, "Tax", m.tax(it.price-it.discount))
	if it.shipping > 0 {
		b = appendComponent(b, "Shipping", it.shipping)
	}
	if it.shipping > 0 && !it.free {
		b = appendComponent(b, "ShippingTax", m.tax(it.shipping))
	}
	b = append(b, `</ItemPrice>`...)
	if it.discount > 0 || it.free {
		b = append(b, `<Promotion><PromotionIDs>HERBST-2026</PromotionIDs>`...)
		if it.discount > 0 {
			b = append(appendCents(append(b, `<ItemPromotionDiscount>`...), it.discount), `</ItemPromotionDiscount>`...)
		}
		if it.free {
			b = append(appendCents(append(b, `<ShipPromotionDiscount>`...), it.shipping), `</ShipPromotionDiscount>`...)
		}
		b = append(b, `</Promotion>`...)
	}
	return append(b, `</OrderItem>`...)
}

var xmlText = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

func appendComponent(b []byte, kind string, cents int64) []byte {
	b = append(b, `<Component><Type>`+kind+`</Type><Amount currency="EUR">`...)
	return append(appendCents(b, cents), `</Amount></Component>`...)
}
