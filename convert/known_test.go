package convert

import (
	"context"
	"fmt"
	"testing"
	"time"

	"obmen/convert/catalog"
	"obmen/convert/document"
)

// memory remembers what a run exported, as a ledger does.
type memory map[Key]*Known

func (m memory) run(t *testing.T, texts ...string) *tape {
	t.Helper()
	s := &tape{}
	opt := Options{Match: MatchOptions{UnknownProduct: Create}, Known: func(k Key) (*Known, error) { return m[k], nil }}
	if _, err := Run(context.Background(), files(texts...), catalog.Empty(), opt, s); err != nil {
		t.Fatal(err)
	}
	for _, o := range s.outcomes {
		if o.Document != nil {
			m[Key{o.Scope, o.Order}] = &Known{o.Updated, o.Fingerprint, o.Document}
		}
	}
	return s
}

func TestWhatWasExportedIsRemembered(t *testing.T) {
	m := memory{}
	shopOrderOf := func(day int, quantity int, more string) string {
		return fmt.Sprintf(`{"orders":[{"order_number":1,"currency":"USD","created_at":"2026-11-01T10:00:00Z","updated_at":"2026-11-%02dT10:00:00Z"%s,"line_items":[{"sku":"A","quantity":%d,"price":"5.00"}]}]}`, day, more, quantity)
	}
	const cancelled = `,"cancelled_at":"2026-11-05T10:00:00Z"`
	for _, c := range []struct {
		name, text string
		state      string
		action     string
		changes    []document.Change
	}{
		{"the first time", shopOrderOf(2, 2, ""), "1 exported", ActionNew, nil},
		{"the same again", shopOrderOf(2, 2, ""), "1 skipped known", "", nil},
		{"a change", shopOrderOf(3, 1, ""), "1 exported", ActionUpdate, []document.Change{
			{What: "Total", Was: "10.00", Now: "5.00"}, {What: "A Quantity", Was: "2", Now: "1"}, {What: "A Amount", Was: "10.00", Now: "5.00"},
		}},
		{"an older state", shopOrderOf(2, 2, ""), "1 skipped older-revision", "", nil},
		{"cancelled", shopOrderOf(5, 0, cancelled), "1 exported", ActionCancel, []document.Change{{What: "Status", Was: "unshipped", Now: "cancelled"}}},
		{"cancelled again", shopOrderOf(5, 0, cancelled), "1 skipped known", "", nil},
	} {
		s := m.run(t, c.text)
		if got := s.states(); len(got) != 1 || got[0] != c.state {
			t.Fatalf("%s: %q, want %q", c.name, got, c.state)
		}
		doc := s.outcomes[0].Document
		if doc == nil {
			continue
		}
		if doc.Action != c.action || fmt.Sprint(doc.Changes) != fmt.Sprint(c.changes) {
			t.Errorf("%s: %s %+v", c.name, doc.Action, doc.Changes)
		}
		if doc.Cancelled != (c.action == ActionCancel) || len(doc.Lines) == 0 {
			t.Errorf("%s: cancelled %v with %d lines", c.name, doc.Cancelled, len(doc.Lines))
		}
	}
	if s := (memory{}).run(t, shopOrderOf(5, 0, cancelled)); s.states()[0] != "1 skipped cancelled" {
		t.Errorf("an order that never went out: %q", s.states())
	}
}

// After a purge nothing doubles, though what was exported is not known any more.
func TestAPurgedOrderIsStillKnown(t *testing.T) {
	m := memory{}
	text := shop(shopOrder(1, day, "5.00"))
	m.run(t, text)
	for _, k := range m {
		k.Document = nil
	}
	if s := m.run(t, text); s.states()[0] != "1 skipped known" {
		t.Errorf("%q", s.states())
	}
	later := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC).Format(time.RFC3339)
	if s := m.run(t, shop(shopOrder(1, later, "6.00"))); s.states()[0] != "1 exported" || s.outcomes[0].Document.Action != ActionUpdate {
		t.Errorf("%q", s.states())
	}
}
