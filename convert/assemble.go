package convert

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"obmen/convert/document"
	"obmen/convert/money"
	"obmen/convert/order"
)

// decideOutcome decides what becomes of an order; a held one is described.
func (m *matcher) decideOutcome(it readOrder, known *Known) Outcome {
	out := m.outcomeWithoutAbout(it, known)
	if out.Hold != nil {
		out.Hold.About = aboutOrder(it.order)
	}
	return out
}

// aboutOrder describes an order.
func aboutOrder(o *order.Order) About {
	a := About{Ordered: o.Created, Country: cmp.Or(o.ShipTo.Country, o.Marketplace)}
	if o.Zone != nil {
		a.Ordered = a.Ordered.In(o.Zone)
	}
	var titles []string
	for i := range o.Lines {
		title := oneLine(cmp.Or(o.Lines[i].Title, o.Lines[i].SKU))
		if title != "" && !ordersNothing(&o.Lines[i]) && !slices.Contains(titles, title) {
			titles = append(titles, title)
		}
	}
	text := []rune(strings.Join(titles, "; "))
	if len(text) > longestTitles {
		text = append(text[:longestTitles-1], '…')
	}
	a.Title = string(text)
	return a
}

// outcomeWithoutAbout decides what becomes of an order, unless the gatherer has: a repetition too many.
func (m *matcher) outcomeWithoutAbout(it readOrder, known *Known) Outcome {
	o := it.order
	out := m.newOutcome(o)
	if out.Hold = it.hold; out.Hold != nil {
		return out
	}
	if out.Rule = cmp.Or(it.rule, known.skipRule(o, out.Fingerprint), m.account.skipRule(o)); out.Rule != "" {
		if out.Rule == SkipCancelled && known != nil {
			out.Rule = ""
			out.Document, out.Hold = m.cancelKnown(o, known)
		}
		return out
	}
	if out.Document, out.Hold = m.makeDocument(o); out.Hold != nil {
		return out
	}
	known.markChanges(out.Document)
	out.Notes = m.notesOn(out.Document)
	out.Total = money.Known(out.Document.Proof.Total)
	return out
}

// cancelKnown marks the document that 1C has as cancelled.
func (m *matcher) cancelKnown(o *order.Order, known *Known) (*document.Document, *Hold) {
	if known.Document == nil && o.Currency == "" {
		return nil, currencyUnknown()
	}
	return known.cancelDocument(o, m.newDocument(o, document.Customer{})), nil
}

// newOutcome is all of an outcome that does not depend on what becomes of the order.
func (m *matcher) newOutcome(o *order.Order) Outcome {
	out := Outcome{
		Order: o.ID, Scope: scopeOf(o, m.account.Name), Account: m.account.Name, Source: o.Format, Origin: o.Origin,
		Updated: o.Updated,
	}
	if m.opt.Known != nil {
		out.Fingerprint = fingerprintOf(o)
	}
	if o.Currency == "" {
		market, _ := order.LookUp(o.Marketplace)
		o.Currency = cmp.Or(m.account.Currency, market.Currency, m.opt.Currency)
	}
	out.Currency, out.Total = o.Currency, o.Total
	return out
}

// makeDocument proves, matches and assembles one order.
func (m *matcher) makeDocument(o *order.Order) (*document.Document, *Hold) {
	if hold := holdUnfinished(o); hold != nil {
		return nil, hold
	}
	if hold := m.account.holdDoubtful(o); hold != nil {
		return nil, hold
	}
	if hold := m.doubtfulSeller(o); hold != nil {
		return nil, hold
	}
	if o.Currency == "" {
		return nil, currencyUnknown()
	}
	p, hold := proveTotal(o, usualReading(o, &m.account))
	if hold != nil {
		return nil, hold
	}
	if hold := nothingToPay(o, p); hold != nil {
		return nil, hold
	}
	r, hold := taxTreatmentOf(o, &m.account, p)
	if hold != nil {
		return nil, hold
	}
	products, hold := m.findProducts(o)
	if hold != nil {
		return nil, hold
	}
	customer, hold := m.findCustomer(o)
	if hold != nil {
		return nil, hold
	}
	pieces, hold := m.chargeLines(o, p, &r, products)
	if hold != nil {
		return nil, hold
	}
	m.setRates(o, p, &r, pieces)
	doc := m.newDocument(o, customer)
	if hold := fillMoney(doc, o, p, &r, pieces); hold != nil {
		return nil, hold
	}
	if hold := m.refused(doc); hold != nil {
		return nil, hold
	}
	return doc, nil
}

// refused holds a document that a reader of the files cannot take as it is meant.
func (m *matcher) refused(doc *document.Document) *Hold {
	for _, r := range m.readersOf(doc) {
		if no := r.Refuse(doc); no != nil {
			return &Hold{Code: Code(no.Code), Sentence: no.Sentence, Cure: no.Cure, File: no.File}
		}
	}
	return nil
}

// readersOf returns what reads the files that the document goes out in.
func (m *matcher) readersOf(doc *document.Document) []*document.Reader {
	if m.opt.Readers == nil {
		return nil
	}
	return m.opt.Readers(doc.Account)
}

// nothingToPay holds an order of 0.00 unless it is of a kind that costs nothing.
func nothingToPay(o *order.Order, p *proven) *Hold {
	if !p.proof.Total.IsZero() || o.Has(order.Replacement) || o.Has(order.Vine) || o.Replaces != "" {
		return nil
	}
	return &Hold{
		Code:     ZeroTotal,
		Sentence: "the order comes to 0.00 and is neither a replacement nor a Vine order",
		Cure:     compareOrder + "; if the goods were really given away, enter it in 1C by hand",
	}
}

// fillMoney writes the money into the document and checks it before anyone sees it.
func fillMoney(doc *document.Document, o *order.Order, p *proven, r *taxTreatment, pieces []chargeLine) *Hold {
	places := documentPlaces(o.Currency)
	lines, hold := linesOf(doc, o, pieces)
	if hold != nil {
		return hold
	}
	if doc.VAT, doc.VATStated, hold = fillVAT(o, pieces, lines, p, r, places); hold != nil {
		return hold
	}
	doc.VATIncluded = r.inside || r.withheld
	doc.Proof = p.proof
	noteStatedRates(&doc.Proof, pieces)
	doc.Proof.Excluded, doc.Proof.Reason = r.excluded, r.reason
	doc.Total = p.proof.Total.Minus(r.excluded)
	doc.Comment = commentOf(doc, o)
	return checkSums(doc, places)
}

// linesOf splits the pieces into the lines of the document, and gives those of each piece.
func linesOf(doc *document.Document, o *order.Order, pieces []chargeLine) (of [][]document.Line, hold *Hold) {
	doc.Lines = make([]document.Line, 0, len(pieces))
	ends := make([]int, len(pieces))
	for i := range pieces {
		if doc.Lines, hold = appendLines(doc.Lines, &pieces[i], o); hold != nil {
			return nil, hold
		}
		ends[i] = len(doc.Lines)
	}
	of = make([][]document.Line, len(pieces))
	begin := 0
	for i, end := range ends {
		of[i], begin = doc.Lines[begin:end], end
	}
	for i := range doc.Lines {
		doc.Lines[i].Number = i + 1
	}
	return of, nil
}

// checkSums is the last word before a document is written: every line multiplies out, and the lines add
// up to what was proven less what was excluded.
func checkSums(doc *document.Document, places int) *Hold {
	sum, vat := money.Zero, money.Zero
	for i := range doc.Lines {
		l := &doc.Lines[i]
		if l.Price.Times(l.Quantity) != l.Amount {
			return internalHold(fmt.Sprintf("line %d: %s × %s is not %s", l.Number, l.Price, l.Quantity, l.Amount))
		}
		sum, vat = sum.Plus(l.Amount), vat.Plus(l.VAT)
	}
	if !doc.VATIncluded {
		sum = sum.Plus(vat)
	}
	if sum != doc.Total || vat != doc.VAT || !sum.Valid() {
		return internalHold(fmt.Sprintf("the lines come to %s (VAT %s), the order to %s (VAT %s)",
			sum.Text(places), vat.Text(places), doc.Total.Text(places), doc.VAT.Text(places)))
	}
	return nil
}

func internalHold(what string) *Hold {
	return &Hold{Code: Internal, Sentence: "obmen's own check failed: " + what, Cure: "report this order's figures to obmen's authors"}
}

// newDocument fills everything but the money.
func (m *matcher) newDocument(o *order.Order, customer document.Customer) *document.Document {
	market, _ := order.LookUp(o.Marketplace)
	zone := m.zoneOf(market, o)
	date := o.Created.In(zone)
	doc := &document.Document{
		Identity: document.Identity{ID: documentID(o, m.account.Name), Number: o.ID}, Dates: document.Dates{Date: date, Updated: date},
		Stage: document.Stage{Cancelled: o.Status == order.Cancelled, Status: string(o.Status), StatusText: o.StatusText},
		Sale: document.Sale{
			Format: o.Format, Origin: o.Origin.String(), Account: m.account.Name,
			Marketplace: o.Marketplace, SalesChannel: o.SalesChannel, Channel: string(o.Channel),
			ServiceLevel: o.ServiceLevel, Payment: o.Payment, Programs: programNames(o), Business: isBusiness(o),
			PurchaseOrder: o.PurchaseOrder, SellerOrder: strings.Join(o.Aliases, ", "), Replaces: o.Replaces,
		},
		Assignment: document.Assignment{Organisation: m.account.Organisation, Warehouse: m.account.warehouseOf(o.Channel), Constants: m.account.Constants},
		Amounts:    document.Amounts{Currency: string(o.Currency), CurrencyNumeric: o.Currency.Numeric()},
		Customer:   customer, ShipTo: addressOf(&o.ShipTo),
	}
	if !o.Updated.IsZero() {
		doc.Updated = o.Updated.In(zone)
	}
	if o.DeliverBy.After(o.Created) { // Amazon writes 1970-01-19 for some orders
		doc.DeliverBy = o.DeliverBy.In(zone)
	}
	doc.Rate, doc.Nominal = m.exchangeRate(o.Currency, date)
	return doc
}

func (m *matcher) exchangeRate(c money.Currency, day time.Time) (rate, nominal money.Decimal) {
	if rate, nominal, ok := m.cat.Rate(c, day); ok {
		return rate, nominal
	}
	return money.One, money.One
}

// notesOn remarks on what 1C will have to find out alone.
func (m *matcher) notesOn(d *document.Document) (list []Note) {
	if _, _, ok := m.cat.Rate(money.Currency(d.Currency), d.Date); !ok && m.cat.HasRates() && d.Currency != homeCurrency {
		list = append(list, Note{"no-rate-" + d.Currency, fmt.Sprintf("rates.csv has no rate of %s on %s or before: Курс is 1 in such documents", d.Currency, d.Date.Format("2006-01-02"))})
	}
	if country := cmp.Or(d.ShipTo.Country, d.Marketplace); country != "" && country != homeCountry && hasRatedVAT(d) && !strings.HasSuffix(d.Proof.Name, statedRate) && m.cat.LacksVAT(country) {
		list = append(list, Note{"no-vat-rule-" + country, fmt.Sprintf("vat.csv has no rate for deliveries to %s: the rates of products.csv stand in such documents", country)})
	}
	if c := &d.Customer; d.Business && !c.Company && !c.New && c.Code != "" {
		list = append(list, Note{"customer-kind", fmt.Sprintf("%s (and maybe others) bought as a business and is a person by customers.csv: kind = company there makes it a legal entity in every order", c.Code)})
	}
	for _, r := range m.readersOf(d) {
		for _, loss := range r.Losses(d) {
			list = append(list, Note(loss))
		}
	}
	for i := range d.Lines {
		if l := &d.Lines[i]; !l.Service && l.ProductID == "" {
			return append(list, Note{"no-product-id", fmt.Sprintf("%s (and maybe others) has no id of 1C in products.csv: 1C finds such products by SKU or creates them anew", l.SKU)})
		}
	}
	return list
}

func programNames(o *order.Order) string {
	list := make([]string, len(o.Programs))
	for i, p := range o.Programs {
		list[i] = string(p)
	}
	return strings.Join(list, ", ")
}

// commentOf is what a person in 1C reads about the document: where it comes from, and both sides of an
// exclusion.
func commentOf(doc *document.Document, o *order.Order) string {
	var room [7]string
	parts := append(room[:0], strings.TrimSpace(cmp.Or(doc.SalesChannel, doc.Account)+" "+doc.Number))
	switch o.Channel {
	case order.ByAmazon:
		parts = append(parts, "отгружает Amazon")
	case order.ByMerchant:
		parts = append(parts, "отгружает продавец")
	}
	if doc.PurchaseOrder != "" {
		parts = append(parts, "заказ покупателя "+doc.PurchaseOrder)
	}
	if doc.Replaces != "" {
		parts = append(parts, "замена заказа "+doc.Replaces)
	}
	if o.CancelRequested {
		parts = append(parts, "покупатель просил отменить заказ")
	}
	if o.Status == order.Undelivered {
		parts = append(parts, "не доставлен: "+o.StatusText)
	}
	if places := o.Currency.Places(); !doc.Proof.Excluded.IsZero() {
		parts = append(parts, fmt.Sprintf("итог покупателя %s %s, не входит в документ %s (%s)", doc.Proof.Total.Text(places), doc.Currency,
			doc.Proof.Excluded.Text(places), doc.Proof.Reason))
	}
	return strings.Join(parts, "; ")
}
