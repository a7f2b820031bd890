package desk

import (
	"cmp"
	"context"
	"slices"
	"time"

	"obmen/convert/money"
	"obmen/watch/ledger"
	"obmen/watch/outbox"
)

// DaySum holds what went out for an account in one currency.
type DaySum struct {
	Account, Currency string
	Orders            int
	Total             money.Amount
}

// ExportedSince sums what has gone out since a moment, by account and currency. Orders whose document a purge
// has emptied count under the currency "".
func (d *Desk) ExportedSince(ctx context.Context, since time.Time) ([]DaySum, error) {
	orders, err := d.Ledger.Orders(ctx, ledger.OrderFilter{Since: since})
	sums := map[[2]string]DaySum{}
	for i := range orders {
		o := &orders[i]
		if o.State != ledger.Exported {
			continue
		}
		key := [2]string{o.Account}
		var total money.Amount
		if doc := outbox.Document(o.Facts); doc != nil {
			key[1], total = doc.Currency, doc.Total
		}
		sum := sums[key]
		sums[key] = DaySum{key[0], key[1], sum.Orders + 1, sum.Total.Plus(total)}
	}
	return sortSums(sums), err
}

// HeldSums sums the orders that are held, as their source states them.
func (d *Desk) HeldSums(ctx context.Context) ([]DaySum, error) {
	holds, err := d.Ledger.Holds(ctx, ledger.HoldFilter{})
	sums := map[[2]string]DaySum{}
	for i := range holds {
		h := &holds[i]
		key := [2]string{h.Account, h.Currency}
		total, err := money.Parse(h.Total)
		if err != nil {
			total = money.Zero // the source states none
		}
		sum := sums[key]
		sums[key] = DaySum{h.Account, h.Currency, sum.Orders + 1, sum.Total.Plus(total)}
	}
	return sortSums(sums), err
}

func sortSums(sums map[[2]string]DaySum) []DaySum {
	list := make([]DaySum, 0, len(sums))
	for _, s := range sums {
		list = append(list, s)
	}
	slices.SortFunc(list, func(a, b DaySum) int {
		return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Currency, b.Currency))
	})
	return list
}
