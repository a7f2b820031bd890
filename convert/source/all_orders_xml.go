package source

import (
	"context"
	"iter"

	"obmen/convert/order"
	"obmen/convert/source/input"
	"obmen/convert/source/xmltoken"
)

func init() { registerFormat(allOrdersXML{}) }

// allOrdersXML reads the All Orders report in XML (GET_XML_ALL_ORDERS_DATA_…): an AmazonEnvelope with
// one Order a message and no message ids, often in ISO-8859-1. Like its flat twin it
// knows neither the buyer nor an order total.
type allOrdersXML struct{}

var _ Format = allOrdersXML{}

func (allOrdersXML) Name() string { return "amazon-all-orders-xml" }

// Spelled implements Speller.
func (allOrdersXML) Spelled() map[Charge]Spelled {
	names := spelledInXML()
	names[Discount] = Spelled{Amount: "Promotion/ItemPromotionDiscount"}
	names[ShippingDiscount] = Spelled{Amount: "Promotion/ShipPromotionDiscount"}
	return names
}

func (allOrdersXML) Sniff(_ string, head []byte) Confidence {
	return sniffMessage(head, "AllOrdersReport")
}

func (allOrdersXML) Read(ctx context.Context, in input.Input) iter.Seq2[order.Order, error] {
	return allOrdersEnvelope.readOrders(ctx, in)
}

var allOrdersEnvelope = &envelope{
	format: "amazon-all-orders-xml",
	unit:   "Order",
	decode: (*xmlOrder).decodeAllOrders,
}

func (x *xmlOrder) decodeAllOrders(e *xmltoken.Element) {
	o := &x.order
	o.ID = input.CleanID(e.Value("AmazonOrderID"))
	if alias := e.Value("MerchantOrderID"); alias != "" && alias != o.ID {
		o.Aliases = []string{alias}
	}
	o.Created = x.timeOf(e, "PurchaseDate")
	o.Updated = x.timeOf(e, "LastUpdatedDate")
	setStatus(o, e.Value("OrderStatus"))
	setSalesChannel(o, e.Value("SalesChannel"))
	x.addProgramOf(e, "IsBusinessOrder", order.AmazonBusiness)
	o.BusinessOrder = o.Has(order.AmazonBusiness)
	o.PurchaseOrder = e.Value("PurchaseOrderNumber")
	x.addProgramOf(e, "IsReplacementOrder", order.Replacement)
	x.addProgramOf(e, "IsIba", order.InvoiceByAmazon)
	fulfilment := e.Child("FulfillmentData")
	o.Channel = order.ParseChannel(fulfilment.Value("FulfillmentChannel"))
	o.ServiceLevel = fulfilment.Value("ShipServiceLevel")
	o.ShipTo = order.Address{
		City:     fulfilment.Value("Address", "City"),
		State:    fulfilment.Value("Address", "State"),
		Postcode: fulfilment.Value("Address", "PostalCode"),
		Country:  fulfilment.Value("Address", "Country"),
	}
	for _, item := range e.All("OrderItem") {
		o.Lines = append(o.Lines, x.decodeAllOrdersItem(item))
	}
	leaveOutCancelled(o)
}

func (x *xmlOrder) decodeAllOrdersItem(e *xmltoken.Element) order.Line {
	l := order.Line{
		Origin: order.Origin{File: x.file, Line: e.Line},
		Item: order.Item{
			ID:    input.CleanID(e.Value("AmazonOrderItemCode")),
			SKU:   xmlSKU(e),
			ASIN:  e.Value("ASIN"),
			Title: e.Value("ProductName"),
		},
		Ordered:   x.quantityOf(e, "Quantity"),
		Cancelled: order.ParseStatus(e.Value("ItemStatus")) == order.Cancelled,
	}
	for _, p := range e.All("ItemPrice") {
		x.addComponents(p, priceOf(&l))
	}
	for _, p := range e.All("Promotion") {
		x.addComponents(p, discountOf(&l))
		l.Promotions = append(l.Promotions, splitIDs(p.Value("PromotionIDs"))...)
		x.addAmount(p, "ItemPromotionDiscount", &l.Discount)
		x.addAmount(p, "ShipPromotionDiscount", &l.ShippingDiscount)
	}
	return l
}

// addAmount adds the amount of a child element to a charge.
func (x *xmlOrder) addAmount(e *xmltoken.Element, name string, to *order.Charge) {
	if a := x.amountOf(e.Child(name), e.Name+"/"+name); a.Known {
		to.Amount.Known = true
		to.Amount.Value = to.Amount.Value.Plus(a.Value)
	}
}
