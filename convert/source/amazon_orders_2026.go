package source

// Orders API 2026-01-01 of the Selling Partner API: the bodies of searchOrders and getOrder.
// Rules and names: facts, amazon 2.7 and money 4.3; Amazon's model orders_2026-01-01.json.

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strings"

	"obmen/convert/money"
	"obmen/convert/order"
)

func init() { register(orders2026{}) }

type orders2026 struct{}

var _ Format = orders2026{}

func (orders2026) Name() string { return string(shape2026) }

// Spelled is that of Speller. They are types of an item's proceeds.breakdowns, and of the details of two of them.
func (orders2026) Spelled() map[Charge]Spelled {
	return map[Charge]Spelled{
		Price:            {"ITEM", "TAX/ITEM"},
		Shipping:         {"SHIPPING", "TAX/SHIPPING"},
		GiftWrap:         {"GIFT_WRAP", "TAX/GIFT_WRAP"},
		COD:              {"COD_FEE", "TAX/COD_FEE"},
		Other:            {"OTHER", "TAX/OTHER"},
		Discount:         {"DISCOUNT", "TAX/DISCOUNT"},
		ShippingDiscount: {"DISCOUNT/SHIPPING", ""},
		LineTax:          {"TAX", ""},
		LineTotal:        {"proceedsTotal", ""},
	}
}

// Sniff is sure of an order with orderId and one of the members every order has. An empty list of
// orders that says nothing of its version may be one of these.
func (orders2026) Sniff(_ string, head []byte) Confidence {
	if shape, sure := sniffJSON(head); shape == shape2026 {
		return sure
	}
	return No
}

func (orders2026) Read(ctx context.Context, in Input) iter.Seq2[order.Order, error] {
	return readJSON(ctx, in, shape2026, order2026)
}

// order2026 reads one order. Members it does not name are ignored; unitPrice is one of them, being
// what the shop showed and not what was charged.
func order2026(v jsonValue) order.Order {
	o := order.Order{
		ID:      v.get("orderId").text(),
		Created: v.get("createdTime").when(),
		Updated: v.get("lastUpdatedTime").when(),

		DiscountWithin: true, // SHIPPING is a detail of DISCOUNT
	}
	if o.ID == "" {
		v.missing("orderId")
	}
	if o.Created.IsZero() {
		v.missing("createdTime")
	}
	channel2026(&o, v.get("salesChannel"))
	fulfillment2026(&o, v.get("fulfillment"))
	relations2026(&o, v)
	buyer2026(&o, v)
	o.ShipTo = address2026(v.get("recipient").get("deliveryAddress"))
	for p := range v.get("payment").get("paymentExecutions").all() {
		o.Payment = joinTexts(o.Payment, p.get("paymentMethod").text())
	}
	proceeds2026(&o, v.get("proceeds"))
	items := v.get("orderItems")
	o.Lines = slices.Grow(o.Lines, items.count())
	for item := range items.all() {
		o.Lines = append(o.Lines, line2026(item))
	}
	o.Currency = v.doc.currency
	o.Missing = missing2026(&o, v)
	return o
}

// missing2026 says what an order lacks that was asked for without its items or proceeds. Orders that
// are still pending and cancelled ones rightly have none.
func missing2026(o *order.Order, v jsonValue) order.Missing {
	if o.Status == order.Cancelled {
		return order.NothingMissing
	}
	if len(o.Lines) == 0 {
		return order.ItemsMissing
	}
	if o.Status == order.Pending || !v.get("proceeds").empty() {
		return order.NothingMissing
	}
	for item := range v.get("orderItems").all() {
		if !item.get("proceeds").empty() {
			return order.NothingMissing
		}
	}
	return order.PricesMissing
}

func channel2026(o *order.Order, v jsonValue) {
	id, channel := v.get("marketplaceId").text(), v.get("channelName").text()
	o.SalesChannel = v.get("marketplaceName").text()
	if o.SalesChannel == "" {
		o.SalesChannel = channel
	}
	o.MultiChannel = order.IsNonAmazon(channel) || order.IsNonAmazon(id) || order.IsNonAmazon(o.SalesChannel)
	o.Marketplace = marketplace(id, o.SalesChannel)
}

func fulfillment2026(o *order.Order, v jsonValue) {
	o.StatusText = v.get("fulfillmentStatus").text()
	o.Status = order.ParseStatus(o.StatusText)
	o.Channel = order.ParseChannel(v.get("fulfilledBy").text())
	o.ServiceLevel = v.get("fulfillmentServiceLevel").text()
	o.DeliverBy = v.get("deliverByWindow").get("latestDateTime").when()
}

// relations2026 reads programmes, the seller's own ids and the order that this one replaces.
func relations2026(o *order.Order, v jsonValue) {
	for _, p := range v.get("programs").texts() {
		o.Programs = append(o.Programs, order.Program(p))
	}
	o.BusinessOrder = o.Has(order.AmazonBusiness)
	for a := range v.get("orderAliases").all() {
		if id := a.get("aliasId").text(); id != "" {
			o.Aliases = append(o.Aliases, id)
		}
	}
	for a := range v.get("associatedOrders").all() {
		if a.get("associationType").text() == "REPLACEMENT_ORIGINAL_ID" {
			o.Replaces = a.get("orderId").text()
			addProgram(o, order.Replacement)
		}
	}
}

// buyer2026 reads the buyer and, of the tax registrations, the buyer's.
func buyer2026(o *order.Order, v jsonValue) {
	b := v.get("buyer")
	o.Buyer = order.Buyer{
		Name:    b.get("buyerName").text(),
		Email:   b.get("buyerEmail").text(),
		Company: b.get("buyerCompanyName").text(),
	}
	o.PurchaseOrder = b.get("buyerPurchaseOrderNumber").text()
	for r := range v.get("tax").get("taxRegistrations").all() {
		if r.get("entityType").text() != "BUYER" {
			continue
		}
		if o.Buyer.TaxID == "" {
			o.Buyer.TaxID = r.get("taxRegistrationNumber").text()
		}
		if o.Buyer.Company == "" {
			o.Buyer.Company = r.get("legalName").text()
		}
		if o.Buyer.Address.IsZero() {
			o.Buyer.Address = address2026(r.get("taxRegistrationAddress"))
		}
	}
}

func address2026(v jsonValue) order.Address {
	return order.Address{
		Name:     v.get("name").text(),
		Company:  v.get("companyName").text(),
		Street:   addressLines(v, "addressLine1", "addressLine2", "addressLine3"),
		City:     v.get("city").text(),
		District: firstText(v, "districtOrCounty", "municipality"),
		State:    v.get("stateOrRegion").text(),
		Postcode: v.get("postalCode").text(),
		Country:  strings.ToUpper(v.get("countryCode").text()),
		Phone:    v.get("phone").text(),
	}
}

func money2026(v jsonValue) money.Optional { return v.money("amount", "currencyCode") }

var errNewBreakdown = errors.New("breakdown type is new to obmen")

const newBreakdownHint = "its amount belongs to the order and must not get lost; ask for an obmen that knows it"

// proceeds2026 reads what is stated of the order as a whole. Of the breakdowns only the tip is the
// order's own, the others sum up its items.
func proceeds2026(o *order.Order, v jsonValue) {
	o.Total = money2026(v.get("grandTotal"))
	for b := range v.get("breakdowns").all() {
		kind, amount := b.get("type"), money2026(b.get("subtotal"))
		switch kind.text() {
		case "DELIVERY_TIP":
			kind.add(&o.Tip, amount)
		case "ITEM", "SHIPPING", "GIFT_WRAP", "COD_FEE", "TAX", "DISCOUNT", "OTHER":
		default:
			if !amount.Value.IsZero() {
				kind.refuse(errNewBreakdown, newBreakdownHint)
			}
		}
	}
}

// line2026 reads an order item. It counts as cancelled when nothing of it is ordered any more: the
// quantity is 0, or its cancellation was carried out and no unit is shipped or still to ship.
func line2026(v jsonValue) order.Line {
	product, shipped := v.get("product"), v.get("fulfillment")
	l := order.Line{
		Origin:  order.Origin{Pointer: v.pointer()},
		ID:      v.get("orderItemId").text(),
		SKU:     product.get("sellerSku").text(),
		ASIN:    product.get("asin").text(),
		Title:   product.get("title").text(),
		Ordered: v.stated("quantityOrdered"),
		Shipped: shipped.get("quantityFulfilled").quantity(),
	}
	left := shipped.get("quantityUnfulfilled").quantity()
	none := l.Shipped.Known && left.Known && l.Shipped.Value.IsZero() && left.Value.IsZero()
	l.Cancelled = l.Ordered.IsZero() || none && !v.get("cancellation").get("cancellationExecution").empty()
	for p := range v.get("promotion").get("breakdowns").all() {
		if id := p.get("promotionId").text(); id != "" {
			l.Promotions = append(l.Promotions, id)
		}
	}
	l.Total = money2026(v.get("proceeds").get("proceedsTotal"))
	for b := range v.get("proceeds").get("breakdowns").all() {
		breakdown2026(&l, b)
	}
	tax2026(&l, v.get("tax"))
	return l
}

// breakdown2026 puts one category of an item's proceeds in its place. The sign of a discount stays as
// found: no document of Amazon's tells it, the proof finds out (facts, money 4.3).
func breakdown2026(l *order.Line, v jsonValue) {
	kind, amount := v.get("type"), money2026(v.get("subtotal"))
	switch kind.text() {
	case "TAX":
		kind.add(&l.Tax, amount)
		for d := range v.get("detailedBreakdowns").all() {
			if c := charge2026(l, d.get("subtype").text()); c != nil {
				d.add(&c.Tax, money2026(d.get("value")))
			}
		}
	case "DISCOUNT":
		kind.add(&l.Discount.Amount, amount)
		for d := range v.get("detailedBreakdowns").all() {
			if d.get("subtype").text() == "SHIPPING" {
				d.add(&l.ShippingDiscount.Amount, money2026(d.get("value")))
			}
		}
	default:
		if c := charge2026(l, kind.text()); c != nil {
			kind.add(&c.Amount, amount)
		} else if !amount.Value.IsZero() {
			kind.refuse(errNewBreakdown, newBreakdownHint)
		}
	}
}

// charge2026 is the charge of a category, nil for one that is new.
func charge2026(l *order.Line, category string) *order.Charge {
	switch category {
	case "ITEM":
		return &l.Price
	case "SHIPPING":
		return &l.Shipping
	case "GIFT_WRAP":
		return &l.GiftWrap
	case "COD_FEE":
		return &l.COD
	case "OTHER":
		return &l.Other
	case "DISCOUNT":
		return &l.Discount
	}
	return nil
}

// tax2026 reads who remits the tax, and under which scheme for sellers from outside the EU.
func tax2026(l *order.Line, v jsonValue) {
	for c := range v.get("taxCollections").all() {
		if l.TaxRemitter == "" {
			l.TaxRemitter = firstText(c, "responsibleParty", "model")
		}
	}
	for b := range v.get("taxCalculationBreakdowns").all() {
		if l.Deemed == "" {
			l.Deemed = b.get("reportingScheme").text()
		}
	}
}
