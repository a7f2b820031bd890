package drop

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"
)

// verifyTries and verifyPause let a share's caches catch up: after a change by another computer, reads
// were wrong or refused for up to 1.3 s.
const (
	verifyTries = 5
	verifyPause = 500 * time.Millisecond
)

var errDiffers = errors.New("what is read back is not what was written")

// Verify reads a published file back and compares its bytes. One that is gone was taken by its reader.
func (f Folder) Verify(ctx context.Context, name, sha256 string) error {
	path := filepath.Join(f.Dir, name)
	for try := 1; ; try++ {
		sum, err := f.hashFile(path)
		switch {
		case err == nil && sum == sha256, errors.Is(err, fs.ErrNotExist):
			return nil
		case err == nil:
			err = fmt.Errorf("%w: SHA-256 %s instead of %s", errDiffers, sum, sha256)
		}
		if try == verifyTries {
			return &Error{Op: "verify", Path: path, Err: err, Advice: "the share lost or changed bytes: take this file away and look at the share's server"}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(verifyPause):
		}
	}
}
