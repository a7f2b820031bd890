package watch

import (
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"obmen/watch/drop"
)

// outage is a time in which a share is away: the calls that find it so.
type outage struct{ from, to int }

// flip is a disk whose outbox goes away at one call and comes back at another, once or more. While it is away
// its name leads to the empty place where it is mounted.
type flip struct {
	drop.OS
	outbox, empty string
	outages       []outage
	staging       bool
	mu            sync.Mutex // files are closed side by side
	away          bool
	calls         int
	shown         func(path string) // a file got its name in the true outbox
}

func (f *flip) at(path string) string {
	rest, below := strings.CutPrefix(path, f.outbox)
	if !below {
		return path
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls++
	for _, o := range f.outages {
		switch {
		case f.calls == o.from+1 && o.to > o.from:
			f.away = true
		case f.calls == o.to+1 && !f.staging:
			f.away = false
		}
	}
	if f.away {
		return f.empty + rest
	}
	return path
}

func (f *flip) Lstat(path string) (fs.FileInfo, error) { return f.OS.Lstat(f.at(path)) }

func (f *flip) Create(path string, mode fs.FileMode) (drop.File, error) {
	return f.OS.Create(f.at(path), mode)
}

func (f *flip) Open(path string) (io.ReadCloser, error)       { return f.OS.Open(f.at(path)) }
func (f *flip) Remove(path string) error                      { return f.OS.Remove(f.at(path)) }
func (f *flip) SyncFile(path string) error                    { return f.OS.SyncFile(f.at(path)) }
func (f *flip) SyncDir(path string) error                     { return f.OS.SyncDir(f.at(path)) }
func (f *flip) Observe(path string) (drop.Observation, error) { return f.OS.Observe(f.at(path)) }

// Mkdir and ReadDir of the folder for staged files are the first and the last call of staging.
func (f *flip) Mkdir(path string, mode fs.FileMode) error {
	f.mu.Lock()
	f.away = f.away || f.staging && path == filepath.Join(f.outbox, drop.TempDir)
	f.mu.Unlock()
	return f.OS.Mkdir(f.at(path), mode)
}

func (f *flip) ReadDir(path string) ([]fs.DirEntry, error) {
	list, err := f.OS.ReadDir(f.at(path))
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.away && path == filepath.Join(f.outbox, drop.TempDir) {
		f.away, f.staging = false, false
	}
	return list, err
}

func (f *flip) Rename(from, to string) error {
	if !strings.HasPrefix(to, f.outbox) {
		return f.OS.Rename(from, to)
	}
	real := f.at(to)
	if strings.HasPrefix(from, f.outbox) { // one call looks up both names
		from = strings.Replace(from, f.outbox, strings.TrimSuffix(real, to[len(f.outbox):]), 1)
	}
	err := f.OS.Rename(from, real)
	if err == nil && real == to && f.shown != nil {
		f.shown(to)
	}
	return err
}

// A share that goes away at any call and is back a few calls later leads to no order that is lost, and to
// none that is sent twice, also when 1C takes every file at the instant that it is there.
func TestAShareThatFlips(t *testing.T) {
	step := 1
	if raced {
		step = 5
	}
	for _, files := range []int{1, 2} { // alone, and in a group
		for _, takes := range []bool{false, true} {
			calls := flipped(t, files, takes, true)
			for from := 0; from < calls; from += step {
				flipped(t, files, takes, false, outage{from, from + 1 + rand.IntN(14)})
			}
		}
	}
}

// flips is how many stories with two outages are played; there are some thousands.
const flips = 40

// So it is with a share that goes away twice while one set is published: the second time may fall into what mends
// the first.
func TestAShareThatFlipsTwice(t *testing.T) {
	n := flips
	if raced {
		n /= 5
	}
	calls := flipped(t, 1, false, true)
	for range n {
		first := outage{from: rand.IntN(calls)}
		first.to = first.from + 1 + rand.IntN(14)
		second := outage{from: first.to + 1 + rand.IntN(calls)}
		second.to = second.from + 1 + rand.IntN(14)
		flipped(t, 1+rand.IntN(2), rand.IntN(2) == 0, false, first, second)
	}
}

// flipped plays one such story and counts the calls of its first run. With staging the share is away while a set
// is staged, which is there whole then, and in another place.
func flipped(t *testing.T, files int, takes, staging bool, outages ...outage) (calls int) {
	p := newPlace(t)
	name := fmt.Sprintf("%d files, away at the calls %v, taken at once %v", files, outages, takes)
	p.once() // marks the folders
	if err := os.Mkdir(filepath.Join(p.r.Outbox, drop.TempDir), 0o700); err != nil {
		t.Fatal(err)
	}
	disk := &flip{outbox: p.r.Outbox, empty: t.TempDir(), outages: outages, staging: staging}
	shown := map[string]int{}
	disk.shown = func(path string) {
		if filepath.Ext(path) != ".xml" {
			return
		}
		shown[filepath.Base(path)]++
		if takes {
			for _, ext := range []string{".xml", ".xlsx"} {
				if err := os.Remove(strings.TrimSuffix(path, ".xml") + ext); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			}
		}
	}
	p.w.FS = disk
	for i := range files {
		p.put(p.r.Inbox, fmt.Sprintf("%d.json", i), shopFile(i+1, "02", "A", "5.00"))
	}
	_ = p.w.Run(t.Context(), true) // it may wait, or give up
	calls = disk.calls
	disk.outages, disk.staging, disk.away = nil, false, false
	for range 2 {
		if err := p.w.Run(t.Context(), true); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for xml, n := range shown {
		if n != 1 {
			t.Errorf("%s: %s was there %d times", name, xml, n)
		}
	}
	if len(shown) != files {
		t.Errorf("%s: %d sets came into the outbox", name, len(shown))
	}
	if got := p.names(p.r.Archive); len(got) != files {
		t.Errorf("%s: the archive has %q", name, got)
	}
	if got := p.names(filepath.Join(p.r.Outbox, drop.TempDir)); len(got) > 0 {
		t.Errorf("%s: %q is left over", name, got)
	}
	if err := p.w.Ledger.Close(); err != nil {
		t.Error(err)
	}
	return calls
}
