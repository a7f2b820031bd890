package ledger

import (
	"context"
	"errors"
	"time"
)

// Purged counts what a purge emptied.
type Purged struct {
	Orders  int // facts of exported orders
	Holds   int // sentences and cures
	Answers int // 1C's words on sets and orders
	Reasons int // why files failed
	Letters int // documents on their way in messages, which thereby never arrive
}

var errDryRun = errors.New("dry run")

// Every text that may name a buyer or an address, by the time that makes it old.
var (
	purgeOrders = registerStatement(`UPDATE orders SET facts = x'' WHERE exported < ?1 AND length(facts) > 0`)
	purgeHolds  = registerStatement(`UPDATE holds SET sentence = '', cure = '', added = '[]', details = '{}'
		WHERE since < ?1 AND (sentence <> '' OR cure <> '' OR added NOT IN ('[]', 'null') OR details <> '{}')`)
	purgeDismissed = registerStatement(`UPDATE dismissals SET sentence = '', cure = '', added = '[]', details = '{}'
		WHERE since < ?1 AND (sentence <> '' OR cure <> '' OR added NOT IN ('[]', 'null') OR details <> '{}')`)
	purgeSets    = registerStatement(`UPDATE sets SET text = '' WHERE changed < ?1 AND text <> ''`)
	purgeMembers = registerStatement(`UPDATE members SET text = '' WHERE text <> '' AND set_id IN (SELECT id FROM sets WHERE changed < ?1)`)
	purgeLetters = registerStatement(`DELETE FROM letters WHERE since < ?1`)
	purgeFiles   = registerStatement(`UPDATE files SET reason = '' WHERE ended < ?1 AND reason <> '' AND running = 0`)
)

// Purge empties what tells of buyers in everything older than before (facts, amazon 2.9): the bytes are
// overwritten, in the log too. Keys and fingerprints stay, so that nothing is exported twice. A dry run
// only counts. When a read of another process keeps the old log, the *Error is temporary and Purge
// must be called again.
func (l *Ledger) Purge(ctx context.Context, before time.Time, dryRun bool) (Purged, error) {
	var p Purged
	err := l.Group(ctx, func(t *Tx) error {
		for _, step := range []struct {
			s     statement
			count *int
		}{
			{purgeOrders, &p.Orders}, {purgeLetters, &p.Letters}, {purgeHolds, &p.Holds}, {purgeDismissed, &p.Holds}, {purgeSets, &p.Answers}, {purgeMembers, &p.Answers}, {purgeFiles, &p.Reasons},
		} {
			n, err := t.execStatement(step.s, toMillis(before))
			if err != nil {
				return err
			}
			*step.count += int(n)
		}
		if dryRun {
			return errDryRun
		}
		return nil
	})
	if errors.Is(err, errDryRun) {
		return p, nil
	}
	if err != nil {
		return Purged{}, err
	}
	return p, l.emptyLog(ctx)
}

// emptyLog moves the write-ahead log into the ledger and leaves nothing of it: it has older copies of
// what was overwritten.
func (l *Ledger) emptyLog(ctx context.Context) error {
	if err := l.takeTurn(ctx); err != nil {
		return err
	}
	defer func() { l.turn <- struct{}{} }()
	var busy, pages, moved int
	err := l.writer.QueryRowContext(context.WithoutCancel(ctx), "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &pages, &moved)
	if err == nil && busy != 0 {
		return &Error{
			Op: "purge", Path: l.path, Err: errors.New("a read that goes on keeps the old log"),
			Advice: "purge once more when no other obmen command runs", temporary: true,
		}
	}
	return l.wrapError("purge", err)
}
