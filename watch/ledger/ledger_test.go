package ledger_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"obmen/watch/ledger"
)

var day = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

func at(minutes int) time.Time { return day.Add(time.Duration(minutes) * time.Minute) }

func open(t testing.TB, path string) *ledger.Ledger {
	t.Helper()
	t.Cleanup(func() { release(path) }) // when all that has opened it is closed
	l, err := ledger.Open(t.Context(), place(path), ledger.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func fresh(t testing.TB) *ledger.Ledger {
	t.Helper()
	return open(t, filepath.Join(t.TempDir(), "ledger.db"))
}

func sum(text string) string {
	h := sha256.Sum256([]byte(text))
	return hex.EncodeToString(h[:])
}

// file is a file whose bytes are its name.
func file(name string) ledger.File {
	return ledger.File{Route: "inbox", SHA256: sum(name), Name: name, Size: int64(len(name)), Seen: day}
}

func key(order string) ledger.Key { return ledger.Key{Scope: "amazon", Order: order} }

func revision(minute int, content string) ledger.Revision {
	h := sha256.Sum256([]byte(content))
	return ledger.Revision{Updated: at(minute), Fingerprint: [16]byte(h[:16])}
}

func member(order string, r ledger.Revision) ledger.Member {
	return ledger.Member{Key: key(order), Revision: r}
}

func set(stem string, members ...ledger.Member) ledger.Set {
	return ledger.Set{
		Stem: stem, Route: "inbox", Account: "north", Created: day, Orders: members,
		Outputs: []ledger.Output{
			{Name: stem + ".xlsx", Layout: "sheet", SHA256: sum(stem + ".xlsx"), Size: 20},
			{Name: stem + ".xml", Layout: "commerceml", SHA256: sum(stem + ".xml"), Size: 10},
		},
	}
}

func hold(order string, r ledger.Revision, code string) ledger.Hold {
	return ledger.Hold{
		Key: key(order), Revision: r, Account: "north", Route: "inbox", SHA256: sum("a"), Origin: "a:3", Remedy: ledger.Remedy{
			Code:     code,
			Sentence: "Anna Example is unknown", Cure: "add her", File: "customers.csv", Add: []string{"A-1;Anna"},
		},
		Currency: "EUR", Total: "12.30", Since: day,
	}
}

func exported(order string, r ledger.Revision, facts string) ledger.Order {
	return ledger.Order{Key: key(order), Revision: r, Account: "north", Document: "doc-" + order, Facts: []byte(facts)}
}

func begin(t testing.TB, l *ledger.Ledger, f ledger.File) *ledger.Work {
	t.Helper()
	w, err := l.Begin(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func finish(t testing.TB, w *ledger.Work, r ledger.Result) {
	t.Helper()
	if err := w.Finish(t.Context(), r); err != nil {
		t.Fatal(err)
	}
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func want[T any](t testing.TB, what string, got, wanted T) {
	t.Helper()
	if !reflect.DeepEqual(got, wanted) {
		t.Fatalf("%s\n got %+v\nwant %+v", what, got, wanted)
	}
}

// failsAs wants an error of a type whose text has all the parts, and a hint.
func failsAs[E error](t testing.TB, err error, parts ...string) E {
	t.Helper()
	e, is := errors.AsType[E](err)
	if !is {
		t.Fatalf("got %T %v, want a %T", err, err, e)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not say %q", err, part)
		}
	}
	if h := reflect.Indirect(reflect.ValueOf(e)).FieldByName("Hint").String(); h == "" || strings.Contains(h, "\n") {
		t.Errorf("%q has the hint %q", err, h)
	}
	return e
}

func only[T any](t testing.TB, list []T, err error) T {
	t.Helper()
	if err != nil || len(list) != 1 {
		t.Fatalf("got %+v, %v, want one", list, err)
	}
	return list[0]
}

func record(t testing.TB, l *ledger.Ledger, name string) ledger.FileRecord {
	t.Helper()
	list, err := l.Files(t.Context(), ledger.FileFilter{SHA256: sum(name)})
	return only(t, list, err)
}

func order(t testing.TB, l *ledger.Ledger, id string) ledger.Order {
	t.Helper()
	o, found, err := l.Order(t.Context(), key(id))
	if err != nil || !found {
		t.Fatalf("order %q: found %v, %v", id, found, err)
	}
	return o
}

func stem(t testing.TB, l *ledger.Ledger, stem string) ledger.Set {
	t.Helper()
	list, err := l.Sets(t.Context(), ledger.SetFilter{Stem: stem})
	return only(t, list, err)
}

func holdCodes(t testing.TB, l *ledger.Ledger, f ledger.HoldFilter) string {
	t.Helper()
	list, err := l.Holds(t.Context(), f)
	ok(t, err)
	var b strings.Builder
	for _, h := range list {
		fmt.Fprintf(&b, "%s:%s ", h.Order, h.Code)
	}
	return strings.TrimSpace(b.String())
}
