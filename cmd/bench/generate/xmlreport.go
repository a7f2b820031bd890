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
	b = appendPrices(b, m, it)
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

// orderReport is the scheduled order report in XML, with buyers and prices by component.
type orderReport struct{}

func (orderReport) begin(b []byte) []byte {
	return envelope(b, "OrderReport")
}

func (orderReport) order(b []byte, o *Order) []byte {
	m, name := o.market, firstName(o.buyer)+" "+lastName(o.buyer)
	b = fmt.Appendf(b, "<Message>\n\t<MessageID>%d</MessageID>\n\t<OrderReport>\n\t\t<AmazonOrderID>%s</AmazonOrderID>\n\t\t<OrderDate>", o.number+1, o.id)
	b = o.created.AppendFormat(b, time.RFC3339)
	b = fmt.Appendf(b, "</OrderDate>\n\t\t<SalesChannel>%s</SalesChannel>\n\t\t<BillingData>\n\t\t\t<BuyerEmailAddress>%s</BuyerEmailAddress>\n\t\t\t<BuyerName>%s</BuyerName>\n\t\t</BillingData>\n",
		m.domain, email(o.buyer), name)
	b = fmt.Appendf(b, "\t\t<FulfillmentData>\n\t\t\t<FulfillmentServiceLevel>Standard</FulfillmentServiceLevel>\n\t\t\t<Address>\n\t\t\t\t<Name>%s</Name>\n\t\t\t\t<AddressFieldOne>Beispielweg %d</AddressFieldOne>\n\t\t\t\t<City>%s</City>\n\t\t\t\t<PostalCode>%s</PostalCode>\n\t\t\t\t<CountryCode>%s</CountryCode>\n\t\t\t</Address>\n\t\t</FulfillmentData>\n",
		name, o.buyer%99+1, m.city, m.postcode, m.country)
	for i := range o.items {
		b = appendReportItem(b, m, &o.items[i])
	}
	return append(b, "\t</OrderReport>\n</Message>\n"...)
}

func (orderReport) end(b []byte) []byte { return append(b, "</AmazonEnvelope>\n"...) }

func appendReportItem(b []byte, m market, it *item) []byte {
	b = fmt.Appendf(b, "\t\t<Item>\n\t\t\t<AmazonOrderItemCode>%014d</AmazonOrderItemCode>\n\t\t\t<SKU>%s</SKU>\n\t\t\t<Title>%s</Title>\n\t\t\t<Quantity>%d</Quantity>\n\t\t\t<ItemPrice>\n\t\t\t\t",
		it.id, sku(it.product), xmlText.Replace(title(it.product)), it.quantity)
	b = appendPrices(b, m, it)
	b = append(b, "\n\t\t\t</ItemPrice>\n\t\t\t<ItemFees>"...)
	b = append(appendCents(append(b, `<Fee><Type>Commission</Type><Amount currency="EUR">`...), -it.price/7), "</Amount></Fee></ItemFees>\n"...)
	if it.discount > 0 || it.free {
		b = append(b, "\t\t\t<Promotion>\n\t\t\t\t<MerchantPromotionID>HERBST-2026</MerchantPromotionID>\n\t\t\t\t"...)
		if it.discount > 0 {
			b = appendComponent(b, "Principal", -it.discount)
		}
		if it.free {
			b = appendComponent(b, "Shipping", -it.shipping)
		}
		b = append(b, "\n\t\t\t</Promotion>\n"...)
	}
	return append(b, "\t\t</Item>\n"...)
}

// appendPrices appends the components of an item's price.
func appendPrices(b []byte, m market, it *item) []byte {
	b = appendComponent(b, "Principal", it.price)
	b = appendComponent(b, "Tax", m.tax(it.price-it.discount))
	if it.shipping > 0 {
		b = appendComponent(b, "Shipping", it.shipping)
	}
	if it.shipping > 0 && !it.free {
		b = appendComponent(b, "ShippingTax", m.tax(it.shipping))
	}
	return b
}
