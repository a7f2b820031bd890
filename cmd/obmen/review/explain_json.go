package review

import (
	"obmen/cmd/obmen/ui"
	"obmen/convert/document"
	"obmen/convert/money"
	"obmen/convert/order"
	"obmen/convert/source"
	"obmen/watch/desk"
)

// The object that explain --json prints. Amounts are texts: no program may round them.
type (
	jsonExplained struct {
		Orders []jsonStory `json:"orders"`
	}
	jsonStory struct {
		Order    string          `json:"order"`
		Scope    string          `json:"scope"`                   // where the number is unique
		Number   string          `json:"number_for_1c,omitempty"` // under which 1C finds it
		Source   *jsonSource     `json:"source,omitempty"`
		Missing  string          `json:"missing,omitempty"` // why there is no source
		Readings []jsonReading   `json:"readings,omitempty"`
		Shares   []jsonShare     `json:"shares,omitempty"` // what the chosen reading makes of the charges
		Document *jsonDocument   `json:"document,omitempty"`
		Customer string          `json:"customer_found,omitempty"` // how
		Hold     *desk.Hold      `json:"hold,omitempty"`
		Gone     *desk.Dismissal `json:"dismissed,omitempty"`
		Sets     []jsonWent      `json:"sets,omitempty"`
	}
	jsonSource struct {
		Origin   string       `json:"origin"`
		Format   string       `json:"format"`
		Currency string       `json:"currency"`
		Total    string       `json:"total,omitempty"`
		Charges  []jsonCharge `json:"charges"`
	}
	jsonCharge struct {
		Line       int    `json:"line"` // from 1; 0 for the order as a whole
		SKU        string `json:"sku,omitempty"`
		Field      string `json:"field"`
		Spelled    string `json:"spelled,omitempty"` // that field in the source
		TaxSpelled string `json:"tax_spelled,omitempty"`
		Amount     string `json:"amount,omitempty"`
		Tax        string `json:"tax,omitempty"`
	}
	jsonReading struct {
		Name   string `json:"name"`
		Total  string `json:"total"`
		Tax    string `json:"tax"`
		Fits   bool   `json:"fits"`
		Chosen bool   `json:"chosen"`
	}
	jsonShare struct {
		Line   int    `json:"line"` // from 1; 0 for the order as a whole
		Kind   string `json:"kind"`
		Amount string `json:"amount"`
		Tax    string `json:"tax"`
	}
	jsonDocument struct {
		ID       string       `json:"id"`
		Total    string       `json:"total"`
		VAT      string       `json:"vat"`
		Inside   bool         `json:"vat_included"`
		Excluded string       `json:"excluded,omitempty"` // not the seller's
		Reason   string       `json:"excluded_reason,omitempty"`
		Customer string       `json:"customer"` // id in 1C
		Lines    []jsonLine   `json:"lines"`
		Changes  []jsonChange `json:"changes,omitempty"`
	}
	jsonLine struct {
		SKU      string `json:"sku"`
		Kind     string `json:"kind"`
		Price    string `json:"price"`
		Quantity string `json:"quantity"`
		Amount   string `json:"amount"`
		VATRate  string `json:"vat_rate,omitempty"`
		VAT      string `json:"vat,omitempty"`
	}
	jsonChange struct {
		What string `json:"what"`
		Was  string `json:"was"`
		Now  string `json:"now"`
	}
	jsonWent struct {
		Set      string `json:"set"`
		State    string `json:"state"`           // of the set
		Order    string `json:"order,omitempty"` // loaded or failed, when 1C said so of this order
		Number1C string `json:"number_1c,omitempty"`
		Text     string `json:"text,omitempty"`
		Changed  string `json:"changed"`
	}
)

func jsonStories(list []desk.Story, sources source.Recognizer) jsonExplained {
	out := jsonExplained{Orders: []jsonStory{}}
	for i := range list {
		out.Orders = append(out.Orders, jsonStoryOf(&list[i], sources))
	}
	return out
}

func jsonStoryOf(t *desk.Story, sources source.Recognizer) jsonStory {
	j := jsonStory{Order: t.ID, Scope: t.Scope(), Number: t.Number}
	if !t.Missing.IsZero() {
		j.Missing = t.Missing.String()
	}
	if e := t.Today; e != nil {
		places := e.Source.Currency.Places()
		j.Source, j.Customer = jsonSourceOf(&e.Source, sources), e.Customer
		for _, r := range e.Readings {
			j.Readings = append(j.Readings, jsonReading{r.Name, r.Total.Text(places), r.Tax.Text(places), r.Fits, r.Chosen})
		}
		for _, s := range e.Shares {
			j.Shares = append(j.Shares, jsonShare{s.Line, s.Kind, s.Amount.Text(places), s.Tax.Text(places)})
		}
	}
	if d := shownDocument(t); d != nil {
		j.Document = jsonDocumentOf(d)
	}
	if t.Hold != nil {
		hold := desk.HoldOf(t.Hold)
		j.Hold = &hold
	}
	if t.Dismissal != nil {
		gone := desk.DismissalOf(t.Dismissal)
		j.Gone = &gone
	}
	for i := range t.Sets {
		set, m := &t.Sets[i], t.Member(&t.Sets[i])
		text := m.Text
		if text == "" {
			text = set.Text
		}
		j.Sets = append(j.Sets, jsonWent{set.Stem, string(set.State), string(m.State), m.Number1C, text, ui.Stamp(set.Changed)})
	}
	return j
}

func jsonSourceOf(o *order.Order, sources source.Recognizer) *jsonSource {
	places := o.Currency.Places()
	j := &jsonSource{Origin: o.Origin.String(), Format: o.Format, Currency: string(o.Currency), Total: knownText(o.Total, places), Charges: []jsonCharge{}}
	names := source.SpelledIn(o.Format, sources)
	add := func(line int, sku string, c desk.NamedCharge) {
		if c.Amount.Known || c.Tax.Known {
			spelled := names[c.Name]
			if !c.Tax.Known {
				spelled.Tax = ""
			}
			j.Charges = append(j.Charges, jsonCharge{line, sku, string(c.Name), spelled.Amount, spelled.Tax, knownText(c.Amount, places), knownText(c.Tax, places)})
		}
	}
	for i := range o.Lines {
		for _, c := range desk.LineCharges(&o.Lines[i]) {
			add(i+1, o.Lines[i].SKU, c)
		}
	}
	for _, c := range desk.OrderCharges(o) {
		add(0, "", c)
	}
	return j
}

func knownText(a money.Optional, places int) string {
	if !a.Known {
		return ""
	}
	return a.Value.Text(places)
}

func jsonDocumentOf(d *document.Document) *jsonDocument {
	c := money.Currency(d.Currency)
	j := &jsonDocument{ID: d.ID, Total: amountText(d.Total, c), VAT: amountText(d.VAT, c), Inside: d.VATIncluded, Customer: d.Customer.ID, Lines: []jsonLine{}}
	if !d.Proof.Excluded.IsZero() {
		j.Excluded, j.Reason = amountText(d.Proof.Excluded, c), d.Proof.Reason
	}
	for _, l := range d.Lines {
		line := jsonLine{SKU: l.SKU, Kind: l.Kind, Price: amountText(l.Price, c), Quantity: l.Quantity.String(), Amount: amountText(l.Amount, c)}
		if d.VATStated {
			line.VATRate, line.VAT = l.VATRate.String(), amountText(l.VAT, c)
		}
		j.Lines = append(j.Lines, line)
	}
	for _, change := range d.Changes {
		j.Changes = append(j.Changes, jsonChange{change.What, change.Was, change.Now})
	}
	return j
}

func amountText(a money.Amount, c money.Currency) string { return a.Text(c.Places()) }
