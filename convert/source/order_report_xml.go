package source

import (
	"context"
	"iter"

	"obmen/convert/order"
	"obmen/convert/source/input"
	"obmen/convert/source/xmltoken"
)

func init() { registerFormat(orderReportXML{}) }

// orderReportXML reads the scheduled order reports in XML (GET_ORDER_REPORT_DATA_…): an AmazonEnvelope
// with one OrderReport a message, for sellers who ship themselves. It states prices
// by component, buyer and addresses, but neither a status nor a total.
type orderReportXML struct{}

var _ Format = orderReportXML{}

func (orderReportXML) Name() string { return "amazon-order-report-xml" }

// Spelled implements Speller.
func (orderReportXML) Spelled() map[Charge]Spelled { return spelledInXML() }

func (orderReportXML) Sniff(_ string, head []byte) Confidence {
	return sniffMessage(head, "OrderReport")
}

func (orderReportXML) Read(ctx context.Context, in input.Input) iter.Seq2[order.Order, error] {
	return orderReportEnvelope.readOrders(ctx, in)
}

var orderReportEnvelope = &envelope{
	format: "amazon-order-report-xml",
	unit:   "OrderReport",
	// Fees are what Amazon keeps from the seller; they never belong to a sales order. The tax data
	// break the tax components down by jurisdiction.
	skip:   map[string]bool{"ItemFees": true, "ItemTaxData": true},
	decode: (*xmlOrder).decodeOrderReport,
}

func (x *xmlOrder) decodeOrderReport(e *xmltoken.Element) {
	o := &x.order
	waitsForMerchant(o)
	o.ID = input.CleanID(e.Value("AmazonOrderID"))
	o.Created = x.timeOf(e, "OrderDate")
	o.PurchaseOrder = e.Value("PurchaseOrderNumber")
	x.addProgramOf(e, "IsBusinessOrder", order.AmazonBusiness)
	o.BusinessOrder = o.Has(order.AmazonBusiness)
	x.addProgramOf(e, "IsPrime", order.Prime)
	x.addProgramOf(e, "IsIba", order.InvoiceByAmazon)
	setSalesChannel(o, e.Value("SalesChannel"))
	o.ServiceLevel = e.Value("FulfillmentData", "FulfillmentServiceLevel")
	o.ShipTo = xmlAddress(e.Child("FulfillmentData", "Address"))
	billing := e.Child("BillingData")
	o.Buyer = order.Buyer{
		Name:    billing.Value("BuyerName"),
		Email:   billing.Value("BuyerEmailAddress"),
		Phone:   billing.Value("BuyerPhoneNumber"),
		Address: xmlAddress(billing.Child("Address")),
	}
	for _, item := range e.All("Item") {
		o.Lines = append(o.Lines, x.decodeOrderReportItem(item))
	}
}

func (x *xmlOrder) decodeOrderReportItem(e *xmltoken.Element) order.Line {
	l := order.Line{
		Origin: order.Origin{File: x.file, Line: e.Line},
		Item: order.Item{
			ID:    input.CleanID(e.Value("AmazonOrderItemCode")),
			SKU:   xmlSKU(e),
			ASIN:  e.Value("ASIN"),
			Title: e.Value("Title"),
		},
		Ordered: x.quantityOf(e, "Quantity"),
	}
	for _, p := range e.All("ItemPrice") {
		x.addComponents(p, priceOf(&l))
	}
	for _, p := range e.All("Promotion") {
		x.addComponents(p, discountOf(&l))
		for _, name := range []string{"PromotionClaimCode", "MerchantPromotionID"} {
			l.Promotions = append(l.Promotions, splitIDs(p.Value(name))...)
		}
	}
	return l
}

// xmlSKU is the SKU as it stands: no cell trimming can be right for it.
func xmlSKU(e *xmltoken.Element) string {
	if sku := e.Child("SKU"); sku != nil {
		return string(sku.Text)
	}
	return ""
}

func xmlAddress(e *xmltoken.Element) order.Address {
	a := order.Address{
		Name:     e.Value("Name"),
		City:     e.Value("City"),
		District: e.Value("County"),
		State:    e.Value("StateOrRegion"),
		Postcode: e.Value("PostalCode"),
		Country:  e.Value("CountryCode"),
		Phone:    e.Value("PhoneNumber"),
	}
	for _, name := range []string{"AddressFieldOne", "AddressFieldTwo", "AddressFieldThree"} {
		if line := e.Value(name); line != "" {
			a.Street = append(a.Street, line)
		}
	}
	return a
}
