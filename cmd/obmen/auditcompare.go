package main

import (
	"context"

	"obmen/convert"
	"obmen/convert/order"
	"obmen/watch/ledger"
	"obmen/watch/outbox"
)

// compare looks an order of the reports up in the ledger.
func (a *audit) compare(ctx context.Context, o *convert.Outcome) error {
	switch {
	case o.Order == "":
		a.unread++
		a.blank.note(o)
		return nil
	case o.Rule == convert.SkipDuplicate || o.Rule == convert.SkipOlder:
		return nil
	}
	known, exported, err := a.known(ctx, o)
	if err != nil {
		return err
	}
	a.note(o)
	if gone, err := a.dismissed(ctx, o); err != nil || gone {
		return err
	}
	if exported {
		return a.differs(o, &known)
	}
	return a.absent(ctx, o)
}

func (e *example) note(o *convert.Outcome) {
	if e.Origin == "" {
		e.Origin, e.Why = o.Origin.String(), o.Hold.Sentence
	}
}

// known is what the ledger knows of an order. One that its reader refused does not tell whose number it
// has: then any order of this number will do.
func (a *audit) known(ctx context.Context, o *convert.Outcome) (ledger.Order, bool, error) {
	if o.Scope != "" {
		return a.shop.book.Order(ctx, ledger.Key{Scope: o.Scope, Order: o.Order})
	}
	list, err := a.shop.book.Orders(ctx, ledger.OrderFilter{Order: o.Order, Limit: 1})
	if err != nil || len(list) == 0 {
		return ledger.Order{}, false, err
	}
	o.Scope, o.Account = list[0].Scope, list[0].Account
	return list[0], true, nil
}

func (a *audit) note(o *convert.Outcome) {
	a.seen[auditKeyOf(ledger.Key{Scope: o.Scope, Order: o.Order})] = struct{}{}
	if _, ok := a.accounts[o.Account]; !ok && o.Account != "" {
		a.accounts[o.Account] = 0
	}
	d := o.Document
	if d == nil {
		return
	}
	a.markets[d.Marketplace] = true
	if a.from.IsZero() || d.Date.Before(a.from) {
		a.from = d.Date
	}
	if d.Date.After(a.to) {
		a.to = d.Date
	}
}

// dismissed is an order that a person has dealt with: whatever 1C has of it, obmen has nothing to do with it.
func (a *audit) dismissed(ctx context.Context, o *convert.Outcome) (bool, error) {
	list, err := a.shop.book.Dismissals(ctx, ledger.HoldFilter{Order: o.Order})
	if err != nil {
		return false, err
	}
	for i := range list {
		if d := &list[i]; d.Scope == o.Scope || d.Scope == "" {
			return true, a.found.add(&finding{
				Kind: dismissedKind, Order: o.Order, Account: o.Account, Report: statedTotal(o), Ledger: d.Why, Origin: o.Origin.String(),
				Cure: a.shop.cfg.Command("dismiss", "--undo", o.Order) + " if it is to go out after all",
			})
		}
	}
	return false, nil
}

// absent is an order that was never exported: rightly so, if a rule leaves it out or it is not paid yet.
func (a *audit) absent(ctx context.Context, o *convert.Outcome) error {
	if o.Rule != "" || o.Hold != nil && o.Hold.Code == convert.Pending {
		a.agreed++
		return nil
	}
	f := finding{Kind: "missing", Order: o.Order, Account: o.Account, Report: statedTotal(o), Origin: o.Origin.String()}
	holds, err := a.shop.book.Holds(ctx, ledger.HoldFilter{Order: o.Order})
	if err != nil {
		return err
	}
	for i := range holds {
		if h := &holds[i]; h.Scope == o.Scope || o.Scope == "" {
			f.Kind, f.Ledger, f.Cure = "held", h.Code, a.shop.cfg.Command("held", "--order", o.Order)
		}
	}
	if f.Cure == "" {
		f.Cure = a.again(o)
	}
	return a.found.add(&f)
}

// differs compares an order with what was exported of it.
func (a *audit) differs(o *convert.Outcome, known *ledger.Order) error {
	gone, cancelled := known.State == ledger.Cancelled, o.Rule == convert.SkipCancelled
	if gone != cancelled && (gone || o.Rule != "") || !gone && o.Rule != "" {
		return a.differ(o, "status", statusOf(o), string(known.State))
	}
	was, now := outbox.Document(known.Facts), o.Document
	switch {
	case now == nil && o.Hold != nil && o.Hold.Code != convert.Pending:
		a.unproven++
		a.doubt.note(o)
		return nil
	case now == nil:
		a.agreed++
		return nil
	case was == nil:
		a.purged++
		return nil
	}
	before := a.found.n
	if was.Currency != now.Currency || was.Total != now.Total {
		if err := a.differ(o, "total", sumOf(now), sumOf(was)); err != nil {
			return err
		}
	}
	if was.Status != now.Status && now.Status != "" {
		return a.differ(o, "status", now.Status, was.Status)
	}
	if a.found.n == before {
		a.agreed++
	}
	return nil
}

func (a *audit) differ(o *convert.Outcome, kind, report, exported string) error {
	return a.found.add(&finding{
		Kind: kind, Order: o.Order, Account: o.Account, Report: report, Ledger: exported, Origin: o.Origin.String(), Cure: a.again(o),
	})
}

func statusOf(o *convert.Outcome) string {
	if o.Document != nil {
		return o.Document.Status
	}
	if o.Rule == convert.SkipCancelled {
		return string(order.Cancelled)
	}
	return o.Code()
}
