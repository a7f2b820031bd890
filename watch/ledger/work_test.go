package ledger_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"obmen/watch/ledger"
)

// A file goes through: everything that was said can be read back, also by another who opens the ledger.
func TestFinishKeepsEverything(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	l := open(t, path)
	if !l.Created() && !onServer() { // where a schema may be that of a test before
		t.Error("a new ledger does not say that it is new")
	}
	w := begin(t, l, file("a"))
	r1, r2 := revision(1, "one"), revision(2, "two")
	s := set("s1", member("1", r1), member("2", r2))
	ok(t, w.Plan(t.Context(), []ledger.Set{s}))
	o1, o2 := exported("1", r1, "{}"), exported("2", r2, `{"n":1}`)
	o2.State = ledger.Cancelled
	h := hold("3", revision(3, "three"), "unknown-buyer")
	finish(t, w, ledger.Result{
		Sets: []ledger.Set{s}, Orders: []ledger.Order{o1, o2}, Holds: []ledger.Hold{h},
		Outcome: "exported", Reason: "one held", Counts: ledger.Counts{Exported: 2, Held: 1, Known: 3, Older: 4, Skipped: 5}, At: at(10),
	})
	ok(t, l.Close())

	l = open(t, path)
	if l.Created() {
		t.Error("an old ledger says that it is new")
	}
	o1.State, o1.Set, o1.Exported, o1.Count = ledger.Exported, "s1", at(10), 1
	o2.Set, o2.Exported, o2.Count = "s1", at(10), 1
	want(t, "order 1", order(t, l, "1"), o1)
	want(t, "order 2", order(t, l, "2"), o2)
	holds, err := l.Holds(t.Context(), ledger.HoldFilter{})
	want(t, "hold", only(t, holds, err), h)
	s.State, s.Published, s.Changed = ledger.Published, at(10), at(10)
	s.Orders[0].SHA256, s.Orders[1].SHA256 = sum("a"), sum("a")
	want(t, "set", stem(t, l, "s1"), s)
	want(t, "file", record(t, l, "a"), ledger.FileRecord{
		File: file("a"), State: ledger.Done, Attempts: 1, Outcome: "exported", Reason: "one held",
		Counts: ledger.Counts{Exported: 2, Held: 1, Known: 3, Older: 4, Skipped: 5}, Ended: at(10),
	})
	orders, err := l.Orders(t.Context(), ledger.OrderFilter{Order: "2", Account: "north", Set: "s1", Since: at(10), Before: at(11)})
	want(t, "orders", only(t, orders, err), o2)
	if list, err := l.Orders(t.Context(), ledger.OrderFilter{Before: at(10)}); err != nil || len(list) > 0 {
		t.Errorf("orders before the export: %v, %v", list, err)
	}
}

func TestDoneBytesAreRefused(t *testing.T) {
	l := fresh(t)
	finish(t, begin(t, l, file("a")), ledger.Result{At: at(5)})
	again := file("a")
	again.Name = "copy of a"
	_, err := l.Begin(t.Context(), again)
	e := failsAs[*ledger.DoneError](t, err, `"copy of a"`, `"a"`, "2026-11-23T09:05:00Z")
	if !errors.Is(err, ledger.ErrDone) || e.First.Ended != at(5) {
		t.Errorf("%+v", e)
	}
	again.Route = "other"
	begin(t, l, again) // another route has its own memory
}

func TestBusyUntilEnded(t *testing.T) {
	l := fresh(t)
	w := begin(t, l, file("a"))
	if _, err := l.Begin(t.Context(), file("a")); !errors.Is(err, ledger.ErrBusy) {
		t.Errorf("second begin: %v", err)
	}
	if err := l.Requeue(t.Context(), sum("a"), "inbox"); !errors.Is(err, ledger.ErrBusy) {
		t.Errorf("requeue: %v", err)
	}
	ok(t, w.Fail(t.Context(), "the disk is full", false, at(1)))
	ok(t, w.Fail(t.Context(), "said twice", true, at(2)))
	r := record(t, l, "a")
	want(t, "reason", r.Reason, "the disk is full")
	want(t, "state", r.State, ledger.Waiting)
	if err := w.Finish(t.Context(), ledger.Result{}); err == nil {
		t.Error("a work that failed was finished")
	}
	w = begin(t, l, file("a"))
	want(t, "attempt", w.Attempt, 2)
	ok(t, w.Fail(t.Context(), "not JSON", true, at(3)))
	want(t, "state", record(t, l, "a").State, ledger.Refused)
	finish(t, begin(t, l, file("a")), ledger.Result{At: at(4)}) // dropped again: another attempt
	want(t, "state", record(t, l, "a").State, ledger.Done)
}

// A work whose end cannot be written is over: the file is begun once more as soon as the ledger can be written, and
// however often that happens, it is no file that kills the program.
func TestWhatCannotBeEndedIsBegunAgain(t *testing.T) {
	l := fresh(t)
	refused, cancel := context.WithCancel(t.Context())
	cancel() // stands for a ledger that cannot be written
	w := begin(t, l, file("a"))
	for attempt := 2; attempt < 3*ledger.MaxCrashes; attempt++ {
		if err := w.Fail(refused, "the disk is full", false, at(1)); err == nil {
			t.Fatal("the end was written")
		}
		over := w
		w = begin(t, l, file("a"))
		want(t, "attempt", w.Attempt, attempt)
		ok(t, over.Fail(t.Context(), "late", true, at(2)))
		want(t, "state", record(t, l, "a").State, ledger.Waiting)
	}
	finish(t, w, ledger.Result{At: at(3)})
	want(t, "state", record(t, l, "a").State, ledger.Done)
	want(t, "crashes", record(t, l, "a").Crashes, 0)
}

func TestFinishTwiceIsOnce(t *testing.T) {
	l := fresh(t)
	w := begin(t, l, file("a"))
	s := set("s", member("1", revision(1, "x")))
	result := ledger.Result{Sets: []ledger.Set{s}, Counts: ledger.Counts{Exported: 1}, At: at(1)}
	finish(t, w, result)
	result.At, result.Outcome = at(9), "again"
	finish(t, w, result)
	want(t, "ended", record(t, l, "a").Ended, at(1))
	want(t, "count", order(t, l, "1").Count, 1)
	ok(t, w.Fail(t.Context(), "after the end", true, at(9))) // so that it can be deferred
	want(t, "state", record(t, l, "a").State, ledger.Done)
}

// crash leaves a ledger as a killed program would: the works that run are never ended.
func crash(t *testing.T, l *ledger.Ledger, path string) *ledger.Ledger {
	t.Helper()
	ok(t, l.Close())
	return open(t, path)
}

func TestPoison(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	l := open(t, path)
	for range ledger.MaxCrashes - 1 {
		begin(t, l, file("a"))
		l = crash(t, l, path)
	}
	w := begin(t, l, file("a"))
	ok(t, w.Fail(t.Context(), "the disk is full", false, at(1))) // it ended: no crash
	want(t, "crashes", record(t, l, "a").Crashes, ledger.MaxCrashes-1)
	begin(t, l, file("a"))
	l = crash(t, l, path)
	for range 2 {
		_, err := l.Begin(t.Context(), file("a"))
		e := failsAs[*ledger.PoisonError](t, err, `"a"`, "5 attempts")
		want(t, "crashes", e.Crashes, ledger.MaxCrashes)
	}
	r := record(t, l, "a")
	if r.State != ledger.Refused || r.Running || r.Attempts != 6 {
		t.Errorf("poisoned: %+v", r)
	}
	ok(t, l.Requeue(t.Context(), sum("a"), "inbox"))
	finish(t, begin(t, l, file("a")), ledger.Result{At: at(3)})
	want(t, "crashes", record(t, l, "a").Crashes, 0)
}

func TestUnfinishedGivesPlansBack(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	l := open(t, path)
	w := begin(t, l, file("a"))
	s1, s2 := set("s1", member("1", revision(1, "x"))), set("s2", member("2", revision(1, "y")))
	ok(t, w.Plan(t.Context(), []ledger.Set{s1, s2}))
	finish(t, begin(t, l, file("b")), ledger.Result{At: at(1)})
	l = crash(t, l, path)

	pending, err := l.Unfinished(t.Context())
	p := only(t, pending, err)
	if p.Name != "a" || len(p.Sets) != 2 || p.Sets[0].Stem != "s1" || p.Sets[1].Outputs[1].Name != "s2.xml" {
		t.Fatalf("unfinished: %+v", p)
	}
	w = begin(t, l, file("a"))
	want(t, "planned", w.Planned, p.Sets)
	ok(t, l.Forget(t.Context(), "s2")) // its files were not there
	ok(t, w.Plan(t.Context(), []ledger.Set{s2}))
	ok(t, l.Forget(t.Context(), "s2"))
	finish(t, w, ledger.Result{Sets: w.Planned[:1], At: at(2)}) // its files were
	want(t, "crashes", record(t, l, "a").Crashes, 0)
	want(t, "state", stem(t, l, "s1").State, ledger.Published)
	want(t, "set of order 1", order(t, l, "1").Set, "s1")
	if _, found, _ := l.Order(t.Context(), key("2")); found {
		t.Error("an order of a forgotten plan counts as exported")
	}
	if pending, err := l.Unfinished(t.Context()); err != nil || len(pending) > 0 {
		t.Errorf("unfinished: %+v, %v", pending, err)
	}
	failsAs[*ledger.StateError](t, l.Forget(t.Context(), "s1"), "published")
	failsAs[*ledger.UnknownError](t, l.Forget(t.Context(), "s3"), `"s3"`)
}

func TestRerun(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	l := open(t, path)
	finish(t, begin(t, l, file("a")), ledger.Result{
		Holds:  []ledger.Hold{hold("1", revision(1, "x"), "unknown-sku"), hold("2", revision(1, "y"), "unknown-sku")},
		Counts: ledger.Counts{Exported: 3, Held: 2, Known: 1}, At: at(1),
	})
	w, err := l.Rerun(t.Context(), file("a"))
	ok(t, err)
	l = crash(t, l, path)
	if _, err := l.Begin(t.Context(), file("a")); !errors.Is(err, ledger.ErrDone) {
		t.Errorf("a done file after a killed rerun: %v", err)
	}
	if err := w.Finish(t.Context(), ledger.Result{}); err == nil {
		t.Error("a work of a closed ledger was finished")
	}
	w, err = l.Rerun(t.Context(), file("a"))
	ok(t, err)
	r := revision(1, "x")
	finish(t, w, ledger.Result{
		Sets: []ledger.Set{set("s", member("1", r))}, Orders: []ledger.Order{exported("1", r, "{}")},
		Counts: ledger.Counts{Exported: 1, Held: 1, Known: 4}, At: at(2),
	})
	want(t, "counts", record(t, l, "a").Counts, ledger.Counts{Exported: 4, Held: 1, Known: 1})
	want(t, "holds", holdCodes(t, l, ledger.HoldFilter{}), "2:unknown-sku")
	w, err = l.Rerun(t.Context(), file("a"))
	ok(t, err)
	ok(t, w.Fail(t.Context(), "unreadable", true, at(3)))
	want(t, "state", record(t, l, "a").State, ledger.Done)
}

// Two processes: one requeues a file that the other works on.
func TestOvertaken(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	one, two := open(t, path), open(t, path)
	w := begin(t, one, file("a"))
	ok(t, two.Requeue(t.Context(), sum("a"), "inbox"))
	err := w.Finish(t.Context(), ledger.Result{Sets: []ledger.Set{set("s", member("1", revision(1, "x")))}})
	failsAs[*ledger.StaleError](t, err, `"a"`)
	if list, err := one.Sets(t.Context(), ledger.SetFilter{}); err != nil || len(list) > 0 {
		t.Errorf("an overtaken work left %v, %v", list, err)
	}
	finish(t, begin(t, one, file("a")), ledger.Result{At: at(1)})
	failsAs[*ledger.UnknownError](t, two.Requeue(t.Context(), sum("b"), "inbox"), sum("b"))
}

func TestGroup(t *testing.T) {
	l := fresh(t)
	var works []*ledger.Work
	ok(t, l.Group(t.Context(), func(tx *ledger.Tx) error {
		for _, name := range []string{"a", "b"} {
			w, err := tx.Begin(file(name))
			if err != nil {
				return err
			}
			works = append(works, w)
		}
		return nil
	}))
	s := set("s", member("1", revision(1, "x")), ledger.Member{Key: key("2"), Revision: revision(1, "y"), SHA256: sum("b")})
	ok(t, l.Group(t.Context(), func(tx *ledger.Tx) error { return tx.Plan(works[0], []ledger.Set{s}) }))
	boom := errors.New("boom")
	err := l.Group(t.Context(), func(tx *ledger.Tx) error {
		ok(t, tx.Finish(works[0], ledger.Result{Sets: []ledger.Set{s}, At: at(1)}))
		if _, found, err := tx.Order(key("1")); !found || err != nil {
			t.Errorf("a group does not see its own writes: %v, %v", found, err)
		}
		_, err := tx.Begin(file("c"))
		ok(t, err)
		return boom
	})
	if !errors.Is(err, boom) {
		t.Fatalf("group: %v", err)
	}
	want(t, "state", record(t, l, "a").State, ledger.Waiting)
	begin(t, l, file("c")) // nothing of it is left
	ok(t, l.Group(t.Context(), func(tx *ledger.Tx) error {
		return errors.Join(tx.Finish(works[0], ledger.Result{Sets: []ledger.Set{s}, At: at(1)}), tx.Fail(works[1], "no", true, at(1)))
	}))
	want(t, "file of order 2", stem(t, l, "s").Orders[1].SHA256, sum("b"))
	sets, err := l.Sets(t.Context(), ledger.SetFilter{SHA256: sum("b")})
	want(t, "set of file b", only(t, sets, err).Stem, "s")
}

// A failure of the database that fn overlooks still undoes the group.
func TestGroupOverlooksNothing(t *testing.T) {
	l := fresh(t)
	w := begin(t, l, file("a"))
	odd := exported("1", revision(1, "x"), "")
	odd.State = "odd"
	err := l.Group(t.Context(), func(tx *ledger.Tx) error {
		tx.Finish(w, ledger.Result{Orders: []ledger.Order{odd}})
		return nil
	})
	failsAs[*ledger.Error](t, err, map[bool]string{false: "CHECK", true: "check constraint"}[onServer()])
	want(t, "state", record(t, l, "a").State, ledger.Waiting)
	odd.State = ledger.Cancelled
	finish(t, w, ledger.Result{Orders: []ledger.Order{odd}})
	want(t, "state", record(t, l, "a").State, ledger.Done)
}

func TestCancelledContext(t *testing.T) {
	l := fresh(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := l.Begin(ctx, file("a")); !errors.Is(err, context.Canceled) {
		t.Errorf("begin: %v", err)
	}
	if _, err := l.Holds(ctx, ledger.HoldFilter{}); !errors.Is(err, context.Canceled) {
		t.Errorf("holds: %v", err)
	}
	if _, _, err := l.Order(ctx, key("1")); !errors.Is(err, context.Canceled) {
		t.Errorf("order: %v", err)
	}
	begin(t, l, file("a"))
}

func TestBadHash(t *testing.T) {
	l := fresh(t)
	for _, bad := range []string{"", "abc", sum("a")[:62], sum("a") + "00", "zz" + sum("a")[2:]} {
		if _, err := l.Begin(t.Context(), ledger.File{Route: "inbox", SHA256: bad}); err == nil {
			t.Errorf("%q passed for a hash", bad)
		}
	}
}
