package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"
)

// where collects conditions that must all hold.
type where struct {
	conditions []string
	args       []any
}

func (w *where) addCondition(condition string, args ...any) {
	w.conditions = append(w.conditions, condition)
	w.args = append(w.args, args...)
}

// addEqual adds column = value unless the value is empty.
func (w *where) addEqual(column, value string) {
	if value != "" {
		w.addCondition(column+" = ?", value)
	}
}

func (w *where) addSince(column string, t time.Time) {
	if !t.IsZero() {
		w.addCondition(column+" >= ?", toMillis(t))
	}
}

// addBefore leaves out what has no time.
func (w *where) addBefore(column string, t time.Time) {
	if !t.IsZero() {
		w.addCondition(column+" < ? AND "+column+" <> 0", toMillis(t))
	}
}

func (w *where) String() string {
	if len(w.conditions) == 0 {
		return ""
	}
	return " WHERE (" + strings.Join(w.conditions, ") AND (") + ")"
}

func limitClause(n int) string {
	if n <= 0 {
		return ""
	}
	return fmt.Sprintf(" LIMIT %d", n)
}

// pageClause is a LIMIT with the rows that are passed over before.
func pageClause(n, offset int) string {
	if n <= 0 {
		n = -1 // without an end
	}
	if n < 0 && offset <= 0 {
		return ""
	}
	return fmt.Sprintf(" LIMIT %d OFFSET %d", n, max(offset, 0))
}

// lookUpContext is the context for the look-up of one row, or the error of one that has ended. In a file a look-up takes
// microseconds, and to stop it half way would take two goroutines that wait for that.
func (l *Ledger) lookUpContext(ctx context.Context) (context.Context, error) {
	if _, local := l.engine.(*file); local {
		return context.WithoutCancel(ctx), ctx.Err()
	}
	return ctx, nil
}

// querier is a database or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// collectRows runs a query and reads its rows.
func collectRows[T any](ctx context.Context, q querier, query string, args []any, read func(scan func(...any) error) (T, error)) ([]T, error) {
	var all []T
	err := eachRow(ctx, q, query, args, func(scan func(...any) error) error {
		one, err := read(scan)
		all = append(all, one)
		return err
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}

// eachRow runs a query and takes its rows one after the other.
func eachRow(ctx context.Context, q querier, query string, args []any, take func(scan func(...any) error) error) error {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := take(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// listRows is collect for the calls that only read.
func listRows[T any](ctx context.Context, l *Ledger, query string, args []any, read func(scan func(...any) error) (T, error)) ([]T, error) {
	all, err := collectRows(ctx, l.reader, query, args, read)
	return all, l.wrapError("read", err)
}
