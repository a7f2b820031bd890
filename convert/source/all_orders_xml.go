package source

import (
	"context"
	"iter"

	"obmen/convert/order"
)

func init() { register(allOrdersXML{}) }

// allOrdersXML reads the All Orders report in XML (GET_XML_ALL_ORDERS_DATA_…): an AmazonEnvelope with
// one Order a message and no message ids, often in ISO-8859-1 (facts, amazon 3). Like its flat twin it
// knows neither the buyer nor an order total.
type allOrdersXML struct{}

var _ Format = allOrdersXML{}

func (allOrdersXML) Name() string { return "amazon-all-orders-xml" }

// Spelled is that of Speller.
func (allOrdersXML) Spelled() map[Charge]Spelled {
	names := spelledInXML()
	names[Discount] = Spelled{Amount: "Promotion/ItemPromotionDiscount"}
	names[ShippingDiscount] = Spelled{Amount: "Promotion/ShipPromotionDiscount"}
	return names
}

func (allOrdersXML) Sniff(_ string, head []byte) Confidence {
	return sniffMessage(head, "AllOrdersReport")
}

func (allOrdersXML) Read(ctx context.Context, in Input) iter.Seq2[order.Order, error] {
	return allOrdersEnvelope.read(ctx, in)
}

var allOrdersEnvelope = &envelope{
	format: "amazon-all-orders-xml",
	unit:   "Order",
	decode: (*xmlOrder).allOrders,
}

func (x *xmlOrder) allOrders(e *element) {
	o := &x.order
	o.ID = e.value("AmazonOrderID")
	if alias := e.value("MerchantOrderID"); alias != "" && alias != o.ID {
		o.Aliases = []string{alias}
	}
	o.Created = x.time(e, "PurchaseDate")
	o.Updated = x.time(e, "LastUpdatedDate")
	setStatus(o, e.value("OrderStatus"))
	setSalesChannel(o, e.value("SalesChannel"))
	x.program(e, "IsBusinessOrder", order.AmazonBusiness)
	o.BusinessOrder = o.Has(order.AmazonBusiness)
	o.PurchaseOrder = e.value("PurchaseOrderNumber")
	x.program(e, "IsReplacementOrder", order.Replacement)
	x.program(e, "IsIba", order.InvoiceByAmazon)
	fulfilment := e.child("FulfillmentData")
	o.Channel = order.ParseChannel(fulfilment.value("FulfillmentChannel"))
	o.ServiceLevel = fulfilment.value("ShipServiceLevel")
	o.ShipTo = order.Address{
		City:     fulfilment.value("Address", "City"),
		State:    fulfilment.value("Address", "State"),
		Postcode: fulfilment.value("Address", "PostalCode"),
		Country:  fulfilment.value("Address", "Country"),
	}
	for _, item := range e.all("OrderItem") {
		o.Lines = append(o.Lines, x.allOrdersItem(item))
	}
}

func (x *xmlOrder) allOrdersItem(e *element) order.Line {
	l := order.Line{
		Origin:    order.Origin{File: x.file, Line: e.line},
		ID:        e.value("AmazonOrderItemCode"),
		SKU:       xmlSKU(e),
		ASIN:      e.value("ASIN"),
		Title:     e.value("ProductName"),
		Ordered:   x.quantity(e, "Quantity"),
		Cancelled: order.ParseStatus(e.value("ItemStatus")) == order.Cancelled,
	}
	for _, p := range e.all("ItemPrice") {
		x.components(p, price(&l))
	}
	for _, p := range e.all("Promotion") {
		x.components(p, discount(&l))
		l.Promotions = append(l.Promotions, splitIDs(p.value("PromotionIDs"))...)
		x.add(p, "ItemPromotionDiscount", &l.Discount)
		x.add(p, "ShipPromotionDiscount", &l.ShippingDiscount)
	}
	return l
}

// add adds the amount of a child element to a charge.
func (x *xmlOrder) add(e *element, name string, to *order.Charge) {
	if a := x.amount(e.child(name), e.name+"/"+name); a.Known {
		to.Amount.Known = true
		to.Amount.Value = to.Amount.Value.Plus(a.Value)
	}
}
