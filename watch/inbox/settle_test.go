package inbox

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"obmen/watch/drop"
)

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

// A writer that pauses is not done: many equal looks in a moment call nothing complete.
func TestAPausingWriterIsLeftAlone(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "f"), "a")
	s := newStabilizer(drop.OS{}, &Route{Places: Places{Inbox: dir}, Settle: time.Hour})
	for range 2 * drop.Observations {
		if ready, err := s.scan(); err != nil || len(ready) != 0 {
			t.Fatalf("%+v, %v before its time", ready, err)
		}
	}
}

// A file that keeps growing is left alone until it stops, whatever its time of change says.
func TestAGrowingFileIsLeftAlone(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "f")
	synctest.Test(t, func(t *testing.T) {
		const settle = 40 * time.Millisecond
		s := newStabilizer(drop.OS{}, &Route{Places: Places{Inbox: dir}, Settle: settle})
		ready := func() int {
			ready, err := s.scan()
			if err != nil {
				t.Fatal(err)
			}
			return len(ready)
		}
		for n := range 8 {
			write(t, path, strings.Repeat("a", n))
			old := time.Now().Add(-time.Hour)
			if err := os.Chtimes(path, old, old); err != nil {
				t.Fatal(err)
			}
			if ready() != 0 {
				t.Fatal("taken while it grows")
			}
			time.Sleep(2 * settle)
		}
		ready()
		if ready() != 1 {
			t.Error("it never settled")
		}
	})
}

// A file that changes while it waits for its turn waits until it has settled again, and one that is taken
// back is not missed.
func TestAQueuedFileMayStillChange(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a.json", "b.json", "c.json", "d.json"} {
		write(t, filepath.Join(dir, name), "{}")
	}
	synctest.Test(t, func(t *testing.T) {
		s := newStabilizer(drop.OS{}, &Route{Places: Places{Inbox: dir}, Settle: time.Millisecond})
		next := func() (names string) {
			time.Sleep(time.Millisecond)
			list, err := s.next(1)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range list {
				names += f.name
				s.forgetClaimed(f.path)
				if err := os.Remove(f.path); err != nil {
					t.Fatal(err)
				}
			}
			return names
		}
		for range drop.Observations - 1 {
			if got := next(); got != "" {
				t.Fatalf("%q was taken before it settled", got)
			}
		}
		if got := next(); got != "a.json" {
			t.Fatalf("the first file is %q", got)
		}
		write(t, filepath.Join(dir, "b.json"), "{ }")
		if err := os.Remove(filepath.Join(dir, "c.json")); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"d.json", "", "b.json"} {
			if got := next(); got != want {
				t.Errorf("the next file is %q, want %q", got, want)
			}
		}
		if !s.idle() {
			t.Error("something still waits")
		}
	})
}

// A file that ends in the middle is read again as soon as it has changed, also when that was before it was given back;
// as it was, it waits for its patience.
func TestAnIncompleteFileIsReadWhenItHasChanged(t *testing.T) {
	for name, c := range map[string]struct {
		read    int64 // bytes
		changes bool  // after it was given back
		taken   bool
	}{
		"as it was read":                   {4, false, false},
		"changed after it was given back":  {4, true, true},
		"changed before it was given back": {2, false, true},
		"changed while it was read":        {unknownSize, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "f")
			write(t, path, "half")
			synctest.Test(t, func(t *testing.T) {
				s := newStabilizer(drop.OS{}, &Route{Places: Places{Inbox: dir}, Settle: time.Millisecond, Patience: time.Hour})
				s.postpone("f", "it ends in the middle", c.read)
				looks := func() (taken bool) {
					for range 3 * drop.Observations {
						ready, err := s.scan()
						if err != nil {
							t.Fatal(err)
						}
						taken = taken || len(ready) > 0
						time.Sleep(time.Millisecond)
					}
					return taken
				}
				taken := looks()
				if c.changes {
					if taken {
						t.Error("taken as it was")
					}
					write(t, path, "the whole")
					taken = looks()
				}
				if taken != c.taken {
					t.Errorf("taken: %v, want %v", taken, c.taken)
				}
				time.Sleep(time.Hour)
				if !looks() {
					t.Error("its patience has ended, and it was not taken")
				}
			})
		})
	}
}

// The first of very many files are ready before those behind have been looked at, a file that never settles keeps
// none of them away, and all come in the order of their paths.
func TestTheFirstOfManyFilesDoNotWaitForTheLast(t *testing.T) {
	dir := t.TempDir()
	const files = 100
	for n := range files {
		write(t, filepath.Join(dir, fmt.Sprintf("%03d.json", n)), "{}")
	}
	growing := filepath.Join(dir, "000.json")
	s := newStabilizer(drop.OS{}, &Route{Places: Places{Inbox: dir}})
	s.reach = 2
	var counts []int
	var names []string
	for size := 0; len(names) < files-1; size++ {
		if len(counts) > 10 {
			t.Fatalf("ready in turn: %v", counts)
		}
		write(t, growing, strings.Repeat(" ", size))
		ready, err := s.scan()
		if err != nil {
			t.Fatal(err)
		}
		if len(counts) < drop.Observations && (!s.more || s.idle()) {
			t.Error("it calls itself done before it has looked at all")
		}
		counts = append(counts, len(ready))
		for _, f := range ready {
			names = append(names, f.name)
			s.forgetClaimed(f.path)
			if err := os.Remove(f.path); err != nil {
				t.Fatal(err)
			}
		}
	}
	if first := counts[drop.Observations-1]; first == 0 || first > 2 || !slices.IsSorted(names) {
		t.Errorf("ready in turn: %v; names %q", counts, names)
	}
}
