//go:build unix

package drop

import (
	"errors"
	"os"
	"path/filepath"

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

// BeingWritten reports whether another program still has the file open for writing. Unix has no such
// lock: only the file's own changes tell.
func BeingWritten(string) bool { return false }

// GiveToOwner gives what root has made to the account that its folder belongs to: a command that root types must leave
// nothing that a service of that account cannot read. A share that does not know of owners keeps it as it is.
func GiveToOwner(path string) {
	if os.Geteuid() != 0 {
		return
	}
	var dir unix.Stat_t
	if err := unix.Stat(filepath.Dir(path), &dir); err == nil && dir.Uid != 0 {
		_ = os.Lchown(path, int(dir.Uid), int(dir.Gid))
	}
}

// busy errors pass by themselves: a handle of a share went stale, a lock is held for a moment.
func busy(err error) bool {
	return errors.Is(err, unix.EBUSY) || errors.Is(err, unix.ESTALE) || errors.Is(err, unix.EWOULDBLOCK)
}

func diskFull(err error) bool { return errors.Is(err, unix.ENOSPC) || errors.Is(err, unix.EDQUOT) }

func readOnly(err error) bool { return errors.Is(err, unix.EROFS) }

// createScratch takes the name away at once, so that the file goes when nobody has it open any more. Some
// network file systems do not allow that.
func createScratch(path string) (f *os.File, left bool, err error) {
	f, err = os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, false, err
	}
	return f, os.Remove(path) != nil, nil
}

// lockFile takes an flock without waiting; closing the file releases it. Two files of one process
// exclude each other as well, which locks of fcntl do not.
func lockFile(f *os.File) error {
	return unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
}
