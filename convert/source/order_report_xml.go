package source

import (
	"context"
	"iter"

	"obmen/convert/order"
)

func init() { register(orderReportXML{}) }

// orderReportXML reads the scheduled order reports in XML (GET_ORDER_REPORT_DATA_…): an AmazonEnvelope
// with one OrderReport a message, for sellers who ship themselves (facts, amazon 3). It states prices
// by component, buyer and addresses, but neither a status nor a total.
type orderReportXML struct{}

var _ Format = orderReportXML{}

func (orderReportXML) Name() string { return "amazon-order-report-xml" }

// Spelled is that of Speller.
func (orderReportXML) Spelled() map[Charge]Spelled { return spelledInXML() }

func (orderReportXML) Sniff(_ string, head []byte) Confidence {
	return sniffMessage(head, "OrderReport")
}

func (orderReportXML) Read(ctx context.Context, in Input) iter.Seq2[order.Order, error] {
	return orderReportEnvelope.read(ctx, in)
}

var orderReportEnvelope = &envelope{
	format: "amazon-order-report-xml",
	unit:   "OrderReport",
	// Fees are what Amazon keeps from the seller; they never belong to a sales order. The tax data
	// break the tax components down by jurisdiction.
	skip:   map[string]bool{"ItemFees": true, "ItemTaxData": true},
	decode: (*xmlOrder).orderReport,
}

func (x *xmlOrder) orderReport(e *element) {
	o := &x.order
	waitsForMerchant(o)
	o.ID = e.value("AmazonOrderID")
	o.Created = x.time(e, "OrderDate")
	o.PurchaseOrder = e.value("PurchaseOrderNumber")
	x.program(e, "IsBusinessOrder", order.AmazonBusiness)
	o.BusinessOrder = o.Has(order.AmazonBusiness)
	x.program(e, "IsPrime", order.Prime)
	x.program(e, "IsIba", order.InvoiceByAmazon)
	setSalesChannel(o, e.value("SalesChannel"))
	o.ServiceLevel = e.value("FulfillmentData", "FulfillmentServiceLevel")
	o.ShipTo = xmlAddress(e.child("FulfillmentData", "Address"))
	billing := e.child("BillingData")
	o.Buyer = order.Buyer{
		Name:    billing.value("BuyerName"),
		Email:   billing.value("BuyerEmailAddress"),
		Phone:   billing.value("BuyerPhoneNumber"),
		Address: xmlAddress(billing.child("Address")),
	}
	for _, item := range e.all("Item") {
		o.Lines = append(o.Lines, x.orderReportItem(item))
	}
}

func (x *xmlOrder) orderReportItem(e *element) order.Line {
	l := order.Line{
		Origin:  order.Origin{File: x.file, Line: e.line},
		ID:      e.value("AmazonOrderItemCode"),
		SKU:     xmlSKU(e),
		ASIN:    e.value("ASIN"),
		Title:   e.value("Title"),
		Ordered: x.quantity(e, "Quantity"),
	}
	for _, p := range e.all("ItemPrice") {
		x.components(p, price(&l))
	}
	for _, p := range e.all("Promotion") {
		x.components(p, discount(&l))
		for _, name := range []string{"PromotionClaimCode", "MerchantPromotionID"} {
			l.Promotions = append(l.Promotions, splitIDs(p.value(name))...)
		}
	}
	return l
}

// xmlSKU is the SKU as it stands: no cell trimming can be right for it.
func xmlSKU(e *element) string {
	if sku := e.child("SKU"); sku != nil {
		return string(sku.text)
	}
	return ""
}

func xmlAddress(e *element) order.Address {
	a := order.Address{
		Name:     e.value("Name"),
		City:     e.value("City"),
		District: e.value("County"),
		State:    e.value("StateOrRegion"),
		Postcode: e.value("PostalCode"),
		Country:  e.value("CountryCode"),
		Phone:    e.value("PhoneNumber"),
	}
	for _, name := range []string{"AddressFieldOne", "AddressFieldTwo", "AddressFieldThree"} {
		if line := e.value(name); line != "" {
			a.Street = append(a.Street, line)
		}
	}
	return a
}
