package ledger

import (
	"context"
	"encoding/json"
	"time"
)

// Cause holds what orders wait for: a line that a catalog lacks, or what their code means. An order that waits for two
// lines is of two causes. One cause is several values where its orders differ in currency and total.
type Cause struct {
	Code, File string
	Line       string // one of Hold.Add; empty where no line cures it
	Missing    HoldLine
	Currency   string
	Total      string // of each of its orders, as the source states it
	Orders     int
	Since      time.Time // the oldest of them
}

const selectCauses = `SELECT code, file, coalesce(j.value, ''), currency, total, count(*), min(since),
	max(coalesce(json_extract(details, '$.lines[' || j.key || ']'), '{}'))
	FROM holds LEFT JOIN json_each(CASE added WHEN 'null' THEN '[]' ELSE added END) j ON true`

// Causes counts held orders by what they wait for, in no order. Its memory grows with the different totals.
func (l *Ledger) Causes(ctx context.Context, f HoldFilter) ([]Cause, error) {
	w := f.conditions()
	return listRows(ctx, l, selectCauses+w.String()+` GROUP BY 1, 2, 3, 4, 5`, w.args, func(scan func(...any) error) (c Cause, err error) {
		var since int64
		var missing []byte
		if err = scan(&c.Code, &c.File, &c.Line, &c.Currency, &c.Total, &c.Orders, &since, &missing); err != nil {
			return c, err
		}
		c.Since = fromMillis(since)
		return c, json.Unmarshal(missing, &c.Missing)
	})
}

// HoldChanges returns how often held orders have been added, changed or taken away: while it stays, so do all lists of
// them.
func (l *Ledger) HoldChanges(ctx context.Context) (n int, err error) {
	err = l.reader.QueryRowContext(ctx, `SELECT coalesce(sum(n), 0) FROM counts WHERE what = 'changes' AND name = 'holds'`).Scan(&n)
	return n, l.wrapError("read", err)
}

// CountHolds counts the orders that wait.
func (l *Ledger) CountHolds(ctx context.Context, f HoldFilter) (int, error) {
	return l.countRows(ctx, "holds", f)
}

// CountDismissals counts the orders that people have dismissed.
func (l *Ledger) CountDismissals(ctx context.Context, f HoldFilter) (int, error) {
	return l.countRows(ctx, "dismissals", f)
}

func (l *Ledger) countRows(ctx context.Context, table string, f HoldFilter) (n int, err error) {
	w := f.conditions()
	err = l.reader.QueryRowContext(ctx, `SELECT count(*) FROM `+table+w.String(), w.args...).Scan(&n)
	return n, l.wrapError("read", err)
}
