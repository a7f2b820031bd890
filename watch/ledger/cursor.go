package ledger

import "context"

var (
	findCursor = registerStatement(`SELECT value FROM cursors WHERE name = ?1`)
	putCursor  = registerStatement(`INSERT INTO cursors VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value`)
)

// Cursor is where a fetch goes on; false when it has never been set.
func (l *Ledger) Cursor(ctx context.Context, name string) (value string, found bool, err error) {
	values, err := listRows(ctx, l, `SELECT value FROM cursors WHERE name = ?`, []any{name},
		func(scan func(...any) error) (v string, err error) { return v, scan(&v) })
	if err != nil || len(values) == 0 {
		return "", false, err
	}
	return values[0], true, nil
}

// SetCursor notes where a fetch goes on.
func (l *Ledger) SetCursor(ctx context.Context, name, value string) error {
	return l.Group(ctx, func(t *Tx) error {
		_, err := t.execStatement(putCursor, name, value)
		return err
	})
}

// SwapCursor is SetCursor if the cursor still is old (empty: not set), and reports whether it was.
func (l *Ledger) SwapCursor(ctx context.Context, name, old, value string) (swapped bool, err error) {
	err = l.Group(ctx, func(t *Tx) error {
		var now string
		if _, err := t.queryRow(findCursor, []any{name}, &now); err != nil || now != old {
			return err
		}
		swapped = true
		_, err := t.execStatement(putCursor, name, value)
		return err
	})
	return swapped && err == nil, err
}

// CursorsOf returns the cursors whose names begin with a prefix, by name.
func (l *Ledger) CursorsOf(ctx context.Context, prefix string) (map[string]string, error) {
	type cursor struct{ name, value string }
	list, err := listRows(ctx, l, `SELECT name, value FROM cursors WHERE substr(name, 1, length(?1)) = ?1`, []any{prefix},
		func(scan func(...any) error) (c cursor, err error) {
			err = scan(&c.name, &c.value)
			return c, err
		})
	all := make(map[string]string, len(list))
	for _, c := range list {
		all[c.name] = c.value
	}
	return all, err
}
