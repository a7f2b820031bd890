package desk

import (
	"encoding/json"
	"path/filepath"
	"testing"
	"time"

	"obmen/watch/ledger"
)

// A page is a part of the list; the totals are those of the whole.
func TestHeldByPages(t *testing.T) {
	book, err := ledger.Open(t.Context(), filepath.Join(t.TempDir(), LedgerFile), ledger.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	d := &Desk{Ledger: book}
	for _, tt := range []struct {
		page Page
		want []int
	}{
		{Page{}, []int{1, 2, 3, 4, 5}},
		{Page{Limit: 2}, []int{1, 2}},
		{Page{Offset: 4, Limit: 2}, []int{5}},
		{Page{Offset: 9, Limit: 2}, []int{}},
	} {
		got := cut([]int{1, 2, 3, 4, 5}, tt.page)
		if len(got) != len(tt.want) || len(got) > 0 && got[0] != tt.want[0] {
			t.Errorf("%+v: %v, want %v", tt.page, got, tt.want)
		}
	}
	list, err := d.Held(t.Context(), HeldOptions{Page: Page{Limit: 1}})
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(list)
	if err != nil || string(text) != `{"held":[],"dismissed":[]}` {
		t.Errorf("an empty list is %s (%v)", text, err)
	}
}

// A moment is a second of UTC, and empty when it is not known.
func TestMoment(t *testing.T) {
	at := Moment{time.Date(2026, 11, 30, 12, 0, 0, 5, time.FixedZone("", 3*3600))}
	for m, want := range map[Moment]string{at: `"2026-11-30T09:00:00Z"`, {}: `""`} {
		text, err := json.Marshal(m)
		if err != nil || string(text) != want {
			t.Errorf("%v is %s (%v), want %s", m, text, err, want)
		}
		var back Moment
		if err := json.Unmarshal(text, &back); err != nil || !back.Equal(m.Truncate(time.Second)) {
			t.Errorf("%s reads %v (%v)", text, back, err)
		}
	}
}
