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
	Newest               bool // the newest first
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
		w.addCondition("id IN (SELECT set_id FROM members JOIN files ON files.id = file_id WHERE sha256 = ?)", f.SHA256)
	}
	w.addSince("published", f.Since)
	w.addBefore("published", f.Before)
	return w
}

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
		order = " ORDER BY created DESC, id DESC"
	}
	sets, err := readSets(ctx, tx, w, order+limitClause(f.Limit), !f.NoOrders)
	return sets, l.wrapError("read", err)
}

// Overdue lists the sets that were published before a time and that 1C has not answered, oldest first,
// without their orders.
func (l *Ledger) Overdue(ctx context.Context, before time.Time) ([]Set, error) {
	return l.Sets(ctx, SetFilter{States: []SetState{Published, Taken}, Before: before, NoOrders: true})
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
