package ledger

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// statement is the number of a prepared statement that writes.
type statement int

var texts []string

// registerStatement registers a statement; Open prepares them all.
func registerStatement(text string) statement {
	texts = append(texts, text)
	return statement(len(texts) - 1)
}

func prepareStatements(ctx context.Context, db *sql.DB) ([]*sql.Stmt, error) {
	list := make([]*sql.Stmt, len(texts))
	for i, text := range texts {
		stmt, err := db.PrepareContext(ctx, text)
		if err != nil {
			return nil, err
		}
		list[i] = stmt
	}
	return list, nil
}

// Tx is one transaction. It lives as long as the function that Group called, and belongs to its goroutine.
type Tx struct {
	l            *Ledger
	tx           *sql.Tx
	err          error   // the first failure of the database: nothing counts after it
	began, ended []*Work // in this transaction
	numbered     []NumberedOrder
}

// Group runs a function whose changes reach the disk together, or not at all when it returns an error.
// Two thousand small files in groups of a hundred cost 20 waits for the disk and not 2,000. Whatever fn
// did is durable only when Group returns nil, so nothing may become visible before. Refusals of single
// files (*DoneError, *PoisonError …) leave the group intact: fn decides.
func (l *Ledger) Group(ctx context.Context, fn func(*Tx) error) error {
	if err := l.takeTurn(ctx); err != nil {
		return err
	}
	defer func() { l.turn <- struct{}{} }()
	// Not ctx: a transaction takes milliseconds, and one that a cancelled context ends half way
	// would leave its caller not knowing what became of it.
	tx, err := l.writer.BeginTx(context.WithoutCancel(ctx), nil)
	if err != nil {
		return l.wrapError("write", err)
	}
	t := &Tx{l: l, tx: tx}
	committed := false
	defer func() {
		tx.Rollback() // does nothing after a commit
		t.noteRunning(committed)
	}()
	if err := fn(t); err != nil {
		return l.wrapError("write", err)
	}
	if t.err != nil { // fn has overlooked it, SQLite may have rolled back half of its work
		return l.wrapError("write", t.err)
	}
	if err := tx.Commit(); err != nil {
		return l.wrapError("write", err)
	}
	committed = true
	return l.noteNumbers(t.numbered)
}

func (l *Ledger) takeTurn(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-l.turn:
		return nil
	}
}

// execStatement runs a statement and tells how many rows it changed.
func (t *Tx) execStatement(s statement, args ...any) (int64, error) {
	if t.err != nil {
		return 0, t.err
	}
	result, err := t.tx.Stmt(t.l.stmts[s]).Exec(args...)
	if err != nil {
		t.err = err
		return 0, err
	}
	return result.RowsAffected()
}

// queryRow runs a statement that gives one row or none. Other failures than the lack of a row end the
// transaction.
func (t *Tx) queryRow(s statement, args []any, to ...any) (found bool, err error) {
	if t.err != nil {
		return false, t.err
	}
	switch err := t.tx.Stmt(t.l.stmts[s]).QueryRow(args...).Scan(to...); {
	case errors.Is(err, sql.ErrNoRows):
		return false, nil
	case err != nil:
		t.err = err
		return false, err
	}
	return true, nil
}

// toMillis is a time as the ledger keeps it.
func toMillis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// fromMillis is a time as the ledger kept it.
func fromMillis(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
