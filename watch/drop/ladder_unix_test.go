//go:build unix

package drop_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"obmen/watch/drop"
)

// Every rung keeps the same promises.
func TestRenameLadder(t *testing.T) {
	for name, rename := range map[string]func(from, to string) error{
		"ladder": drop.OS{}.Rename, "link": drop.RenameByLink, "lock": drop.RenameUnderLock,
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			from, to := filepath.Join(dir, "from"), filepath.Join(dir, "to")
			write(t, from, "new")
			if err := rename(from, to); err != nil {
				t.Fatal(err)
			}
			wantNames(t, visible(t, dir), "to")
			write(t, from, "newer")
			if err := rename(from, to); !errors.Is(err, fs.ErrExist) {
				t.Errorf("a taken name: %v", err)
			}
			if got := read(t, to); got != "new" {
				t.Errorf("it was replaced by %q", got)
			}
			if got := read(t, from); got != "newer" {
				t.Errorf("the source holds %q", got)
			}
			if err := rename(filepath.Join(dir, "none"), to+"2"); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("a missing source: %v", err)
			}
			for range 50 {
				oneWins(t, rename)
			}
		})
	}
}

// oneWins lets many rename to one name at the same time: one does, the others are told.
func oneWins(t *testing.T, rename func(from, to string) error) {
	dir := t.TempDir()
	var won, lost atomic.Int32
	var wg sync.WaitGroup
	start := make(chan struct{})
	for i := range 8 {
		from := filepath.Join(dir, string(rune('a'+i)))
		write(t, from, from)
		wg.Go(func() {
			<-start
			err := rename(from, filepath.Join(dir, "to"))
			switch {
			case err == nil:
				won.Add(1)
			case errors.Is(err, fs.ErrExist):
				lost.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	close(start)
	wg.Wait()
	if won.Load() != 1 || lost.Load() != 7 {
		t.Errorf("%d won and %d lost, want 1 and 7", won.Load(), lost.Load())
	}
}

// NFS may answer that a link exists which is its own work; the rename goes on.
func TestRenameByLinkFindsItsOwnWork(t *testing.T) {
	dir := t.TempDir()
	from, to := filepath.Join(dir, "from"), filepath.Join(dir, "to")
	write(t, from, "new")
	if err := os.Link(from, to); err != nil {
		t.Skip("no hard links here: ", err)
	}
	if err := drop.RenameByLink(from, to); err != nil {
		t.Error(err)
	}
	wantNames(t, visible(t, dir), "to")
}

// An error may come back although the rename was done; only the names tell.
func TestRenameHappened(t *testing.T) {
	dir := t.TempDir()
	from, to := filepath.Join(dir, "from"), filepath.Join(dir, "to")
	write(t, from, "new")
	before, err := os.Lstat(from)
	if err != nil {
		t.Fatal(err)
	}
	if drop.Happened(before, from, to) {
		t.Error("nothing happened yet")
	}
	write(t, to, "another")
	if err := os.Rename(from, from+".away"); err != nil {
		t.Fatal(err)
	}
	if drop.Happened(before, from, to) {
		t.Error("another file stands there")
	}
	if err := os.Rename(from+".away", to); err != nil {
		t.Fatal(err)
	}
	if !drop.Happened(before, from, to) {
		t.Error("not seen")
	}
}
