package main

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"obmen/cmd/obmen/ui"
	"obmen/convert"
	"obmen/convert/document"
	"obmen/convert/money"
	"obmen/convert/order"
	"obmen/convert/source"
	"obmen/watch/ledger"
)

// text tells an order's story from the source to 1C.
func (t *story) text(w io.Writer) {
	fmt.Fprintf(w, "order %s (%s)\n", t.id, t.scope())
	if t.today != nil {
		sourceText(w, &t.today.Source)
		proofText(w, t.today)
	} else if t.missing != "" {
		fmt.Fprintln(w, "source: "+t.missing)
	}
	if d := t.shown(); d != nil {
		documentText(w, d)
	}
	if t.today != nil && t.today.Customer != "" {
		fmt.Fprintln(w, "  found as: "+t.today.Customer)
	}
	if t.hold != nil {
		t.holdText(w)
	}
	if d := t.gone; d != nil {
		fmt.Fprintf(w, "dismissed %s: %s; it will not be exported\n  it was held for %s; obmen dismiss --undo %s brings it back\n", ui.Clock(d.At), d.Why, d.Code, d.Order)
	}
	for i := range t.sets {
		t.setText(w, &t.sets[i])
	}
}

// shown is the document as 1C got it, or as it would be today.
func (t *story) shown() *document.Document {
	if t.document != nil || t.today == nil {
		return t.document
	}
	return t.today.Outcome.Document
}

// charges are the stated amounts of a line, by the name of their field.
func charges(l *order.Line) []namedCharge {
	return []namedCharge{
		{source.Price, l.Price},
		{source.Discount, l.Discount},
		{source.Shipping, l.Shipping},
		{source.ShippingDiscount, l.ShippingDiscount},
		{source.GiftWrap, l.GiftWrap},
		{source.COD, l.COD},
		{source.CODDiscount, l.CODDiscount},
		{source.Other, l.Other},
		{source.LineTax, order.Charge{Amount: l.Tax}},
		{source.LineTotal, order.Charge{Amount: l.Total}},
	}
}

// orderCharges are the stated amounts of the order as a whole.
func orderCharges(o *order.Order) []namedCharge {
	return []namedCharge{
		{source.OrderShipping, o.Shipping},
		{source.OrderDiscount, order.Charge{Amount: o.Discount}},
		{source.Tip, order.Charge{Amount: o.Tip}},
	}
}

type namedCharge struct {
	name source.Charge
	order.Charge
}

func sourceText(w io.Writer, o *order.Order) {
	places, names := o.Currency.Places(), source.SpelledIn(o.Format)
	fmt.Fprintf(w, "source: %s, %s, amounts in %s as stated\n", o.Origin, o.Format, o.Currency)
	for i := range o.Lines {
		l := &o.Lines[i]
		fmt.Fprintf(w, "  line %d  %s × %s\n", i+1, cmp.Or(l.SKU, l.ASIN, l.Title), l.Ordered)
		for _, c := range charges(l) {
			c.text(w, names[c.name], places)
		}
	}
	for _, c := range orderCharges(o) {
		c.text(w, names[c.name], places)
	}
	if o.Total.Known {
		fmt.Fprintf(w, "  order total %s\n", o.Total.Value.Text(places))
	} else {
		fmt.Fprintln(w, "  order total not stated")
	}
}

func (c *namedCharge) text(w io.Writer, spelled source.Spelled, places int) {
	if !c.Amount.Known && !c.Tax.Known {
		return
	}
	fmt.Fprintf(w, "    %-18s %s", c.name, stated(c.Amount, places))
	if c.Tax.Known {
		fmt.Fprintf(w, "  tax %s", c.Tax.Value.Text(places))
	}
	switch {
	case c.Tax.Known && spelled.Tax != "":
		fmt.Fprintf(w, "  (%s, %s)", spelled.Amount, spelled.Tax)
	case spelled.Amount != "":
		fmt.Fprintf(w, "  (%s)", spelled.Amount)
	}
	fmt.Fprintln(w)
}

func stated(a money.Optional, places int) string {
	if !a.Known {
		return "not stated"
	}
	return a.Value.Text(places)
}

// proofText shows every reading that was tried, and what the chosen one makes of each charge.
func proofText(w io.Writer, e *convert.Explanation) {
	places := e.Source.Currency.Places()
	if len(e.Readings) > 0 {
		fmt.Fprintln(w, "readings tried:")
	}
	for _, r := range e.Readings {
		verdict := "does not fit"
		switch {
		case r.Chosen:
			verdict = "chosen"
		case r.Fits:
			verdict = "fits too"
		}
		fmt.Fprintf(w, "  %s: total %s, tax %s  (%s)\n", r.Name, r.Total.Text(places), r.Tax.Text(places), verdict)
	}
	for _, share := range e.Shares {
		where := "the order"
		if share.Line > 0 {
			where = fmt.Sprintf("line %d", share.Line)
		}
		fmt.Fprintf(w, "    %s %s after discount %s, tax %s\n", where, share.Kind, share.Amount.Text(places), share.Tax.Text(places))
	}
}

func documentText(w io.Writer, d *document.Document) {
	places := money.Currency(d.Currency).Places()
	fmt.Fprintf(w, "document %s of %s\n", d.ID, d.Date.Format("2006-01-02 15:04:05"))
	if !d.Proof.Excluded.IsZero() {
		fmt.Fprintf(w, "  total of the buyer %s, not the seller's %s (%s)\n", d.Proof.Total.Text(places), d.Proof.Excluded.Text(places), d.Proof.Reason)
	}
	heading := "  in 1C: Номер строки  Артикул  Цена × Количество = Сумма"
	if d.VATStated {
		heading += ", Ставка НДС: Сумма НДС"
	}
	fmt.Fprintln(w, heading)
	for i := range d.Lines {
		lineText(w, &d.Lines[i], d.VATStated, places)
	}
	vat := "inside"
	if !d.VATIncluded {
		vat = "on top"
	}
	fmt.Fprintf(w, "  total %s %s, VAT %s %s\n", d.Total.Text(places), d.Currency, d.VAT.Text(places), vat)
	fmt.Fprintf(w, "  customer: %s\n", strings.TrimSpace(d.Customer.Code+" "+d.Customer.ID))
	for _, c := range d.Changes {
		fmt.Fprintf(w, "  changed: %s was %s, now %s\n", c.What, c.Was, c.Now)
	}
}

func lineText(w io.Writer, l *document.Line, vat bool, places int) {
	fmt.Fprintf(w, "  %d  %s  %s × %s = %s", l.Number, cmp.Or(l.SKU, l.Name), l.Price.Text(places), l.Quantity, l.Amount.Text(places))
	if vat {
		fmt.Fprintf(w, ", VAT %s: %s", l.VATRate, l.VAT.Text(places))
	}
	fmt.Fprintln(w)
}

func (t *story) holdText(w io.Writer) {
	h := t.hold
	fmt.Fprintf(w, "held since %s: %s  %s\n", ui.Clock(h.Since), h.Code, h.Sentence)
	if h.Cure != "" {
		fmt.Fprintln(w, "  cure: "+h.Cure)
	}
	for _, line := range h.Add {
		fmt.Fprintln(w, "    "+line)
	}
	if t.today != nil && t.today.Outcome.Document != nil {
		fmt.Fprintln(w, "  with today's catalogs and settings it goes out: obmen retry "+t.id)
	}
}

func (t *story) setText(w io.Writer, set *ledger.Set) {
	fmt.Fprintf(w, "went out in %s  %s %s", set.Stem, set.State, ui.Clock(set.Changed))
	m := t.member(set)
	if m.State != "" && m.State != set.State {
		fmt.Fprintf(w, ", this order %s", m.State)
	}
	if m.Number1C != "" {
		fmt.Fprint(w, ", in 1C number "+m.Number1C)
	}
	if text := cmp.Or(m.Text, set.Text); text != "" {
		fmt.Fprint(w, "  "+text)
	}
	fmt.Fprintln(w)
}
