package ledger_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"obmen/watch/ledger"

	"pgregory.net/rapid"
)

// model is the ledger in plain maps, for a test to compare with.
type model struct {
	files   map[string]*ledger.FileRecord // by name
	order   []string                      // files as they were first seen
	orders  map[string]ledger.Order
	holds   map[string]ledger.Hold
	sets    map[string]*ledger.Set
	created []string // stems as they were planned
}

func newModel() *model {
	return &model{
		files: map[string]*ledger.FileRecord{}, orders: map[string]ledger.Order{},
		holds: map[string]ledger.Hold{}, sets: map[string]*ledger.Set{},
	}
}

func (m *model) begin(f ledger.File, rerun bool) (fails string) {
	r := m.files[f.Name]
	switch {
	case r == nil:
		r = &ledger.FileRecord{File: f, State: ledger.Waiting}
		m.files[f.Name] = r
		m.order = append(m.order, f.Name)
	case r.State == ledger.Done && !rerun:
		return "done"
	case r.Running:
		r.Crashes++
	}
	r.Running = r.Crashes < ledger.MaxCrashes
	if !r.Running {
		if r.State != ledger.Done {
			r.State = ledger.Refused
		}
		r.Reason = "poison"
		return "poison"
	}
	r.Attempts++
	return ""
}

func (m *model) fail(name, reason string, permanent bool, at time.Time) {
	r := m.files[name]
	r.Running, r.Reason, r.Ended = false, reason, at
	if r.State != ledger.Done {
		r.State = map[bool]ledger.FileState{false: ledger.Waiting, true: ledger.Refused}[permanent]
	}
}

// doubled reports whether one of the orders is in another set that 1C has not refused.
func (m *model) doubled(s ledger.Set) bool {
	for _, other := range m.sets {
		for _, o := range other.Orders {
			for _, n := range s.Orders {
				if other.Stem != s.Stem && o.Key == n.Key && o.Revision == n.Revision && o.State != ledger.Failed {
					return true
				}
			}
		}
	}
	return false
}

func (m *model) plan(name string, s ledger.Set) (fails string) {
	if m.sets[s.Stem] != nil {
		return ""
	}
	if m.doubled(s) {
		return "doubled"
	}
	s.State = ledger.Planned
	s.Orders = slices.Clone(s.Orders)
	for i := range s.Orders {
		s.Orders[i].SHA256 = sum(name)
	}
	slices.SortFunc(s.Orders, func(a, b ledger.Member) int { return cmp.Compare(a.Order, b.Order) })
	m.sets[s.Stem] = &s
	m.created = append(m.created, s.Stem)
	return ""
}

// onceEach counts each order that was read once: exported ones stay exported, the others are what they became last.
func onceEach(was, now ledger.Counts) (n ledger.Counts) {
	left := now.Exported + now.Held + now.Known + now.Older + now.Skipped
	take := func(want int) int {
		got := min(want, left)
		left -= got
		return got
	}
	n.Exported = take(was.Exported + now.Exported)
	n.Held, n.Skipped, n.Older = take(now.Held), take(now.Skipped), take(now.Older)
	n.Known = left
	return n
}

func (m *model) finish(name string, r ledger.Result, rerun bool) (fails string) {
	for _, s := range r.Sets {
		if m.sets[s.Stem] == nil && m.doubled(s) {
			return "doubled"
		}
	}
	f := m.files[name]
	if f.Attempts > 1 {
		r.Counts = onceEach(f.Counts, r.Counts)
	}
	f.State, f.Running, f.Crashes, f.Outcome, f.Reason, f.Ended, f.Counts = ledger.Done, false, 0, r.Outcome, r.Reason, r.At, r.Counts
	for _, o := range r.Orders {
		o.Exported = r.At
		m.export(o, true)
	}
	for _, s := range r.Sets {
		m.plan(name, s)
		known := m.sets[s.Stem]
		if known.State == ledger.Planned {
			known.State, known.Changed = ledger.Published, r.At
		}
		if known.Published.IsZero() {
			known.Published = r.At
		}
		for _, o := range s.Orders {
			if !slices.ContainsFunc(r.Orders, func(told ledger.Order) bool { return told.Key == o.Key }) {
				m.export(ledger.Order{Key: o.Key, Revision: o.Revision, Account: s.Account, Set: s.Stem, Exported: r.At}, false)
			}
		}
	}
	for _, h := range r.Holds {
		m.hold(h)
	}
	return ""
}

func (m *model) export(o ledger.Order, told bool) {
	if h, held := m.holds[o.Order]; held && (o.Updated.IsZero() || !h.Updated.After(o.Updated)) {
		delete(m.holds, o.Order)
	}
	was, known := m.orders[o.Order]
	same := was.Fingerprint == o.Fingerprint
	switch {
	case known && !o.Updated.IsZero() && o.Updated.Before(was.Updated), known && same && !told:
		return
	case !same || was.Set != o.Set:
		o.Count = was.Count + 1
	default:
		o.Count = was.Count
	}
	o.State = ledger.Exported
	m.orders[o.Order] = o
}

func (m *model) hold(h ledger.Hold) {
	o, known := m.orders[h.Order]
	if known && (o.Fingerprint == h.Fingerprint || !h.Updated.IsZero() && o.Updated.After(h.Updated)) {
		return
	}
	if was, held := m.holds[h.Order]; held {
		if !h.Updated.IsZero() && h.Updated.Before(was.Updated) {
			return
		}
		if was.Since.Before(h.Since) {
			h.Since = was.Since
		}
	}
	m.holds[h.Order] = h
}

func (m *model) acknowledge(stem, order string, good bool, at time.Time) (fails string) {
	s := m.sets[stem]
	if s == nil {
		return "unknown"
	}
	to := map[bool]ledger.SetState{false: ledger.Failed, true: ledger.Loaded}[good]
	if order == "" && s.State == ledger.Loaded && !good {
		return "state"
	}
	any := false
	states := map[ledger.SetState]int{}
	for i := range s.Orders {
		o := &s.Orders[i]
		if o.Order == order && o.State == ledger.Loaded && !good {
			return "state"
		}
		if o.Order == order || order == "" && o.State != ledger.Loaded {
			o.State = to
		}
		any = any || o.Order == order
		states[o.State]++
	}
	switch {
	case order == "":
	case !any:
		return "unknown"
	case states[ledger.Failed] > 0:
		to = ledger.Failed
	case states[""] > 0:
		return ""
	default:
		to = ledger.Loaded
	}
	if s.State != to {
		s.State, s.Changed = to, at
	}
	return ""
}

func (m *model) resend(stem string, at time.Time) (fails string) {
	s := m.sets[stem]
	switch {
	case s == nil:
		return "unknown"
	case s.State != ledger.Failed:
		return "state"
	}
	s.State, s.Changed, s.Published = ledger.Published, at, at
	for i := range s.Orders {
		if s.Orders[i].State == ledger.Failed {
			s.Orders[i].State = ""
		}
	}
	return ""
}

// machine does the same to the ledger and to the model.
type machine struct {
	*model
	l     *ledger.Ledger
	path  string
	works map[string]*ledger.Work
	rerun map[string]bool
	clock int
	steps int
}

func TestLedgerIsTheModel(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		sub, err := os.MkdirTemp(dir, "")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(sub)
		m := &machine{model: newModel(), path: filepath.Join(sub, "ledger.db")}
		defer release(m.path)
		m.reopen(t)
		defer func() { m.l.Close() }()
		t.Repeat(map[string]func(*rapid.T){
			"": m.compareSome, "begin": m.doBegin, "fail": m.doFail, "plan": m.doPlan, "finish": m.doFinish, "finish2": m.doFinish,
			"ack": m.doAck, "taken": m.doTaken, "resend": m.doResend, "requeue": m.doRequeue, "forget": m.doForget,
			"crash": m.reopen, "purge": m.doPurge,
		})
		m.compare(t)
	})
}

func (m *machine) now() time.Time {
	m.clock++
	return at(m.clock)
}

func (m *machine) reopen(t *rapid.T) {
	if m.l != nil && m.l.Close() != nil {
		t.Fatal("close")
	}
	var err error
	if m.l, err = ledger.Open(context.Background(), place(m.path), ledger.Options{}); err != nil {
		t.Fatal(err)
	}
	m.works, m.rerun = map[string]*ledger.Work{}, map[string]bool{}
}

// same compares a refusal with the one that the model predicts.
func same(t *rapid.T, what string, err error, fails string) bool {
	t.Helper()
	got := "other"
	switch e := err.(type) {
	case nil:
		got = ""
	case *ledger.DoneError:
		got = "done"
	case *ledger.PoisonError:
		got = "poison"
	case *ledger.DoubledError:
		got = "doubled"
	case *ledger.StateError:
		got = "state"
	case *ledger.UnknownError:
		got = "unknown"
	default:
		if errors.Is(e, ledger.ErrBusy) {
			got = "busy"
		}
	}
	if got != fails {
		t.Fatalf("%s: got %q (%v), want %q", what, got, err, fails)
	}
	return got == ""
}

var (
	anyFile  = rapid.SampledFrom([]string{"a", "b", "c"})
	anyStem  = rapid.SampledFrom([]string{"s1", "s2", "s3", "s4"})
	anyOrder = rapid.SampledFrom([]string{"1", "2", "3"})
)

func anyRevision(t *rapid.T) ledger.Revision {
	r := revision(rapid.IntRange(0, 3).Draw(t, "updated"), rapid.SampledFrom([]string{"x", "y", "z"}).Draw(t, "content"))
	if r.Updated.Equal(at(0)) {
		r.Updated = time.Time{}
	}
	return r
}

func (m *machine) doBegin(t *rapid.T) {
	name, rerun := anyFile.Draw(t, "file"), rapid.Bool().Draw(t, "rerun")
	start := m.l.Begin
	if rerun {
		start = m.l.Rerun
	}
	f := file(name)
	f.Seen = m.now()
	w, err := start(context.Background(), f)
	if m.works[name] != nil {
		same(t, "begin", err, "busy")
		return
	}
	if same(t, "begin", err, m.begin(f, rerun)) {
		m.works[name], m.rerun[name] = w, rerun
		if w.Attempt != m.files[name].Attempts {
			t.Fatalf("attempt %d, want %d", w.Attempt, m.files[name].Attempts)
		}
	}
}

// aWork is one that runs, or nil.
func (m *machine) aWork(t *rapid.T) (string, *ledger.Work) {
	if len(m.works) == 0 {
		return "", nil
	}
	name := rapid.SampledFrom(slices.Sorted(maps.Keys(m.works))).Draw(t, "work")
	return name, m.works[name]
}

func (m *machine) doFail(t *rapid.T) {
	name, w := m.aWork(t)
	if w == nil {
		return
	}
	permanent, now := rapid.Bool().Draw(t, "permanent"), m.now()
	same(t, "fail", w.Fail(context.Background(), "why", permanent, now), "")
	m.fail(name, "why", permanent, now)
	delete(m.works, name)
}

func (m *machine) anySet(t *rapid.T) ledger.Set {
	s := set(anyStem.Draw(t, "stem"))
	s.Created = at(m.clock)
	if known := m.sets[s.Stem]; known != nil { // a stem stands for its content
		s.Created = known.Created
		for _, o := range known.Orders {
			s.Orders = append(s.Orders, member(o.Order, o.Revision))
		}
		return s
	}
	for _, id := range rapid.SliceOfNDistinct(anyOrder, 1, 2, rapid.ID).Draw(t, "orders") {
		s.Orders = append(s.Orders, member(id, anyRevision(t)))
	}
	return s
}

func (m *machine) doPlan(t *rapid.T) {
	name, w := m.aWork(t)
	if w == nil {
		return
	}
	s := m.anySet(t)
	same(t, "plan", w.Plan(context.Background(), []ledger.Set{s}), m.plan(name, s))
}

func (m *machine) doFinish(t *rapid.T) {
	name, w := m.aWork(t)
	if w == nil {
		return
	}
	n := func(what string) int { return rapid.IntRange(0, 9).Draw(t, what) }
	r := ledger.Result{
		Outcome: "done", Reason: "why", At: m.now(),
		Counts: ledger.Counts{Exported: n("exported"), Held: n("held"), Known: n("known"), Older: n("older"), Skipped: n("skipped")},
	}
	if rapid.Bool().Draw(t, "exports") {
		s := m.anySet(t)
		r.Sets = append(r.Sets, s)
		for _, o := range s.Orders {
			if rapid.Bool().Draw(t, "told") {
				told := exported(o.Order, o.Revision, "facts")
				told.Set = s.Stem
				r.Orders = append(r.Orders, told)
			}
		}
	}
	if rapid.Bool().Draw(t, "holds") {
		h := hold(anyOrder.Draw(t, "order"), anyRevision(t), rapid.SampledFrom([]string{"no-prices", "unknown-sku"}).Draw(t, "code"))
		h.Since = r.At
		r.Holds = append(r.Holds, h)
	}
	if same(t, "finish", w.Finish(context.Background(), r), m.finish(name, r, m.rerun[name])) {
		delete(m.works, name)
	}
}

func (m *machine) doAck(t *rapid.T) {
	stem, order, good := anyStem.Draw(t, "stem"), "", rapid.Bool().Draw(t, "ok")
	if rapid.Bool().Draw(t, "one order") {
		order = anyOrder.Draw(t, "order")
	}
	name, now := stem+rapid.SampledFrom([]string{"", ".xml", ".xlsx"}).Draw(t, "ext"), m.now()
	err := m.l.Acknowledge(context.Background(), ledger.Ack{Name: name, Order: order, OK: good, At: now})
	same(t, "acknowledge", err, m.acknowledge(stem, order, good, now))
}

func (m *machine) doTaken(t *rapid.T) {
	stem, now := anyStem.Draw(t, "stem"), m.now()
	err := m.l.Taken(context.Background(), stem, now)
	s := m.sets[stem]
	if s == nil {
		same(t, "taken", err, "unknown")
		return
	}
	same(t, "taken", err, "")
	if s.State == ledger.Planned || s.State == ledger.Published {
		s.State, s.Changed = ledger.Taken, now
	}
}

func (m *machine) doResend(t *rapid.T) {
	stem, now := anyStem.Draw(t, "stem"), m.now()
	same(t, "resend", m.l.Resend(context.Background(), stem, now), m.resend(stem, now))
}

func (m *machine) doRequeue(t *rapid.T) {
	name := anyFile.Draw(t, "file")
	err := m.l.Requeue(context.Background(), sum(name), "inbox")
	f := m.files[name]
	switch {
	case m.works[name] != nil:
		same(t, "requeue", err, "busy")
	case f == nil:
		same(t, "requeue", err, "unknown")
	default:
		same(t, "requeue", err, "")
		if f.Running {
			f.Attempts++
		}
		f.State, f.Running, f.Crashes = ledger.Waiting, false, 0
	}
}

func (m *machine) doForget(t *rapid.T) {
	stem := anyStem.Draw(t, "stem")
	err := m.l.Forget(context.Background(), stem)
	switch s := m.sets[stem]; {
	case s == nil:
		same(t, "forget", err, "unknown")
	case s.State != ledger.Planned:
		same(t, "forget", err, "state")
	default:
		same(t, "forget", err, "")
		delete(m.sets, stem)
		m.created = slices.DeleteFunc(m.created, func(s string) bool { return s == stem })
	}
}

func (m *machine) doPurge(t *rapid.T) {
	before := at(rapid.IntRange(0, m.clock+1).Draw(t, "before"))
	_, err := m.l.Purge(context.Background(), before, false)
	same(t, "purge", err, "")
	for id, o := range m.orders {
		if o.Exported.Before(before) {
			o.Facts = nil
			m.orders[id] = o
		}
	}
	for id, h := range m.holds {
		if h.Since.Before(before) {
			h.Sentence, h.Cure, h.Add = "", "", []string{}
			m.holds[id] = h
		}
	}
	for _, f := range m.files {
		if f.Ended.Before(before) && !f.Running {
			f.Reason = ""
		}
	}
}

// compareSome compares after some of the steps: it takes longer than they do.
func (m *machine) compareSome(t *rapid.T) {
	if m.steps++; m.steps%5 == 0 {
		m.compare(t)
	}
}

// compare reads the whole ledger.
func (m *machine) compare(t *rapid.T) {
	ctx := context.Background()
	files, err1 := m.l.Files(ctx, ledger.FileFilter{})
	orders, err2 := m.l.Orders(ctx, ledger.OrderFilter{})
	holds, err3 := m.l.Holds(ctx, ledger.HoldFilter{})
	sets, err4 := m.l.Sets(ctx, ledger.SetFilter{})
	stats, err5 := m.l.Stats(ctx)
	if err := errors.Join(err1, err2, err3, err4, err5); err != nil {
		t.Fatal(err)
	}
	var wanted []ledger.FileRecord
	for _, name := range m.order {
		wanted = append(wanted, *m.files[name])
	}
	for i := range files {
		if r := &files[i]; r.Crashes >= ledger.MaxCrashes && r.Reason != "" {
			r.Reason = "poison" // the sentence is the error's
		}
	}
	alike(t, "files", files, wanted)
	byKey := func(a, b ledger.Order) int {
		return cmp.Or(a.Exported.Compare(b.Exported), cmp.Compare(a.Order, b.Order))
	}
	alike(t, "orders", orders, slices.SortedFunc(maps.Values(m.orders), byKey))
	byAge := func(a, b ledger.Hold) int { return cmp.Or(a.Since.Compare(b.Since), cmp.Compare(a.Order, b.Order)) }
	alike(t, "holds", holds, slices.SortedFunc(maps.Values(m.holds), byAge))
	var list []ledger.Set
	for _, stem := range m.created {
		list = append(list, *m.sets[stem])
	}
	slices.SortStableFunc(list, func(a, b ledger.Set) int { return a.Created.Compare(b.Created) })
	alike(t, "sets", sets, list)
	before := at(m.clock / 2)
	late, err6 := m.l.Overdue(ctx, "inbox", before, 0)
	n, err7 := m.l.CountOverdue(ctx, "inbox", before)
	if n != len(late) || err6 != nil || err7 != nil {
		t.Fatalf("%d sets are overdue, %d counted (%v, %v)", len(late), n, err6, err7)
	}
	stats.Bytes, stats.Running = 0, 0
	alike(t, "stats", []ledger.Stats{stats}, []ledger.Stats{m.stats()})
}

// stats counts what the ledger keeps counts of.
func (m *model) stats() ledger.Stats {
	s := ledger.Stats{
		Files: map[ledger.FileState]int{}, Orders: map[ledger.OrderState]int{}, Holds: map[string]int{}, Sets: map[ledger.SetState]int{},
	}
	for _, f := range m.files {
		s.Files[f.State]++
	}
	for _, o := range m.orders {
		s.Orders[o.State]++
	}
	for _, h := range m.holds {
		s.Holds[h.Code]++
		s.HeldFrom = oldest(s.HeldFrom, h.Since)
	}
	for _, one := range m.sets {
		s.Sets[one.State]++
		if !one.Published.IsZero() && (one.State == ledger.Published || one.State == ledger.Taken) {
			s.Waiting = oldest(s.Waiting, one.Published)
		}
	}
	return s
}

func oldest(a, b time.Time) time.Time {
	if a.IsZero() || b.Before(a) {
		return b
	}
	return a
}

func alike[T any](t *rapid.T, what string, got, want []T) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d %s, want %d", len(got), what, len(want))
	}
	for i := range got {
		if g, w := fmt.Sprintf("%+v", got[i]), fmt.Sprintf("%+v", want[i]); g != w {
			t.Fatalf("%s\n got %s\nwant %s", what, g, w)
		}
	}
}
