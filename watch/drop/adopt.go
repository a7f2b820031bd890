package drop

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
)

// Adopt publishes, under a name, a file with these bytes that an earlier run had staged and not
// published. Nothing happens where there is none: then it was published, and may have been taken away
// since. A name that is taken is left as it is.
func (f Folder) Adopt(ctx context.Context, name, sha256 string) error {
	to := filepath.Join(f.Dir, name)
	if _, err := f.fs().Lstat(to); err == nil {
		return nil
	}
	entries, err := f.fs().ReadDir(f.temp())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return refused("adopt", to, err)
	}
	for _, e := range entries {
		from := filepath.Join(f.temp(), e.Name())
		if filepath.Ext(from) != tempExt || !e.Type().IsRegular() {
			continue
		}
		if sum, err := f.digest(from); err != nil || sum != sha256 {
			continue
		}
		if err := retry(ctx, func() error { return f.fs().Rename(from, to) }); err != nil && !errors.Is(err, fs.ErrExist) {
			return refused("adopt", to, err)
		}
		return refused("sync", f.Dir, f.fs().SyncDir(f.Dir))
	}
	return nil
}
