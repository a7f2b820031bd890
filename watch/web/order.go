package web

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"obmen/convert"
	"obmen/convert/document"
	"obmen/convert/money"
	"obmen/convert/order"
	"obmen/convert/source"
	"obmen/watch/desk"
	"obmen/watch/desk/roles"
	"obmen/watch/desk/words"
	"obmen/watch/ledger"
)

// orderPage is the story of an order number.
type orderPage struct {
	Number  string
	Stories []story
	Wrong   *failure // the number is not known
}

// story holds what is known of one order, in words.
type story struct {
	*desk.Story
	Hold     *heldStory
	Source   *sourceStory
	Document *documentStory
	Ways     []way
	Seen     []Seen // by models of configurations of 1C
	MayRetry bool
}

// heldStory is why an order waits.
type heldStory struct {
	*ledger.Hold
	Why, Cure string
}

// sourceStory holds what the source says, and how its amounts were understood.
type sourceStory struct {
	Origin, Format, Currency, Total string // Total is empty where none is stated
	Charges                         []chargeRow
	Readings                        []readingRow
}

type chargeRow struct{ Of, Name, Amount, Tax string }

type readingRow struct {
	Name, Total, Tax string
	Fits, Chosen     bool
}

// documentStory is the document as 1C got it, or would get it today.
type documentStory struct {
	*document.Document
	Sent     bool
	Buyer    string // masked unless the person may see it
	Address  string
	Total    string
	VAT      string
	Excluded string
	Rows     []documentRow
	Changes  []document.Change // masked like the buyer
}

type documentRow struct {
	Number                                 int
	Product, Price, Quantity, Amount, Rate string
	VAT, Title                             string
}

// way is one set that the order went out in.
type way struct {
	desk.SentSet
	Number1C, Words string
}

var _ = addPage(page{Name: "order", Role: roles.Look, Fill: func(v *visit) (any, error) {
	p := &orderPage{Number: v.field("number")}
	if p.Number == "" {
		return p, nil
	}
	find := v.desk.Explain
	if v.isLive() { // only how the order stands is looked at again
		find = v.desk.Stories
	}
	stories, err := find(v.ctx(), p.Number)
	if err != nil {
		f := v.failure(err)
		p.Wrong = &f
		return p, nil
	}
	for i := range stories {
		p.Stories = append(p.Stories, v.storyOf(&stories[i]))
	}
	return p, nil
}})

func (v *visit) storyOf(t *desk.Story) story {
	s := story{Story: t}
	if h := t.Hold; h != nil {
		s.Hold = v.heldStory(h)
		s.MayRetry = h.Code != ledger.RefusedBy1C
	}
	if t.Today != nil {
		s.Source = v.sourceOf(&t.Today.Source, t.Today)
	}
	doc, sent := t.Document, t.Document != nil
	if doc == nil && t.Today != nil {
		doc = t.Today.Outcome.Document
	}
	if doc != nil {
		s.Document = v.documentOf(doc, sent)
		if v.server.Outside.Seen != nil {
			s.Seen = v.server.Outside.Seen(v.ctx(), v.shownDocument(doc), v.words)
		}
	}
	for i := range t.Sets {
		m := t.Member(&t.Sets[i])
		s.Ways = append(s.Ways, way{desk.SentSetOf(&t.Sets[i]), m.Number1C, cmp.Or(m.Text, t.Sets[i].Text)})
	}
	return s
}

func (v *visit) heldStory(h *ledger.Hold) *heldStory {
	why, cure := v.words.Hold(h.Code, h.Sentence, h.Cure, h.File)
	return &heldStory{h, why, cure}
}

// chargeCode names the words of a charge.
func chargeCode(name source.Charge) string {
	if name == source.Other { // a form of plurals in the files of words
		return "rest"
	}
	return strings.ReplaceAll(string(name), " ", "-")
}

// sourceOf returns the source's own statement.
func (v *visit) sourceOf(o *order.Order, e *convert.Explanation) *sourceStory {
	places := o.Currency.Places()
	s := &sourceStory{Origin: o.Origin.String(), Format: o.Format, Currency: string(o.Currency), Total: optional(o.Total, places)}
	for i := range o.Lines {
		l := &o.Lines[i]
		name := strings.TrimSpace(cmp.Or(l.SKU, l.ASIN) + " " + l.Title)
		for _, c := range desk.LineCharges(l) {
			if c.Amount.Known || c.Tax.Known {
				s.Charges = append(s.Charges, chargeRow{name, chargeCode(c.Name), optional(c.Amount, places), optional(c.Tax, places)})
				name = ""
			}
		}
	}
	for _, r := range e.Readings {
		s.Readings = append(s.Readings, readingRow{r.In(v.words.Language == words.Russian), r.Total.Text(places), r.Tax.Text(places), r.Fits, r.Chosen})
	}
	return s
}

func optional(o money.Optional, places int) string {
	if !o.Known {
		return ""
	}
	return o.Value.Text(places)
}

// documentOf is the document in rows. Who buys is shown to who may see it.
func (v *visit) documentOf(d *document.Document, sent bool) *documentStory {
	places := money.Currency(d.Currency).Places()
	s := &documentStory{Document: d, Sent: sent, Total: d.Total.Text(places), VAT: d.VAT.Text(places)}
	s.Buyer, s.Address = mask(d.Customer.Name), mask(d.ShipTo.Full)
	if v.showsPersonal() {
		s.Buyer, s.Address = d.Customer.Name, d.ShipTo.Full
	}
	s.Changes = v.shownChanges(d.Changes)
	if !d.Proof.Excluded.IsZero() {
		s.Excluded = d.Proof.Excluded.Text(places)
	}
	for i := range d.Lines {
		l := &d.Lines[i]
		row := documentRow{
			Number: l.Number, Product: cmp.Or(l.SKU, l.Code, l.Name), Price: l.Price.Text(places), Quantity: l.Quantity.String(), Amount: l.Amount.Text(places), Title: l.Name,
		}
		if d.VATStated {
			row.Rate, row.VAT = l.VATRate.String(), l.VAT.Text(places)
		}
		s.Rows = append(s.Rows, row)
	}
	return s
}

// shownDocument is a document whose buyer is masked unless the person may see the buyer.
func (v *visit) shownDocument(d *document.Document) *document.Document {
	if v.showsPersonal() {
		return d
	}
	shown := *d
	c := &shown.Customer
	for _, text := range []*string{&c.Name, &c.FirstName, &c.LastName, &c.Email, &c.Phone, &c.TaxID, &c.KPP, &shown.Comment} {
		*text = mask(*text)
	}
	for _, a := range []*document.Address{&c.Address, &shown.ShipTo} {
		*a = document.Address{Full: mask(a.Full), Name: mask(a.Name), Country: a.Country}
	}
	return &shown
}

// shownChanges are the changes of a document; those that tell of the buyer are masked like the buyer.
func (v *visit) shownChanges(list []document.Change) []document.Change {
	shown := slices.Clone(list)
	for i := range shown {
		c := &shown[i]
		if personal := strings.HasPrefix(c.What, "Customer") || strings.HasPrefix(c.What, "ShipTo") || strings.HasPrefix(c.What, "Comment"); personal && !v.showsPersonal() {
			c.Was, c.Now = mask(c.Was), mask(c.Now)
		}
	}
	return shown
}

// mask leaves the first letter of each word.
func mask(text string) string {
	fields := strings.Fields(text)
	for i, word := range fields {
		letters := []rune(word)
		fields[i] = string(letters[0]) + "…"
	}
	return strings.Join(fields, " ")
}

func orderAddress(number string) string { return "/order?" + url.Values{"number": {number}}.Encode() }

var _ = addAction(action{Path: "order/retry", Role: roles.Work, Do: func(v *visit) (string, error) {
	_, err := v.desk.Retry(v.ctx(), []string{v.field("number")})
	if err == nil {
		v.tell(words.New("web.order.retried"))
	}
	return orderAddress(v.field("number")), err
}})

var _ = addAction(action{Path: "order/replay", Role: roles.Work, Do: func(v *visit) (string, error) {
	done, err := v.desk.Replay(v.ctx(), desk.ReplayOptions{Orders: []string{v.field("number")}})
	if err == nil {
		v.tell(words.Count("web.onec.sent-again", len(done.Orders)))
	}
	return orderAddress(v.field("number")), err
}})

var _ = addAction(action{Path: "order/dismiss", Role: roles.Work, Do: func(v *visit) (string, error) {
	next := orderAddress(v.field("number"))
	if v.field("why") == "" {
		return next, words.Refuse(words.New("web.order.why-missing"), words.New("web.order.why-cure"))
	}
	_, err := v.desk.Dismiss(v.ctx(), desk.DismissOptions{Orders: []string{v.field("number")}, Why: v.field("why"), Account: v.field("account")})
	if err == nil {
		v.tell(words.New("web.order.dismissed"))
	}
	return next, err
}})

var _ = addAction(action{Path: "order/undo", Role: roles.Work, Do: func(v *visit) (string, error) {
	_, err := v.desk.UndoDismiss(v.ctx(), desk.DismissOptions{Orders: []string{v.field("number")}, Account: v.field("account")})
	if err == nil {
		v.tell(words.New("web.order.undone"))
	}
	return orderAddress(v.field("number")), err
}})
