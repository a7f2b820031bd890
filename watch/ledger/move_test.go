package ledger_test

import (
	"path/filepath"
	"testing"

	"obmen/watch/ledger"
)

// What a ledger knows is the same in a copy of it, and in a copy of the copy that is a file again.
func TestCopiesAreTheSame(t *testing.T) {
	l := fresh(t)
	r1, r2 := revision(1, "one"), revision(2, "two")
	s := set("s1", member("1", r1), member("2", r2))
	w := begin(t, l, file("a"))
	ok(t, w.Plan(t.Context(), []ledger.Set{s}))
	finish(t, w, ledger.Result{
		Sets: []ledger.Set{s}, Orders: []ledger.Order{exported("1", r1, `{"x":1}`), exported("2", r2, "")},
		Holds: []ledger.Hold{{Key: key("3"), Revision: r1, Route: "inbox", SHA256: sum("a"), Remedy: ledger.Remedy{Code: "no-prices", Sentence: "nil \x00 and \xff", Add: []string{"a;b"}}, Since: at(1)}},
	})
	ok(t, l.SetCursor(t.Context(), "fetch", "page 7"))
	ok(t, l.AddTrace(t.Context(), ledger.Trace{At: at(2), What: "dismiss", About: "3"}))
	begin(t, l, file("b"))

	second := fresh(t)
	n, err := l.CopyTo(t.Context(), second)
	ok(t, err)
	want(t, "rows", n, 12)
	_, err = l.CopyTo(t.Context(), second)
	failsAs[*ledger.NotEmptyError](t, err, "files")

	path := filepath.Join(t.TempDir(), "copy.db")
	ok(t, second.Backup(t.Context(), path))
	restored, err := ledger.Open(t.Context(), path, ledger.Options{})
	ok(t, err)
	defer restored.Close()
	before, err := l.Stats(t.Context())
	ok(t, err)
	after, err := restored.Stats(t.Context())
	ok(t, err)
	before.Bytes, after.Bytes = 0, 0
	want(t, "figures", after, before)
	want(t, "facts", string(order(t, restored, "1").Facts), `{"x":1}`)
	for _, copied := range []*ledger.Ledger{second, restored} {
		begin(t, copied, file("new")) // with an id of its own
		w := begin(t, copied, file("b"))
		finish(t, w, ledger.Result{Sets: []ledger.Set{set("s2", member("4", r1))}})
	}
}
