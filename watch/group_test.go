package watch

import (
	"fmt"
	"os"
	"testing"

	"obmen/watch/drop"
	"obmen/watch/ledger"
)

// counting counts the waits for folders.
type counting struct {
	drop.OS
	dirs *int
}

func (c counting) SyncDir(path string) error {
	*c.dirs++
	return c.OS.SyncDir(path)
}

// Fifty small files wait for the disk about as often as one does.
func TestSmallFilesShareTheirWaits(t *testing.T) {
	waits := func(files int) int {
		p := newPlace(t)
		n := 0
		p.w.FS = counting{dirs: &n}
		for i := range files {
			p.put(p.r.Inbox, fmt.Sprintf("%03d.json", i), shopFile(i+1, "02", "A", "5.00"))
		}
		p.once()
		if got := len(p.names(p.r.Archive)); got != files {
			t.Fatalf("%d of %d files are in the archive", got, files)
		}
		if _, got := p.exported(); got != files {
			t.Fatalf("%d exchange files for %d files", got, files)
		}
		return n
	}
	one, fifty := waits(1), waits(50)
	if fifty > one+5 {
		t.Errorf("fifty files wait for folders %d times, one waits %d times", fifty, one)
	}
}

// Files of a group give what they give one by one: a revision goes out once, a newer one again, the same
// bytes are done once, and a broken file stops no other.
func TestAGroupGivesWhatSingleFilesGive(t *testing.T) {
	p := newPlace(t)
	p.put(p.r.Inbox, "1.json", shopFile(1, "02", "A", "5.00"))
	p.put(p.r.Inbox, "2.json", shopFile(2, "02", "A", "5.00"))
	p.put(p.r.Inbox, "3-again.json", shopFile(1, "02", "A", "5.00")+"\n")
	p.put(p.r.Inbox, "4-newer.json", shopFile(1, "03", "A", "7.00"))
	p.put(p.r.Inbox, "5-broken.json", `{"orders": [{"order_number": 2001, "currency": "USD",`)
	p.put(p.r.Inbox, "6-same.json", shopFile(2, "02", "A", "5.00"))
	p.put(p.r.Inbox, "7.json", shopFile(7, "02", "A", "5.00"))
	p.once()
	p.expect("events", kinds(p.told()), []string{
		"converted", "converted", "converted", "converted", "quarantined", "repeated", "converted",
	})
	if _, n := p.exported(); n != 4 {
		t.Errorf("%d exchange files, want those of orders 1, 2 and 7, and of 1 as it is now", n)
	}
	p.expect("quarantine", p.names(p.r.Quarantine), []string{"5-broken.json", "5-broken.json.reason.json"})
	files, err := p.w.Ledger.Files(t.Context(), ledger.FileFilter{})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if f.Running || f.State != ledger.Done && f.Name != "5-broken.json" {
			t.Errorf("%s: %s, running %v", f.Name, f.State, f.Running)
		}
	}
}

func kinds(list []EventKind) (texts []string) {
	for _, k := range list {
		texts = append(texts, string(k))
	}
	return texts
}

// A crash counts against every file of the group, once: then they go one by one.
func TestAfterACrashFilesGoAlone(t *testing.T) {
	p := newPlace(t)
	k := newWorker(p.w, p.r)
	if err := drop.MakeDirs(drop.OS{}, p.w.Store().Folder().Dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		name := fmt.Sprintf("%d.json", i)
		p.put(p.r.Inbox, name, shopFile(i+1, "02", "A", "5.00"))
		claim(p, k, name)
	}
	claims, err := k.inbox.Claimed()
	if err != nil {
		t.Fatal(err)
	}
	files, n, err := k.inbox.Keep(t.Context(), claims)
	if err != nil || n != 3 {
		t.Fatal(n, err)
	}
	if works, err := k.beginNew(t.Context(), files); err != nil || len(works) != 3 {
		t.Fatalf("%d begun together, %v", len(works), err)
	}
	p.w.Ledger.Close() // as a killed program leaves it
	p.open()
	if works, err := k.beginNew(t.Context(), files); err != nil || len(works) != 0 {
		t.Errorf("%d of them are begun together once more, %v", len(works), err)
	}
	p.once()
	if _, n := p.exported(); n != 3 {
		t.Errorf("%d exchange files", n)
	}
}

// A disk that refuses at any step of a group loses nothing and doubles nothing.
func TestAGroupOnADiskThatRefuses(t *testing.T) {
	for at := 1; ; at++ {
		p := newPlace(t)
		for i := range 3 {
			p.put(p.r.Inbox, fmt.Sprintf("%d.json", i), shopFile(i+1, "02", "A", "5.00"))
		}
		disk := &refusing{FS: drop.OS{}, left: at}
		p.w.FS = disk
		_ = p.w.Run(t.Context(), true) // some steps are tried again at once
		if disk.left > 0 {
			if at < 30 {
				t.Fatalf("only %d steps", at)
			}
			return
		}
		p.w.FS = nil
		p.once()
		if _, n := p.exported(); n != 3 {
			t.Errorf("refused at step %d: %d exchange files", at, n)
		}
		if got := p.names(p.r.Archive); len(got) != 3 {
			t.Errorf("refused at step %d: archive has %q", at, got)
		}
	}
}

// refusing is a disk of which one change fails.
type refusing struct {
	drop.FS
	left int
}

func (r *refusing) step() error {
	if r.left--; r.left == 0 {
		return os.ErrPermission
	}
	return nil
}

func (r *refusing) Rename(from, to string) error {
	if err := r.step(); err != nil {
		return err
	}
	return r.FS.Rename(from, to)
}

func (r *refusing) SyncDir(path string) error {
	if err := r.step(); err != nil {
		return err
	}
	return r.FS.SyncDir(path)
}
