package desk

import (
	"context"
	"time"

	"obmen/watch/ledger"
)

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
