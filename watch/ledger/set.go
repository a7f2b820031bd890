package ledger

import (
	"context"
	"fmt"
	"time"
)

// SetState says how far an output set has come.
type SetState string

// The states of a set. They change from top to bottom, and from Failed to Published by Resend.
const (
	Planned   SetState = "planned"   // about to become visible
	Published SetState = "published" // in the outbox
	Taken     SetState = "taken"     // gone from the outbox: 1C reads it
	Failed    SetState = "failed"    // 1C refused all or some of it
	Loaded    SetState = "loaded"    // 1C has it
)

// Set is one output set: files of one batch, published together.
type Set struct {
	Stem           string // what the names of its files begin with; follows from the content
	Route, Account string
	Outputs        []Output // in the order of publishing
	Orders         []Member // sorted by order id and scope when read
	Created        time.Time
	Published      time.Time // when Finish, or the last Resend, said so
	Changed        time.Time // of State
	State          SetState
	Text           string // 1C's words on the whole set; emptied by a purge
	// Again lets Plan take orders whose revision is in another set: a person asked for them once more.
	// It is not kept.
	Again bool
	// Letters are the documents that go out in messages; given to Plan and Import, not read back.
	Queued []QueuedDocument
}

// Output is one file of a set.
type Output struct {
	Name, Layout, SHA256 string
	Size                 int64
	Template             string // hash of the layout that wrote it
}

// Message reports whether the documents go out in messages of that name, not in a file of their own.
func (o *Output) Message() bool { return o.SHA256 == "" }

// Member is a revision of an order in a set.
type Member struct {
	Key
	Revision
	SHA256   string   // of the file it came in; empty in Plan means the file of the work
	State    SetState // what 1C said of this order: Loaded, Failed or empty
	Number1C string
	Text     string // emptied by a purge
}

// SetFilter chooses sets; zero fields choose all.
type SetFilter struct {
	Stem, Route, Account string
	States               []SetState
	Order                string    // id of an order that is in it
	SHA256               string    // of a file that one of its orders came in
	Since, Before        time.Time // of publishing
	Limit                int
	NoOrders             bool // leave Set.Orders empty
	Newest               bool // those that were published last come first
}

func (f *SetFilter) conditions() where {
	var w where
	w.addEqual("stem", f.Stem)
	w.addEqual("route", f.Route)
	w.addEqual("account", f.Account)
	if len(f.States) > 0 {
		w.addStates(f.States)
	}
	if f.Order != "" {
		w.addCondition("id IN (SELECT set_id FROM members WHERE order_id = ?)", f.Order)
	}
	if f.SHA256 != "" {
		var of where
		of.addFile(f.Route, f.SHA256)
		w.addCondition(fmt.Sprintf(setsOfFiles, of.String()), of.args...)
	}
	w.addSince("published", f.Since)
	w.addBefore("published", f.Before)
	return w
}

// setsOfFiles are the sets of files: those of each are found by leaps, for a file may have many orders in few sets.
const setsOfFiles = `id IN (WITH RECURSIVE of_file(file_id, set_id) AS (
	SELECT id, (SELECT min(set_id) FROM members WHERE file_id = files.id) FROM files%s
	UNION ALL SELECT file_id, (SELECT min(members.set_id) FROM members WHERE members.file_id = of_file.file_id AND members.set_id > of_file.set_id)
	FROM of_file WHERE of_file.set_id IS NOT NULL)
	SELECT set_id FROM of_file WHERE set_id IS NOT NULL)`

func (w *where) addStates(states []SetState) {
	condition := "state IN (?"
	args := []any{string(states[0])}
	for _, s := range states[1:] {
		condition += ", ?"
		args = append(args, string(s))
	}
	w.addCondition(condition+")", args...)
}

// Sets lists sets with their files and orders, oldest first.
func (l *Ledger) Sets(ctx context.Context, f SetFilter) ([]Set, error) {
	tx, err := l.reader.BeginTx(ctx, nil) // one state of the ledger for all three queries
	if err != nil {
		return nil, l.wrapError("read", err)
	}
	defer tx.Rollback()
	w := f.conditions()
	order := " ORDER BY created, id"
	if f.Newest {
		order = " ORDER BY published DESC, id DESC"
	}
	sets, err := readSets(ctx, tx, w, order+limitClause(f.Limit), !f.NoOrders)
	return sets, l.wrapError("read", err)
}

// unanswered are the sets of a route that were published before a time and that 1C has not answered.
const unanswered = `state IN ('published', 'taken') AND route = ? AND published < ? AND published <> 0`

// Overdue lists the sets of a route that were published before a time and that 1C has not answered, oldest first and
// at most so many, without their orders.
func (l *Ledger) Overdue(ctx context.Context, route string, before time.Time, most int) ([]Set, error) {
	tx, err := l.reader.BeginTx(ctx, nil)
	if err != nil {
		return nil, l.wrapError("read", err)
	}
	defer tx.Rollback()
	var w where
	w.addCondition(unanswered, route, toMillis(before))
	sets, err := readSets(ctx, tx, w, " ORDER BY published, id"+limitClause(most), false)
	return sets, l.wrapError("read", err)
}

// CountOverdue counts what Overdue lists: all sets that 1C has not answered, of which a count is kept, but those that
// are too young.
func (l *Ledger) CountOverdue(ctx context.Context, route string, before time.Time) (n int, err error) {
	err = l.reader.QueryRowContext(ctx, `SELECT coalesce((SELECT n FROM counts WHERE what = 'unanswered' AND name = ?1), 0) -
		(SELECT count(*) FROM sets WHERE state IN ('published', 'taken') AND route = ?1 AND published >= ?2) -
		(SELECT count(*) FROM sets WHERE state IN ('published', 'taken') AND route = ?1 AND published = 0)`, route, toMillis(before)).Scan(&n)
	return n, l.wrapError("read", err)
}

// readSets reads sets, their outputs and their members with one query each.
func readSets(ctx context.Context, q querier, w where, order string, members bool) ([]Set, error) {
	at := map[int64]int{}
	n := 0
	list, err := collectRows(ctx, q, `SELECT id, stem, route, account, state, created, published, changed, text FROM sets`+
		w.String()+order, w.args, func(scan func(...any) error) (s Set, err error) {
		var id, created, published, changed int64
		err = scan(&id, &s.Stem, &s.Route, &s.Account, &s.State, &created, &published, &changed, &s.Text)
		s.Created, s.Published, s.Changed = fromMillis(created), fromMillis(published), fromMillis(changed)
		at[id] = n
		n++
		return s, err
	})
	if err != nil || len(list) == 0 {
		return nil, err
	}
	chosen := `set_id IN (SELECT id FROM sets` + w.String() + order + `)`
	if err := readOutputs(ctx, q, chosen, w.args, list, at); err != nil {
		return nil, err
	}
	if !members {
		return list, nil
	}
	return list, readMembers(ctx, q, chosen, w.args, list, at)
}

func readOutputs(ctx context.Context, q querier, chosen string, args []any, sets []Set, at map[int64]int) error {
	query := `SELECT set_id, name, layout, sha256, size, template FROM outputs WHERE ` + chosen + ` ORDER BY set_id, position`
	_, err := collectRows(ctx, q, query, args, func(scan func(...any) error) (o Output, err error) {
		var id int64
		if err := scan(&id, &o.Name, &o.Layout, &o.SHA256, &o.Size, &o.Template); err != nil {
			return o, err
		}
		s := &sets[at[id]]
		s.Outputs = append(s.Outputs, o)
		return o, nil
	})
	return err
}

func readMembers(ctx context.Context, q querier, chosen string, args []any, sets []Set, at map[int64]int) error {
	query := `SELECT set_id, order_id, scope, updated, fingerprint, coalesce(sha256, ''), m.state, number_1c, text
		FROM members m LEFT JOIN files ON files.id = file_id WHERE ` + chosen + ` ORDER BY set_id, order_id, scope`
	_, err := collectRows(ctx, q, query, args, func(scan func(...any) error) (m Member, err error) {
		var id, updated int64
		var fingerprint []byte
		if err := scan(&id, &m.Order, &m.Scope, &updated, &fingerprint, &m.SHA256, &m.State, &m.Number1C, &m.Text); err != nil {
			return m, err
		}
		m.Updated = fromMillis(updated)
		copy(m.Fingerprint[:], fingerprint)
		s := &sets[at[id]]
		s.Orders = append(s.Orders, m)
		return m, nil
	})
	return err
}

// plannedSets lists the sets with orders of a file that are planned and not finished.
func (t *Tx) plannedSets(file int64) ([]Set, error) {
	var w where
	w.addCondition("state = 'planned' AND id IN (SELECT set_id FROM members WHERE file_id = ?)", file)
	list, err := readSets(context.Background(), t.tx, w, " ORDER BY created, id", true)
	if err != nil {
		t.err = err
	}
	return list, err
}

func (s *Set) checkSet() error {
	if s.Stem == "" || len(s.Orders) == 0 {
		return fmt.Errorf("set %q: a set has a stem and at least one order", s.Stem)
	}
	return nil
}

// LastTemplate is the hash of the template that wrote the newest file of a layout; empty when there is none.
func (l *Ledger) LastTemplate(ctx context.Context, layout string) (hash string, err error) {
	list, err := collectRows(ctx, l.reader, `SELECT template FROM outputs WHERE layout = ? AND template <> '' ORDER BY set_id DESC LIMIT 1`,
		[]any{layout}, func(scan func(...any) error) (hash string, err error) { return hash, scan(&hash) })
	if err != nil || len(list) == 0 {
		return "", l.wrapError("read", err)
	}
	return list[0], nil
}
