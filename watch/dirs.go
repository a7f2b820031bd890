package watch

import (
	"io/fs"
	"path/filepath"

	"obmen/watch/drop"
)

// makeDir makes a folder of obmen's own. One that is there already may be of a run that was killed before
// its name was durable: so the folder above is synced once in every run, for a power cut would take
// everything below such a name with it.
func (w *Watcher) makeDir(dir string, mode fs.FileMode) error {
	if err := drop.MakeDirs(w.fs(), dir, mode); err != nil {
		return err
	}
	if _, lasting := w.lasting.Load(dir); lasting {
		return nil
	}
	if err := w.fs().SyncDir(filepath.Dir(dir)); err != nil {
		return err
	}
	w.lasting.Store(dir, true)
	return nil
}
