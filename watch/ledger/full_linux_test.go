package ledger_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"obmen/watch/ledger"
)

// A full disk is a temporary error that undoes the call and nothing else; with space the work goes on.
func TestFullDisk(t *testing.T) {
	onlyFiles(t)
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=2m"); err != nil {
		t.Skipf("a small disk needs the right to mount one: %v", err)
	}
	t.Cleanup(func() { syscall.Unmount(dir, syscall.MNT_DETACH) })
	l := open(t, filepath.Join(dir, "ledger.db"))
	ballast := filepath.Join(dir, "ballast")
	ok(t, os.WriteFile(ballast, make([]byte, 1<<20), 0o600))
	facts := strings.Repeat("x", 20_000)
	done := 0
	var full error
	for ; full == nil && done < 1000; done++ {
		full = l.Group(t.Context(), func(tx *ledger.Tx) error {
			name := fmt.Sprint(done)
			w, err := tx.Begin(file(name))
			if err != nil {
				return err
			}
			return tx.Finish(w, ledger.Result{Orders: []ledger.Order{exported(name, revision(1, name), facts)}})
		})
	}
	done-- // the one that failed
	if e := failsAs[*ledger.Error](t, full); !e.Temporary() || e.Corrupt() {
		t.Fatalf("full disk: %#v", e)
	}
	if files, err := l.Files(t.Context(), ledger.FileFilter{State: ledger.Done}); err != nil || len(files) != done || done == 0 {
		t.Fatalf("%d files after %d were finished, %v", len(files), done, err)
	}
	ok(t, os.Remove(ballast))
	name := fmt.Sprint(done)
	finish(t, begin(t, l, file(name)), ledger.Result{Orders: []ledger.Order{exported(name, revision(1, name), facts)}})
	if _, err := l.Begin(t.Context(), file(name)); !errors.Is(err, ledger.ErrDone) {
		t.Error(err)
	}
	ok(t, l.Check(t.Context()))
}
