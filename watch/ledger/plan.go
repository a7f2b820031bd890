package ledger

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"
)

// Plan notes which sets are about to become visible, and returns when that is durable. It refuses a set
// with an order whose very revision is in another set (*DoubledError), unless 1C refused that one or the
// set is asked for Again, and one with an order that was dismissed (*DismissedError). A stem that was planned
// or published before is left as it is: the stem stands for the content.
func (w *Work) Plan(ctx context.Context, sets []Set) error {
	return w.l.Group(ctx, func(t *Tx) error { return t.Plan(w, sets) })
}

// Plan is Work.Plan in a group. Its sets may have orders of other works' files on the same route, which
// Member.SHA256 tells.
func (t *Tx) Plan(w *Work, sets []Set) error {
	for i := range sets {
		if len(sets[i].Outputs) == 0 {
			return fmt.Errorf("plan set %q: no files", sets[i].Stem)
		}
		if err := t.planSet(w, &sets[i]); err != nil {
			return err
		}
	}
	return nil
}

var insertSet = registerStatement(`INSERT INTO sets (stem, route, account, state, created) VALUES (?1, ?2, ?3, 'planned', ?4)
	ON CONFLICT DO NOTHING RETURNING id`)

// planSet writes a set that is new to the ledger.
func (t *Tx) planSet(w *Work, s *Set) error {
	if err := s.checkSet(); err != nil {
		return err
	}
	var id int64
	isNew, err := t.queryRow(insertSet, []any{s.Stem, w.File.Route, s.Account, toMillis(s.Created)}, &id)
	if err == nil && !isNew && s.Again {
		err = t.queueDocuments(s)
	}
	if err != nil || !isNew {
		return err
	}
	if err := t.refuseDismissed(s); err != nil {
		return err
	}
	if !s.Again {
		if err := t.refuseDoubled(s, id); err != nil {
			return err
		}
	}
	if err := t.fillSet(id, w, s); err != nil {
		return err
	}
	return t.queueDocuments(s)
}

var doubled = registerStatement(`SELECT stem, sets.state FROM members JOIN sets ON sets.id = set_id
	WHERE order_id = ?1 AND scope = ?2 AND updated = ?3 AND fingerprint = ?4 AND members.state <> 'failed' AND set_id <> ?5 LIMIT 1`)

func (t *Tx) refuseDoubled(s *Set, id int64) error {
	for i := range s.Orders {
		m := &s.Orders[i]
		if m.Fingerprint == [16]byte{} {
			return fmt.Errorf("plan set %q: order %q has no fingerprint", s.Stem, m.Order)
		}
		e := DoubledError{Key: m.Key, Stem: s.Stem}
		found, err := t.queryRow(doubled, []any{m.Order, m.Scope, toMillis(m.Updated), m.Fingerprint[:], id}, &e.Other, &e.State)
		if err != nil {
			return err
		}
		if found {
			e.Advice = "nothing to do if that set is in the outbox or in 1C; to send its orders once more: obmen replay ORDER"
			if e.State == Planned {
				e.Advice = "look for the files of that set in the outbox, then finish it or forget it"
			}
			return &e
		}
	}
	return nil
}

var (
	insertOutput = registerStatement(`INSERT INTO outputs VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)`)
	insertMember = registerStatement(`INSERT INTO members (set_id, order_id, scope, updated, fingerprint, file_id)
		VALUES (?1, ?2, ?3, ?4, ?5, ?6)`)
)

// fillSet writes the files and orders of a new set.
func (t *Tx) fillSet(id int64, w *Work, s *Set) error {
	for i, o := range s.Outputs {
		if _, err := t.execStatement(insertOutput, id, i, o.Name, o.Layout, o.SHA256, o.Size, o.Template); err != nil {
			return err
		}
	}
	files := map[string]any{"": nil}
	if w.id != 0 { // no work: an import
		files[""], files[w.File.SHA256] = w.id, w.id
	}
	for i := range s.Orders {
		m := &s.Orders[i]
		file, err := t.fileOf(m, w.File.Route, files)
		if err != nil {
			return err
		}
		if _, err := t.execStatement(insertMember, id, m.Order, m.Scope, toMillis(m.Updated), m.Fingerprint[:], file); err != nil {
			return err
		}
	}
	return t.keepNumbers(s)
}

// fileOf is the id of the file that a member came in.
func (t *Tx) fileOf(m *Member, route string, files map[string]any) (any, error) {
	if id, ok := files[m.SHA256]; ok {
		return id, nil
	}
	id, _, found, err := t.lookUpFile(fileKey{route, m.SHA256})
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, &UnknownError{"file", m.SHA256, "begin the work on the file of an order before its set is planned"}
	}
	files[m.SHA256] = id
	return id, nil
}

var (
	publishSet = registerStatement(`UPDATE sets SET state = 'published', published = ?2, changed = ?2 WHERE stem = ?1 AND state = 'planned'`)
	// 1C may have answered before the ledger learned that the set was out.
	datePublished = registerStatement(`UPDATE sets SET published = ?2 WHERE stem = ?1 AND published = 0`)
)

// publishSet notes that the files of a set are visible.
func (t *Tx) publishSet(w *Work, s *Set, at time.Time) error {
	if err := t.planSet(w, s); err != nil {
		return err
	}
	for _, statement := range []statement{publishSet, datePublished} {
		if _, err := t.execStatement(statement, s.Stem, toMillis(at)); err != nil {
			return err
		}
	}
	_, err := t.execStatement(postLetters, s.Stem)
	return err
}

var forgetSet = registerStatement(`DELETE FROM sets WHERE stem = ?1 AND state = 'planned'`)

// Forget takes a plan back: no file of the set has become visible, or all were removed.
func (l *Ledger) Forget(ctx context.Context, stem string) error {
	return l.Group(ctx, func(t *Tx) error { return t.Forget(stem) })
}

// Forget is Ledger.Forget in a group.
func (t *Tx) Forget(stem string) error {
	n, err := t.execStatement(forgetSet, stem)
	if err != nil || n > 0 {
		return err
	}
	_, s, err := t.updateSet(stem)
	if err != nil {
		return err
	}
	return &StateError{stem, s.State, "forgotten", "only a set that was planned and not published can be forgotten"}
}

// Result is what became of a file's orders.
type Result struct {
	Sets     []Set                       // published; those that were planned need only their Stem and Orders
	Orders   []Order                     // exported; Set may be left empty when one set was published. Their holds go
	Facts    func(i int) ([]byte, error) // those of Orders[i], when they are not in it; may be nil
	Known    []Member                    // left out because their revision was exported before
	Released []Member                    // that wait no longer, though they were not exported: cancelled orders
	Holds    []Hold
	Arrived  []Hold // of dismissed orders: only key, revision, place and part
	Outcome  string // one word or line, as it is shown
	Reason   string // why the outcome is not what was hoped for
	Counts   Counts // of all orders that were read; see Counts.after for a file that was finished before
	Again    int    // of Counts.Exported: those that the file had exported before
	Joined   bool   // orders of other files were read too
	At       time.Time
}

// countsAfter are the counts of a file when the work on it is finished.
func (t *Tx) countsAfter(w *Work, r *Result) (Counts, error) {
	if w.Attempt <= 1 {
		return r.Counts, nil
	}
	_, before, found, err := t.lookUpFile(w.File.key())
	if err != nil || !found {
		return r.Counts, err
	}
	before.Counts.Exported -= w.noted
	before.Counts.Held += w.noted
	return r.Counts.countedOnce(before.Counts, r), nil
}

// countedOnce returns the counts of a file that was finished before: each of its orders counts once, as what became of it
// in the end. What it exported stays exported, though it is known when the file is read again.
func (c Counts) countedOnce(before Counts, r *Result) Counts {
	all := c.sum()
	if r.Joined && before.sum() > 0 {
		all = before.sum()
	}
	var n Counts
	n.Exported = min(before.Exported+max(c.Exported-r.Again, 0), all)
	n.Held = min(c.Held, all-n.Exported)
	n.Skipped = min(c.Skipped, all-n.Exported-n.Held)
	n.Older = min(c.Older, all-n.Exported-n.Held-n.Skipped)
	n.Known = all - n.Exported - n.Held - n.Skipped - n.Older
	return n
}

func (c Counts) sum() int { return c.Exported + c.Held + c.Known + c.Older + c.Skipped }

// Finish ends the work, in one transaction: sets are published, orders exported, holds noted, the file
// done. A second call does nothing. A revision older than the one the ledger has changes nothing.
func (w *Work) Finish(ctx context.Context, r Result) error {
	return w.l.Group(ctx, func(t *Tx) error { return t.Finish(w, r) })
}

// Finish is Work.Finish in a group.
func (t *Tx) Finish(w *Work, r Result) error {
	c, err := t.countsAfter(w, &r)
	if err != nil {
		return err
	}
	changed, err := t.endWork(w, endFile, r.Outcome, r.Reason, toMillis(r.At), c.Exported, c.Held, c.Known, c.Older, c.Skipped)
	if err != nil || !changed {
		return err
	}
	if !w.rerun { // it came in by its route, which ends the question of a rebuild
		if _, err := t.execStatement(dropUnknown, w.File.SHA256); err != nil {
			return err
		}
	}
	return t.noteResult(w, &r)
}

// RouteUnknown is the code of holds that a rebuild makes where nothing records which route a file came through. The holds
// end when the file comes once more.
const RouteUnknown = "route-unknown"

var dropUnknown = registerStatement(`DELETE FROM holds WHERE sha256 = ?1 AND code = '` + RouteUnknown + `'`)

var noteExported = registerStatement(`UPDATE files SET exported = exported + ?3, held = CASE WHEN held > ?3 THEN held - ?3 ELSE 0 END
	WHERE id = ?1 AND attempts = ?2 AND running = 1`)

// Note notes a part of what became of a file's orders, in a transaction of its own: a file may have more of them than
// one should have. Its Counts are those of the part. The work goes on, and Finish gets the rest, with the counts of all. Where
// it never comes to that, what was noted stays: those sets are published and their orders known.
func (w *Work) Note(ctx context.Context, r Result) error {
	return w.l.Group(ctx, func(t *Tx) error {
		if w.ended {
			return fmt.Errorf("note %q: %w", w.File.Name, errEnded)
		}
		exported := r.Counts.Exported - r.Again
		n, err := t.execStatement(noteExported, w.id, w.Attempt, exported)
		if err == nil && n == 0 {
			err = cmp.Or(t.dropOvertaken(w), fmt.Errorf("note %q: %w", w.File.Name, errEnded))
		}
		if err == nil {
			err = t.noteResult(w, &r)
		}
		if err == nil {
			w.noted += exported
		}
		return err
	})
}

// noteResult notes what became of orders.
func (t *Tx) noteResult(w *Work, r *Result) error {
	if err := t.finishSets(w, r); err != nil {
		return err
	}
	for i := range r.Known {
		m := &r.Known[i]
		if _, err := t.execStatement(touchOrder, m.Order, m.Scope, toMillis(m.Updated), m.Fingerprint[:]); err != nil {
			return err
		}
	}
	if err := t.releaseOvertaken(r.Known); err != nil {
		return err
	}
	for i := range r.Released {
		if err := t.releaseHold(r.Released[i].Key, r.Released[i].Revision); err != nil {
			return err
		}
	}
	for i := range r.Holds {
		if err := t.putHold(&r.Holds[i]); err != nil {
			return err
		}
	}
	for i := range r.Arrived {
		if err := t.noteArrival(&r.Arrived[i]); err != nil {
			return err
		}
	}
	return nil
}

// finishSets notes the sets and their orders, also those of which the result has no more than the key.
func (t *Tx) finishSets(w *Work, r *Result) error {
	told := make(map[Key]bool, len(r.Orders))
	for i := range r.Orders {
		o := r.Orders[i]
		told[o.Key] = true
		if o.Set == "" && len(r.Sets) == 1 {
			o.Set = r.Sets[0].Stem
		}
		if o.Exported.IsZero() {
			o.Exported = r.At
		}
		o.Count = 1
		if r.Facts != nil && o.Facts == nil {
			var err error
			if o.Facts, err = r.Facts(i); err != nil {
				return err
			}
		}
		if err := t.putOrder(&o); err != nil {
			return err
		}
	}
	for i := range r.Sets {
		s := &r.Sets[i]
		if err := t.publishSet(w, s, r.At); err != nil {
			return err
		}
		rest := slices.DeleteFunc(slices.Clone(s.Orders), func(m Member) bool { return told[m.Key] })
		for j := range rest {
			if err := t.addMember(s, &rest[j], r.At); err != nil {
				return err
			}
		}
	}
	return nil
}

// addMember notes an exported order of which only its place in a set is known.
func (t *Tx) addMember(s *Set, m *Member, at time.Time) error {
	_, err := t.execStatement(addOrder, m.Scope, m.Order, toMillis(m.Updated), m.Fingerprint[:], s.Account, s.Stem, toMillis(at))
	if err != nil {
		return err
	}
	return t.releaseHold(m.Key, m.Revision)
}
