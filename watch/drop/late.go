package drop

import (
	"slices"

	"golang.org/x/sync/errgroup"
)

// Late is a disk on which the waits for folders are put off, so that many files moved or published share
// one wait for each folder. Nothing counts as durable before Flush returns nil. A removal comes after all
// that was put off before it: what is removed may be the last copy of what has a new name elsewhere.
// It belongs to one goroutine.
type Late struct {
	FS
	dirs []string // to be synced, first asked for first
}

// NewLate puts off what waits for folders of a disk.
func NewLate(disk FS) *Late { return &Late{FS: disk} }

// SyncDir notes that a folder is to be synced.
func (l *Late) SyncDir(path string) error {
	if !slices.Contains(l.dirs, path) {
		l.dirs = append(l.dirs, path)
	}
	return nil
}

// Remove removes a file when everything before it is durable.
func (l *Late) Remove(path string) error {
	if err := l.Flush(); err != nil {
		return err
	}
	return l.FS.Remove(path)
}

// Flush syncs what was put off.
func (l *Late) Flush() error {
	for len(l.dirs) > 0 {
		if err := l.FS.SyncDir(l.dirs[0]); err != nil {
			return refusedBy("sync", l.dirs[0], err)
		}
		l.dirs = l.dirs[1:]
	}
	return nil
}

// atOnce is how many files of the disk may be made durable at once.
func (l *Late) atOnce() int { return atOnce(l.FS) }

// flushesAtOnce is how many files wait for the disk side by side. It joins their waits into few: beyond
// this number nothing is gained on any disk that was tried.
const flushesAtOnce = 16

func (OS) atOnce() int { return flushesAtOnce }

// atOnce is how many files of a disk may be made durable at once: one on a disk that does not say more.
func atOnce(disk FS) int {
	if d, ok := disk.(interface{ atOnce() int }); ok {
		return d.atOnce()
	}
	return 1
}

// Begin lets the disk begin with what was written, and does not wait for it: a Close that comes later finds
// most of its work done. It is a hint, which many disks do not take.
func (f *Staged) Begin() {
	if begun, ok := f.w.(interface{ begin() }); ok && f.err == nil && !f.begun {
		begun.begin()
		f.begun = true
	}
}

// closeAll makes files durable and closes them. The disk is told of all of them before it is waited for,
// and some of the waits are shared. The error is that of the first file that has one.
func closeAll(disk FS, files []*Staged) error {
	for _, f := range files {
		f.Begin()
	}
	var all errgroup.Group
	all.SetLimit(atOnce(disk))
	for _, f := range files {
		all.Go(func() error {
			_ = f.Close() // it keeps its first error
			return nil
		})
	}
	_ = all.Wait()
	for _, f := range files {
		if f.err != nil {
			return f.err
		}
	}
	return nil
}
