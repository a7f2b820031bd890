package ledger_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"obmen/watch/ledger"
)

// Each case is a history of one set with the orders 1 and 2: what was said, and the states of the set
// and of its orders afterwards. "!" marks a step that is refused.
func TestAnswers(t *testing.T) {
	for _, tt := range []struct{ steps, want string }{
		{"", "published - -"},
		{"taken", "taken - -"},
		{"taken taken", "taken - -"},
		{"ok", "loaded loaded loaded"},
		{"ok ok", "loaded loaded loaded"},
		{"taken ok", "loaded loaded loaded"},
		{"ok taken", "loaded loaded loaded"},
		{"err", "failed failed failed"},
		{"err taken", "failed failed failed"},
		{"err ok", "loaded loaded loaded"},
		{"ok !err", "loaded loaded loaded"},
		{"ok !err:1", "loaded loaded loaded"},
		{"ok:1", "published loaded -"},
		{"ok:1 taken", "taken loaded -"},
		{"ok:1 ok:2", "loaded loaded loaded"},
		{"ok:1 ok:1", "published loaded -"},
		{"ok:1 err:2", "failed loaded failed"},
		{"err:2 ok:1", "failed loaded failed"},
		{"err:2 ok:1 ok:2", "loaded loaded loaded"},
		{"ok:1 !err:1", "published loaded -"},
		{"ok:1 err", "failed loaded failed"},
		{"ok:1 ok", "loaded loaded loaded"},
		{"!ok:3", "published - -"},
		{"!resend", "published - -"},
		{"taken !resend", "taken - -"},
		{"ok !resend", "loaded loaded loaded"},
		{"err resend", "published - -"},
		{"ok:1 err:2 resend", "published loaded -"},
		{"ok:1 err:2 resend taken ok:2", "loaded loaded loaded"},
		{"err resend err resend ok", "loaded loaded loaded"},
	} {
		t.Run(tt.steps, func(t *testing.T) {
			l := fresh(t)
			s := set("s", member("1", revision(1, "x")), member("2", revision(1, "y")))
			finish(t, begin(t, l, file("a")), ledger.Result{Sets: []ledger.Set{s}, At: at(1)})
			for _, step := range strings.Fields(tt.steps) {
				step, refused := strings.CutPrefix(step, "!")
				if err := say(t.Context(), l, step); (err != nil) != refused {
					t.Fatalf("%s: %v", step, err)
				}
			}
			want(t, "states", states(stem(t, l, "s")), tt.want)
		})
	}
}

func say(ctx context.Context, l *ledger.Ledger, step string) error {
	what, order, _ := strings.Cut(step, ":")
	switch what {
	case "taken":
		return l.Taken(ctx, "s", at(2))
	case "resend":
		return l.Resend(ctx, "s", at(3))
	}
	return l.Acknowledge(ctx, ledger.Ack{Name: "s.xml", Order: order, OK: what == "ok", At: at(2)})
}

func states(s ledger.Set) string {
	list := []string{string(s.State)}
	for _, m := range s.Orders {
		if m.State == "" {
			m.State = "-"
		}
		list = append(list, string(m.State))
	}
	return strings.Join(list, " ")
}

func TestAnswerIsKept(t *testing.T) {
	l := fresh(t)
	s := set("s", member("1", revision(1, "x")), member("2", revision(1, "y")))
	finish(t, begin(t, l, file("a")), ledger.Result{Sets: []ledger.Set{s}, At: at(1)})
	ok(t, l.Acknowledge(t.Context(), ledger.Ack{Name: "s", Order: "1", OK: true, Number1C: "УТ-7", Text: "проведён", At: at(2)}))
	ok(t, l.Acknowledge(t.Context(), ledger.Ack{Name: "s.xml", Text: "no such product", At: at(3)}))
	got := stem(t, l, "s")
	if m := got.Orders[0]; m.Number1C != "УТ-7" || m.Text != "проведён" || got.Text != "no such product" || got.Orders[1].Text != got.Text {
		t.Errorf("answers: %+v", got)
	}
	want(t, "changed", got.Changed, at(3))
	for _, a := range []ledger.Ack{{Name: "unknown.xml"}, {Name: "s", Order: "9"}} {
		failsAs[*ledger.UnknownError](t, l.Acknowledge(t.Context(), a))
	}
	failsAs[*ledger.UnknownError](t, l.Taken(t.Context(), "unknown", at(3)), "unknown")
}

// 1C may be faster than the ledger.
func TestAnswerBeforeFinish(t *testing.T) {
	l := fresh(t)
	w := begin(t, l, file("a"))
	s := set("s", member("1", revision(1, "x")))
	ok(t, w.Plan(t.Context(), []ledger.Set{s}))
	ok(t, l.Acknowledge(t.Context(), ledger.Ack{Name: "s", OK: true, At: at(2)}))
	finish(t, w, ledger.Result{Sets: []ledger.Set{s}, At: at(3)})
	got := stem(t, l, "s")
	if got.State != ledger.Loaded || got.Published != at(3) {
		t.Errorf("%+v", got)
	}
}

func TestOverdue(t *testing.T) {
	l := fresh(t)
	for i, name := range []string{"late", "taken", "loaded", "failed", "young"} {
		s := set(name, member(name, revision(1, name)))
		s.Created = at(i)
		minute := 1
		if name == "young" {
			minute = 10
		}
		finish(t, begin(t, l, file(name)), ledger.Result{Sets: []ledger.Set{s}, At: at(minute)})
	}
	planned := set("planned", member("planned", revision(1, "planned")))
	ok(t, begin(t, l, file("planned")).Plan(t.Context(), []ledger.Set{planned}))
	ok(t, l.Taken(t.Context(), "taken", at(2)))
	ok(t, l.Acknowledge(t.Context(), ledger.Ack{Name: "loaded", OK: true, At: at(2)}))
	ok(t, l.Acknowledge(t.Context(), ledger.Ack{Name: "failed", At: at(2)}))
	stems := func(list []ledger.Set, err error) string {
		ok(t, err)
		var s []string
		for _, one := range list {
			s = append(s, one.Stem)
		}
		return strings.Join(s, " ")
	}
	list, err := l.Overdue(t.Context(), "inbox", at(5), 10)
	want(t, "overdue", stems(list, err), "late taken")
	ok(t, l.Resend(t.Context(), "failed", at(3)))
	list, err = l.Overdue(t.Context(), "inbox", at(5), 10)
	want(t, "overdue after the resend", stems(list, err), "late taken failed")
	for _, tt := range []struct {
		f    ledger.SetFilter
		want string
	}{
		{ledger.SetFilter{Limit: 2}, "late planned"},
		{ledger.SetFilter{Since: at(5)}, "young"},
		{ledger.SetFilter{Order: "taken"}, "taken"},
		{ledger.SetFilter{Route: "other"}, ""},
		{ledger.SetFilter{Account: "north", States: []ledger.SetState{ledger.Loaded, ledger.Planned}}, "planned loaded"},
		{ledger.SetFilter{SHA256: sum("young")}, "young"},
	} {
		list, err := l.Sets(t.Context(), tt.f)
		want(t, "sets", stems(list, err), tt.want)
	}
	stats, err := l.Stats(t.Context())
	ok(t, err)
	if stats.Waiting != at(1) || stats.Running != 1 || stats.Sets[ledger.Published] != 3 || stats.Orders[ledger.Exported] != 5 || stats.Bytes == 0 {
		t.Errorf("%+v", stats)
	}
}

func TestCursor(t *testing.T) {
	l := fresh(t)
	ctx := t.Context()
	if _, found, err := l.Cursor(ctx, "amazon"); found || err != nil {
		t.Fatalf("a new cursor: %v, %v", found, err)
	}
	for _, step := range []struct {
		old, value string
		swapped    bool
		now        string
	}{
		{"wrong", "1", false, ""},
		{"", "1", true, "1"},
		{"", "2", false, "1"},
		{"1", "2", true, "2"},
	} {
		swapped, err := l.SwapCursor(ctx, "amazon", step.old, step.value)
		now, _, readErr := l.Cursor(ctx, "amazon")
		ok(t, errors.Join(err, readErr))
		if swapped != step.swapped || now != step.now {
			t.Errorf("swap %q for %q: %v, now %q", step.old, step.value, swapped, now)
		}
	}
	ok(t, l.SetCursor(ctx, "amazon", "3"))
	now, found, err := l.Cursor(ctx, "amazon")
	if now != "3" || !found || err != nil {
		t.Errorf("cursor: %q, %v, %v", now, found, err)
	}
}

func TestImport(t *testing.T) {
	l := fresh(t)
	r := revision(1, "x")
	s := set("s", ledger.Member{Key: key("1"), Revision: r, SHA256: sum("a"), State: ledger.Loaded, Number1C: "7"})
	s.State = ledger.Loaded
	files := []ledger.FileRecord{{File: file("a"), Ended: at(1)}, {File: file("b"), State: ledger.Refused, Reason: "not JSON"}}
	o := exported("1", r, "{}")
	o.Set = "s"
	for range 2 { // twice is once
		ok(t, l.Import(t.Context(), []ledger.Order{o}, []ledger.Set{s}, files))
	}
	if _, err := l.Begin(t.Context(), file("a")); !errors.Is(err, ledger.ErrDone) {
		t.Errorf("a rebuilt file: %v", err)
	}
	want(t, "state", record(t, l, "b").State, ledger.Refused)
	got := stem(t, l, "s")
	if got.State != ledger.Loaded || got.Published != day || got.Orders[0].Number1C != "7" || got.Orders[0].SHA256 != sum("a") {
		t.Errorf("set: %+v", got)
	}
	if o := order(t, l, "1"); o.Count != 1 || string(o.Facts) != "{}" || o.Revision != r {
		t.Errorf("order: %+v", o)
	}
	failsAs[*ledger.DoubledError](t, deliver(t, l, "c", r, ""), `"s"`)
	bad := []ledger.Set{set("good", member("2", r)), set("s2", ledger.Member{Key: key("3"), Revision: r, SHA256: sum("unknown")})}
	failsAs[*ledger.UnknownError](t, l.Import(t.Context(), nil, bad, nil), sum("unknown"))
	if _, found, _ := l.Order(t.Context(), key("2")); found {
		t.Error("a refused import left an order")
	}
}
