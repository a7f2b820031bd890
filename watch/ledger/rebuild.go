package ledger

import "context"

var (
	importFile = registerStatement(`INSERT INTO files (` + fileColumns + `)
		VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, 0, 0, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14) ON CONFLICT DO NOTHING`)
	importAnswer = registerStatement(`UPDATE members SET state = ?4, number_1c = ?5, text = ?6 WHERE set_id = ?1 AND order_id = ?2 AND scope = ?3`)
	importState  = registerStatement(`UPDATE sets SET state = ?2, published = ?3, changed = ?4, text = ?5 WHERE id = ?1`)
)

// Import takes in what a rebuild found in archive and outbox, all or nothing, and what is known already
// stays. A set without a state counts as Published when it was Created, a file without one as Done.
func (l *Ledger) Import(ctx context.Context, orders []Order, sets []Set, files []FileRecord) error {
	return l.Group(ctx, func(t *Tx) error {
		for i := range files {
			if err := t.importFile(&files[i]); err != nil {
				return err
			}
		}
		for i := range sets {
			if err := t.importSet(sets[i]); err != nil {
				return err
			}
		}
		for i := range orders {
			if err := t.putOrder(&orders[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

func (t *Tx) importFile(r *FileRecord) error {
	if err := r.checkFile(); err != nil {
		return err
	}
	state := r.State
	if state == "" {
		state = Done
	}
	c := r.Counts
	_, err := t.execStatement(importFile, r.Route, r.SHA256, r.Name, r.Size, toMillis(r.Seen), string(state), r.Outcome, r.Reason,
		c.Exported, c.Held, c.Known, c.Older, c.Skipped, toMillis(r.Ended))
	return err
}

func (t *Tx) importSet(s Set) error {
	if err := s.checkSet(); err != nil {
		return err
	}
	var id int64
	isNew, err := t.queryRow(insertSet, []any{s.Stem, s.Route, s.Account, toMillis(s.Created)}, &id)
	if err != nil || !isNew {
		return err
	}
	if err := t.fillSet(id, &Work{File: File{Route: s.Route}}, &s); err != nil {
		return err
	}
	if err := t.queueDocuments(&s); err != nil {
		return err
	}
	if _, err := t.execStatement(postLetters, s.Stem); err != nil {
		return err
	}
	if s.State == "" {
		s.State = Published
	}
	if s.Published.IsZero() {
		s.Published = s.Created
	}
	if s.Changed.IsZero() {
		s.Changed = s.Published
	}
	for i := range s.Orders {
		m := &s.Orders[i]
		if _, err := t.execStatement(importAnswer, id, m.Order, m.Scope, string(m.State), m.Number1C, m.Text); err != nil {
			return err
		}
		if err := t.addMember(&s, m, s.Published); err != nil {
			return err
		}
	}
	_, err = t.execStatement(importState, id, string(s.State), toMillis(s.Published), toMillis(s.Changed), s.Text)
	return err
}
