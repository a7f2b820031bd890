package ledger

import (
	"context"
	"time"
)

// HeldAmount holds what a figure needs of a hold.
type HeldAmount struct {
	Code, Account, Currency string
	Total                   string // as the source states it, empty when it does not
	Since                   time.Time
}

// EachHeldAmount hands on the amounts of all orders that wait, in no order.
func (l *Ledger) EachHeldAmount(ctx context.Context, take func(*HeldAmount)) error {
	return l.wrapError("read", eachRow(ctx, l.reader, `SELECT code, account, currency, total, since FROM holds`, nil, func(scan func(...any) error) error {
		var h HeldAmount
		var since int64
		if err := scan(&h.Code, &h.Account, &h.Currency, &h.Total, &since); err != nil {
			return err
		}
		h.Since = fromMillis(since)
		take(&h)
		return nil
	}))
}

// FileCounts are the orders in the files that were done in a time, and the files.
type FileCounts struct {
	Counts
	Files, Refused int
}

// CountFiles counts the files whose last attempt ended in a time, and the orders in them.
func (l *Ledger) CountFiles(ctx context.Context, since, before time.Time) (c FileCounts, err error) {
	var w where
	w.addSince("ended", since)
	w.addBefore("ended", before)
	err = eachRow(ctx, l.reader, `SELECT count(*) FILTER (WHERE state = 'done'), count(*) FILTER (WHERE state = 'refused'),
		coalesce(sum(exported), 0), coalesce(sum(held), 0), coalesce(sum(known), 0), coalesce(sum(older), 0), coalesce(sum(skipped), 0)
		FROM files`+w.String(), w.args, func(scan func(...any) error) error {
		return scan(&c.Files, &c.Refused, &c.Exported, &c.Held, &c.Known, &c.Older, &c.Skipped)
	})
	return c, l.wrapError("read", err)
}
