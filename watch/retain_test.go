package watch

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"obmen/watch/folder"
	"obmen/watch/inbox"
	"obmen/watch/ledger"
)

// age makes an archive with a file of 1,000 bytes on each of the days.
func (p *place) age(days ...string) {
	p.t.Helper()
	for _, day := range days {
		dir := filepath.Join(p.r.Archive, day)
		if err := os.MkdirAll(dir, 0o777); err != nil {
			p.t.Fatal(err)
		}
		p.put(dir, "orders.json", strings.Repeat("x", 1000))
	}
}

func (p *place) days() (list []string) {
	p.t.Helper()
	entries, err := os.ReadDir(p.r.Archive)
	if err != nil {
		p.t.Fatal(err)
	}
	for _, e := range entries {
		if e.Name() != folder.Marker {
			list = append(list, e.Name())
		}
	}
	return list
}

func TestTheArchiveIsTrimmed(t *testing.T) {
	days := []string{"2026-10-01", "2026-11-21", "2026-11-22", "2026-11-23", "2026-12-01"} // today is the 23rd
	for _, c := range []struct {
		name string
		keep Retention
		left []string
	}{
		{"for ever", Retention{}, days},
		{"by age", Retention{ArchiveDays: 2}, days[1:]},
		{"one day", Retention{ArchiveDays: 1}, days[2:]},
		{"by size, the oldest first", Retention{ArchiveBytes: 4500}, days[1:]},
		{"by size, never today", Retention{ArchiveBytes: 1}, days[3:]},
		{"what fits stays", Retention{ArchiveBytes: 5000}, days},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newPlace(t)
			p.w.Keep = c.keep
			p.age(days...)
			p.age("2026-02-31", "old", "2020") // somebody else's
			p.put(p.r.Archive, "2020-01-01", "a file")
			p.once()
			want := slices.Sorted(slices.Values(append(slices.Clone(c.left), "2026-02-31", "old", "2020", "2020-01-01")))
			p.expect("archive", p.days(), want)
			told := slices.Contains(p.told(), Removed)
			if removed := len(c.left) < len(days); told != removed {
				t.Errorf("told: %v, removed: %v", told, removed)
			}
		})
	}
}

// Once a day is enough, and the next day it is seen to again.
func TestRetentionIsDaily(t *testing.T) {
	p := newPlace(t)
	p.w.Keep = Retention{ArchiveDays: 1}
	k := newWorker(p.w, p.r)
	k.chores.recovered = true
	p.age("2026-10-01")
	if !k.retain(t.Context()) {
		t.Error("nothing was removed")
	}
	p.age("2026-10-01")
	if k.retain(t.Context()) {
		t.Error("removed twice on one day")
	}
	p.w.Now = func() time.Time { return time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC) }
	if !k.retain(t.Context()) {
		t.Error("nothing was removed on the next day")
	}
}

// Buyers' data of done files goes after its time; what a held order needs stays.
func TestBuyersDataIsPurged(t *testing.T) {
	p := newPlace(t)
	p.w.Keep = Retention{PersonalDays: 30}
	p.put(p.r.Inbox, "done.json", shopFile(1, "02", "A", "5.00"))
	p.put(p.r.Inbox, "held.json", shopFile(2, "02", "B", "5.00"))
	p.once()
	raw := func() int { return len(p.names(p.w.Store().Folder().Dir)) }
	if n := raw(); n != 2 {
		t.Fatalf("%d kept files", n)
	}
	old := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for _, name := range p.names(p.w.Store().Folder().Dir) {
		if err := os.Chtimes(filepath.Join(p.w.Store().Folder().Dir, name), old, old); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		days, kept int
	}{{29, 2}, {31, 1}} {
		p.w.Now = func() time.Time { return old.AddDate(0, 0, c.days) }
		p.told()
		p.once()
		if n := raw(); n != c.kept {
			t.Errorf("after %d days %d kept files, want %d", c.days, n, c.kept)
		}
		if told := slices.Contains(p.told(), Removed); told != (c.kept == 1) {
			t.Errorf("after %d days told: %v", c.days, told)
		}
	}
	o, found, err := p.w.Ledger.Order(t.Context(), ledger.Key{Scope: "shop", Order: "1"})
	if err == nil && !found {
		orders, err := p.w.Ledger.Holds(t.Context(), ledger.HoldFilter{})
		t.Fatalf("the order is forgotten: holds %+v, %v", orders, err)
	}
	if err != nil || len(o.Facts) != 0 {
		t.Errorf("facts of the order stay: %q, %v", o.Facts, err)
	}
}

func TestADryPurgeOnlyCounts(t *testing.T) {
	p := newPlace(t)
	p.put(p.r.Inbox, "done.json", shopFile(1, "02", "A", "5.00"))
	p.once()
	later := time.Now().AddDate(1, 0, 0)
	would, err := Purge(t.Context(), p.w.Store(), p.w.Ledger, later, true)
	if err != nil || would.Files != 1 || would.Orders != 1 {
		t.Fatalf("%+v, %v", would, err)
	}
	did, err := Purge(t.Context(), p.w.Store(), p.w.Ledger, later, false)
	if err != nil || did != would {
		t.Errorf("did %+v, %v; would %+v", did, err, would)
	}
	if n := len(p.names(p.w.Store().Folder().Dir)); n != 0 {
		t.Errorf("%d kept files", n)
	}
}

// What nobody has dealt with goes only when a person has said so, and the list of held orders never.
func TestQuarantineIsTrimmedOnlyIfAsked(t *testing.T) {
	for days, want := range map[int][]string{0: {"bad.txt", inbox.HeldFile}, 60: {"bad.txt", inbox.HeldFile}, 20: {inbox.HeldFile}} {
		p := newPlace(t)
		p.w.Keep = Retention{ArchiveDays: 1, ArchiveBytes: 1, QuarantineDays: days}
		old := filepath.Join(p.r.Quarantine, "2026-11-01")
		if err := os.Mkdir(old, 0o777); err != nil {
			t.Fatal(err)
		}
		p.put(old, "bad.txt", "nothing")
		p.put(p.r.Inbox, "held.json", shopFile(1, "02", "unknown", "5.00"))
		p.once()
		p.expect(fmt.Sprintf("quarantine with %d days", days), p.names(p.r.Quarantine), want)
	}
}
