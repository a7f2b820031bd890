package desk

import (
	"context"
	"time"

	"obmen/watch/ledger"
)

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
