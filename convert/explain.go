package convert

import (
	"cmp"
	"context"
	"errors"

	"obmen/convert/catalog"
	"obmen/convert/money"
	"obmen/convert/order"
	"obmen/convert/source"
)

// Explanation is everything that led to an order's outcome.
type Explanation struct {
	Source   order.Order // as its reader gave it, with the currency that was taken where it names none
	Outcome  Outcome
	Readings []Reading // every reading that was tried, in order of preference; none for an order that waits
	Shares   []Share   // what each charge comes to under the chosen reading
	Customer string    // how the customer was found, in words
}

// Reading is one hypothesis about what the stated amounts mean, with what the order comes to under it.
type Reading struct {
	Name       string
	Russian    string // the same in Russian
	Total, Tax money.Amount
	Fits       bool // Total is the stated one, or none is stated
	Chosen     bool
}

// In returns the name of a reading in Russian or English.
func (r *Reading) In(russian bool) string {
	if russian {
		return r.Russian
	}
	return r.Name
}

// Share is one charge of a line after its discount, as the chosen reading sees it.
type Share struct {
	Line        int // from 1; 0 for the order as a whole
	Kind        string
	Amount, Tax money.Amount
}

// Explain converts the inputs as Run does and tells everything about one order. Without it in the
// inputs the result is empty; it has one entry for each account scope that knows the number.
func Explain(ctx context.Context, inputs []source.Input, cat *catalog.Snapshot, opt Options, id string) (list []Explanation, err error) {
	ms := newMatchers(cat, &opt)
	g := newReader(inputs, ms)
	defer func() { err = cmp.Or(err, g.close()) }()
	for {
		list = nil
		clean, err := g.readAll(ctx, func(it readOrder) error {
			switch {
			case g.dirty:
			case it.bad != nil && it.bad.Order == id:
				list = append(list, Explanation{Outcome: ms.unreadableOutcome(it)})
			case it.bad == nil && it.order.ID == id:
				e, err := ms.explainOrder(it)
				list = append(list, e)
				return err
			}
			return nil
		})
		if err != nil || clean {
			return list, errors.Join(err, g.refusalOf(list))
		}
	}
}

// refusalOf is why an order was not found: its file could not be read.
func (g *reader) refusalOf(list []Explanation) error {
	for i := range g.files {
		if len(list) == 0 && g.files[i].Err != nil {
			return g.files[i].Err
		}
	}
	return nil
}

func (ms *matchers) explainOrder(it readOrder) (Explanation, error) {
	known, err := ms.lookUpKnown(it)
	if err != nil {
		return Explanation{}, err
	}
	m := ms.matcherOf(it.order)
	e := Explanation{Outcome: m.decideOutcome(it, known), Source: *it.order}
	if it.hold != nil || holdUnfinished(it.order) != nil {
		return e, nil
	}
	e.addReadings(it.order, &m.account)
	if d := e.Outcome.Document; d != nil {
		e.Customer = m.foundBy(it.order)
	}
	return e, nil
}

// addReadings returns which reading was chosen, and what it makes of every charge.
func (e *Explanation) addReadings(o *order.Order, a *Account) {
	usual := usualReading(o, a)
	chosen, _ := proveTotal(o, usual)
	stated := statedTotal(o)
	for _, r := range readingsToTry(o, usual) {
		p := r.applyTo(o)
		english, russian := r.wordsOf()
		e.Readings = append(e.Readings, Reading{
			Name: english, Russian: russian, Total: p.proof.Total, Tax: p.proof.Tax,
			Fits: !stated.Known || p.proof.Total == stated.Value, Chosen: chosen != nil && chosen.reading == r,
		})
	}
	if chosen == nil {
		return
	}
	for i := range chosen.lines {
		e.addShare(i+1, &chosen.lines[i])
	}
	e.addShare(0, &charges{shipping: chosen.shipping})
}

func (e *Explanation) addShare(line int, s *charges) {
	for _, part := range []struct {
		kind string
		charge
	}{
		{goods, s.goods},
		{services.shipping.kind, s.shipping},
		{services.wrap.kind, s.wrap},
		{services.cod.kind, s.cod},
		{services.other.kind, s.other},
	} {
		if !part.amount.IsZero() || !part.tax.IsZero() {
			e.Shares = append(e.Shares, Share{line, part.kind, part.amount, part.tax})
		}
	}
}

// foundBy returns how the customer was found. It asks the same questions as customer, one by one.
func (m *matcher) foundBy(o *order.Order) string {
	b := o.Buyer
	if o.Has(order.InvoiceByAmazon) {
		b = order.Buyer{Name: amazonBusinessEU, Company: amazonBusinessEU}
	}
	for _, key := range m.opt.Match.customerKeys() {
		opt := *m.opt
		opt.Match.Customer = []catalog.CustomerKey{key}
		one := matcher{cat: m.cat, opt: &opt, account: m.account}
		if c, _ := one.byKeys(&b); c != nil {
			return "customers.csv, by " + string(key)
		}
	}
	query := catalog.BuyerQuery{Marketplace: o.Marketplace, Country: o.ShipTo.Country, Channel: string(o.Channel), Business: isBusiness(o)}
	if _, ok := m.cat.Buyer(query); ok {
		return "a rule of buyers.csv"
	}
	switch {
	case m.account.Customer != "":
		return "the account's customer in obmen.toml"
	case b.Named() && m.opt.Match.customerPolicy() == Create:
		return "new: no catalog has the buyer"
	case m.opt.Match.DefaultCustomer != "":
		return "the default customer of obmen.toml"
	}
	return "the marketplace's collective buyer: the source names none"
}
