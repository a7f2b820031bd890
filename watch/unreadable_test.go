package watch

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"obmen/watch/drop"
	"obmen/watch/folder"
	"obmen/watch/inbox"
)

// badSector is a disk that does not give one claimed file.
type badSector struct {
	drop.FS
	name string
	bad  atomic.Bool
}

func (d *badSector) Open(path string) (io.ReadCloser, error) {
	if d.bad.Load() && strings.HasSuffix(path, "__"+d.name) {
		return nil, &fs.PathError{Op: "read", Path: path, Err: syscall.EIO}
	}
	return d.FS.Open(path)
}

// A file that the disk does not give stops no other, is told of once, and goes on when it can be read.
func TestAFileThatTheDiskDoesNotGive(t *testing.T) {
	p := newPlace(t)
	disk := &badSector{FS: drop.OS{}, name: "a.json"}
	disk.bad.Store(true)
	p.w.FS = disk
	p.put(p.r.Inbox, "a.json", shopFile(1, "02", "A", "5.00"))
	p.put(p.r.Inbox, "b.json", shopFile(2, "02", "A", "5.00"))
	p.put(p.r.Inbox, "c.json", shopFile(3, "02", "A", "5.00"))
	if err := p.w.Run(t.Context(), true); !errors.Is(err, syscall.EIO) {
		t.Errorf("a run that ends said %v", err)
	}
	p.expect("archive", p.names(p.r.Archive), []string{"b.json", "c.json"})

	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	p.told()
	go func() { done <- p.w.Run(ctx, false) }()
	p.put(p.r.Inbox, "d.json", shopFile(4, "02", "A", "5.00"))
	archived := func(name string) func() bool {
		path := filepath.Join(p.r.Archive, "2026-11-23", name)
		return func() bool { _, err := os.Stat(path); return err == nil }
	}
	eventually(t, "the file behind it", archived("d.json"))
	eventually(t, "a word in the status", func() bool {
		s, err := ReadStatus(p.w.State)
		return err == nil && len(s.Routes) == 1 && slices.ContainsFunc(s.Routes[0].Files, func(f inbox.FileStatus) bool {
			return f.Path == "a.json" && strings.Contains(f.Why, "the disk does not give it")
		})
	})
	disk.bad.Store(false)
	eventually(t, "the file itself", archived("a.json"))
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
	alerts := 0
	for _, kind := range p.told() {
		if kind == Alert {
			alerts++
		}
	}
	if alerts != 1 {
		t.Errorf("told of it %d times", alerts)
	}
}

// Where the whole folder is gone the route waits: that is no trouble of one file.
func TestAFolderThatGoesIsNoUnreadableFile(t *testing.T) {
	synctest.Test(t, testFolderThatGoes)
}

func testFolderThatGoes(t *testing.T) {
	p := newPlace(t)
	p.w.blind = true // the system would not know of the time of a test
	p.once()
	k := newWorker(p.w, p.r)
	path := filepath.Join(filepath.Dir(k.inbox.ClaimPath("x")), "1"+"__"+"a.json")
	refusal := &fs.PathError{Op: "read", Path: path, Err: syscall.EIO}
	if !k.inbox.Postpone(filepath.Base(path), refusal) {
		t.Error("one file's trouble stops the route")
	}
	if k.inbox.Postpone("2"+"__"+"b.json", refusal) {
		t.Error("trouble of another path counts as a file's")
	}
	if err := os.Remove(filepath.Join(p.r.Inbox, folder.Marker)); err != nil {
		t.Fatal(err)
	}
	if k.inbox.Postpone(filepath.Base(path), refusal) {
		t.Error("a folder that is gone counts as one file's trouble")
	}
	if got := k.inbox.Tryable([]string{filepath.Base(path)}); len(got) != 0 {
		t.Errorf("tried again at once: %q", got)
	}
	time.Sleep(time.Minute)
	if got := k.inbox.Tryable([]string{filepath.Base(path)}); len(got) != 1 {
		t.Error("not tried when its time has come")
	}
	if k.inbox.Tryable(nil); len(k.inbox.Waiting(9)) != 0 {
		t.Error("a file that was taken away is not forgotten")
	}
}

// What a command that was killed was writing goes at the next start; what one writes now stays.
func TestTempsOfRequestsAreSwept(t *testing.T) {
	p := newPlace(t)
	temp := filepath.Join(p.w.State, requestDir, drop.TempDir)
	if err := os.MkdirAll(temp, 0o700); err != nil {
		t.Fatal(err)
	}
	p.put(temp, "old.tmp", "x")
	p.put(temp, "new.tmp", "x")
	old := time.Now().Add(-2 * requestTime)
	if err := os.Chtimes(filepath.Join(temp, "old.tmp"), old, old); err != nil {
		t.Fatal(err)
	}
	p.once()
	p.expect("temps", p.names(temp), []string{"new.tmp"})
}
