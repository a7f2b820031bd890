package watch

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// What a file costs does not grow with the files beside it: the inbox is not looked through again for
// every few of them.
func TestManyFilesAreLookedAtOnce(t *testing.T) {
	const files = 3000
	p := newPlace(t)
	text := shopFile(1, "02", "A", "5.00")
	for n := range files {
		p.put(p.r.Inbox, fmt.Sprintf("%04d.json", n), text)
	}
	k := newWorker(p.w, p.r)
	looks := 0
	k.inbox.Progress = func() { looks++ }
	k.inbox.Init()
	if err := os.MkdirAll(p.w.Store().Folder().Dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := k.run(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	if got := len(p.names(p.r.Archive)); got != files {
		t.Fatalf("%d of %d files are done", got, files)
	}
	if most := 8 * files; looks > most { // as many as it takes to settle, and one before the claim
		t.Errorf("%d looks at %d files, want at most %d", looks, files, most)
	}
}

// The status file stays small however many files wait.
func TestTheStatusFileIsBounded(t *testing.T) {
	p := newPlace(t)
	for n := range mostListed + 50 {
		p.put(p.r.Inbox, fmt.Sprintf("%04d.json", n), "{}")
	}
	k := newWorker(p.w, p.r)
	if _, err := k.inbox.Ready(); err != nil {
		t.Fatal(err)
	}
	k.noteStatus()
	status, err := ReadStatus(p.w.State)
	if err != nil {
		t.Fatal(err)
	}
	if got := len(status.Routes[0].Files); got != mostListed {
		t.Errorf("%d files listed, want %d", got, mostListed)
	}
}

// The list of held orders is written when the work is done, though not after every file.
func TestTheHeldListIsComplete(t *testing.T) {
	p := newPlace(t)
	p.once()
	k := newWorker(p.w, p.r)
	k.lists.due = time.Now().Add(time.Hour) // as if to write it took minutes
	for n := range 3 {
		p.put(p.r.Inbox, fmt.Sprintf("%d.json", n), shopFile(n+1, "02", "unknown", "5.00"))
	}
	if err := k.run(context.Background(), true); err != nil {
		t.Fatal(err)
	}
	if got, err := p.w.heldBefore(); err != nil || len(got) != 3 {
		t.Errorf("%d orders on the list, want 3, %v", len(got), err)
	}
}

// The outbox holds no more files than its limit, however many are dropped at once; what 1C takes makes room.
func TestTheOutboxStaysWithinItsLimit(t *testing.T) {
	p := newPlace(t)
	p.r.Limits.Files = 5
	for i := range 12 {
		p.put(p.r.Inbox, fmt.Sprintf("%02d.json", i), shopFile(i+1, "02", "A", "5.00"))
	}
	total := 0
	for total < 12 {
		p.once()
		names := p.names(p.r.Outbox)
		if n := len(names); n == 0 || n > 6 { // a set is two files, and goes out whole
			t.Fatalf("the outbox has %q", names)
		}
		if total += len(names) / 2; total < 12 && (len(p.names(p.r.Inbox)) != 12-total || !slices.Contains(p.told(), Waiting)) {
			t.Fatalf("%d sets went out, the inbox has %q", total, p.names(p.r.Inbox))
		}
		for _, name := range names {
			if err := os.Remove(filepath.Join(p.r.Outbox, name)); err != nil {
				t.Fatal(err)
			}
		}
	}
}
