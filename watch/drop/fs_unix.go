//go:build unix

package drop

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// openShared neither follows a symbolic link nor waits for the writer of a FIFO, should one have taken
// the place of the file since it was looked at.
func openShared(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0)
}

// openToSync needs no right to write: Unix flushes through any descriptor.
func openToSync(path string) (*os.File, error) { return openShared(path) }

// syncDir forgives EINVAL: file systems without an fsync for folders answer so.
func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	defer d.Close()
	err = d.Sync()
	if errors.Is(err, unix.EINVAL) || errors.Is(err, errors.ErrUnsupported) {
		return nil
	}
	return err
}
