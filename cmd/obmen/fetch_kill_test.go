//go:build linux

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"obmen/fetch"
	"obmen/watch/desk"
	"obmen/watch/ledger"
)

// fetchKillOrders make three pages.
const fetchKillOrders = 220

// Wherever a fetch is killed, the cursor is never past what is in the inbox; and the next run, with a
// watcher behind it, brings every order out exactly once.
func TestFetchKilledAtAnyCall(t *testing.T) {
	whole := newFetchScene(t, selling(fetchKillOrders), "first_run = \"5d\"\n")
	calls, err := killAt(whole.command(t), moment{})
	if err != nil {
		t.Fatal(err)
	}
	if pages := len(whole.files("inbox", "*.json")); pages != 3 {
		t.Fatalf("%d pages in the inbox", pages)
	}
	list := moments(calls, stride(t))
	t.Logf("calls that change the disk: %v; killed at %d of them", calls, len(list))
	for _, at := range list {
		t.Run(fmt.Sprintf("%s %d", at.call, at.n), func(t *testing.T) {
			t.Parallel()
			fetchKilled(t, at)
		})
	}
}

// command is a fetch as people run it.
func (s *fetchScene) command(t *testing.T) *exec.Cmd {
	t.Helper()
	obmen, err := plainBinary()
	s.check(err)
	return exec.Command(obmen, "fetch", "--config", s.path("obmen.toml"))
}

func fetchKilled(t *testing.T, at moment) {
	s := newFetchScene(t, selling(fetchKillOrders), "first_run = \"5d\"\n")
	if _, err := killAt(s.command(t), at); err != nil {
		t.Fatal(err)
	}
	s.durable()
	if out, err := s.command(t).CombinedOutput(); err != nil {
		t.Fatalf("run again: %v\n%s", err, out)
	}
	s.durable()
	if got, want := s.inInbox(), s.changedUntil(time.Now()); len(got) != len(want) {
		t.Fatalf("%d orders are in the inbox, %d were sold", len(got), len(want))
	}
	s.watch()
	s.expectAll()
}

// durable checks that all before the cursor is in the inbox.
func (s *fetchScene) durable() {
	s.t.Helper()
	if _, err := os.Stat(s.path("state/" + desk.LedgerFile)); err != nil {
		return // killed before there was a ledger
	}
	book, err := ledger.Open(s.t.Context(), s.path("state/"+desk.LedgerFile), ledger.Options{})
	s.check(err)
	defer book.Close()
	value, _, err := book.Cursor(s.t.Context(), fetch.CursorName("eu"))
	s.check(err)
	pos, err := fetch.ReadPosition(value)
	s.check(err)
	have, pages := s.inInbox(), len(s.files("inbox", "*.json"))
	for id := range s.changedUntil(pos.Done) {
		if !have[id] {
			s.t.Fatalf("the cursor is at %s, and order %s of before is not in the inbox", pos.Done, id)
		}
	}
	if w := pos.Window; w != nil && (pages < w.Pages || len(have) < w.Orders) {
		s.t.Fatalf("the cursor is behind page %d with %d orders, the inbox has %d pages with %d orders", w.Pages, w.Orders, pages, len(have))
	}
}

// changedUntil are the orders of the shop whose last change was before a moment.
func (s *fetchScene) changedUntil(moment time.Time) map[string]bool {
	ids := map[string]bool{}
	for o := range s.shop.All() {
		if o.Updated.Before(moment) && o.Updated.Before(s.shop.Now().Add(-2*time.Minute)) {
			ids[o.ID] = true
		}
	}
	return ids
}

// inInbox are the orders in the files of the inbox, which all are whole.
func (s *fetchScene) inInbox() map[string]bool {
	s.t.Helper()
	ids := map[string]bool{}
	for _, path := range s.files("inbox", "*.json") {
		text, err := os.ReadFile(path)
		s.check(err)
		var page struct {
			Body struct{ Orders []struct{ OrderID string } }
		}
		if err := json.Unmarshal(text, &page); err != nil || len(page.Body.Orders) == 0 {
			s.t.Fatalf("%s is not whole: %v", filepath.Base(path), err)
		}
		for _, o := range page.Body.Orders {
			ids[o.OrderID] = true
		}
	}
	return ids
}

// expectAll looks for every order that is to go out, once.
func (s *fetchScene) expectAll() {
	s.t.Helper()
	var want, got []string
	for o := range s.shop.All() {
		if old := o.Updated.Before(s.shop.Now().Add(-2 * time.Minute)); old && (o.Status == "SHIPPED" || o.Status == "UNSHIPPED") {
			want = append(want, o.ID)
		}
	}
	for _, path := range s.files("outbox", "*.xml") {
		numbers, err := readExchange(path)
		s.check(err)
		got = append(got, numbers...)
	}
	slices.Sort(want)
	slices.Sort(got)
	if len(want) == 0 || !slices.Equal(got, want) {
		s.t.Fatalf("%d orders are out, want %d, each once", len(got), len(want))
	}
}
