package desk

import (
	"cmp"
	"context"
	"slices"
	"time"

	"obmen/convert/money"
	"obmen/watch/ledger"
)

// Sum holds what orders of an account in a currency come to.
type Sum struct {
	Account  string
	Currency string // empty where the source names none
	Orders   int
	Total    money.Decimal // of those that state one
	Unstated int           // orders without a total
}

// Text is the total with the places of its currency.
func (s Sum) Text() string { return s.Total.Text(money.Currency(s.Currency).Places()) }

// sums gather amounts by account and currency.
type sums struct{ list []Sum }

func (s *sums) of(account, currency string) *Sum {
	i := slices.IndexFunc(s.list, func(x Sum) bool { return x.Account == account && x.Currency == currency })
	if i < 0 {
		i = len(s.list)
		s.list = append(s.list, Sum{Account: account, Currency: currency})
	}
	return &s.list[i]
}

// add adds an order, whose total may be unknown.
func (s *sums) add(account, currency, total string) {
	x := s.of(account, currency)
	x.Orders++
	if amount, err := money.Parse(total); err == nil && total != "" {
		x.Total = x.Total.Plus(amount)
		return
	}
	x.Unstated++
}

// addOrder adds an order that went out. One whose document a purge has emptied, or a rebuild did not find, counts
// under no currency and without a total.
func (s *sums) addOrder(o *ledger.Order) {
	f, known := ledger.ReadFigures(o.Facts)
	if !known {
		s.add(o.Account, "", "")
		return
	}
	s.addFigures(o.Account, &f)
}

func (s *sums) addFigures(account string, f *ledger.Figures) {
	x := s.of(account, f.Currency)
	x.Orders++
	x.Total = x.Total.Plus(f.Total)
}

// merge adds other sums.
func (s *sums) merge(list []Sum) {
	for _, one := range list {
		x := s.of(one.Account, one.Currency)
		x.Orders, x.Unstated, x.Total = x.Orders+one.Orders, x.Unstated+one.Unstated, x.Total.Plus(one.Total)
	}
}

// sorted are the sums by account and currency.
func (s *sums) sorted() []Sum {
	list := slices.Clone(s.list)
	slices.SortFunc(list, func(a, b Sum) int {
		return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Currency, b.Currency))
	})
	return list
}

// ExportedSince sums what has gone out since a moment, by account and currency. Orders whose document a purge
// has emptied count under the currency "".
func (d *Desk) ExportedSince(ctx context.Context, since time.Time) ([]Sum, error) {
	var all sums
	err := d.Ledger.EachOrder(ctx, ledger.OrderFilter{Since: since}, func(o *ledger.Order) error {
		if o.State == ledger.Exported {
			all.addOrder(o)
		}
		return nil
	})
	return all.sorted(), err
}

// HeldSums sums the orders that are held, as their source states them.
func (d *Desk) HeldSums(ctx context.Context) ([]Sum, error) {
	var all sums
	err := d.Ledger.EachHeldAmount(ctx, func(h *ledger.HeldAmount) { all.add(h.Account, h.Currency, h.Total) })
	return all.sorted(), err
}

// PeriodReport are the control totals of some days.
type PeriodReport struct {
	From, To time.Time // the first and the last day

	In         int // orders in the files that were read: what follows comes to the same
	Exported   int
	Held       int
	Known      int // exported before in the same state
	Older      int // overtaken by a newer state
	Skipped    int // left out by a rule
	Files      int // that were read
	RefusedNow []RefusedFile

	Out       []Sum // exported in these days, each order once, by account and currency
	Cancelled []Sum // exported as cancelled
	Waiting   []Sum // held now, by account and currency
}

// Period counts what came, went out and was left in some days. To is the last of them.
func (d *Desk) Period(ctx context.Context, from, to time.Time) (*PeriodReport, error) {
	p := &PeriodReport{From: from, To: to}
	end := to.AddDate(0, 0, 1)
	c, err := d.Ledger.CountFiles(ctx, from, end)
	if err != nil {
		return nil, err
	}
	p.Exported, p.Held, p.Known, p.Older, p.Skipped, p.Files = c.Exported, c.Held, c.Known, c.Older, c.Skipped, c.Files
	p.In = c.Exported + c.Held + c.Known + c.Older + c.Skipped
	for _, f := range d.Refused() {
		if !f.At.Before(from) && f.At.Before(end) {
			p.RefusedNow = append(p.RefusedNow, f)
		}
	}
	var out, cancelled, waiting sums
	err = d.Ledger.EachOrder(ctx, ledger.OrderFilter{Since: from, Before: end}, func(o *ledger.Order) error {
		into := &out
		if o.State == ledger.Cancelled {
			into = &cancelled
		}
		into.addOrder(o)
		return ctx.Err()
	})
	if err != nil {
		return nil, err
	}
	err = d.Ledger.EachHeldAmount(ctx, func(h *ledger.HeldAmount) { waiting.add(h.Account, h.Currency, h.Total) })
	p.Out, p.Cancelled, p.Waiting = out.sorted(), cancelled.sorted(), waiting.sorted()
	return p, err
}
