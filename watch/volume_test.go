package watch

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"obmen/watch/drop"
	"obmen/watch/folder"
)

// mounts is a disk on which markers are seen on other volumes, or not at all.
type mounts struct {
	drop.FS
	looks func(path string, o *drop.Observation) error
}

func (m mounts) Observe(path string) (drop.Observation, error) {
	o, err := m.FS.Observe(path)
	if err == nil && filepath.Base(path) == folder.Marker {
		err = m.looks(path, &o)
	}
	return o, err
}

// A share that is mounted anew has another number and the same marker: work goes on, with a word about it.
func TestAShareThatIsMountedAnew(t *testing.T) {
	p := newPlace(t)
	looks := 0
	p.w.FS = mounts{drop.OS{}, func(path string, o *drop.Observation) error {
		if filepath.Dir(path) == p.r.Outbox {
			if looks++; looks > 1 {
				o.Volume++
			}
		}
		return nil
	}}
	p.put(p.r.Inbox, "good.json", shopFile(1, "02", "A", "5.00"))
	p.once()
	p.expect("archive", p.names(p.r.Archive), []string{"good.json"})
	if _, n := p.exported(); n != 1 {
		t.Errorf("%d exchange files", n)
	}
	if got := p.told(); !slices.Equal(got, []EventKind{Alert, Converted}) {
		t.Errorf("told %q, want one alert about the folder and the file", got)
	}
}

// A share that goes between two looks leaves an empty place: nothing may be put there.
func TestAShareThatGoesMeanwhile(t *testing.T) {
	for _, role := range []string{"outbox", "archive", "quarantine"} {
		t.Run(role, func(t *testing.T) {
			p := newPlace(t)
			dir := map[string]string{"outbox": p.r.Outbox, "archive": p.r.Archive, "quarantine": p.r.Quarantine}[role]
			away, looks := true, 0
			p.w.FS = mounts{drop.OS{}, func(path string, _ *drop.Observation) error {
				if filepath.Dir(path) != dir || !away {
					return nil
				}
				if looks++; claimedNow(p) {
					return &fs.PathError{Op: "lstat", Path: path, Err: fs.ErrNotExist}
				}
				return nil
			}}
			text := shopFile(1, "02", "A", "5.00")
			if role == "quarantine" {
				text = "nothing that anybody reads"
			}
			p.put(p.r.Inbox, "a.json", text)
			p.once()
			if looks < 2 {
				t.Fatalf("the folder was looked at %d times", looks)
			}
			if got := p.names(dir); len(got) != 0 && role != "outbox" {
				t.Errorf("the empty place got %q", got)
			}
			if _, n := p.exported(); n != 0 && role == "outbox" {
				t.Errorf("the empty place got %d exchange files", n)
			}
			if got := p.told(); !slices.Contains(got, Waiting) {
				t.Errorf("told %q, nothing of waiting", got)
			}
			away = false
			p.once()
			want, sets := p.r.Archive, 1
			if role == "quarantine" {
				want, sets = p.r.Quarantine, 0
			}
			if got := p.names(want); !slices.Contains(got, "a.json") {
				t.Errorf("%s has %q when the share is back", want, got)
			}
			if _, n := p.exported(); n != sets {
				t.Errorf("%d exchange files when the share is back, want %d", n, sets)
			}
		})
	}
}

func claimedNow(p *place) bool {
	list, _ := os.ReadDir(filepath.Join(p.r.Inbox, ".obmen-claim"))
	return len(list) > 0
}

// A folder that lies on another disk at the next run is noted once, and used.
func TestAnotherDiskAtTheNextRun(t *testing.T) {
	p := newPlace(t)
	if v, err := drop.VolumeOf(p.r.Inbox); err != nil || v.ID == "" {
		t.Skip("the disk of tests has no number that stays")
	}
	p.once()
	if err := p.w.Ledger.SetCursor(t.Context(), "disk main archive", "another"); err != nil {
		t.Fatal(err)
	}
	p.w.folders = folder.Registry{} // as in a new process
	p.told()
	p.once()
	p.mu.Lock()
	if len(p.events) != 1 || p.events[0].Kind != Alert || !strings.Contains(p.events[0].Text, "archive lies on another disk") {
		t.Errorf("told %+v", p.events)
	}
	p.mu.Unlock()
	p.told()
	p.w.folders = folder.Registry{}
	p.once()
	if got := p.told(); len(got) != 0 {
		t.Errorf("told once more: %q", got)
	}
}
