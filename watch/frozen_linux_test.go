package watch

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// People are told of a disk that freezes under the inbox, and that it goes on.
func TestTheWatchdogTellsOfAFrozenDisk(t *testing.T) {
	p := newPlace(t)
	disk := freezable(t)
	p.r.Inbox = disk
	p.w.Hang, p.w.Grace = 300*time.Millisecond, 5*time.Second
	p.r.Settle = 200 * time.Millisecond
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	done := make(chan error, 1)
	go func() { done <- p.w.Run(ctx, false) }()
	p.put(disk, "first.json", shopFile(1, "02", "A", "5.00"))
	eventually(t, "the first file is done", func() bool { return len(p.names(p.r.Archive)) == 1 })
	eventually(t, "the first file has left the disk", func() bool {
		left, err := os.ReadDir(filepath.Join(disk, ".obmen-claim"))
		return err == nil && len(left) == 0
	})
	p.put(disk, "second.json", shopFile(2, "02", "A", "5.00"))
	thaw := freeze(t, disk)
	eventually(t, "an alert", func() bool { return len(p.alerts("main")) > 0 })
	if got := p.alerts("main"); !strings.Contains(got[0], disk) {
		t.Errorf("alerts %q", got)
	}
	thaw()
	eventually(t, "the second file is done", func() bool { return len(p.names(p.r.Archive)) == 2 })
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// freezable mounts a small disk of its own.
func freezable(t *testing.T) string {
	t.Helper()
	if os.Geteuid() != 0 {
		lacking(t, "root, to mount a disk")
	}
	image, dir := filepath.Join(t.TempDir(), "disk.img"), t.TempDir()
	if err := os.WriteFile(image, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(image, 64<<20); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"mkfs.ext4", "-q", "-F", image}, {"mount", "-o", "loop", image, dir}} {
		if out, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil {
			lacking(t, args[0]+": "+errors.Join(err, errors.New(string(out))).Error())
		}
	}
	t.Cleanup(func() { _ = unix.Unmount(dir, unix.MNT_DETACH) })
	return dir
}

// freeze stops all writing to a disk until thaw is called.
func freeze(t *testing.T, dir string) (thaw func()) {
	t.Helper()
	if out, err := exec.Command("fsfreeze", "-f", dir).CombinedOutput(); err != nil {
		lacking(t, "fsfreeze: "+string(out))
	}
	frozen := true
	thaw = func() {
		if frozen {
			frozen = false
			if out, err := exec.Command("fsfreeze", "-u", dir).CombinedOutput(); err != nil {
				t.Errorf("the disk stays frozen: %s", out)
			}
		}
	}
	t.Cleanup(thaw)
	return thaw
}

// lacking skips a test; where nothing may be skipped it fails.
func lacking(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal("missing: " + what)
	}
	t.Skip("missing: " + what)
}
