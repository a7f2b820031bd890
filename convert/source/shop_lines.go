package source

import (
	"errors"
	"slices"
	"strings"

	"obmen/convert/money"
	"obmen/convert/order"
	"obmen/convert/source/jsontree"
)

// An order of a shop is read as it is now. Units that were taken out before they were sent, be it by an edit
// or by a refund, are no part of it, and neither is a shipping line that was removed. What is refunded after
// it was sent changes nothing: a return is a document of its own.

// readShopLines reads everything of an order that has to do with money.
func readShopLines(o *order.Order, v jsontree.Value) {
	edit := shopEdit{refunds: shopRefunds(v), sent: v.Get("fulfillment_status").Text() != ""}
	items := v.Get("line_items")
	o.Lines = slices.Grow(o.Lines, items.Len())
	var discounts money.Amount
	for item := range items.All() {
		if !item.Get("tip").IsEmpty() {
			addShopTip(o, item)
			continue
		}
		line, discount := shopLine(item, &edit)
		discounts = discounts.Plus(discount)
		o.Lines = append(o.Lines, line)
	}
	switch {
	case len(o.Lines) == 0 && o.Status != order.Cancelled:
		o.Missing = order.ItemsMissing
	case edit.removed && !slices.ContainsFunc(o.Lines, func(l order.Line) bool { return !l.Cancelled }):
		o.Status = order.Cancelled
	}
	saved := shopShipping(o, v.Get("shipping_lines"), &edit)
	o.Total = edit.totalOf(v)
	total := v.Get("total_discounts")
	if now := v.Get("current_total_discounts"); edit.removed && !now.IsEmpty() {
		total, discounts = now, keptDiscounts(o)
	}
	shopDiscount(o, total, saved.Plus(discounts))
}

// addShopTip takes a tip that stands among the lines. total_tip_received says the same again.
func addShopTip(o *order.Order, item jsontree.Value) {
	if tip := shopPrice(item, item.StatedQuantity("quantity")); tip.Known && o.Tip.Value.IsZero() {
		o.Tip = tip
	}
}

func keptDiscounts(o *order.Order) (sum money.Amount) {
	for i := range o.Lines {
		sum = sum.Plus(o.Lines[i].Discount.Amount.Value)
	}
	return sum
}

// shopRefund is what was refunded of one line, in units.
type shopRefund struct {
	cancelled money.Quantity // taken out before they were sent
	other     money.Quantity // returned, or refunded without coming back
	amount    money.Amount   // of the others, with their tax
}

// shopRefunds adds up the refunds of an order by line.
func shopRefunds(v jsontree.Value) map[string]*shopRefund {
	refunds := map[string]*shopRefund{}
	inside := v.Get("taxes_included").Flag()
	for r := range v.Get("refunds").All() {
		for item := range r.Get("refund_line_items").All() {
			id := item.Get("line_item_id").ID()
			if id == "" {
				id = item.Get("line_item").Get("id").ID()
			}
			if refunds[id] == nil {
				refunds[id] = &shopRefund{}
			}
			units := item.StatedQuantity("quantity")
			if item.Get("restock_type").Text() == "cancel" {
				refunds[id].cancelled = refunds[id].cancelled.Plus(units)
				continue
			}
			refunds[id].other = refunds[id].other.Plus(units)
			refunds[id].amount = refunds[id].amount.Plus(item.Get("subtotal").Decimal().Value)
			if !inside {
				refunds[id].amount = refunds[id].amount.Plus(item.Get("total_tax").Decimal().Value)
			}
		}
	}
	return refunds
}

// shopEdit is what became of an order after it was placed.
type shopEdit struct {
	refunds  map[string]*shopRefund
	sent     bool         // something of the order was sent
	removed  bool         // something was taken out of it before
	returned money.Amount // refunded after it was sent
}

// unitsNow returns how many units of a line the order has now.
func (e *shopEdit) unitsNow(item jsontree.Value, ordered money.Quantity) money.Quantity {
	refund := e.refunds[item.Get("id").ID()]
	if refund == nil {
		refund = &shopRefund{}
	}
	now := ordered.Minus(refund.cancelled)
	if current := item.Get("current_quantity").Quantity(); e.sent || item.Get("fulfillment_status").Text() != "" {
		e.returned = e.returned.Plus(refund.amount)
	} else if now = now.Minus(refund.other); current.Known {
		now = current.Value
	}
	if now.Sign() < 0 {
		item.Refuse(errors.New("more units refunded than ordered"), "look the order up in the shop and fetch it again")
		now = money.Zero
	}
	e.removed = e.removed || now.Less(ordered)
	return now
}

// totalOf returns the total of what the order has now. The shop's current total is without what was
// returned, too.
func (e *shopEdit) totalOf(v jsontree.Value) money.Optional {
	first, now := v.Get("total_price").Decimal(), v.Get("current_total_price").Decimal()
	if !now.Known || !e.removed && !v.Get("refunds").IsEmpty() {
		return first
	}
	return money.Known(now.Value.Plus(e.returned))
}

// shopLine reads a line, and its discount before any unit was taken out. Its price is that of one unit, its
// discount that of the whole line. An empty SKU stays empty: the matcher reports it.
func shopLine(v jsontree.Value, edit *shopEdit) (order.Line, money.Amount) {
	ordered := v.StatedQuantity("quantity")
	l := order.Line{
		Origin: order.Origin{Pointer: v.Pointer()},
		Item: order.Item{
			ID:      v.Get("id").ID(),
			SKU:     v.Get("sku").Exact(),
			Barcode: v.Get("barcode").Text(),
			Title:   firstText(v, "title", "name"),
		},
		Ordered: edit.unitsNow(v, ordered),
	}
	l.Cancelled = l.Ordered.IsZero()
	discount := shopLineDiscount(v)
	l.Price = order.Charge{Amount: shopPrice(v, l.Ordered), Tax: shopShare(v, shopTax(v, &l.TaxRemitter), l.Ordered, ordered)}
	l.Discount.Amount = shopShare(v, discount, l.Ordered, ordered)
	return l, discount.Value
}

// shopShare returns the part of an amount of the whole line that falls to the units that are left.
func shopShare(v jsontree.Value, amount money.Optional, units, of money.Quantity) money.Optional {
	if !amount.Known || units == of || of.IsZero() {
		return amount
	}
	return money.Known(amount.Value.MulDiv(units, of, v.Currency().Places()))
}

// shopLineDiscount returns what a line is cheaper by. Discounts of the whole order that fall to the line are
// among its allocations, and total_discount may leave those out.
func shopLineDiscount(v jsontree.Value) money.Optional {
	total, allocated := v.Get("total_discount").Decimal(), shopAllocations(v)
	if allocated.Known && total.Value.Less(allocated.Value) {
		return allocated
	}
	return total
}

func shopAllocations(v jsontree.Value) (sum money.Optional) {
	for a := range v.Get("discount_allocations").All() {
		a.AddTo(&sum, a.Get("amount").Decimal())
	}
	return sum
}

func shopPrice(v jsontree.Value, quantity money.Quantity) money.Optional {
	unit := v.Get("price")
	price := unit.Decimal()
	if !price.Known {
		v.RefuseMissing("price")
		return price
	}
	price.Value = price.Value.Times(quantity)
	if !price.Value.Valid() {
		unit.Refuse(errors.New("price × quantity needs more digits than an amount has"), "correct the price or the quantity in the file")
	}
	return price
}

// shopTax adds up tax_lines. An empty list states no tax: shops write one too when they never worked the tax
// out. A tax that the sales channel collects and pays (channel_liable) names the channel as its remitter.
func shopTax(v jsontree.Value, remitter *string) (tax money.Optional) {
	var channel, seller bool
	for t := range v.Get("tax_lines").All() {
		amount := t.Get("price").Decimal()
		t.AddTo(&tax, amount)
		liable := t.Get("channel_liable").Flag()
		channel = channel || liable && !amount.Value.IsZero()
		seller = seller || !liable && !amount.Value.IsZero()
	}
	if channel && seller {
		v.Get("tax_lines").Refuse(errors.New("the sales channel pays one tax of it and the seller another"), "enter the order in 1C by hand")
	}
	if channel {
		*remitter = "sales channel"
	}
	return tax
}

// shopShipping adds up the shipping lines after their discounts, and returns the sum of those.
func shopShipping(o *order.Order, lines jsontree.Value, edit *shopEdit) (saved money.Amount) {
	for l := range lines.All() {
		if l.Get("is_removed").Flag() {
			edit.removed = true
			continue
		}
		price := l.Get("price").Decimal()
		charged := shopShippingPrice(l, price)
		if price.Known {
			saved = saved.Plus(price.Value.Minus(charged.Value))
		}
		l.AddTo(&o.Shipping.Amount, charged)
		tax := shopTax(l, &o.ShippingRemitter)
		if o.ShippingRemitter == "" && !tax.Value.IsZero() {
			o.ShippingRemitter = order.RemitterSeller
		}
		l.AddTo(&o.Shipping.Tax, tax)
		if o.ServiceLevel == "" {
			o.ServiceLevel = l.Get("title").Text()
		}
	}
	return saved
}

// shopShippingPrice returns what is charged for shipping. discounted_price may leave out the discounts of the
// whole order, which are among the allocations.
func shopShippingPrice(l jsontree.Value, price money.Optional) money.Optional {
	charged := l.Get("discounted_price").Decimal()
	if !charged.Known {
		charged = price
	}
	if left := price.Value.Minus(shopAllocations(l).Value); price.Known && left.Less(charged.Value) {
		charged.Value = left
	}
	return charged
}

// shopDiscount finds the discount on the order as a whole. total_discounts is the sum of everything
// that was taken off; what lines and shipping do not account for was taken off the order.
func shopDiscount(o *order.Order, total jsontree.Value, known money.Amount) {
	sum := total.Decimal()
	if !sum.Known {
		return
	}
	rest := sum.Value.Minus(known)
	switch {
	case !rest.Valid():
		total.Refuse(jsontree.ErrOverflow, "correct the amount in the file, or fetch the order again")
	case rest.Sign() > 0:
		o.Discount = money.Known(rest)
	}
}

// shopAmounts are the amounts of an order that are read, or that sum up what is.
var shopAmounts = map[string]bool{
	"total_price": true, "current_total_price": true, "subtotal_price": true, "current_subtotal_price": true,
	"total_line_items_price": true, "total_discounts": true, "current_total_discounts": true, "total_tax": true,
	"current_total_tax": true, "total_outstanding": true, "total_tip_received": true, "total_price_usd": true,
	"total_weight": true, "total_cash_rounding_refund_adjustment": true,
}

// refuseUnknownAmounts refuses an order that states an amount for the order as a whole which is not read:
// then it is of another shop's making, and its money would not be whole.
func refuseUnknownAmounts(v jsontree.Value) {
	for m := range v.Members() {
		name := m.Name()
		if shopAmounts[name] || !soundsLikeMoney(name) {
			continue
		}
		switch m.Kind() {
		case '[':
			if !m.IsEmpty() && name == "fee_lines" {
				m.Refuse(errUnknownAmount, unknownAmountHint)
			}
		case '"', '0', '-':
			if n, err := money.Parse(strings.TrimSpace(m.Text())); err == nil && !n.IsZero() {
				m.Refuse(errUnknownAmount, unknownAmountHint)
			}
		}
	}
}

var errUnknownAmount = errors.New("an amount of the order that obmen does not know")

const unknownAmountHint = "it is no order of Shopify's shape; describe the shop in a mapping (obmen source)"

func soundsLikeMoney(name string) bool {
	words := strings.Split(name, "_")
	switch words[len(words)-1] {
	case "id", "number", "rate", "code", "count":
		return false
	}
	return slices.ContainsFunc(words, func(word string) bool {
		switch strings.TrimSuffix(word, "s") {
		case "total", "subtotal", "fee", "shipping", "discount", "tax", "tip", "amount", "price", "surcharge", "cost":
			return true
		}
		return false
	})
}
