package ledger

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"strings"

	"obmen/watch/ledger/postgres"
)

// copied are the tables of a ledger, each behind those that it points to, with what its rows are sorted by: as they were
// written where that counts, and without two that are the same. What triggers count is not among them.
var copied = []struct{ name, written, key string }{
	{"files", "id", "id"},
	{"sets", "id", "id"},
	{"orders", "rowid", "order_id, scope"},
	{"holds", "rowid", "order_id, scope"},
	{"dismissals", "rowid", "order_id, scope"},
	{"outputs", "set_id, position", "set_id, position"},
	{"members", "set_id, order_id, scope", "set_id, order_id, scope"},
	{"letters", "rowid", "set_id, exchange, order_id, scope"},
	{"parts", "order_id, scope, sha256", "order_id, scope, sha256"},
	{"exchanges", "name", "name"},
	{"cursors", "name", "name"},
	{"site_orders", "number", "number"},
	{"numbers", "order_id, scope", "order_id, scope"},
	{"trail", "id", "id"},
}

// copyAtOnce is how many rows one statement writes: all their columns together are fewer than SQLite's most parameters.
const copyAtOnce = 200

// NotEmptyError refuses to copy a ledger into one that knows something already.
type NotEmptyError struct {
	Path, Table string
	Advice      string
}

func (e *NotEmptyError) Error() string {
	return fmt.Sprintf("copy into ledger %q: it is not empty (%s)", e.Path, e.Table)
}

// Hint returns the next step, one line; empty when there is none.
func (e *NotEmptyError) Hint() string { return e.Advice }

// errDiffers is a copy that is not what was copied.
var errDiffers = errors.New("the copy differs")

// Server is the server that the ledger lies on; nil for a file.
func (l *Ledger) Server() *postgres.Database {
	if s, ok := l.engine.(*server); ok {
		return s.Database
	}
	return nil
}

// CopyTo copies all rows into an empty ledger, in one transaction, and compares both by counts and checksums. It
// returns how many rows there are. Nothing may write into either meanwhile.
func (l *Ledger) CopyTo(ctx context.Context, to *Ledger) (rows int, err error) {
	from, err := l.reader.BeginTx(ctx, nil) // one state
	if err != nil {
		return 0, l.wrapError("read", err)
	}
	defer from.Rollback()
	err = to.Group(ctx, func(t *Tx) error {
		for _, table := range copied {
			var some bool
			if err := t.tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM `+table.name+`)`).Scan(&some); err != nil {
				return err
			}
			if some {
				return &NotEmptyError{to.path, table.name, "name another schema or state folder, or take away what is there"}
			}
		}
		for _, table := range copied {
			n, err := copyTable(ctx, from, t.tx, table.name, table.written)
			if err == nil {
				err = compareTable(ctx, from, t.tx, table.name, table.key)
			}
			if err != nil {
				return fmt.Errorf("table %s: %w", table.name, err)
			}
			rows += n
		}
		if to.Server() != nil {
			return countOn(ctx, t.tx)
		}
		return nil
	})
	return rows, err
}

// countOn makes a server number new rows behind those that were copied.
func countOn(ctx context.Context, tx *sql.Tx) error {
	for _, table := range []string{"files", "sets", "trail"} {
		if _, err := tx.ExecContext(ctx, `SELECT setval(pg_get_serial_sequence('`+table+`', 'id'), (SELECT coalesce(max(id), 0) + 1 FROM `+table+`), false)`); err != nil {
			return err
		}
	}
	return nil
}

// copyTable copies the rows of a table, as they were written.
func copyTable(ctx context.Context, from, to *sql.Tx, table, order string) (n int, err error) {
	columns, err := columnsOf(ctx, from, table)
	if err != nil {
		return 0, err
	}
	names := strings.Join(columns, ", ")
	one := "(" + strings.Repeat(", ?", len(columns))[2:] + ")"
	var lot []any
	write := func() error {
		if len(lot) == 0 {
			return nil
		}
		values := strings.Repeat(", "+one, len(lot)/len(columns))[2:]
		_, err := to.ExecContext(ctx, `INSERT INTO `+table+` (`+names+`) VALUES `+values, lot...)
		lot = lot[:0]
		return err
	}
	err = eachRow(ctx, from, `SELECT `+names+` FROM `+table+` ORDER BY `+order, nil, func(scan func(...any) error) error {
		row, err := scanRow(scan, len(columns))
		if err != nil {
			return err
		}
		n++
		if lot = append(lot, row...); len(lot) < copyAtOnce*len(columns) {
			return nil
		}
		return write()
	})
	if err != nil {
		return n, err
	}
	return n, write()
}

// columnsOf lists the columns of a table that both kinds of ledgers have.
func columnsOf(ctx context.Context, q querier, table string) ([]string, error) {
	rows, err := q.QueryContext(ctx, `SELECT * FROM `+table+` LIMIT 0`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all, err := rows.Columns()
	var list []string
	for _, name := range all {
		if name != "rowid" {
			list = append(list, name)
		}
	}
	return list, err
}

func scanRow(scan func(...any) error, n int) ([]any, error) {
	row, to := make([]any, n), make([]any, n)
	for i := range row {
		to[i] = &row[i]
	}
	err := scan(to...)
	for i := range row {
		if b, bytes := row[i].([]byte); bytes && len(b) == 0 {
			row[i] = []byte{} // nil would be written as null
		}
	}
	return row, err
}

// compareTable compares the rows of a table by a checksum over all of them.
func compareTable(ctx context.Context, from, to *sql.Tx, table, key string) error {
	columns, err := columnsOf(ctx, from, table)
	if err != nil {
		return err
	}
	query := `SELECT ` + strings.Join(columns, ", ") + ` FROM ` + table + ` ORDER BY ` + key
	var sums [2][sha256.Size]byte
	var counts [2]int
	for i, tx := range []*sql.Tx{from, to} {
		h := sha256.New()
		err := eachRow(ctx, tx, query, nil, func(scan func(...any) error) error {
			row, err := scanRow(scan, len(columns))
			for _, value := range row {
				addToHash(h, value)
			}
			counts[i]++
			return err
		})
		if err != nil {
			return err
		}
		h.Sum(sums[i][:0])
	}
	if counts[0] != counts[1] || sums[0] != sums[1] {
		return fmt.Errorf("%w: %d rows there, %d here", errDiffers, counts[0], counts[1])
	}
	return nil
}

// addToHash adds a value with its kind and length.
func addToHash(h hash.Hash, value any) {
	var text []byte
	kind := byte('n')
	switch v := value.(type) {
	case int64:
		kind, text = 'i', binary.BigEndian.AppendUint64(nil, uint64(v))
	case string:
		kind, text = 't', []byte(postgres.CleanText(v))
	case []byte:
		kind, text = 'b', v
	}
	h.Write(binary.BigEndian.AppendUint32([]byte{kind}, uint32(len(text))))
	h.Write(text)
}
