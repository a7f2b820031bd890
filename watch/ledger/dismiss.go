package ledger

import (
	"context"
	"time"
)

// Dismissal is a held order that a person has dealt with, in 1C by hand for one. It waits no more, and no
// revision of it is ever exported, until HoldAgain.
type Dismissal struct {
	Hold // that it had. Revision and file are those of the newest arrival since
	At   time.Time
	Why  string // the person's words; a purge leaves them
}

const dismissalColumns = holdColumns + `, dismissed, why`

func scanDismissal(scan func(...any) error) (d Dismissal, err error) {
	var at int64
	d.Hold, err = scanHold(func(to ...any) error { return scan(append(to, &at, &d.Why)...) })
	d.At = fromMillis(at)
	return d, err
}

// Dismissals lists the orders that people have dismissed, oldest first.
func (l *Ledger) Dismissals(ctx context.Context, f HoldFilter) ([]Dismissal, error) {
	w := f.conditions()
	query := `SELECT ` + dismissalColumns + ` FROM dismissals` + w.String() + " ORDER BY dismissed, order_id, scope" + pageClause(f.Limit, f.Offset)
	return listRows(ctx, l, query, w.args, scanDismissal)
}

// Dismiss takes held orders out of the program's hands, all or none. Errors are *UnknownError when one is not
// held, and *OutgoingError when one is on its way already.
func (l *Ledger) Dismiss(ctx context.Context, keys []Key, why string, at time.Time) error {
	return l.Group(ctx, func(t *Tx) error {
		for _, k := range keys {
			if err := t.dismissOrder(k, why, at); err != nil {
				return err
			}
		}
		return nil
	})
}

var (
	outgoing = registerStatement(`SELECT stem FROM members JOIN sets ON sets.id = set_id
		WHERE order_id = ?1 AND scope IN (?2, '') AND sets.state = 'planned' LIMIT 1`)
	countDismissed = registerStatement(`UPDATE files SET held = held - 1, skipped = skipped + 1 WHERE held > 0 AND (route, sha256) IN
		(SELECT route, sha256 FROM holds` + keyCondition + `)`)
	moveHold = registerStatement(`INSERT INTO dismissals (` + dismissalColumns + `)
		SELECT ` + holdColumns + `, ?3, ?4 FROM holds` + keyCondition)
	takeHold = registerStatement(`DELETE FROM holds` + keyCondition)
)

func (t *Tx) dismissOrder(k Key, why string, at time.Time) error {
	out := OutgoingError{Key: k, Advice: "wait until obmen status shows it as published, then cancel it in 1C"}
	if found, err := t.queryRow(outgoing, []any{k.Order, k.Scope}, &out.Stem); err != nil || found {
		if err == nil {
			err = &out
		}
		return err
	}
	if _, err := t.execStatement(countDismissed, k.Order, k.Scope); err != nil {
		return err
	}
	n, err := t.execStatement(moveHold, k.Order, k.Scope, toMillis(at), why)
	if err == nil && n == 0 {
		err = &UnknownError{"held order", k.Order, "obmen held lists them"}
	}
	if err != nil {
		return err
	}
	_, err = t.execStatement(takeHold, k.Order, k.Scope)
	return err
}

var (
	countHeld = registerStatement(`UPDATE files SET held = held + 1, skipped = skipped - 1 WHERE skipped > 0 AND (route, sha256) IN
		(SELECT route, sha256 FROM dismissals` + keyCondition + `)`)
	moveBack = registerStatement(`INSERT INTO holds (` + holdColumns + `) SELECT ` + holdColumns + ` FROM dismissals` + keyCondition)
	takeBack = registerStatement(`DELETE FROM dismissals` + keyCondition)
)

// HoldAgain undoes dismissals, all or none: the orders wait as before. The error is *UnknownError when one was
// not dismissed.
func (l *Ledger) HoldAgain(ctx context.Context, keys []Key) error {
	return l.Group(ctx, func(t *Tx) error {
		for _, k := range keys {
			if _, err := t.execStatement(countHeld, k.Order, k.Scope); err != nil {
				return err
			}
			n, err := t.execStatement(moveBack, k.Order, k.Scope)
			if err == nil && n == 0 {
				err = &UnknownError{"dismissed order", k.Order, "obmen held --dismissed lists them"}
			}
			if err != nil {
				return err
			}
			if _, err := t.execStatement(takeBack, k.Order, k.Scope); err != nil {
				return err
			}
		}
		return nil
	})
}

// Where a hold was noted before its reader could tell whose number it is, its scope is empty, and the number
// alone must do.
var (
	anyDismissed = registerStatement(`SELECT 1 FROM dismissals LIMIT 1`)
	dismissed    = registerStatement(`SELECT 1 FROM dismissals WHERE order_id = ?1 AND scope IN (?2, '') LIMIT 1`)
)

// refuseDismissed finds orders of a set that were dismissed while the set was made.
func (t *Tx) refuseDismissed(s *Set) error {
	var one int
	if some, err := t.queryRow(anyDismissed, nil, &one); err != nil || !some {
		return err
	}
	for i := range s.Orders {
		found, err := t.queryRow(dismissed, []any{s.Orders[i].Order, s.Orders[i].Scope}, &one)
		if err != nil {
			return err
		}
		if found {
			return &DismissedError{s.Orders[i].Key, s.Stem}
		}
	}
	return nil
}

var arrive = registerStatement(`UPDATE dismissals SET updated = ?3, fingerprint = ?4, route = ?5, sha256 = ?6, origin = ?7` + keyCondition + `
	AND (?3 = 0 OR ?3 >= updated)`)

// noteArrival notes where the newest revision of a dismissed order is, for the day when that is undone.
func (t *Tx) noteArrival(h *Hold) error {
	_, err := t.execStatement(arrive, h.Order, h.Scope, toMillis(h.Updated), h.Fingerprint[:], h.Route, h.SHA256, h.Origin)
	if err == nil && h.Part != "" {
		_, err = t.execStatement(putPart, h.Order, h.Scope, h.Route, h.SHA256, h.Part)
	}
	return err
}

var importDismissal = registerStatement(`INSERT INTO dismissals (` + dismissalColumns + `)
	VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19) ON CONFLICT DO NOTHING`)

// ImportDismissals takes in what a rebuild found of dismissed orders.
func (l *Ledger) ImportDismissals(ctx context.Context, list []Dismissal) error {
	return l.Group(ctx, func(t *Tx) error {
		for i := range list {
			d := &list[i]
			added, details, err := d.marshalTexts()
			if err != nil {
				return err
			}
			if _, err := t.execStatement(importDismissal, d.Scope, d.Order, toMillis(d.Updated), d.Fingerprint[:], d.Account, d.Route, d.SHA256,
				d.Origin, d.Code, d.Sentence, d.Cure, d.File, added, d.Currency, d.Total, toMillis(d.Since), details, toMillis(d.At), d.Why); err != nil {
				return err
			}
		}
		return nil
	})
}
