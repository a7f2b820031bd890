package drop

import "slices"

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
			return refused("sync", l.dirs[0], err)
		}
		l.dirs = l.dirs[1:]
	}
	return nil
}

// atOnce is how many files of the disk may be made durable at once.
func (l *Late) atOnce() int { return atOnce(l.FS) }
