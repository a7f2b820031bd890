package ledger_test

import (
	"path/filepath"
	"testing"

	"obmen/watch/ledger"
)

// holding begins and finishes a file whose orders are held.
func holding(t *testing.T, l *ledger.Ledger, name string, holds ...ledger.Hold) {
	t.Helper()
	for i := range holds {
		holds[i].SHA256 = sum(name)
	}
	finish(t, begin(t, l, file(name)), ledger.Result{Holds: holds, Counts: ledger.Counts{Held: len(holds)}, At: at(1)})
}

func dismissals(t *testing.T, l *ledger.Ledger) []ledger.Dismissal {
	t.Helper()
	list, err := l.Dismissals(t.Context(), ledger.HoldFilter{})
	ok(t, err)
	return list
}

// A dismissed order waits no more and comes into no set, until that is undone; then all is as before.
func TestDismiss(t *testing.T) {
	l := open(t, filepath.Join(t.TempDir(), "ledger.db"))
	holding(t, l, "a", hold("1", revision(5, "x"), "unknown-sku"), hold("2", revision(5, "y"), "pending"))
	err := l.Dismiss(t.Context(), []ledger.Key{key("1"), key("7")}, "by hand", at(2))
	failsAs[*ledger.UnknownError](t, err, "held order", `"7"`)
	want(t, "holds after a dismissal that was refused", holdCodes(t, l, ledger.HoldFilter{}), "1:unknown-sku 2:pending")

	ok(t, l.Dismiss(t.Context(), []ledger.Key{key("1")}, "by hand", at(2)))
	want(t, "holds", holdCodes(t, l, ledger.HoldFilter{}), "2:pending")
	d := only(t, dismissals(t, l), nil)
	before := hold("1", revision(5, "x"), "unknown-sku")
	before.SHA256 = sum("a")
	want(t, "dismissal", d, ledger.Dismissal{Hold: before, At: at(2), Why: "by hand"})
	want(t, "counts", record(t, l, "a").Counts, ledger.Counts{Held: 1, Skipped: 1})
	stats, err := l.Stats(t.Context())
	ok(t, err)
	want(t, "dismissed", stats.Dismissed, 1)

	w := begin(t, l, file("b"))
	err = w.Plan(t.Context(), []ledger.Set{set("s", member("2", revision(6, "z")), member("1", revision(6, "z")))})
	if _, late := err.(*ledger.DismissedError); !late {
		t.Fatalf("a set with a dismissed order: %v", err)
	}
	arrived := ledger.Hold{Key: key("1"), Revision: revision(6, "z"), Route: "inbox", SHA256: sum("b"), Origin: "b:1"}
	finish(t, w, ledger.Result{Holds: []ledger.Hold{hold("1", revision(6, "z"), "pending")}, Arrived: []ledger.Hold{arrived}, At: at(3)})
	want(t, "holds after it came again", holdCodes(t, l, ledger.HoldFilter{}), "2:pending")
	older := arrived
	older.Revision, older.SHA256 = revision(4, "w"), sum("c")
	finish(t, begin(t, l, file("c")), ledger.Result{Arrived: []ledger.Hold{older}, At: at(4)})

	err = l.HoldAgain(t.Context(), []ledger.Key{key("1"), key("2")})
	failsAs[*ledger.UnknownError](t, err, "dismissed order", `"2"`)
	ok(t, l.HoldAgain(t.Context(), []ledger.Key{key("1")}))
	want(t, "holds when undone", holdCodes(t, l, ledger.HoldFilter{}), "1:unknown-sku 2:pending")
	again, err := l.Holds(t.Context(), ledger.HoldFilter{Order: "1"})
	if h := only(t, again, err); h.SHA256 != sum("b") || h.Revision != revision(6, "z") {
		t.Errorf("what is tried again is %+v, not what came last", h)
	}
	want(t, "dismissals when undone", len(dismissals(t, l)), 0)
	ok(t, deliver(t, l, "d", revision(7, "v"), ""))
	want(t, "holds after the export", holdCodes(t, l, ledger.HoldFilter{}), "2:pending")
}

// What is about to be published cannot be dismissed any more; when its plan is forgotten it can.
func TestDismissWhatGoesOut(t *testing.T) {
	l := fresh(t)
	holding(t, l, "a", hold("1", revision(5, "x"), "unknown-sku"))
	w, err := l.Rerun(t.Context(), file("a"))
	ok(t, err)
	ok(t, w.Plan(t.Context(), []ledger.Set{set("s", member("1", revision(5, "x")))}))
	failsAs[*ledger.OutgoingError](t, l.Dismiss(t.Context(), []ledger.Key{key("1")}, "by hand", at(2)), `"1"`, "s just now")
	ok(t, l.Forget(t.Context(), "s"))
	ok(t, l.Dismiss(t.Context(), []ledger.Key{key("1")}, "by hand", at(2)))
}

// A purge leaves who was dismissed, when and why, and nothing of what a hold says of a buyer.
func TestDismissedArePurged(t *testing.T) {
	l := fresh(t)
	holding(t, l, "a", hold("1", revision(5, "x"), "unknown-customer"))
	ok(t, l.Dismiss(t.Context(), []ledger.Key{key("1")}, "by hand", at(2)))
	_, err := l.Purge(t.Context(), at(60), false)
	ok(t, err)
	d := only(t, dismissals(t, l), nil)
	if d.Sentence+d.Cure != "" || len(d.Add) > 0 || d.Why != "by hand" || d.Code != "unknown-customer" {
		t.Errorf("after a purge: %+v", d)
	}
	parts, err := l.AllParts(t.Context())
	ok(t, err)
	want(t, "files that are kept for it", len(parts), 0)
}

// An order that comes as it was exported ends the hold of a revision in between, and of no other.
func TestKnownEndsOlderHolds(t *testing.T) {
	for name, tt := range map[string]struct {
		held, known ledger.Revision
		want        string
	}{
		"in between":     {revision(6, "y"), revision(7, "x"), ""},
		"at one moment":  {revision(7, "y"), revision(7, "x"), "1:unknown-sku"},
		"newer":          {revision(8, "y"), revision(7, "x"), "1:unknown-sku"},
		"without a time": {ledger.Revision{Fingerprint: revision(0, "y").Fingerprint}, revision(7, "x"), "1:unknown-sku"},
	} {
		l := fresh(t)
		ok(t, deliver(t, l, "a", revision(5, "x"), ""))
		holding(t, l, "b", hold("1", tt.held, "unknown-sku"))
		finish(t, begin(t, l, file("c")), ledger.Result{Known: []ledger.Member{member("1", tt.known)}, At: at(3)})
		if got := holdCodes(t, l, ledger.HoldFilter{}); got != tt.want {
			t.Errorf("%s: held is %q, want %q", name, got, tt.want)
		}
	}
}
