package folder

import (
	"io/fs"
	"path/filepath"
	"sync"

	"obmen/watch/drop"
)

// Registry holds what a run knows of the folders that its routes may share. The zero Registry is ready for use.
type Registry struct {
	locks   sync.Map // *sync.Mutex by folder
	volumes sync.Map // uint64 by folder: the volume it was on at the last good look
	durable sync.Map // folders of obmen's own whose names are durable
	swept   sync.Map // folders where nothing is left of earlier runs
}

// Reset forgets what a new run has to find out again.
func (r *Registry) Reset() {
	r.durable.Clear()
	r.swept.Clear()
}

// Lock takes a folder that routes may share, and returns the function that releases it.
func (r *Registry) Lock(dir string) (unlock func()) {
	m, _ := r.locks.LoadOrStore(dir, new(sync.Mutex))
	m.(*sync.Mutex).Lock()
	return m.(*sync.Mutex).Unlock
}

// Once runs a sweep of a folder that routes may share, until it has succeeded once. The caller holds the
// folder's lock.
func (r *Registry) Once(dir string, sweep func() error) error {
	if _, swept := r.swept.Load(dir); swept {
		return nil
	}
	err := sweep()
	if err == nil {
		r.swept.Store(dir, true)
	}
	return err
}

// MakeDir makes a folder of obmen's own. One that is there already may be of a run that was killed before
// its name was durable: so the folder above is synced once in every run, for a power cut would take
// everything below such a name with it.
func (r *Registry) MakeDir(disk drop.FS, dir string, mode fs.FileMode) error {
	if err := drop.MakeDirs(disk, dir, mode); err != nil {
		return err
	}
	if _, durable := r.durable.Load(dir); durable {
		return nil
	}
	if err := disk.SyncDir(filepath.Dir(dir)); err != nil {
		return err
	}
	r.durable.Store(dir, true)
	return nil
}
