package ledger

import (
	"context"
	"fmt"
	"time"
)

// Trace is one thing that a person did by hand.
type Trace struct {
	At    time.Time
	Who   string // empty for the command line
	What  string // the operation
	About string // orders, files, lines; no buyer's data
}

var putTrace = registerStatement(`INSERT INTO trail (at, who, what, about) VALUES (?1, ?2, ?3, ?4)`)

// AddTrace notes what a person did.
func (l *Ledger) AddTrace(ctx context.Context, t Trace) error {
	return l.Group(ctx, func(tx *Tx) error {
		_, err := tx.execStatement(putTrace, toMillis(t.At), t.Who, t.What, t.About)
		return err
	})
}

// Trail lists what people did, the newest first: at most limit entries behind the first offset ones.
func (l *Ledger) Trail(ctx context.Context, offset, limit int) ([]Trace, error) {
	query := fmt.Sprintf("SELECT at, who, what, about FROM trail ORDER BY id DESC LIMIT %d OFFSET %d", limit, offset)
	return listRows(ctx, l, query, nil, func(scan func(...any) error) (t Trace, err error) {
		var at int64
		err = scan(&at, &t.Who, &t.What, &t.About)
		t.At = fromMillis(at)
		return t, err
	})
}
