package main

import (
	"context"
	"maps"
	"slices"

	"obmen/watch/ledger"
	"obmen/watch/outbox"
)

// extra looks for orders that were exported though no report has them.
func (a *audit) extra(ctx context.Context) error {
	if a.from.IsZero() {
		return nil
	}
	for _, account := range slices.Sorted(maps.Keys(a.accounts)) {
		since := a.from.AddDate(0, 0, -1)
		if err := a.shop.book.EachOrder(ctx, ledger.OrderFilter{Account: account, Since: since}, a.unlisted); err != nil {
			return err
		}
	}
	return nil
}

func (a *audit) unlisted(o *ledger.Order) error {
	if _, ok := a.seen[auditKeyOf(o.Key)]; ok {
		return nil
	}
	d := outbox.Document(o.Facts)
	switch {
	case d == nil:
		a.unplaced++
		return nil
	case !a.markets[d.Marketplace], d.Date.Before(a.from), d.Date.After(a.to):
		return nil
	}
	return a.found.add(&finding{
		Kind: "extra", Order: o.Key.Order, Account: o.Account, Ledger: sumOf(d), Cure: a.shop.cfg.Command("explain", o.Key.Order),
	})
}
