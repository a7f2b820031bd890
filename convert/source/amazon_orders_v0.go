package source

// Orders API v0 of the Selling Partner API: the bodies of getOrders, getOrder and getOrderItems, with
// or without "payload", and orders whose items were put into them as OrderItems.
// Names and rules are those of Amazon's model ordersV0.json.

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"

	"obmen/convert/money"
	"obmen/convert/order"
	"obmen/convert/source/input"
	"obmen/convert/source/jsontree"
)

func init() { registerFormat(ordersV0{}) }

type ordersV0 struct{}

var _ Format = ordersV0{}

func (ordersV0) Name() string { return string(shapeV0) }

// Spelled implements Speller.
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
func (ordersV0) Read(ctx context.Context, in input.Input) iter.Seq2[order.Order, error] {
	return readJSON(ctx, in, shapeV0, orderV0)
}

func orderV0(v jsontree.Value) order.Order {
	o := order.Order{Identifiers: order.Identifiers{ID: v.Get("AmazonOrderId").ID()}}
	if o.ID == "" {
		v.RefuseMissing("AmazonOrderId")
	}
	if !v.Has("PurchaseDate") && !v.Has("OrderStatus") {
		return fragmentV0(o, v)
	}
	o.Created = v.Get("PurchaseDate").Time()
	if o.Created.IsZero() {
		v.RefuseMissing("PurchaseDate")
	}
	o.Updated = v.Get("LastUpdateDate").Time()
	o.StatusText = v.Get("OrderStatus").Text()
	o.Status = order.ParseStatus(o.StatusText)
	o.Total = moneyV0(v.Get("OrderTotal"))
	channelV0(&o, v)
	programsV0(&o, v)
	buyerV0(&o, v)
	o.ShipTo = addressV0(v.Get("ShippingAddress"))
	more := itemsV0(&o, v.Get("OrderItems"))
	o.Currency = v.Currency()
	o.Missing = missingV0(&o, more)
	return o
}

// fragmentV0 reads the items of an order told elsewhere. Besides its id and items only the currency
// is set.
func fragmentV0(o order.Order, v jsontree.Value) order.Order {
	if what := besidesV0(v); what != "" {
		v.Refuse(fmt.Errorf("%w: what %s answers", input.ErrNotOrders, what),
			"drop the bodies of getOrders or getOrder, and of getOrderItems")
		return o
	}
	o.Fragment = true
	if itemsV0(&o, v) || len(o.Lines) == 0 {
		o.Missing = order.ItemsMissing
	}
	o.Currency = v.Currency()
	return o
}

// besidesV0 names the operations whose bodies tell more of an order but not what was ordered.
func besidesV0(v jsontree.Value) string {
	if !v.Has("OrderItems") {
		return "getOrderAddress or getOrderBuyerInfo"
	}
	if v.Get("OrderItems").Kind() != '[' {
		return ""
	}
	for item := range v.Get("OrderItems").All() {
		if !item.Has("ASIN") && !item.Has("QuantityOrdered") {
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

func channelV0(o *order.Order, v jsontree.Value) {
	id := v.Get("MarketplaceId").Text()
	o.SalesChannel = v.Get("SalesChannel").Text()
	o.Marketplace = marketplaceOf(id, o.SalesChannel)
	o.MultiChannel = order.IsNonAmazon(id) || order.IsNonAmazon(o.SalesChannel)
	o.Channel = order.ParseChannel(v.Get("FulfillmentChannel").Text())
	o.ServiceLevel = firstText(v, "ShipServiceLevel", "ShipmentServiceLevelCategory")
	o.DeliverBy = v.Get("LatestDeliveryDate").Time()
	o.Payment = strings.Join(v.Get("PaymentMethodDetails").Texts(), ", ")
	if o.Payment == "" {
		o.Payment = v.Get("PaymentMethod").Text()
	}
	if id := v.Get("SellerOrderId").ID(); id != "" && id != o.ID {
		o.Aliases = []string{id}
	}
}

// programsV0 turns the flags of v0 into the programmes of 2026-01-01.
func programsV0(o *order.Order, v jsontree.Value) {
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
		if v.Get(p.flag).Flag() {
			addProgram(o, p.program)
		}
	}
	o.BusinessOrder = o.Has(order.AmazonBusiness)
	o.Replaces = v.Get("ReplacedOrderId").ID()
}

func buyerV0(o *order.Order, v jsontree.Value) {
	b := v.Get("BuyerInfo")
	tax := v.Get("BuyerTaxInformation") // Turkey
	o.Buyer = order.Buyer{
		Name:    b.Get("BuyerName").Text(),
		Email:   b.Get("BuyerEmail").Text(),
		Company: b.Get("BuyerTaxInfo").Get("CompanyLegalName").Text(),
		TaxID:   tax.Get("BuyerTaxRegistrationId").Text(),
	}
	if o.Buyer.Company == "" {
		o.Buyer.Company = tax.Get("BuyerLegalCompanyName").Text()
	}
	for c := range b.Get("BuyerTaxInfo").Get("TaxClassifications").All() {
		if o.Buyer.TaxID == "" {
			o.Buyer.TaxID = c.Get("Value").Text()
		}
	}
	if a := tax.Get("BuyerBusinessAddress").Text(); a != "" {
		o.Buyer.Address.Street = []string{a}
	}
	o.PurchaseOrder = b.Get("PurchaseOrderNumber").Text()
	if o.PurchaseOrder == "" {
		o.PurchaseOrder = v.Get("PurchaseOrderNumber").Text()
	}
}

func addressV0(v jsontree.Value) order.Address {
	return order.Address{
		Name:     v.Get("Name").Text(),
		Company:  v.Get("CompanyName").Text(),
		Street:   addressLines(v, "AddressLine1", "AddressLine2", "AddressLine3"),
		City:     v.Get("City").Text(),
		District: firstText(v, "District", "County", "Municipality"),
		State:    v.Get("StateOrRegion").Text(),
		Postcode: v.Get("PostalCode").Text(),
		Country:  strings.ToUpper(v.Get("CountryCode").Text()),
		Phone:    v.Get("Phone").Text(),
	}
}

func moneyV0(v jsontree.Value) money.Optional { return v.Money("Amount", "CurrencyCode") }

// itemsV0 reads the items of an order: a list, or the body of getOrderItems as it was. more says that
// this was not the last page of them.
func itemsV0(o *order.Order, items jsontree.Value) (more bool) {
	for items.Kind() == '{' {
		more = more || !items.Get("NextToken").IsEmpty()
		if items.Has("payload") {
			items = items.Get("payload")
		} else {
			items = items.Get("OrderItems")
		}
	}
	o.Lines = slices.Grow(o.Lines, items.Len())
	for item := range items.All() {
		o.Lines = append(o.Lines, lineV0(item))
		if item.Get("BuyerRequestedCancel").Get("IsBuyerRequestedCancel").Flag() && item.Get("QuantityShipped").Quantity().Value.IsZero() {
			o.CancelRequested = true
		}
	}
	return more
}

// lineV0 reads an order item. Its amounts are those of the whole line; discounts are positive numbers.
func lineV0(v jsontree.Value) order.Line {
	gift := v.Get("BuyerInfo")
	if !gift.Has("GiftWrapPrice") { // older bodies have it on the item itself
		gift = v
	}
	l := order.Line{
		Origin: order.Origin{Pointer: v.Pointer()},
		Item: order.Item{
			ID:    v.Get("OrderItemId").ID(),
			SKU:   v.Get("SellerSKU").Exact(),
			ASIN:  v.Get("ASIN").Text(),
			Title: v.Get("Title").Text(),
		},
		Ordered:    v.StatedQuantity("QuantityOrdered"),
		Shipped:    v.Get("QuantityShipped").Quantity(),
		Promotions: v.Get("PromotionIds").Texts(),

		Charges: order.Charges{
			Price:    chargeV0(v, "ItemPrice", "ItemTax"),
			Shipping: chargeV0(v, "ShippingPrice", "ShippingTax"),
			GiftWrap: chargeV0(gift, "GiftWrapPrice", "GiftWrapTax"),
			COD:      order.Charge{Amount: moneyV0(v.Get("CODFee"))},
		},
		Discounts: order.Discounts{
			Discount:         chargeV0(v, "PromotionDiscount", "PromotionDiscountTax"),
			ShippingDiscount: chargeV0(v, "ShippingDiscount", "ShippingDiscountTax"),
			CODDiscount:      order.Charge{Amount: moneyV0(v.Get("CODFeeDiscount"))},
		},

		Taxation: order.Taxation{
			TaxRemitter: firstText(v.Get("TaxCollection"), "ResponsibleParty", "Model"),
			Deemed:      v.Get("DeemedResellerCategory").Text(),
		},
	}
	l.Cancelled = l.Ordered.IsZero()
	return l
}

func chargeV0(v jsontree.Value, amount, tax string) order.Charge {
	return order.Charge{Amount: moneyV0(v.Get(amount)), Tax: moneyV0(v.Get(tax))}
}
