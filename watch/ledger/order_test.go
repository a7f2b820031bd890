package ledger_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"obmen/watch/ledger"
)

func TestAgainst(t *testing.T) {
	unknown := func(content string) ledger.Revision {
		r := revision(0, content)
		r.Updated = time.Time{}
		return r
	}
	known := revision(5, "x")
	later := known
	later.Updated = later.Updated.Add(300 * time.Microsecond) // less than the ledger keeps
	for _, tt := range []struct {
		name string
		r, k ledger.Revision
		want ledger.Verdict
	}{
		{"same", revision(5, "x"), known, ledger.Known},
		{"same, touched later", revision(9, "x"), known, ledger.Known},
		{"same, from an earlier file", revision(1, "x"), known, ledger.Known},
		{"newer", revision(6, "y"), known, ledger.Changed},
		{"changed within one moment", revision(5, "y"), known, ledger.Changed},
		{"older", revision(4, "y"), known, ledger.Older},
		{"without a time", unknown("y"), known, ledger.Changed},
		{"against one without a time", revision(4, "y"), unknown("x"), ledger.Changed},
		{"parts of a millisecond", revision(5, "y"), later, ledger.Changed},
		{"no fingerprints", ledger.Revision{Updated: at(5)}, ledger.Revision{Updated: at(5)}, ledger.Changed},
	} {
		if got := tt.r.Against(tt.k); got != tt.want {
			t.Errorf("%s: got %d, want %d", tt.name, got, tt.want)
		}
	}
}

// deliver sends one revision of order 1 in a set of its own.
func deliver(t *testing.T, l *ledger.Ledger, name string, r ledger.Revision, facts string) error {
	t.Helper()
	w := begin(t, l, file(name))
	s := set("set-"+name, member("1", r))
	if err := w.Plan(t.Context(), []ledger.Set{s}); err != nil {
		ok(t, w.Fail(t.Context(), err.Error(), false, at(0)))
		return err
	}
	finish(t, w, ledger.Result{Sets: []ledger.Set{s}, Orders: []ledger.Order{exported("1", r, facts)}, At: at(30)})
	return nil
}

func TestRevisions(t *testing.T) {
	l := fresh(t)
	for _, step := range []struct {
		name    string
		r       ledger.Revision
		set     string // of the order afterwards
		doubled bool
		count   int
	}{
		{"first", revision(5, "x"), "set-first", false, 1},
		{"same", revision(5, "x"), "set-first", true, 1},
		{"changed", revision(6, "y"), "set-changed", false, 2},
		{"older", revision(4, "z"), "set-changed", false, 2},
		{"back", revision(7, "x"), "set-back", false, 3},
		{"same moment", revision(7, "w"), "set-same moment", false, 4},
	} {
		err := deliver(t, l, step.name, step.r, step.name)
		if step.doubled {
			failsAs[*ledger.DoubledError](t, err, `"1"`, "set-first", "published")
		} else {
			ok(t, err)
		}
		o := order(t, l, "1")
		if o.Set != step.set || o.Count != step.count {
			t.Errorf("%s: set %q, %d times, want %q, %d", step.name, o.Set, o.Count, step.set, step.count)
		}
	}
	want(t, "facts", string(order(t, l, "1").Facts), "same moment")
}

// An order that came again unchanged, with a later time, is not overtaken by what lies in between.
func TestKnownMovesTime(t *testing.T) {
	l := fresh(t)
	ok(t, deliver(t, l, "a", revision(1, "x"), ""))
	finish(t, begin(t, l, file("b")), ledger.Result{Known: []ledger.Member{
		member("1", revision(9, "x")), member("1", revision(20, "other content")), member("none", revision(9, "x")),
	}})
	finish(t, begin(t, l, file("c")), ledger.Result{Known: []ledger.Member{member("1", revision(2, "x"))}})
	o := order(t, l, "1")
	want(t, "updated", o.Updated, at(9))
	want(t, "verdict", revision(5, "y").Against(o.Revision), ledger.Older)
}

// A set that is finished once more, by one who knows only the plan, takes nothing away.
func TestKnownFactsStay(t *testing.T) {
	l := fresh(t)
	r := revision(1, "x")
	ok(t, deliver(t, l, "a", r, "facts"))
	ok(t, l.Requeue(t.Context(), sum("a"), "inbox"))
	finish(t, begin(t, l, file("a")), ledger.Result{Sets: []ledger.Set{set("set-a", member("1", r))}, At: at(40)})
	o := order(t, l, "1")
	if string(o.Facts) != "facts" || o.Count != 1 || o.Exported != at(30) {
		t.Errorf("%+v", o)
	}
}

func TestDoubled(t *testing.T) {
	r := revision(1, "x")
	for _, tt := range []struct {
		name    string
		before  func(t *testing.T, l *ledger.Ledger)
		doubled bool
	}{
		{"published", func(*testing.T, *ledger.Ledger) {}, true},
		{"loaded", func(t *testing.T, l *ledger.Ledger) {
			ok(t, l.Acknowledge(t.Context(), ledger.Ack{Name: "set-a", OK: true}))
		}, true},
		{"refused by 1C", func(t *testing.T, l *ledger.Ledger) { ok(t, l.Acknowledge(t.Context(), ledger.Ack{Name: "set-a"})) }, false},
		{"file requeued", func(t *testing.T, l *ledger.Ledger) { ok(t, l.Requeue(t.Context(), sum("a"), "inbox")) }, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := fresh(t)
			ok(t, deliver(t, l, "a", r, ""))
			tt.before(t, l)
			err := deliver(t, l, "b", r, "")
			if !tt.doubled {
				ok(t, err)
				return
			}
			failsAs[*ledger.DoubledError](t, err, "set-a")
			w := begin(t, l, file("b"))
			again := set("again", member("1", r))
			again.Again = true
			ok(t, w.Plan(t.Context(), []ledger.Set{again}))
		})
	}
}

func TestPlanRefuses(t *testing.T) {
	l := fresh(t)
	w := begin(t, l, file("a"))
	r := revision(1, "x")
	noFiles, noOrders := set("s", member("1", r)), set("s")
	noFiles.Outputs = nil
	for name, s := range map[string]ledger.Set{
		"no files": noFiles, "no orders": noOrders, "no stem": set("", member("1", r)),
		"no fingerprint": set("s", ledger.Member{Key: key("1")}),
		"unknown file":   set("s", ledger.Member{Key: key("1"), Revision: r, SHA256: sum("never begun")}),
	} {
		if err := w.Plan(t.Context(), []ledger.Set{s}); err == nil {
			t.Errorf("%s: planned", name)
		}
	}
	err := w.Plan(t.Context(), []ledger.Set{set("s1", member("1", r)), set("s2", member("1", r))})
	failsAs[*ledger.DoubledError](t, err, `"s1" (planned)`)
	if list, err := l.Sets(t.Context(), ledger.SetFilter{}); err != nil || len(list) > 0 {
		t.Errorf("refused plans left %v, %v", list, err)
	}
}

func TestHolds(t *testing.T) {
	l := fresh(t)
	later := hold("2", revision(1, "y"), "pending")
	later.Since, later.Account, later.File = at(5), "south", "skus.csv"
	unread := hold("3", ledger.Revision{}, "unreadable")
	finish(t, begin(t, l, file("a")), ledger.Result{Holds: []ledger.Hold{later, hold("1", revision(5, "x"), "unknown-sku"), unread}})
	for _, tt := range []struct {
		f    ledger.HoldFilter
		want string
	}{
		{ledger.HoldFilter{}, "1:unknown-sku 3:unreadable 2:pending"},
		{ledger.HoldFilter{Limit: 1}, "1:unknown-sku"},
		{ledger.HoldFilter{Code: "pending"}, "2:pending"},
		{ledger.HoldFilter{Account: "south"}, "2:pending"},
		{ledger.HoldFilter{Account: "south", Code: "unreadable"}, ""},
		{ledger.HoldFilter{Order: "1"}, "1:unknown-sku"},
		{ledger.HoldFilter{Route: "other"}, ""},
		{ledger.HoldFilter{SHA256: sum("a"), File: "skus.csv"}, "2:pending"},
	} {
		if got := holdCodes(t, l, tt.f); got != tt.want {
			t.Errorf("%+v: got %q, want %q", tt.f, got, tt.want)
		}
	}
}

func TestHoldsFollowRevisions(t *testing.T) {
	for _, tt := range []struct {
		name   string
		result ledger.Result
		want   string
	}{
		{"held again: since the first time", ledger.Result{Holds: []ledger.Hold{held(7, "z", "no-prices", 40)}}, "1:no-prices"},
		{"an older revision", ledger.Result{Holds: []ledger.Hold{held(4, "z", "no-prices", 40)}}, "1:unknown-sku"},
		{"exported", ledger.Result{Orders: []ledger.Order{exported("1", revision(5, "x"), "")}}, ""},
		{"a newer one exported", ledger.Result{Orders: []ledger.Order{exported("1", revision(6, "z"), "")}}, ""},
		{"an older one exported", ledger.Result{Orders: []ledger.Order{exported("1", revision(3, "z"), "")}}, "1:unknown-sku"},
		{"published, no more told", ledger.Result{Sets: []ledger.Set{set("s", member("1", revision(5, "x")))}}, ""},
		{"cancelled", ledger.Result{Released: []ledger.Member{member("1", revision(6, "cancelled"))}}, ""},
		{"cancelled before", ledger.Result{Released: []ledger.Member{member("1", revision(4, "cancelled"))}}, "1:unknown-sku"},
		{"exported and held at once", ledger.Result{
			Orders: []ledger.Order{exported("1", revision(5, "x"), "")}, Holds: []ledger.Hold{held(5, "x", "no-prices", 0)},
		}, ""},
		{"held, a newer one is exported", ledger.Result{
			Orders: []ledger.Order{exported("1", revision(8, "z"), "")}, Holds: []ledger.Hold{held(7, "y", "no-prices", 0)},
		}, ""},
		{"held, neither fingerprint is known", ledger.Result{
			Orders: []ledger.Order{exported("1", ledger.Revision{Updated: at(6)}, "")},
			Holds:  []ledger.Hold{{Key: key("1"), Revision: ledger.Revision{Updated: at(7)}, Remedy: ledger.Remedy{Code: "unreadable"}, Since: at(0)}},
		}, "1:unreadable"},
		{"held after an export", ledger.Result{
			Orders: []ledger.Order{exported("1", revision(6, "z"), "")}, Holds: []ledger.Hold{held(7, "y", "no-prices", 0)},
		}, "1:no-prices"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := fresh(t)
			finish(t, begin(t, l, file("a")), ledger.Result{Holds: []ledger.Hold{held(5, "x", "unknown-sku", 0)}})
			finish(t, begin(t, l, file("b")), tt.result)
			want(t, "holds", holdCodes(t, l, ledger.HoldFilter{}), tt.want)
			if list, _ := l.Holds(t.Context(), ledger.HoldFilter{}); len(list) > 0 {
				want(t, "since", list[0].Since, at(0))
			}
		})
	}
}

func held(updated int, content, code string, since int) ledger.Hold {
	h := hold("1", revision(updated, content), code)
	h.Since = at(since)
	return h
}

// After a purge nothing of a buyer can be found in the bytes on the disk, and nothing is exported twice.
func TestPurge(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	l := open(t, path)
	fill := func(id string, minute int) {
		r := revision(minute, "buyer "+id)
		w := begin(t, l, file(id))
		s := set("set-"+id, member(id, r))
		h := hold("held-"+id, r, "unknown-buyer")
		h.Sentence, h.Since = fmt.Sprintf("Buyer-%s is unknown", id), at(minute)
		facts := fmt.Sprintf(`{"buyer":"Buyer-%s"}`, id)
		if id == "old" {
			facts = strings.Repeat(facts, 1000) // many pages, which are given back
		}
		finish(t, w, ledger.Result{
			Sets: []ledger.Set{s}, Orders: []ledger.Order{exported(id, r, facts)}, Holds: []ledger.Hold{h},
			Reason: "Buyer-" + id + " is held", At: at(minute),
		})
		ok(t, l.Acknowledge(t.Context(), ledger.Ack{Name: s.Stem, Text: "Buyer-" + id + " refused", At: at(minute)}))
	}
	fill("old", 1)
	fill("new", 10)
	counts := ledger.Purged{Orders: 1, Holds: 1, Answers: 2, Reasons: 1}
	for _, dry := range []bool{true, true, false} {
		p, err := l.Purge(t.Context(), at(5), dry)
		ok(t, err)
		want(t, fmt.Sprintf("purged, dry run %v", dry), p, counts)
	}
	p, err := l.Purge(t.Context(), at(5), false)
	ok(t, err)
	want(t, "purged again", p, ledger.Purged{})
	for _, name := range []string{path, path + "-wal"} {
		if onServer() { // its pages are its own
			break
		}
		text, err := os.ReadFile(name)
		ok(t, err)
		if bytes.Contains(text, []byte("Buyer-old")) {
			t.Errorf("%s still has the buyer", name)
		}
	}
	want(t, "facts kept", string(order(t, l, "new").Facts), `{"buyer":"Buyer-new"}`)
	want(t, "facts purged", order(t, l, "old").Facts, nil)
	want(t, "verdict", revision(1, "buyer old").Against(order(t, l, "old").Revision), ledger.Known)
	want(t, "holds", holdCodes(t, l, ledger.HoldFilter{}), "held-old:unknown-buyer held-new:unknown-buyer")
}

// The lines of a hold come back as they were given, whatever is in them, and are left out with nothing but the details.
func TestLinesOfHolds(t *testing.T) {
	l := open(t, filepath.Join(t.TempDir(), "ledger.db"))
	var holds []ledger.Hold
	for i, add := range [][]string{nil, {}, {"A-1;DE;;1;"}, {`a "b" \ <c>`}, {"one", "two"}, {`","`}, {""}, {"Чай & кофе"}} {
		holds = append(holds, ledger.Hold{
			Key: key(fmt.Sprint(i)), Revision: revision(i+1, "x"), Account: "main", Route: "inbox", SHA256: sum("f"), Origin: "f",
			Remedy: ledger.Remedy{Code: "unknown-sku", Add: add}, Details: ledger.HoldDetails{Country: "DE"}, Since: at(i),
		})
	}
	finish(t, begin(t, l, file("f")), ledger.Result{Holds: holds})
	for _, brief := range []bool{false, true} {
		n := 0
		ok(t, l.EachHold(t.Context(), ledger.HoldFilter{NoDetails: brief}, func(h *ledger.Hold) {
			if !slices.Equal(h.Add, holds[n].Add) || h.Order != holds[n].Order || (h.Details.Country == "") != brief {
				t.Errorf("%q instead of %q, %+v", h.Add, holds[n].Add, h.Details)
			}
			n++
		}))
		want(t, "holds", n, len(holds))
	}
}
