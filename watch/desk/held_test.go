package desk

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

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
	list, err := d.Held(t.Context(), HeldOptions{Page: Page{Limit: 1}})
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(list)
	if err != nil || string(text) != `{"held":[],"dismissed":[]}` {
		t.Errorf("an empty list is %s (%v)", text, err)
	}
	holdOrders(t, book, "1", "2", "3", "4", "5")
	for _, tt := range []struct {
		page Page
		want string
	}{
		{Page{}, "12345"}, {Page{Limit: 2}, "12"}, {Page{Offset: 4, Limit: 2}, "5"}, {Page{Offset: 3}, "45"}, {Page{Offset: 9, Limit: 2}, ""},
	} {
		list, err := d.Held(t.Context(), HeldOptions{Page: tt.page})
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for i := range list.Held {
			got += list.Held[i].Order
		}
		if got != tt.want || list.AllHeld != 5 {
			t.Errorf("%+v: %q of %d, want %q of 5", tt.page, got, list.AllHeld, tt.want)
		}
	}
}

// holdOrders notes orders of one file that wait for the product S and, the last of them, for T too.
func holdOrders(t *testing.T, book *ledger.Ledger, ids ...string) {
	t.Helper()
	f := ledger.File{Route: "main", SHA256: strings.Repeat("0", 64), Name: "orders.json", Seen: time.UnixMilli(1)}
	work, err := book.Begin(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	r := ledger.Result{Counts: ledger.Counts{Held: len(ids)}, At: time.UnixMilli(2)}
	for i, id := range ids {
		h := ledger.Hold{
			Key: ledger.Key{Order: id}, Route: f.Route, SHA256: f.SHA256, Remedy: ledger.Remedy{Code: "unknown-sku", File: "skus.csv", Add: []string{"S;;;1;"}},
			Currency: "EUR", Total: "1.10", Since: time.UnixMilli(int64(1000 + i)),
		}
		h.Details.Lines = []ledger.HoldLine{{Cells: map[string]string{"sku": "S", "quantity": "1"}, Title: "Sugar bowl"}}
		if i == len(ids)-1 {
			h.Add = append(h.Add, "T;;;1;")
			h.Details.Lines = append(h.Details.Lines, ledger.HoldLine{Cells: map[string]string{"sku": "T", "quantity": "1"}})
		}
		r.Holds = append(r.Holds, h)
	}
	if err := work.Finish(t.Context(), r); err != nil {
		t.Fatal(err)
	}
}

// Orders are grouped by what they wait for, the largest group first, with the money that waits.
func TestHeldCauses(t *testing.T) {
	book, err := ledger.Open(t.Context(), filepath.Join(t.TempDir(), LedgerFile), ledger.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	holdOrders(t, book, "1", "2", "3")
	d := &Desk{Ledger: book}
	list, err := d.HeldCauses(t.Context(), HeldOptions{})
	if err != nil {
		t.Fatal(err)
	}
	want := []Cause{
		{
			Code: "unknown-sku", File: "skus.csv", Line: "S;;;1;", Cells: map[string]string{"sku": "S", "quantity": "1"}, Title: "Sugar bowl",
			Orders: 3, Sums: []CauseSum{{"EUR", "3.30"}}, Since: Moment{time.UnixMilli(1000).UTC()},
		},
		{
			Code: "unknown-sku", File: "skus.csv", Line: "T;;;1;", Cells: map[string]string{"sku": "T", "quantity": "1"},
			Orders: 1, Sums: []CauseSum{{"EUR", "1.10"}}, Since: Moment{time.UnixMilli(1002).UTC()},
		},
	}
	if diff := cmp.Diff(want, list); diff != "" {
		t.Error(diff)
	}
	one, err := d.Held(t.Context(), HeldOptions{Line: "T;;;1;"})
	if err != nil || len(one.Held) != 1 || one.Held[0].Order != "3" {
		t.Errorf("the orders of the second cause are %+v (%v)", one, err)
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
