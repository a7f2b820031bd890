package ledger_test

import (
	"strings"
	"testing"

	"obmen/watch/ledger"
)

const exchange = "Message_A_B.xml"

// mail is a set whose orders go out in messages; their documents are the stem and their number.
func mail(stem string, orders ...string) ledger.Set {
	var members []ledger.Member
	var letters []ledger.QueuedDocument
	for _, o := range orders {
		members = append(members, member(o, revision(1, stem+o)))
		letters = append(letters, ledger.QueuedDocument{Exchange: exchange, Key: key(o), Document: []byte(stem + o)})
	}
	s := set(stem, members...)
	s.Outputs = []ledger.Output{{Name: exchange, Layout: "x"}}
	s.Queued = letters
	return s
}

// post publishes a set.
func post(t *testing.T, l *ledger.Ledger, s ledger.Set) {
	t.Helper()
	w := begin(t, l, file("of "+s.Stem+s.Created.String()+strings.Repeat("again", times(s.Again))))
	if err := w.Plan(t.Context(), []ledger.Set{s}); err != nil {
		t.Fatal(err)
	}
	finish(t, w, ledger.Result{Sets: []ledger.Set{s}, At: at(1)})
}

func times(again bool) int {
	if again {
		return 1
	}
	return 0
}

// next writes the next message, if one is due, and gives its documents.
func next(t *testing.T, l *ledger.Ledger, limit int) (text string, number int) {
	t.Helper()
	due, err := l.MessageDue(t.Context(), exchange)
	if err != nil {
		t.Fatal(err)
	}
	if !due {
		return "not due", 0
	}
	m, err := l.NextMessage(t.Context(), exchange, limit)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, letter := range m.Letters {
		list = append(list, string(letter.Document))
	}
	if err := l.MessageWritten(t.Context(), exchange, m); err != nil {
		t.Fatal(err)
	}
	return strings.Join(list, " "), m.Number
}

func known(t *testing.T, sent int) *ledger.Ledger {
	t.Helper()
	l := fresh(t)
	if err := l.KnowExchange(t.Context(), exchange, sent); err != nil {
		t.Fatal(err)
	}
	return l
}

func confirm(t *testing.T, l *ledger.Ledger, number, received int) string {
	t.Helper()
	c, err := l.Confirm(t.Context(), exchange, number, received, at(2))
	if err != nil {
		t.Fatal(err)
	}
	if c.Ahead {
		c.Sets = append(c.Sets, "ahead")
	}
	if c.Behind {
		c.Sets = append(c.Sets, "behind")
	}
	return strings.Join(c.Sets, " ")
}

func TestMessages(t *testing.T) {
	l := known(t, 0)
	text, _ := next(t, l, 0)
	want(t, "nothing to say", text, "not due")
	post(t, l, mail("a", "1", "2"))
	text, n := next(t, l, 0)
	want(t, "first", text, "a1 a2")
	want(t, "number", n, 1)
	post(t, l, mail("b", "2", "3"))
	text, _ = next(t, l, 0)
	want(t, "the newer revision", text, "a1 b2 b3")
	if how, err := l.Exchanges(t.Context()); err != nil || len(how) != 1 || how[0].Waiting != 3 || !how[0].Since.Equal(day) {
		t.Errorf("%+v, %v", how, err)
	}
	want(t, "confirmed", confirm(t, l, 7, 1), "a")
	text, _ = next(t, l, 0)
	want(t, "what is left", text, "b2 b3")
	want(t, "confirmed", confirm(t, l, 8, 2), "b")
	text, n = next(t, l, 0)
	want(t, "nothing left", text, "")
	want(t, "number", n, 4)
	how, err := l.Exchanges(t.Context())
	if err != nil || len(how) != 1 || how[0] != (ledger.Exchange{Name: exchange, Number: 4, Received: 8}) {
		t.Errorf("%+v, %v", how, err)
	}
	want(t, "states", states(stem(t, l, "a"))+" "+states(stem(t, l, "b")), "loaded loaded loaded loaded loaded loaded")
}

// What was planned and not published is in no message: perhaps it never will be.
func TestMessagesHoldOnlyWhatIsPublished(t *testing.T) {
	l := known(t, 0)
	w := begin(t, l, file("a"))
	if err := w.Plan(t.Context(), []ledger.Set{mail("a", "1")}); err != nil {
		t.Fatal(err)
	}
	text, _ := next(t, l, 0)
	want(t, "planned", text, "not due")
	finish(t, w, ledger.Result{Sets: []ledger.Set{{Stem: "a", Orders: mail("a", "1").Orders}}, At: at(1)}) // all that is known after a crash
	text, _ = next(t, l, 0)
	want(t, "published", text, "a1")
}

// A program that is killed before the message is written has something to write at its next start.
func TestMessageNotWritten(t *testing.T) {
	l := known(t, 0)
	post(t, l, mail("a", "1"))
	if _, err := l.NextMessage(t.Context(), exchange, 0); err != nil {
		t.Fatal(err)
	}
	text, n := next(t, l, 0)
	want(t, "again", text, "a1")
	want(t, "number", n, 2)
}

// A message has room for so many orders. What was in one stays in all that follow, or 1C would confirm
// what it has not read; whole sets follow when there is room, and one is never too large.
func TestMessagesHaveALimit(t *testing.T) {
	l := known(t, 0)
	post(t, l, mail("a", "1", "2"))
	post(t, l, mail("b", "3", "4"))
	post(t, l, mail("c", "5"))
	text, _ := next(t, l, 3)
	want(t, "first", text, "a1 a2")
	post(t, l, mail("d", "6"))
	text, _ = next(t, l, 3)
	want(t, "what was in stays", text, "a1 a2")
	want(t, "confirmed", confirm(t, l, 1, 2), "a")
	text, _ = next(t, l, 3)
	want(t, "room", text, "b3 b4 c5")
	want(t, "confirmed", confirm(t, l, 2, 3), "b c")
	text, _ = next(t, l, 3)
	want(t, "rest", text, "d6")
	post(t, l, mail("e", "7", "8", "9", "10"))
	confirm(t, l, 3, 4)
	text, _ = next(t, l, 3)
	want(t, "too large", text, "e10 e7 e8 e9")
}

// Orders that somebody asks for once more go out once more, though 1C has confirmed them.
func TestMessagesOnceMore(t *testing.T) {
	l := known(t, 0)
	post(t, l, mail("a", "1", "2"))
	next(t, l, 0)
	confirm(t, l, 1, 1)
	next(t, l, 0)
	s := mail("a", "1", "2")
	s.Again = true
	post(t, l, s)
	text, n := next(t, l, 0)
	want(t, "again", text, "a1 a2")
	want(t, "not confirmed by an old number", confirm(t, l, 2, n-1), "")
	want(t, "confirmed", confirm(t, l, 3, n), "a")
}

// Numbers of a ledger before this one: nothing of ours counts as read, and ours go on above.
func TestMessagesOfAnotherLedger(t *testing.T) {
	l := known(t, 3)
	post(t, l, mail("a", "1"))
	text, n := next(t, l, 0)
	want(t, "first", text, "a1")
	want(t, "number", n, 4)
	want(t, "ahead", confirm(t, l, 1, 57), "ahead")
	text, n = next(t, l, 0)
	want(t, "again", text, "a1")
	want(t, "number", n, 58)
	want(t, "confirmed", confirm(t, l, 2, 58), "a")
}

// A base of 1C that was restored from a backup has forgotten what it had confirmed: somebody must know.
func TestMessagesOfARestoredBase(t *testing.T) {
	l := known(t, 0)
	post(t, l, mail("a", "1"))
	next(t, l, 0)
	post(t, l, mail("b", "2"))
	next(t, l, 0)
	want(t, "confirmed", confirm(t, l, 5, 2), "a b")
	want(t, "the same again", confirm(t, l, 5, 2), "")
	want(t, "restored", confirm(t, l, 4, 1), "behind")
	want(t, "told once", confirm(t, l, 5, 1), "")
	text, n := next(t, l, 0)
	want(t, "message", text, "")
	want(t, "number", n, 3)
}

func TestLettersExpireAndArePurged(t *testing.T) {
	l := known(t, 0)
	post(t, l, mail("a", "1"))
	if err := l.ExpireQueued(t.Context(), exchange, at(1)); err != nil {
		t.Fatal(err)
	}
	text, _ := next(t, l, 0)
	want(t, "never in a message", text, "a1")
	if err := l.ExpireQueued(t.Context(), exchange, at(1)); err != nil {
		t.Fatal(err)
	}
	post(t, l, mail("b", "2"))
	text, _ = next(t, l, 0)
	want(t, "expired", text, "b2")
	if _, err := l.Purge(t.Context(), at(1), false); err != nil {
		t.Fatal(err)
	}
	post(t, l, mail("c", "3"))
	text, _ = next(t, l, 0)
	want(t, "purged", text, "c3")
}
