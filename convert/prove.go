package convert

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"

	"obmen/convert/document"
	"obmen/convert/money"
	"obmen/convert/order"
)

// proveTotal finds the reading of an order's amounts that reproduces its stated total exactly; ties go to
// the source's own word, then the account's, then the marketplace's usual reading. There is no tolerance.
// A source without a total gets the usual reading, and the proof says so. With a usual reading the first
// that fits is the answer, and no later one need be tried.
func proveTotal(o *order.Order, usual order.TaxReading) (*proven, *Hold) {
	stated := statedTotal(o)
	var fits, all []*proven
	for _, r := range allowedReadings(o, readingsToTry(o, usual)) {
		p := r.applyTo(o)
		all = append(all, p)
		if !p.proof.Total.Valid() {
			return nil, &Hold{Code: TooLarge, Sentence: "the order's amounts are larger than obmen can count", Cure: "check the amounts in the source"}
		}
		if !stated.Known || p.proof.Total == stated.Value {
			fits = append(fits, p)
			if usual != order.TaxUnstated {
				break
			}
		}
	}
	if len(fits) == 0 {
		return nil, totalMismatch(o, stated.Value, all)
	}
	p := fits[0]
	if usual == order.TaxUnstated && isAmbiguous(fits) {
		return nil, readingUnknown(o)
	}
	p.proof.Stated = stated.Known
	p.proof.Name, p.proof.Wording = p.reading.wordsOf()
	if !stated.Known {
		p.proof.Name += "; total not stated"
		p.proof.Wording += "; итог в источнике не указан"
	}
	return p, nil
}

// proven is the reading that holds for an order, with what each line comes to under it.
type proven struct {
	reading  reading
	proof    document.Proof
	lines    []charges // one for each order line
	shipping charge    // of the order as a whole
	discount money.Amount
	taxKnown bool // the source states tax at all
}

// statedTotal is the control sum: the order's own, else the sum of the lines' totals when every line has one.
func statedTotal(o *order.Order) money.Optional {
	if o.Total.Known {
		return o.Total
	}
	sum := money.Zero
	for i := range o.Lines {
		if !o.Lines[i].Total.Known {
			return money.Optional{}
		}
		sum = sum.Plus(o.Lines[i].Total.Value)
	}
	return money.Optional{Value: sum.Plus(o.Tip.Value), Known: len(o.Lines) > 0}
}

// isAmbiguous reports whether both a tax-inside and a tax-on-top reading fit: then the amounts alone decide
// nothing.
func isAmbiguous(fits []*proven) bool {
	return slices.ContainsFunc(fits, func(p *proven) bool { return p.reading.onTop != fits[0].reading.onTop })
}

// readingsToTry lists the hypotheses in order of preference, and only those that differ for this order.
func readingsToTry(o *order.Order, usual order.TaxReading) []reading {
	var discount, both, discountTax bool
	for i := range o.Lines {
		l := &o.Lines[i]
		item, ship := !l.Discount.Amount.Value.IsZero(), !l.ShippingDiscount.Amount.Value.IsZero()
		discount = discount || item || ship || !l.CODDiscount.Amount.Value.IsZero()
		both = both || item && ship
		discountTax = discountTax || !l.Discount.Tax.Value.IsZero() || !l.ShippingDiscount.Tax.Value.IsZero()
	}
	if !discount && !discountTax && o.Tip.Value.IsZero() {
		return plainReadings[zeroIf(usual != order.TaxOnTop)]
	}
	taxes := []bool{false, true}
	if usual == order.TaxOnTop {
		taxes = []bool{true, false}
	}
	within := variants(both)
	if o.DiscountWithin {
		slices.Reverse(within)
	}
	var list []reading
	for _, applied := range variants(discount) {
		for _, gross := range variants(discountTax) {
			for _, in := range within {
				for _, tip := range variants(!o.Tip.Value.IsZero()) {
					for _, top := range taxes {
						list = append(list, reading{onTop: top, within: in && both, applied: applied, grossTax: gross, tipApart: tip})
					}
				}
			}
		}
	}
	// The usual tax reading is tried in all its variants before the other one.
	slices.SortStableFunc(list, func(a, b reading) int {
		return cmp.Compare(zeroIf(a.onTop == taxes[0]), zeroIf(b.onTop == taxes[0]))
	})
	return list
}

// allowedReadings leaves out the readings that the source's documentation excludes.
func allowedReadings(o *order.Order, list []reading) []reading {
	if o.Readings == (order.Readings{}) {
		return list
	}
	applied := o.Readings.Discount == order.DiscountIncluded && slices.ContainsFunc(list, func(r reading) bool { return r.applied })
	allowed := make([]reading, 0, len(list))
	for _, r := range list {
		tax := o.Readings.Tax == order.TaxUnstated || r.onTop == (o.Readings.Tax == order.TaxOnTop)
		discount := o.Readings.Discount == order.DiscountEither || r.applied == applied
		if tax && discount {
			allowed = append(allowed, r)
		}
	}
	return allowed
}

// plainReadings are the readings of an order without discounts and tip: the tax inside first, or on top.
var plainReadings = [2][]reading{{{}, {onTop: true}}, {{onTop: true}, {}}}

func variants(matters bool) []bool {
	if matters {
		return []bool{false, true}
	}
	return []bool{false}
}

func zeroIf(first bool) int {
	if first {
		return 0
	}
	return 1
}

// reading is one hypothesis about what the stated amounts mean. The zero value is the usual one of
// Europe: tax inside, every discount to be subtracted, discount tax to be subtracted from tax.
type reading struct {
	onTop    bool // tax is on top of the prices
	within   bool // the shipping discount is part of the item discount
	applied  bool // prices are after discount already
	grossTax bool // stated taxes are after discount already
	tipApart bool // the stated total does not contain the tip
}

// applyTo computes an order under a reading.
func (r reading) applyTo(o *order.Order) *proven {
	p := &proven{reading: r, lines: make([]charges, len(o.Lines))}
	var sum charge
	for i := range o.Lines {
		p.lines[i] = r.chargesOf(&o.Lines[i])
		sum = sum.plus(p.lines[i].total())
		p.taxKnown = p.taxKnown || taxKnown(&o.Lines[i])
	}
	p.shipping = afterDiscount(o.Shipping, order.Charge{})
	p.taxKnown = p.taxKnown || o.Shipping.Tax.Known
	p.discount = o.Discount.Value.Abs()
	sum = sum.plus(p.shipping)
	t := sum.amount.Minus(p.discount)
	if r.onTop {
		t = t.Plus(sum.tax)
	}
	if !r.tipApart {
		t = t.Plus(o.Tip.Value)
	}
	p.proof.Total, p.proof.Tax = t, sum.tax
	return p
}

// chargesOf computes the components of a line.
func (r reading) chargesOf(l *order.Line) charges {
	item, ship, cod := r.discountOf(l.Discount), r.discountOf(l.ShippingDiscount), r.discountOf(l.CODDiscount)
	if r.within {
		item.Amount.Value = item.Amount.Value.Minus(ship.Amount.Value)
	}
	s := charges{
		goods:    afterDiscount(l.Price, item),
		shipping: afterDiscount(l.Shipping, ship),
		wrap:     afterDiscount(l.GiftWrap, order.Charge{}),
		cod:      afterDiscount(l.COD, cod),
		other:    afterDiscount(l.Other, order.Charge{}),
	}
	if l.Tax.Known { // the line's tax as a whole is the truth; its details only say where it belongs
		s.goods.tax = s.goods.tax.Plus(l.Tax.Value.Minus(s.total().tax))
		s.markStated()
	}
	return s
}

// discountOf is what a reading takes off. Discounts are found with either sign: one report says 2.99,
// another source −2.99, and both mean that the buyer paid less.
func (r reading) discountOf(c order.Charge) (d order.Charge) {
	if !r.applied {
		d.Amount.Value = c.Amount.Value.Abs()
	}
	if !r.grossTax {
		d.Tax.Value = c.Tax.Value.Abs()
	}
	return d
}

// markStated notes that the tax of every component is known.
func (s *charges) markStated() {
	for _, part := range []*charge{&s.goods, &s.shipping, &s.wrap, &s.cod, &s.other} {
		part.unstated = false
	}
}

func taxKnown(l *order.Line) bool {
	return l.Tax.Known || l.Price.Tax.Known || l.Shipping.Tax.Known
}

// charges are the components of a line, or of a whole order.
type charges struct {
	goods, shipping, wrap, cod, other charge
}

func (s charges) total() charge {
	return s.goods.plus(s.shipping).plus(s.wrap).plus(s.cod).plus(s.other)
}

// charge is one component of a line under a reading: its amount after discount, as stated (with the
// tax inside, or without it), and its tax.
type charge struct {
	amount   money.Amount
	tax      money.Amount
	unstated bool // a part of the amount has a tax that the source does not state
}

func (s charge) plus(t charge) charge {
	return charge{s.amount.Plus(t.amount), s.tax.Plus(t.tax), s.unstated || t.unstated}
}

// afterDiscount is a charge after its discount.
func afterDiscount(c, discount order.Charge) charge {
	amount := c.Amount.Value.Minus(discount.Amount.Value)
	return charge{amount, c.Tax.Value.Minus(discount.Tax.Value), !c.Tax.Known && !amount.IsZero()}
}

// totalMismatch holds an order whose stated total no reading gives, and shows every sum that was tried.
func totalMismatch(o *order.Order, stated money.Amount, tried []*proven) *Hold {
	places := o.Currency.Places()
	var sums []string
	for _, p := range tried {
		sums = append(sums, fmt.Sprintf("%s %s (%s)", p.reading, p.proof.Total.Text(places), signedText(p.proof.Total.Minus(stated), places)))
	}
	return &Hold{
		Code:     TotalMismatch,
		Sentence: fmt.Sprintf("the stated total %s %s follows from no reading of the amounts: %s", stated.Text(places), o.Currency, strings.Join(sums, "; ")),
		Cure:     "compare the order with what the marketplace or shop shows; when the file is right, report these figures to obmen's authors",
	}
}

func readingUnknown(o *order.Order) *Hold {
	return &Hold{
		Code:     TaxReadingUnknown,
		Sentence: fmt.Sprintf("the amounts do not tell whether prices of %s contain the tax", cmp.Or(o.SalesChannel, o.Marketplace, "this marketplace")),
		Cure:     `say it once in the account's section of obmen.toml: tax = "inside" or tax = "on-top"`,
		File:     "obmen.toml",
		Add:      []string{`tax = "inside"`},
	}
}

func signedText(d money.Amount, places int) string {
	if d.Sign() > 0 {
		return "+" + d.Text(places)
	}
	return d.Text(places)
}

// readingWords name the parts of a reading, in English for messages and in Russian for documents.
var readingWords = []struct {
	on               func(reading) bool
	english, russian string
}{
	{func(r reading) bool { return r.onTop }, "tax on top", "налог сверх цены"},
	{func(r reading) bool { return !r.onTop }, "tax inside", "налог включён в цену"},
	{func(r reading) bool { return r.within }, "shipping discount within the item discount", "скидка на доставку входит в скидку на товар"},
	{func(r reading) bool { return r.applied }, "prices after discount", "цены уже со скидкой"},
	{func(r reading) bool { return r.grossTax }, "taxes after discount", "налоги уже со скидкой"},
	{func(r reading) bool { return r.tipApart }, "tip beside the total", "чаевые не входят в итог"},
}

// wordings are the words of every reading, for the bits of its hypotheses.
var wordings = sync.OnceValue(func() (all [1 << 5][2]string) {
	for i := range all {
		r := reading{i&1 > 0, i&2 > 0, i&4 > 0, i&8 > 0, i&16 > 0}
		all[r.bitSet()][0], all[r.bitSet()][1] = r.describe()
	}
	return all
})

func (r reading) bitSet() (n int) {
	for i, on := range []bool{r.onTop, r.within, r.applied, r.grossTax, r.tipApart} {
		if on {
			n |= 1 << i
		}
	}
	return n
}

// wordsOf describes a reading in both languages.
func (r reading) wordsOf() (english, russian string) {
	w := wordings()[r.bitSet()]
	return w[0], w[1]
}

func (r reading) describe() (english, russian string) {
	var en, ru []string
	for _, w := range readingWords {
		if w.on(r) {
			en, ru = append(en, w.english), append(ru, w.russian)
		}
	}
	return strings.Join(en, ", "), strings.Join(ru, ", ")
}

func (r reading) String() string {
	english, _ := r.wordsOf()
	return english
}
