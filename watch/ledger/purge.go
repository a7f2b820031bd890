package ledger

import (
	"context"
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

// purgeStep empties one kind of text that may name a buyer or an address. Its rows are found by an index that has no
// others, and emptied a batch at a time: no write waits long for them.
type purgeStep struct {
	empty statement // ?1 is the time, ?2 how many
	due   string    // counts them
	count func(*Purged) *int
}

// purgedAtOnce is how many rows one transaction empties: some hundredths of a second's work.
const purgedAtOnce = 1000

// newPurgeStep registers the statement that empties the rows of a table which are due.
func newPurgeStep(table, change, key, due string, count func(*Purged) *int) purgeStep {
	return purgeStep{
		registerStatement(change + ` WHERE (` + key + `) IN (SELECT ` + key + ` FROM ` + table + ` WHERE ` + due + ` LIMIT ?2)`),
		`SELECT count(*) FROM ` + table + ` WHERE ` + due, count,
	}
}

const (
	withoutWords = ` SET sentence = '', cure = '', added = '[]', details = '{}'`
	wordsDue     = `since < ?1 AND (sentence <> '' OR cure <> '' OR added NOT IN ('[]', 'null') OR details <> '{}')`
)

var purgeSteps = []purgeStep{
	newPurgeStep(`orders`, `UPDATE orders SET facts = x''`, `rowid`, `exported < ?1 AND length(facts) > 0`, func(p *Purged) *int { return &p.Orders }),
	newPurgeStep(`letters`, `DELETE FROM letters`, `rowid`, `since < ?1`, func(p *Purged) *int { return &p.Letters }),
	newPurgeStep(`holds`, `UPDATE holds`+withoutWords, `rowid`, wordsDue, func(p *Purged) *int { return &p.Holds }),
	newPurgeStep(`dismissals`, `UPDATE dismissals`+withoutWords, `rowid`, wordsDue, func(p *Purged) *int { return &p.Holds }),
	newPurgeStep(`sets`, `UPDATE sets SET text = ''`, `id`, `changed < ?1 AND text <> ''`, func(p *Purged) *int { return &p.Answers }),
	newPurgeStep(`members`, `UPDATE members SET text = ''`, `set_id, order_id, scope`,
		`text <> '' AND (SELECT changed FROM sets WHERE id = set_id) < ?1`, func(p *Purged) *int { return &p.Answers }),
	newPurgeStep(`files`, `UPDATE files SET reason = ''`, `id`, `ended < ?1 AND reason <> '' AND running = 0`, func(p *Purged) *int { return &p.Reasons }),
}

// Purge empties what tells of buyers in everything older than before: the bytes are
// overwritten, in the log too. Keys and fingerprints stay, so that nothing is exported twice. Other writes take their
// turns between its steps; an interrupted purge goes on where it was when it is called again. A dry run only counts.
// When a read of another process keeps the old log, the *Error is temporary and Purge must be called again.
func (l *Ledger) Purge(ctx context.Context, before time.Time, dryRun bool) (p Purged, err error) {
	for i := range purgeSteps {
		step := &purgeSteps[i]
		n := 0
		if dryRun {
			err = l.wrapError("read", l.reader.QueryRowContext(ctx, step.due, toMillis(before)).Scan(&n))
		} else {
			n, err = l.purgeRows(ctx, step, before)
		}
		*step.count(&p) += n
		if err != nil {
			return p, err
		}
	}
	if dryRun {
		return p, nil
	}
	return p, l.wipeOldCopies(ctx)
}

// purgeRows does a step to its end, one transaction after the other.
func (l *Ledger) purgeRows(ctx context.Context, step *purgeStep, before time.Time) (all int, err error) {
	for {
		var n int64
		err := l.Group(ctx, func(t *Tx) (err error) {
			n, err = t.execStatement(step.empty, toMillis(before), purgedAtOnce)
			return err
		})
		all += int(n)
		if err != nil || n < purgedAtOnce {
			return all, err
		}
	}
}

// wipeOldCopies leaves nothing of older copies of what was overwritten.
func (l *Ledger) wipeOldCopies(ctx context.Context) error {
	if err := l.takeTurn(ctx); err != nil {
		return err
	}
	defer func() { l.turn <- struct{}{} }()
	return l.wrapError("purge", l.engine.wipeOldCopies(context.WithoutCancel(ctx)))
}
