package folder

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"

	"obmen/watch/drop"
)

// Finding is what a probe of a folder found out.
type Finding struct {
	Probe   string // "rename without replacing"
	Level   Level
	Text    string
	Follows string // what it means for the work; empty when nothing does
}

// Level says how a finding is to be taken.
type Level string

// The levels of findings.
const (
	Fine    Level = "ok"
	Caution Level = "warn" // obmen copes with it
	Bad     Level = "bad"  // the folder cannot be used
)

// probe is one question to a folder. It works in a sub-folder of its own that goes afterwards.
type probe struct {
	name string
	ask  func(ctx context.Context, dir, work string) Finding
}

// probes are asked in the order of what matters most.
var probes = []probe{
	{"file system", askVolume},
	{"rename without replacing", askRename},
	{"fsync of the folder", askSync},
	{"events", askEvents},
	{"hard links", askLinks},
	{"letter case", askCase},
	{"longest name", askName},
	{"clock", askClock},
	{"free space", askSpace},
}

func askName(_ context.Context, _, work string) Finding {
	for _, n := range nameLengths {
		if err := write(filepath.Join(work, strings.Repeat("n", n)), ""); err == nil {
			if n < longName {
				return caution("files with long names may be refused here: keep names under 100 letters", "%d bytes", n)
			}
			return fine("%d bytes", n)
		}
	}
	return Finding{Level: Bad, Text: "not even 100 bytes", Follows: "obmen cannot name its files here: use a folder with a shorter path"}
}

func askClock(_ context.Context, _, work string) Finding {
	path := filepath.Join(work, "clock")
	before := time.Now()
	if err := write(path, "clock"); err != nil {
		return caution("", "%v", err)
	}
	after := time.Now()
	info, err := os.Stat(path)
	if err != nil {
		return caution("", "%v", err)
	}
	off := time.Duration(0)
	switch at := info.ModTime(); {
	case at.Before(before):
		off = before.Sub(at)
	case at.After(after):
		off = at.Sub(after)
	}
	if off > skew {
		return caution("nothing to do: obmen never judges a file by its age; limits by age are off by as much", "differs from this computer's by %s", off.Round(time.Second))
	}
	return fine("agrees with this computer's")
}

func askSpace(_ context.Context, dir, _ string) Finding {
	free, err := freeSpace(dir)
	switch {
	case err != nil:
		return caution("", "cannot be told: %v", err)
	case free < DefaultFree:
		return caution("nothing is claimed before there is more", "%d MB, %d MB are needed", free>>20, DefaultFree>>20)
	}
	return fine("%d MB", free>>20)
}

// Examine asks a folder what it can do. Nothing of it stays in the folder. It takes about a second
// where events do not come.
func Examine(ctx context.Context, dir string) (list []Finding) {
	work, err := os.MkdirTemp(dir, ".obmen-probe-")
	if err != nil {
		return []Finding{{"rights", Bad, err.Error(), "make the folder or connect its share, and give the account that runs obmen the right to write there"}}
	}
	list = append(list, Finding{Probe: "rights", Level: Fine, Text: "files can be made and removed"})
	for _, p := range probes {
		if ctx.Err() != nil {
			break
		}
		f := p.ask(ctx, dir, work)
		f.Probe = p.name
		list = append(list, f)
	}
	if err := os.RemoveAll(work); err != nil {
		list = append(list, Finding{"rights", Bad, err.Error(), "obmen must be able to remove its own files: remove " + work + " by hand and mend the rights"})
	}
	return list
}

func fine(format string, args ...any) Finding {
	return Finding{Level: Fine, Text: fmt.Sprintf(format, args...)}
}

func caution(follows, format string, args ...any) Finding {
	return Finding{Level: Caution, Text: fmt.Sprintf(format, args...), Follows: follows}
}

func askVolume(_ context.Context, dir, _ string) Finding {
	v, err := drop.VolumeOf(dir)
	switch {
	case err != nil:
		return caution("good for inbox and outbox; do not keep the state folder here", "cannot be told: %v", err)
	case v.Network:
		return caution("good for inbox and outbox, what is written is read again; the state folder must be on a disk of this computer", "a network file system (%s)", v.Name)
	case v.FUSE:
		return caution("good for inbox and outbox; keep the state folder elsewhere unless this is a disk of this computer", "FUSE: may be another computer's")
	}
	return fine("a disk of this computer")
}

// askRename tries to rename a file onto another one.
func askRename(_ context.Context, _, work string) Finding {
	from, to := filepath.Join(work, "from"), filepath.Join(work, "to")
	if err := write(from, "from"); err != nil {
		return Finding{Level: Bad, Text: err.Error(), Follows: "obmen must be able to write here"}
	}
	if err := write(to, "to"); err != nil {
		return Finding{Level: Bad, Text: err.Error(), Follows: "obmen must be able to write here"}
	}
	err := drop.OS{}.Rename(from, to)
	text, readErr := os.ReadFile(to)
	if err == nil || readErr != nil || string(text) != "to" {
		return Finding{Level: Bad, Text: "a rename replaced a file that was there", Follows: "files could be lost here: use another folder"}
	}
	if err := (drop.OS{}).Rename(from, filepath.Join(work, "free")); err != nil {
		return Finding{Level: Bad, Text: err.Error(), Follows: "obmen cannot publish files here: use another folder"}
	}
	return fine("a name that is taken stays as it is")
}

func write(path, text string) error { return os.WriteFile(path, []byte(text), 0o600) }

func askSync(_ context.Context, dir, _ string) Finding {
	if err := (drop.OS{}).SyncDir(dir); err != nil {
		return caution("a file may be gone after a power cut though it was published", "refused: %v", err)
	}
	return fine("names are durable")
}

// eventPatience is how long an event may take; a local disk needs a millisecond.
const eventPatience = time.Second

func askEvents(ctx context.Context, _, work string) Finding {
	const follows = "nothing to do: the folder is looked at every few seconds"
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		return caution(follows, "the system gives none: %v", err)
	}
	defer watcher.Close()
	if err := watcher.Add(work); err != nil {
		return caution(follows, "the system gives none: %v", err)
	}
	start := time.Now()
	if err := write(filepath.Join(work, "event"), "event"); err != nil {
		return caution(follows, "%v", err)
	}
	timer := time.NewTimer(eventPatience)
	defer timer.Stop()
	select {
	case <-watcher.Events:
		return fine("own changes are told within %s", max(time.Since(start).Round(time.Millisecond), time.Millisecond))
	case <-timer.C:
		return caution(follows, "none within %s", eventPatience)
	case <-ctx.Done():
		return caution(follows, "interrupted")
	}
}

func askLinks(_ context.Context, _, work string) Finding {
	from := filepath.Join(work, "linked")
	if err := write(from, "linked"); err != nil {
		return caution("", "%v", err)
	}
	if err := os.Link(from, filepath.Join(work, "link")); err != nil {
		return caution("nothing to do where renaming without replacing is ok", "none: %v", err)
	}
	return fine("two names for one file are possible")
}

func askCase(_ context.Context, _, work string) Finding {
	if err := write(filepath.Join(work, "Case"), "case"); err != nil {
		return caution("", "%v", err)
	}
	if _, err := os.Lstat(filepath.Join(work, "case")); err == nil {
		return caution("files whose names differ in letter case only get a number added", "A.xml and a.xml are one name")
	}
	return fine("A.xml and a.xml are two names")
}

// nameLengths are the longest names of usual file systems, and what is left of them under encryption.
var nameLengths = []int{255, 200, 143, drop.MaxName}

// longName is the longest file name that obmen makes of a dropped name.
const longName = 200

// skew is how far the clock of a share may be off before people wonder about the times of files.
const skew = 2 * time.Second
