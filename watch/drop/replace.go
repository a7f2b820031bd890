package drop

import (
	"context"
	"path/filepath"
)

// Replace gives a staged file a name that may be taken: whoever opens the name finds the whole old file
// or the whole new one. It is for the one kind of file whose name is fixed and whose newest content is
// what counts, a message of 1C's synchronisation; everything else is published and never replaced.
func (s *Set) Replace(ctx context.Context, e Entry) error {
	if err := s.checkEntry([]Entry{e}, 0); err != nil {
		return err
	}
	if err := e.File.Close(); err != nil {
		return err
	}
	to, disk := filepath.Join(s.folder.Dir, e.Name), s.folder.fs()
	if err := retry(ctx, func() error { return disk.Replace(e.File.path, to) }); err != nil {
		return refused("replace", to, err)
	}
	return refused("sync", s.folder.Dir, disk.SyncDir(s.folder.Dir))
}
