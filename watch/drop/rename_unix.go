//go:build unix

package drop

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// renameNoReplace tries the ways not to replace, best first: the system's own exclusive rename (one
// step; NFS, FUSE and ntfs-3g have none), a hard link and the removal of the old name (two steps, both
// names are whole files in between; FAT and some shares have no links), and last a look and a rename
// under a lock that every obmen takes.
func renameNoReplace(from, to string) error {
	before, err := os.Lstat(from)
	if err != nil {
		return cause(err)
	}
	for _, way := range []func(from, to string) error{renameExclusive, renameByLink, renameUnderLock} {
		err = way(from, to)
		if err == nil || wasRenamed(before, from, to) {
			return nil
		}
		if !unsupported(err) {
			break
		}
	}
	if errors.Is(err, unix.EXDEV) {
		return ErrOtherVolume
	}
	return err
}

func renameByLink(from, to string) error {
	before, err := os.Lstat(from)
	if err != nil {
		return cause(err)
	}
	if err := unix.Link(from, to); err != nil {
		// NFS may repeat a link whose answer was lost, and then finds its own work in the way.
		after, statErr := os.Lstat(to)
		if statErr != nil || !os.SameFile(before, after) {
			return err
		}
	}
	return unix.Unlink(from)
}

// renameUnderLock keeps out every obmen. A stranger who takes the name between the look and the
// rename would be replaced; nothing on such a file system can prevent that.
func renameUnderLock(from, to string) error {
	dir := filepath.Join(filepath.Dir(to), TempDir)
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return cause(err)
	}
	f, err := os.OpenFile(filepath.Join(dir, renameLock), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return cause(err)
	}
	defer f.Close() // lets the lock go too
	if err := retry(context.Background(), func() error { return lockFile(f) }); err != nil {
		return err
	}
	if _, err := os.Lstat(to); !errors.Is(err, fs.ErrNotExist) {
		if err == nil {
			err = fs.ErrExist
		}
		return cause(err)
	}
	return unix.Rename(from, to)
}

// wasRenamed tells a rename that was done although an error came back, as NFS and shares may say when an
// answer is lost: the file is at its new name and no more at its old one.
func wasRenamed(before fs.FileInfo, from, to string) bool {
	if _, err := os.Lstat(from); !errors.Is(err, fs.ErrNotExist) {
		return false
	}
	after, err := os.Lstat(to)
	return err == nil && os.SameFile(before, after)
}

// unsupported are the answers of file systems that lack a way, or hide it behind an odd error.
func unsupported(err error) bool {
	for _, e := range []error{unix.EINVAL, unix.ENOSYS, unix.ENOTSUP, unix.EPERM, unix.EIO, unix.EMLINK} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// cause drops the path of an os error; the caller names both paths.
func cause(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	return err
}
