package ledger_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"obmen/convert/document"
	"obmen/watch/ledger"
)

// number gives an order its number.
func number(t *testing.T, l *ledger.Ledger, order string) string {
	t.Helper()
	got, err := l.Number(t.Context(), "main", key(order))
	ok(t, err)
	return got
}

// A number is given once. What went into no plan is forgotten with the program: it was never seen.
func TestNumbersAreGivenOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	l := open(t, path)
	want(t, "first", number(t, l, "a"), "000001")
	want(t, "second", number(t, l, "b"), "000002")
	want(t, "first again", number(t, l, "a"), "000001")
	finish(t, begin(t, l, file("f")), ledger.Result{Sets: []ledger.Set{set("s", member("b", revision(1, "x")))}})
	ok(t, l.Close())
	l = open(t, path)
	want(t, "planned", number(t, l, "b"), "000002")
	want(t, "new", number(t, l, "c"), "000003")
	want(t, "not planned", number(t, l, "a"), "000004")
}

func TestNumbersStartAndWidth(t *testing.T) {
	l := open(t, filepath.Join(t.TempDir(), "ledger.db"))
	l.CountFrom(document.Numbering{Start: 500, Width: 4})
	want(t, "first", number(t, l, "a"), "0500")
	l.CountFrom(document.Numbering{Start: 7})
	want(t, "counts on", number(t, l, "b"), "000501")
	want(t, "kept while it runs", number(t, l, "a"), "000500")
}

// An account with a range of its own counts within it, the others leave it out, and at its end it gets none.
func TestNumbersOfAnAccount(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	how := document.Numbering{Start: 9, Accounts: map[string]document.NumberRange{"shop": {First: 10, Last: 11}}}
	numberOf := func(l *ledger.Ledger, account, order string) string {
		got, err := l.Number(t.Context(), account, key(order))
		ok(t, err)
		return got
	}
	l := open(t, path)
	l.CountFrom(how)
	want(t, "another", numberOf(l, "main", "a"), "000009")
	want(t, "the shop's", numberOf(l, "shop", "b"), "000010")
	want(t, "beside the range", numberOf(l, "main", "c"), "000012")
	finish(t, begin(t, l, file("f")), ledger.Result{Sets: []ledger.Set{set("s", member("a", revision(1, "x")), member("b", revision(1, "y")), member("c", revision(1, "z")))}})
	ok(t, l.Close())
	l = open(t, path)
	l.CountFrom(how)
	want(t, "its last", numberOf(l, "shop", "d"), "000011")
	_, err := l.Number(t.Context(), "shop", key("e"))
	used, is := errors.AsType[*document.NumbersUsedUpError](err)
	want(t, "used up", is && used.Account == "shop", true)
	want(t, "counts on", numberOf(l, "main", "e"), "000013")
	l.CountFrom(document.Numbering{Accounts: map[string]document.NumberRange{"shop": {First: 500, Last: 999}, "other": {First: 13, Last: 400}}})
	want(t, "a new range", numberOf(l, "shop", "f"), "000500")
	want(t, "a range that begins among those given", numberOf(l, "other", "g"), "000014")
	want(t, "between them", numberOf(l, "main", "h"), "000401")
}

// A ledger of the time before numbers were counted: each order that went out keeps what 1C knows it by, whatever rule
// made it, and no new number is one of those, or one that a configuration would make the same of.
func TestOldNumbersStay(t *testing.T) {
	onlyFiles(t)
	names, err := filepath.Glob("migrations/*.sql")
	ok(t, err)
	path := filepath.Join(t.TempDir(), "ledger.db")
	for _, name := range names[:11] {
		script, err := os.ReadFile(name)
		ok(t, err)
		database(t, path, string(script))
	}
	order := func(id, facts string) string {
		return fmt.Sprintf(`INSERT INTO orders VALUES ('%s', 'sh', 0, zeroblob(16), 'exported', 'main', 'doc-%s', CAST('%s' AS BLOB), 's', 0, 1)`, id, id, facts)
	}
	letter := func(set int, id string) string {
		return fmt.Sprintf(`INSERT INTO letters (set_id, exchange, order_id, scope, document, number, since) VALUES (%d, 'site/main', '%s', 'sh', x'', 0, 0)`, set, id)
	}
	database(
		t, path, `PRAGMA user_version = 11`, `PRAGMA application_id = 0x6f626d6e`,
		order("028-1", "1B2C3"), order("1003", "1003"), order("purged", ""), order("on-site", "ZZZ"), order("waits", "YYY"), order("moved", "XXX"),
		`INSERT INTO sets (id, stem, route, account, state, created) VALUES (1, 's', 'r', 'main', 'published', 0)`,
		letter(1, "on-site"), letter(1, "waits"),
		`INSERT INTO site_orders (number, exchange, order_id, scope, delivered) VALUES ('000004', 'site/main', 'on-site', 'sh', 5),
			('000005', 'site/old', 'moved', 'sh', 1), ('000006', 'site/main', 'moved', 'sh', 2)`,
	)
	l, err := ledger.Open(t.Context(), place(path), ledger.Options{OldNumber: func(order string, facts []byte) string {
		if len(facts) == 0 {
			return "made of " + order
		}
		return string(facts)
	}})
	ok(t, err)
	t.Cleanup(func() { ok(t, l.Close()) })
	for id, old := range map[string]string{"028-1": "1B2C3", "1003": "1003", "purged": "made of purged", "on-site": "000004", "moved": "000006"} {
		got, err := l.Number(t.Context(), "main", ledger.Key{Scope: "sh", Order: id})
		ok(t, err)
		want(t, id, got, old)
	}
	got, err := l.Number(t.Context(), "main", ledger.Key{Scope: "sh", Order: "waits"})
	ok(t, err)
	want(t, "one that 1C has not fetched yet", got, "000007")
	l.CountFrom(document.Numbering{Start: 1003})
	want(t, "beside 1003", number(t, l, "new"), "001004")
}

// The log brings all numbers back, the older ones too, into an empty ledger; a line that a power cut has cut off
// is none.
func TestNumbersComeBackFromTheLog(t *testing.T) {
	state := t.TempDir()
	ok(t, os.WriteFile(filepath.Join(state, "site-numbers.jsonl"), []byte(
		`{"number":"000041","exchange":"site/main","scope":"`+key("a").Scope+`","order":"site"}`+"\n"+`{"number":"0000`), 0o600))
	l := open(t, filepath.Join(state, "first.db"))
	ok(t, l.LogNumbers(t.Context(), state, ""))
	want(t, "after the site's", number(t, l, "x"), "000042")
	want(t, "not planned", number(t, l, "y"), "000043")
	finish(t, begin(t, l, file("f")), ledger.Result{Sets: []ledger.Set{set("s", member("x", revision(1, "x")))}})
	log := filepath.Join(state, ledger.NumbersFile)
	f, err := os.OpenFile(log, os.O_APPEND|os.O_WRONLY, 0)
	ok(t, err)
	_, err = f.WriteString(`{"number":"000099","sc`)
	ok(t, err)
	ok(t, f.Close())
	for i, name := range []string{"second.db", "second.db", "third.db"} {
		next := "000043"
		if onServer() && i == 1 { // another process may still work there: what it was given is left out
			next = "000044"
		}
		l = open(t, filepath.Join(state, name))
		ok(t, l.LogNumbers(t.Context(), state, ""))
		want(t, "planned", number(t, l, "x"), "000042")
		want(t, "site", number(t, l, "site"), "000041")
		want(t, "new", number(t, l, "z"), next)
	}
	ok(t, os.Remove(log)) // written again from the ledger
	l = open(t, filepath.Join(state, "third.db"))
	ok(t, l.LogNumbers(t.Context(), state, ""))
	l = open(t, filepath.Join(state, "fourth.db"))
	ok(t, l.LogNumbers(t.Context(), state, ""))
	want(t, "planned", number(t, l, "x"), "000042")
}

// Ledger and log that an orderly end has left are not compared once more; any other are.
func TestLogIsReadWhenItMayDiffer(t *testing.T) {
	onlyFiles(t)
	state := t.TempDir()
	log, path := filepath.Join(state, ledger.NumbersFile), filepath.Join(state, "ledger.db")
	work := func(id string, parted bool) (text string) {
		t.Helper()
		l, err := ledger.Open(t.Context(), path, ledger.Options{})
		ok(t, err)
		want(t, "parted before "+id, l.HasParted(log), parted)
		ok(t, l.LogNumbers(t.Context(), state, ""))
		if id != "" {
			number(t, l, id)
			finish(t, begin(t, l, file(id)), ledger.Result{Sets: []ledger.Set{set("s"+id, member(id, revision(1, id)))}})
		}
		ok(t, l.Close())
		after, err := os.ReadFile(log)
		ok(t, err)
		return string(after)
	}
	work("a", false)
	work("b", true)
	whole := work("", true)
	want(t, "lines", strings.Count(whole, `"order"`), 2)

	ok(t, os.WriteFile(log, []byte(whole[:len(whole)/2]), 0o600))
	want(t, "a log that was cut", strings.Count(work("", false), `"order"`), 2)
	ok(t, os.Remove(log))
	want(t, "a log that was lost", strings.Count(work("", false), `"order"`), 2)
	work("", true)

	l, err := ledger.Open(t.Context(), path, ledger.Options{}) // by a program without a log
	ok(t, err)
	l.CountFrom(document.Numbering{})
	number(t, l, "c")
	finish(t, begin(t, l, file("c")), ledger.Result{Sets: []ledger.Set{set("sc", member("c", revision(1, "c")))}})
	ok(t, l.Close())
	want(t, "a ledger that went on alone", strings.Count(work("", false), `"order"`), 3)
}

// A state folder that is lost with all that is in it: the numbers come back from the copy on another disk.
func TestNumbersComeBackFromTheCopy(t *testing.T) {
	archive := t.TempDir()
	l := open(t, filepath.Join(t.TempDir(), "ledger.db"))
	ok(t, l.LogNumbers(t.Context(), t.TempDir(), archive))
	for i, id := range []string{"x", "y", "z"} {
		number(t, l, id)
		finish(t, begin(t, l, file(id)), ledger.Result{Sets: []ledger.Set{set("s"+id, member(id, revision(i, id)))}})
	}
	ok(t, l.Close()) // waits for the copy
	for range 2 {
		state := t.TempDir()
		l = open(t, filepath.Join(state, "ledger.db"))
		ok(t, l.LogNumbers(t.Context(), state, archive))
		want(t, "second", number(t, l, "y"), "000002")
		want(t, "new", number(t, l, "new"), "000004")
		ok(t, l.Close())
	}
}

// An order leaves a file that is replaced whole when it is older than the file keeps it; then the file is written again.
func TestOldOrdersLeaveTheFile(t *testing.T) {
	l := open(t, filepath.Join(t.TempDir(), "ledger.db"))
	ok(t, l.KnowExchange(t.Context(), "orders.xml", 0))
	for i, id := range []string{"old", "new"} {
		s := set("s"+id, member(id, revision(i, id)))
		s.Created, s.Queued = at(i), []ledger.QueuedDocument{{Exchange: "orders.xml", Key: key(id), Document: []byte(id)}}
		finish(t, begin(t, l, file(id)), ledger.Result{Sets: []ledger.Set{s}})
	}
	write := func() (ids string) {
		t.Helper()
		m, err := l.NextMessage(t.Context(), "orders.xml", 0)
		ok(t, err)
		ok(t, l.MessageWritten(t.Context(), "orders.xml", m))
		for _, letter := range m.Letters {
			ids += " " + letter.Order
		}
		return ids
	}
	due := func(is bool) {
		t.Helper()
		got, err := l.MessageDue(t.Context(), "orders.xml")
		ok(t, err)
		want(t, "due", got, is)
	}
	due(true)
	want(t, "both", write(), " old new")
	ok(t, l.DropOld(t.Context(), "orders.xml", at(0)))
	due(false)
	ok(t, l.DropOld(t.Context(), "orders.xml", at(1)))
	due(true)
	want(t, "the newer one", write(), " new")
	due(false)
}

// A copy of the file answers all that was written, and nothing that waits to be.
func TestWholeFileIsAcknowledged(t *testing.T) {
	l := open(t, filepath.Join(t.TempDir(), "ledger.db"))
	ok(t, l.KnowExchange(t.Context(), "orders.xml", 0))
	queue := func(i int, stem, order string) {
		s := set(stem, member(order, revision(i, stem)))
		s.Queued = []ledger.QueuedDocument{{Exchange: "orders.xml", Key: key(order), Document: []byte(stem)}}
		finish(t, begin(t, l, file(stem)), ledger.Result{Sets: []ledger.Set{s}})
	}
	queue(1, "s1", "a")
	queue(2, "s2", "b")
	m, err := l.NextMessage(t.Context(), "orders.xml", 0)
	ok(t, err)
	_, err = l.AcknowledgeWritten(t.Context(), "orders.xml", at(3))
	want(t, "half written", errors.Is(err, ledger.ErrNotAsWritten), true)
	ok(t, l.MessageWritten(t.Context(), "orders.xml", m))
	queue(4, "s3", "a") // changed, and not written yet
	n, err := l.AcknowledgeWritten(t.Context(), "orders.xml", at(5))
	ok(t, err)
	want(t, "orders", n, 2)
	m, err = l.NextMessage(t.Context(), "orders.xml", 0)
	ok(t, err)
	want(t, "left", len(m.Letters), 1)
	want(t, "the newer one", string(m.Letters[0].Document), "s3")
}

// An answer may name an order by either number.
func TestAnswerByTheCountedNumber(t *testing.T) {
	l := open(t, filepath.Join(t.TempDir(), "ledger.db"))
	number(t, l, "028-1")
	finish(t, begin(t, l, file("f")), ledger.Result{Sets: []ledger.Set{set("s", member("028-1", revision(1, "x")), member("000002", revision(1, "y")))}})
	ok(t, l.Acknowledge(t.Context(), ledger.Ack{Name: "s", Order: "000001", OK: true, Number1C: "УТ-7"}))
	ok(t, l.Acknowledge(t.Context(), ledger.Ack{Name: "s", Order: "000002", OK: true, Number1C: "УТ-8"}))
	sets, err := l.Sets(t.Context(), ledger.SetFilter{Stem: "s"})
	ok(t, err)
	for _, m := range sets[0].Orders {
		want(t, m.Order, m.Number1C, map[string]string{"028-1": "УТ-7", "000002": "УТ-8"}[m.Order])
	}
}
