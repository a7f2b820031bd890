package source

// Orders API v0 of the Selling Partner API: the bodies of getOrders, getOrder and getOrderItems, with
// or without "payload", and orders whose items were put into them as OrderItems.
// Rules and names: facts, amazon 2.8 and money 4.2; Amazon's model ordersV0.json.

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"

	"obmen/convert/money"
	"obmen/convert/order"
)

func init() { register(ordersV0{}) }

type ordersV0 struct{}

var _ Format = ordersV0{}

func (ordersV0) Name() string { return string(shapeV0) }

// Spelled is that of Speller.
func (ordersV0) Spelled() map[Charge]Spelled {
	return map[Charge]Spelled{
		Price:            {"ItemPrice", "ItemTax"},
		Shipping:         {"ShippingPrice", "ShippingTax"},
		GiftWrap:         {"BuyerInfo.GiftWrapPrice", "BuyerInfo.GiftWrapTax"},
		COD:              {"CODFee", ""},
		Discount:         {"PromotionDiscount", "PromotionDiscountTax"},
		ShippingDiscount: {"ShippingDiscount", "ShippingDiscountTax"},
		CODDiscount:      {"CODFeeDiscount", ""},
	}
}

// Sniff is sure of anything with an AmazonOrderId, and of items with an OrderItemId.
func (ordersV0) Sniff(_ string, head []byte) Confidence {
	if shape, sure := sniffJSON(head); shape == shapeV0 {
		return sure
	}
	return No
}

// Read yields orders, and a fragment for each body that holds the items of an order told elsewhere.
// Of items that come in several pages every page but the last has a NextToken: its fragment says
// Missing = ItemsMissing, so the items are complete when one fragment of the order does not.
func (ordersV0) Read(ctx context.Context, in Input) iter.Seq2[order.Order, error] {
	return readJSON(ctx, in, shapeV0, orderV0)
}

func orderV0(v jsonValue) order.Order {
	o := order.Order{ID: v.get("AmazonOrderId").text()}
	if o.ID == "" {
		v.missing("AmazonOrderId")
	}
	if !v.has("PurchaseDate") && !v.has("OrderStatus") {
		return fragmentV0(o, v)
	}
	o.Created = v.get("PurchaseDate").when()
	if o.Created.IsZero() {
		v.missing("PurchaseDate")
	}
	o.Updated = v.get("LastUpdateDate").when()
	o.StatusText = v.get("OrderStatus").text()
	o.Status = order.ParseStatus(o.StatusText)
	o.Total = moneyV0(v.get("OrderTotal"))
	channelV0(&o, v)
	programsV0(&o, v)
	buyerV0(&o, v)
	o.ShipTo = addressV0(v.get("ShippingAddress"))
	more := itemsV0(&o, v.get("OrderItems"))
	o.Currency = v.doc.currency
	o.Missing = missingV0(&o, more)
	return o
}

// fragmentV0 reads the items of an order told elsewhere. Besides its id and items only the currency
// is set.
func fragmentV0(o order.Order, v jsonValue) order.Order {
	if what := besidesV0(v); what != "" {
		v.refuse(fmt.Errorf("%w: what %s answers", ErrNotOrders, what),
			"drop the bodies of getOrders or getOrder, and of getOrderItems")
		return o
	}
	o.Fragment = true
	if itemsV0(&o, v) || len(o.Lines) == 0 {
		o.Missing = order.ItemsMissing
	}
	o.Currency = v.doc.currency
	return o
}

// besidesV0 names the operations whose bodies tell more of an order but not what was ordered.
func besidesV0(v jsonValue) string {
	if !v.has("OrderItems") {
		return "getOrderAddress or getOrderBuyerInfo"
	}
	if v.get("OrderItems").kind() != '[' {
		return ""
	}
	for item := range v.get("OrderItems").all() {
		if !item.has("ASIN") && !item.has("QuantityOrdered") {
			return "getOrderItemsBuyerInfo"
		}
	}
	return ""
}

// missingV0 says what an order lacks. Pending orders and cancelled ones rightly have no prices.
func missingV0(o *order.Order, more bool) order.Missing {
	switch {
	case o.Status == order.Cancelled:
		return order.NothingMissing
	case more || len(o.Lines) == 0:
		return order.ItemsMissing
	case o.Status == order.Pending || o.Total.Known:
		return order.NothingMissing
	}
	for _, l := range o.Lines {
		if l.Price.Known() {
			return order.NothingMissing
		}
	}
	return order.PricesMissing
}

func channelV0(o *order.Order, v jsonValue) {
	id := v.get("MarketplaceId").text()
	o.SalesChannel = v.get("SalesChannel").text()
	o.Marketplace = marketplace(id, o.SalesChannel)
	o.MultiChannel = order.IsNonAmazon(id) || order.IsNonAmazon(o.SalesChannel)
	o.Channel = order.ParseChannel(v.get("FulfillmentChannel").text())
	o.ServiceLevel = firstText(v, "ShipServiceLevel", "ShipmentServiceLevelCategory")
	o.DeliverBy = v.get("LatestDeliveryDate").when()
	o.Payment = strings.Join(v.get("PaymentMethodDetails").texts(), ", ")
	if o.Payment == "" {
		o.Payment = v.get("PaymentMethod").text()
	}
	if id := v.get("SellerOrderId").text(); id != "" && id != o.ID {
		o.Aliases = []string{id}
	}
}

// programsV0 turns the flags of v0 into the programmes of 2026-01-01.
func programsV0(o *order.Order, v jsonValue) {
	for _, p := range []struct {
		flag    string
		program order.Program
	}{
		{"IsPrime", order.Prime},
		{"IsBusinessOrder", order.AmazonBusiness},
		{"IsReplacementOrder", order.Replacement},
		{"IsIBA", order.InvoiceByAmazon},
		{"IsSoldByAB", order.InvoiceByAmazon},
	} {
		if v.get(p.flag).flag() {
			addProgram(o, p.program)
		}
	}
	o.BusinessOrder = o.Has(order.AmazonBusiness)
	o.Replaces = v.get("ReplacedOrderId").text()
}

func buyerV0(o *order.Order, v jsonValue) {
	b := v.get("BuyerInfo")
	tax := v.get("BuyerTaxInformation") // Turkey
	o.Buyer = order.Buyer{
		Name:    b.get("BuyerName").text(),
		Email:   b.get("BuyerEmail").text(),
		Company: b.get("BuyerTaxInfo").get("CompanyLegalName").text(),
		TaxID:   tax.get("BuyerTaxRegistrationId").text(),
	}
	if o.Buyer.Company == "" {
		o.Buyer.Company = tax.get("BuyerLegalCompanyName").text()
	}
	for c := range b.get("BuyerTaxInfo").get("TaxClassifications").all() {
		if o.Buyer.TaxID == "" {
			o.Buyer.TaxID = c.get("Value").text()
		}
	}
	if a := tax.get("BuyerBusinessAddress").text(); a != "" {
		o.Buyer.Address.Street = []string{a}
	}
	o.PurchaseOrder = b.get("PurchaseOrderNumber").text()
	if o.PurchaseOrder == "" {
		o.PurchaseOrder = v.get("PurchaseOrderNumber").text()
	}
}

func addressV0(v jsonValue) order.Address {
	return order.Address{
		Name:     v.get("Name").text(),
		Company:  v.get("CompanyName").text(),
		Street:   addressLines(v, "AddressLine1", "AddressLine2", "AddressLine3"),
		City:     v.get("City").text(),
		District: firstText(v, "District", "County", "Municipality"),
		State:    v.get("StateOrRegion").text(),
		Postcode: v.get("PostalCode").text(),
		Country:  strings.ToUpper(v.get("CountryCode").text()),
		Phone:    v.get("Phone").text(),
	}
}

func moneyV0(v jsonValue) money.Optional { return v.money("Amount", "CurrencyCode") }

// itemsV0 reads the items of an order: a list, or the body of getOrderItems as it was. more says that
// this was not the last page of them.
func itemsV0(o *order.Order, items jsonValue) (more bool) {
	for items.kind() == '{' {
		more = more || !items.get("NextToken").empty()
		if items.has("payload") {
			items = items.get("payload")
		} else {
			items = items.get("OrderItems")
		}
	}
	o.Lines = slices.Grow(o.Lines, items.count())
	for item := range items.all() {
		o.Lines = append(o.Lines, lineV0(item))
	}
	return more
}

// lineV0 reads an order item. Its amounts are those of the whole line; discounts are positive numbers.
func lineV0(v jsonValue) order.Line {
	gift := v.get("BuyerInfo")
	if !gift.has("GiftWrapPrice") { // older bodies have it on the item itself
		gift = v
	}
	l := order.Line{
		Origin:     order.Origin{Pointer: v.pointer()},
		ID:         v.get("OrderItemId").text(),
		SKU:        v.get("SellerSKU").text(),
		ASIN:       v.get("ASIN").text(),
		Title:      v.get("Title").text(),
		Ordered:    v.stated("QuantityOrdered"),
		Shipped:    v.get("QuantityShipped").quantity(),
		Promotions: v.get("PromotionIds").texts(),

		Price:            chargeV0(v, "ItemPrice", "ItemTax"),
		Shipping:         chargeV0(v, "ShippingPrice", "ShippingTax"),
		GiftWrap:         chargeV0(gift, "GiftWrapPrice", "GiftWrapTax"),
		COD:              order.Charge{Amount: moneyV0(v.get("CODFee"))},
		Discount:         chargeV0(v, "PromotionDiscount", "PromotionDiscountTax"),
		ShippingDiscount: chargeV0(v, "ShippingDiscount", "ShippingDiscountTax"),
		CODDiscount:      order.Charge{Amount: moneyV0(v.get("CODFeeDiscount"))},

		TaxRemitter: firstText(v.get("TaxCollection"), "ResponsibleParty", "Model"),
		Deemed:      v.get("DeemedResellerCategory").text(),
	}
	l.Cancelled = l.Ordered.IsZero()
	return l
}

func chargeV0(v jsonValue, amount, tax string) order.Charge {
	return order.Charge{Amount: moneyV0(v.get(amount)), Tax: moneyV0(v.get(tax))}
}
