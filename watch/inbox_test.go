package watch

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"obmen/watch/folder"
	"obmen/watch/store"
)

// eventually waits for a condition.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for range 6000 {
		if ok() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("never: " + what)
}

// claim moves a dropped file where files are worked on, as a run that was killed then leaves it.
func claim(p *place, k *worker, name string) (claim string) {
	p.t.Helper()
	claim = "1__" + name
	if err := os.MkdirAll(filepath.Dir(k.inbox.ClaimPath(claim)), 0o700); err != nil {
		p.t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(p.r.Inbox, name), k.inbox.ClaimPath(claim)); err != nil {
		p.t.Fatal(err)
	}
	return claim
}

// A file that is dropped into a sub-folder while the watcher sleeps is seen by its event.
func TestAnEventEndsTheSleep(t *testing.T) {
	p := newPlace(t)
	p.w.Poll, p.r.Depth = time.Hour, 1
	sub := filepath.Join(p.r.Inbox, "sub")
	if err := os.Mkdir(sub, 0o777); err != nil {
		t.Fatal(err)
	}
	k := newWorker(p.w, p.r)
	if err := k.inbox.Compile(); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(p.w.Store().Folder().Dir, 0o700); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- k.run(ctx, false) }()
	eventually(t, "it rests", func() bool {
		_, err := os.Stat(filepath.Join(p.r.Inbox, folder.Marker))
		return err == nil && k.heartbeat.busyWith() == ""
	})
	time.Sleep(100 * time.Millisecond)
	p.put(sub, "good.json", shopFile(1, "02", "A", "5.00"))
	eventually(t, "the file is done", func() bool { return len(p.names(p.r.Archive)) == 1 })
	stop()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

// With a marker a file is taken when the marker is there; the marker goes with it, and comes back with a
// file that is given back.
func TestDoneMarkers(t *testing.T) {
	p := newPlace(t)
	p.r.Done = ".done"
	p.put(p.r.Inbox, "a.json", shopFile(1, "02", "A", "5.00"))
	p.put(p.r.Inbox, "b.json", shopFile(2, "02", "A", "5.00"))
	p.put(p.r.Inbox, "b.json.done", "")
	p.once()
	p.expect("inbox", p.names(p.r.Inbox), []string{"a.json"})
	p.expect("archive", p.names(p.r.Archive), []string{"b.json"})
	k := newWorker(p.w, p.r)
	claim(p, k, "a.json")
	names, err := k.inbox.Claimed()
	if err != nil || len(names) != 1 {
		t.Fatalf("claimed %q, %v", names, err)
	}
	if err := k.inbox.GiveBack(t.Context(), names[0], "it changes", 1); err != nil {
		t.Fatal(err)
	}
	p.expect("inbox after giving back", p.names(p.r.Inbox), []string{"a.json", "a.json.done"})
}

// A charset that a side file names is the report's own, wherever the file goes.
func TestSideFilesFollow(t *testing.T) {
	p := newPlace(t)
	p.put(p.r.Inbox, "a.json", shopFile(1, "02", "A", "5.00"))
	p.put(p.r.Inbox, "a.json"+store.CharsetSuffix, "UTF-8")
	p.once()
	p.expect("archive", p.names(p.r.Archive), []string{"a.json", "a.json" + store.CharsetSuffix})
	p.expect("inbox", p.names(p.r.Inbox), nil)
}

func TestIncludeExcludeAndDepth(t *testing.T) {
	p := newPlace(t)
	p.r.Include, p.r.Exclude, p.r.Depth = []string{"*.json"}, []string{"re:draft"}, 1
	for _, dir := range []string{"one", "one/two", ".hidden"} {
		if err := os.Mkdir(filepath.Join(p.r.Inbox, dir), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	for i, name := range []string{"a.json", "b.txt", "my-draft.json", "one/c.json", "one/two/d.json", ".hidden/e.json"} {
		p.put(p.r.Inbox, name, shopFile(i+1, "02", "A", "5.00"))
	}
	p.once()
	left := p.names(p.r.Inbox)
	slices.Sort(left)
	p.expect("inbox", left, []string{"b.txt", "d.json", "e.json", "my-draft.json"})
	p.expect("archive", p.names(p.r.Archive), []string{"a.json", "c.json"})
}
