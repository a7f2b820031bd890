package source

// Orders API 2026-01-01 of the Selling Partner API: the bodies of searchOrders and getOrder.
// Names and rules are those of Amazon's model orders_2026-01-01.json.

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strings"

	"obmen/convert/money"
	"obmen/convert/order"
	"obmen/convert/source/input"
	"obmen/convert/source/jsontree"
)

func init() { registerFormat(orders2026{}) }

type orders2026 struct{}

var _ Format = orders2026{}

func (orders2026) Name() string { return string(shape2026) }

// Spelled implements Speller. They are types of an item's proceeds.breakdowns, and of the details of two of them.
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

func (orders2026) Read(ctx context.Context, in input.Input) iter.Seq2[order.Order, error] {
	return readJSON(ctx, in, shape2026, order2026)
}

// order2026 reads one order. Members it does not name are ignored; unitPrice is one of them, being
// what the shop showed and not what was charged.
func order2026(v jsontree.Value) order.Order {
	o := order.Order{
		Identifiers: order.Identifiers{ID: v.Get("orderId").ID()},
		Stage: order.Stage{
			Created: v.Get("createdTime").Time(),
			Updated: v.Get("lastUpdatedTime").Time(),
		},

		Amounts: order.Amounts{
			DiscountWithin: true, // SHIPPING is a detail of DISCOUNT
		},
	}
	if o.ID == "" {
		v.RefuseMissing("orderId")
	}
	if o.Created.IsZero() {
		v.RefuseMissing("createdTime")
	}
	channel2026(&o, v.Get("salesChannel"))
	fulfillment2026(&o, v.Get("fulfillment"))
	relations2026(&o, v)
	buyer2026(&o, v)
	o.ShipTo = address2026(v.Get("recipient").Get("deliveryAddress"))
	for p := range v.Get("payment").Get("paymentExecutions").All() {
		o.Payment = joinTexts(o.Payment, p.Get("paymentMethod").Text())
	}
	proceeds2026(&o, v.Get("proceeds"))
	items := v.Get("orderItems")
	o.Lines = slices.Grow(o.Lines, items.Len())
	for item := range items.All() {
		line := line2026(item)
		o.Lines = append(o.Lines, line)
		asked := item.Get("cancellation").Get("cancellationRequest").Get("requester").Text() == "BUYER"
		o.CancelRequested = o.CancelRequested || asked && !line.Cancelled && line.Shipped.Value.IsZero()
	}
	o.Currency = v.Currency()
	o.Missing = missing2026(&o, v)
	return o
}

// missing2026 says what an order lacks that was asked for without its items or proceeds. Orders that
// are still pending and cancelled ones rightly have none.
func missing2026(o *order.Order, v jsontree.Value) order.Missing {
	if o.Status == order.Cancelled {
		return order.NothingMissing
	}
	if len(o.Lines) == 0 {
		return order.ItemsMissing
	}
	if o.Status == order.Pending || !v.Get("proceeds").IsEmpty() {
		return order.NothingMissing
	}
	for item := range v.Get("orderItems").All() {
		if !item.Get("proceeds").IsEmpty() {
			return order.NothingMissing
		}
	}
	return order.PricesMissing
}

func channel2026(o *order.Order, v jsontree.Value) {
	id, channel := v.Get("marketplaceId").Text(), v.Get("channelName").Text()
	o.SalesChannel = v.Get("marketplaceName").Text()
	if o.SalesChannel == "" {
		o.SalesChannel = channel
	}
	o.MultiChannel = order.IsNonAmazon(channel) || order.IsNonAmazon(id) || order.IsNonAmazon(o.SalesChannel)
	o.Marketplace = marketplaceOf(id, o.SalesChannel)
}

func fulfillment2026(o *order.Order, v jsontree.Value) {
	o.StatusText = v.Get("fulfillmentStatus").Text()
	o.Status = order.ParseStatus(o.StatusText)
	o.Channel = order.ParseChannel(v.Get("fulfilledBy").Text())
	o.ServiceLevel = v.Get("fulfillmentServiceLevel").Text()
	o.DeliverBy = v.Get("deliverByWindow").Get("latestDateTime").Time()
}

// relations2026 reads programmes, the seller's own ids and the order that this one replaces.
func relations2026(o *order.Order, v jsontree.Value) {
	for _, p := range v.Get("programs").Texts() {
		o.Programs = append(o.Programs, order.Program(p))
	}
	o.BusinessOrder = o.Has(order.AmazonBusiness)
	for a := range v.Get("orderAliases").All() {
		if id := a.Get("aliasId").ID(); id != "" {
			o.Aliases = append(o.Aliases, id)
		}
	}
	for a := range v.Get("associatedOrders").All() {
		if a.Get("associationType").Text() == "REPLACEMENT_ORIGINAL_ID" {
			o.Replaces = a.Get("orderId").ID()
			addProgram(o, order.Replacement)
		}
	}
}

// buyer2026 reads the buyer and, of the tax registrations, the buyer's.
func buyer2026(o *order.Order, v jsontree.Value) {
	b := v.Get("buyer")
	o.Buyer = order.Buyer{
		Name:    b.Get("buyerName").Text(),
		Email:   b.Get("buyerEmail").Text(),
		Company: b.Get("buyerCompanyName").Text(),
	}
	o.PurchaseOrder = b.Get("buyerPurchaseOrderNumber").Text()
	for r := range v.Get("tax").Get("taxRegistrations").All() {
		if r.Get("entityType").Text() != "BUYER" {
			continue
		}
		if o.Buyer.TaxID == "" {
			o.Buyer.TaxID = r.Get("taxRegistrationNumber").Text()
		}
		if o.Buyer.Company == "" {
			o.Buyer.Company = r.Get("legalName").Text()
		}
		if o.Buyer.Address.IsZero() {
			o.Buyer.Address = address2026(r.Get("taxRegistrationAddress"))
		}
	}
}

func address2026(v jsontree.Value) order.Address {
	return order.Address{
		Name:     v.Get("name").Text(),
		Company:  v.Get("companyName").Text(),
		Street:   addressLines(v, "addressLine1", "addressLine2", "addressLine3"),
		City:     v.Get("city").Text(),
		District: firstText(v, "districtOrCounty", "municipality"),
		State:    v.Get("stateOrRegion").Text(),
		Postcode: v.Get("postalCode").Text(),
		Country:  strings.ToUpper(v.Get("countryCode").Text()),
		Phone:    v.Get("phone").Text(),
	}
}

func money2026(v jsontree.Value) money.Optional { return v.Money("amount", "currencyCode") }

var errNewBreakdown = errors.New("breakdown type is new to obmen")

const newBreakdownHint = "its amount belongs to the order and must not get lost; ask for an obmen that knows it"

// proceeds2026 reads what is stated of the order as a whole. Of the breakdowns only the tip is the
// order's own, the others sum up its items.
func proceeds2026(o *order.Order, v jsontree.Value) {
	o.Total = money2026(v.Get("grandTotal"))
	for b := range v.Get("breakdowns").All() {
		kind, amount := b.Get("type"), money2026(b.Get("subtotal"))
		switch kind.Text() {
		case "DELIVERY_TIP":
			kind.AddTo(&o.Tip, amount)
		case "ITEM", "SHIPPING", "GIFT_WRAP", "COD_FEE", "TAX", "DISCOUNT", "OTHER":
		default:
			if !amount.Value.IsZero() {
				kind.Refuse(errNewBreakdown, newBreakdownHint)
			}
		}
	}
}

// line2026 reads an order item. It counts as cancelled when nothing of it is ordered any more: the
// quantity is 0, or its cancellation was carried out and no unit is shipped or still to ship.
func line2026(v jsontree.Value) order.Line {
	product, shipped := v.Get("product"), v.Get("fulfillment")
	l := order.Line{
		Origin: order.Origin{Pointer: v.Pointer()},
		Item: order.Item{
			ID:    v.Get("orderItemId").ID(),
			SKU:   product.Get("sellerSku").Exact(),
			ASIN:  product.Get("asin").Text(),
			Title: product.Get("title").Text(),
		},
		Ordered: v.StatedQuantity("quantityOrdered"),
		Shipped: shipped.Get("quantityFulfilled").Quantity(),
	}
	left := shipped.Get("quantityUnfulfilled").Quantity()
	none := l.Shipped.Known && left.Known && l.Shipped.Value.IsZero() && left.Value.IsZero()
	l.Cancelled = l.Ordered.IsZero() || none && !v.Get("cancellation").Get("cancellationExecution").IsEmpty()
	for p := range v.Get("promotion").Get("breakdowns").All() {
		if id := p.Get("promotionId").Text(); id != "" {
			l.Promotions = append(l.Promotions, id)
		}
	}
	l.Total = money2026(v.Get("proceeds").Get("proceedsTotal"))
	for b := range v.Get("proceeds").Get("breakdowns").All() {
		breakdown2026(&l, b)
	}
	tax2026(&l, v.Get("tax"))
	return l
}

// breakdown2026 puts one category of an item's proceeds in its place. The sign of a discount stays as
// found: no document of Amazon's tells it, the proof finds out.
func breakdown2026(l *order.Line, v jsontree.Value) {
	kind, amount := v.Get("type"), money2026(v.Get("subtotal"))
	switch kind.Text() {
	case "TAX":
		kind.AddTo(&l.Tax, amount)
		for d := range v.Get("detailedBreakdowns").All() {
			if c := charge2026(l, d.Get("subtype").Text()); c != nil {
				d.AddTo(&c.Tax, money2026(d.Get("value")))
			}
		}
	case "DISCOUNT":
		kind.AddTo(&l.Discount.Amount, amount)
		for d := range v.Get("detailedBreakdowns").All() {
			if d.Get("subtype").Text() == "SHIPPING" {
				d.AddTo(&l.ShippingDiscount.Amount, money2026(d.Get("value")))
			}
		}
	default:
		if c := charge2026(l, kind.Text()); c != nil {
			kind.AddTo(&c.Amount, amount)
		} else if !amount.Value.IsZero() {
			kind.Refuse(errNewBreakdown, newBreakdownHint)
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
func tax2026(l *order.Line, v jsontree.Value) {
	for c := range v.Get("taxCollections").All() {
		if l.TaxRemitter == "" {
			l.TaxRemitter = firstText(c, "responsibleParty", "model")
		}
	}
	for b := range v.Get("taxCalculationBreakdowns").All() {
		if l.Deemed == "" {
			l.Deemed = b.Get("reportingScheme").Text()
		}
	}
}
