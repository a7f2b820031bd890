package review

import (
	"cmp"
	"fmt"
	"strings"

	"obmen/cmd/obmen/ui"
	"obmen/convert"
	"obmen/convert/document"
	"obmen/convert/money"
	"obmen/convert/order"
	"obmen/convert/source"
	"obmen/watch/desk"
	"obmen/watch/desk/words"
	"obmen/watch/ledger"
)

// printStory tells what became of an order, from the source to 1C.
func printStory(s ui.Streams, t *desk.Story, sources source.Recognizer) {
	s.Tell("explain.order", "Order", t.ID, "Scope", t.Scope())
	if t.Number != "" {
		s.Tell("explain.number", "Number", t.Number)
	}
	if t.Today != nil {
		printSource(s, &t.Today.Source, sources)
		printProof(s, t.Today)
	} else if !t.Missing.IsZero() {
		s.Tell("explain.no-source", "Why", t.Missing)
	}
	if d := shownDocument(t); d != nil {
		printDocument(s, d)
	}
	if t.Today != nil && t.Today.Customer != "" {
		s.Tell("explain.found-as", "How", t.Today.Customer)
	}
	if t.Hold != nil {
		printStoryHold(s, t)
	}
	if d := t.Dismissal; d != nil {
		s.Tell("explain.dismissed", "At", d.At, "Why", d.Why, "Code", d.Code, "Order", d.Order)
	}
	for i := range t.Sets {
		printStorySet(s, t, &t.Sets[i])
	}
}

// shownDocument is the document as 1C got it, or as it would be today.
func shownDocument(t *desk.Story) *document.Document {
	if t.Document != nil || t.Today == nil {
		return t.Document
	}
	return t.Today.Outcome.Document
}

func printSource(s ui.Streams, o *order.Order, sources source.Recognizer) {
	places, names := o.Currency.Places(), source.SpelledIn(o.Format, sources)
	s.Tell("explain.source", "Origin", o.Origin.String(), "Format", o.Format, "Currency", o.Currency)
	for i := range o.Lines {
		l := &o.Lines[i]
		s.Tell("explain.source-line", "Line", i+1, "Product", cmp.Or(l.SKU, l.ASIN, l.Title), "Quantity", l.Ordered)
		for _, c := range desk.LineCharges(l) {
			printCharge(s, &c, names[c.Name], places)
		}
	}
	for _, c := range desk.OrderCharges(o) {
		printCharge(s, &c, names[c.Name], places)
	}
	if o.Total.Known {
		s.Tell("explain.order-total", "Total", s.Words().Figure(o.Total.Value.Text(places)))
	} else {
		s.Tell("explain.no-total")
	}
}

func printCharge(s ui.Streams, c *desk.NamedCharge, spelled source.Spelled, places int) {
	if !c.Amount.Known && !c.Tax.Known {
		return
	}
	w := s.Words()
	amount := w.Say("explain.not-stated")
	if c.Amount.Known {
		amount = w.Figure(c.Amount.Value.Text(places))
	}
	line := fmt.Sprintf("    %-18s %s", c.Name, amount)
	if c.Tax.Known {
		line += w.Say("explain.charge-tax", "Tax", w.Figure(c.Tax.Value.Text(places)))
	}
	switch {
	case c.Tax.Known && spelled.Tax != "":
		line += fmt.Sprintf("  (%s, %s)", spelled.Amount, spelled.Tax)
	case spelled.Amount != "":
		line += fmt.Sprintf("  (%s)", spelled.Amount)
	}
	fmt.Fprintln(s.Out, line)
}

// printProof shows every reading that was tried, and what the chosen one makes of each charge.
func printProof(s ui.Streams, e *convert.Explanation) {
	places := e.Source.Currency.Places()
	if len(e.Readings) > 0 {
		s.Tell("explain.readings")
	}
	for _, r := range e.Readings {
		verdict := words.New("explain.fits-not")
		switch {
		case r.Chosen:
			verdict = words.New("explain.chosen")
		case r.Fits:
			verdict = words.New("explain.fits-too")
		}
		s.Tell("explain.reading", "Name", r.In(s.Words().Language == words.Russian), "Total", s.Words().Figure(r.Total.Text(places)), "Tax", s.Words().Figure(r.Tax.Text(places)), "Verdict", verdict)
	}
	for _, share := range e.Shares {
		where := words.New("explain.the-order")
		if share.Line > 0 {
			where = words.New("explain.the-line", "Line", share.Line)
		}
		s.Tell("explain.share", "Where", where, "Kind", share.Kind, "Amount", s.Words().Figure(share.Amount.Text(places)), "Tax", s.Words().Figure(share.Tax.Text(places)))
	}
}

func printDocument(s ui.Streams, d *document.Document) {
	places := money.Currency(d.Currency).Places()
	s.Tell("explain.document", "ID", d.ID, "Date", s.Words().Second(d.Date))
	if !d.Proof.Excluded.IsZero() {
		s.Tell("explain.excluded", "Total", s.Words().Figure(d.Proof.Total.Text(places)), "Excluded", s.Words().Figure(d.Proof.Excluded.Text(places)), "Reason", d.Proof.Reason)
	}
	heading := "  " + s.Words().Say("explain.in-1c") + " Номер строки  Артикул  Цена × Количество = Сумма"
	if d.VATStated {
		heading += ", Ставка НДС: Сумма НДС"
	}
	fmt.Fprintln(s.Out, heading)
	for i := range d.Lines {
		printDocumentLine(s, &d.Lines[i], d.VATStated, places)
	}
	vat := words.New("explain.vat-inside")
	if !d.VATIncluded {
		vat = words.New("explain.vat-on-top")
	}
	s.Tell("explain.total", "Total", s.Words().Figure(d.Total.Text(places)), "Currency", d.Currency, "VAT", s.Words().Figure(d.VAT.Text(places)), "How", vat)
	s.Tell("explain.customer", "Customer", strings.TrimSpace(d.Customer.Code+" "+d.Customer.ID))
	for _, c := range d.Changes {
		s.Tell("explain.changed", "What", c.What, "Was", c.Was, "Now", c.Now)
	}
}

func printDocumentLine(s ui.Streams, l *document.Line, vat bool, places int) {
	line := fmt.Sprintf("  %d  %s  %s × %s = %s", l.Number, cmp.Or(l.SKU, l.Name), s.Words().Figure(l.Price.Text(places)), l.Quantity, s.Words().Figure(l.Amount.Text(places)))
	if vat {
		line += s.Words().Say("explain.line-vat", "Rate", l.VATRate, "VAT", s.Words().Figure(l.VAT.Text(places)))
	}
	fmt.Fprintln(s.Out, line)
}

func printStoryHold(s ui.Streams, t *desk.Story) {
	h := t.Hold
	why, cure := s.Words().Hold(h.Code, h.Sentence, h.Cure, h.File)
	s.Tell("explain.held", "Since", h.Since, "Code", h.Code, "Why", why)
	if cure != "" {
		s.Tell("report.cure", "Cure", cure)
	}
	for _, line := range h.Add {
		s.Tell("report.add", "Line", line)
	}
	// What 1C refuses is not held for its contents: it takes a replay, which the cure names.
	if t.Today != nil && t.Today.Outcome.Document != nil && h.Code != ledger.RefusedBy1C {
		s.Tell("explain.goes-out", "Order", t.ID)
	}
}

func printStorySet(s ui.Streams, t *desk.Story, set *ledger.Set) {
	w := s.Words()
	line := w.Say("explain.went-out", "Set", set.Stem, "State", words.New("word.set."+string(set.State)), "At", set.Changed)
	m := t.Member(set)
	if m.State != "" && m.State != set.State {
		line += w.Say("explain.this-order", "State", words.New("word.set."+string(m.State)))
	}
	if m.Number1C != "" {
		line += w.Say("explain.number-1c", "Number", m.Number1C)
	}
	if text := cmp.Or(m.Text, set.Text); text != "" {
		line += "  " + ui.InLine(text)
	}
	fmt.Fprintln(s.Out, line)
}
