package drop

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// FS is what the operations of a Folder ask of the disk. Paths are whole paths in the form of the
// operating system. Errors keep their meaning for errors.Is: fs.ErrExist, fs.ErrNotExist and
// ErrOtherVolume are looked at.
type FS interface {
	// Lstat describes a path without following a symbolic link.
	Lstat(path string) (fs.FileInfo, error)
	// SameFile reports whether two descriptions from Lstat are of one file or folder.
	SameFile(a, b fs.FileInfo) bool
	// Create makes a new file for writing; a path that is taken is fs.ErrExist.
	Create(path string, mode fs.FileMode) (File, error)
	// Open opens a file for reading in a way that lets others rename and remove it meanwhile.
	Open(path string) (io.ReadCloser, error)
	// Mkdir makes one folder; its parent must be there, and a path that is taken is fs.ErrExist.
	Mkdir(path string, mode fs.FileMode) error
	// Rename moves a file within a volume and never replaces: fs.ErrExist when to is taken,
	// ErrOtherVolume when to lies on another volume.
	Rename(from, to string) error
	// Replace moves a file over another one of the same volume.
	Replace(from, to string) error
	Remove(path string) error
	// Observe is the function Observe.
	Observe(path string) (Observation, error)
	// ReadDir lists a folder, sorted by name.
	ReadDir(path string) ([]fs.DirEntry, error)
	// SyncFile makes the bytes of a file that is there already durable.
	SyncFile(path string) error
	// SyncDir makes what was created, renamed and removed in a folder durable.
	SyncDir(path string) error
}

// File is a file being written. Sync makes its bytes durable.
type File interface {
	io.WriteCloser
	Sync() error
}

// OS is the disk itself.
type OS struct{}

var _ FS = OS{}

// Lstat is os.Lstat.
func (OS) Lstat(path string) (fs.FileInfo, error) { return os.Lstat(path) }

// SameFile is os.SameFile.
func (OS) SameFile(a, b fs.FileInfo) bool { return os.SameFile(a, b) }

// Create opens a new file for writing.
func (OS) Create(path string, mode fs.FileMode) (File, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return nil, err
	}
	GiveToOwner(path)
	return osFile{f}, nil
}

// Open opens a file for reading.
func (OS) Open(path string) (io.ReadCloser, error) { return openShared(path) }

// Mkdir makes a folder.
func (OS) Mkdir(path string, mode fs.FileMode) error {
	err := os.Mkdir(path, mode)
	if err == nil {
		GiveToOwner(path)
	}
	return err
}

// Rename goes down a ladder of ways not to replace; see the pair of rename files.
func (OS) Rename(from, to string) error {
	err := renameNoReplace(from, to)
	if err == nil {
		return nil
	}
	return &os.LinkError{Op: "rename", Old: from, New: to, Err: err}
}

// Replace is os.Rename.
func (OS) Replace(from, to string) error { return os.Rename(from, to) }

// Observe looks at a file of the disk.
func (OS) Observe(path string) (Observation, error) { return Observe(path) }

// Remove is os.Remove.
func (OS) Remove(path string) error { return os.Remove(path) }

// ReadDir is os.ReadDir.
func (OS) ReadDir(path string) ([]fs.DirEntry, error) { return os.ReadDir(path) }

// SyncFile flushes a file that somebody else has written.
func (OS) SyncFile(path string) error {
	f, err := openToSync(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return osFile{f}.Sync()
}

// SyncDir flushes a folder where the operating system can.
func (OS) SyncDir(path string) error {
	if !Durable {
		return nil
	}
	return syncDir(path)
}

// osFile forgives file systems that have no fsync at all, as some network ones have not.
type osFile struct{ *os.File }

func (f osFile) Sync() error {
	if !Durable {
		return nil
	}
	if err := f.File.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	return nil
}

// Observation is what can be seen of a file without opening it. Two equal observations, some time apart
// on the caller's own clock, say that nobody wrote in between; the age of the times says nothing, since
// copying tools keep the old ones.
type Observation struct {
	Size     int64
	Modified int64 // nanoseconds since 1970
	Changed  int64 // nanoseconds; the system's own mark of the last change, which no program can set back
	Volume   uint64
	ID       uint64 // of the file on its volume
}

// Observe looks at a file once. It follows no symbolic link and refuses whatever is not a regular file
// (ErrNotRegular): opening a FIFO would wait for ever. A file that is gone is fs.ErrNotExist.
func Observe(path string) (Observation, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return Observation{}, refusedBy("look at", path, err)
	}
	if !info.Mode().IsRegular() {
		return Observation{}, refusedBy("look at", path, fmt.Errorf("%w: %s", ErrNotRegular, kindOf(info.Mode())))
	}
	o, err := observe(path, info)
	return o, refusedBy("look at", path, err)
}

// Volume is what is known of the file system of a folder. The zero value is a disk of this computer, as
// far as the system tells.
type Volume struct {
	Name    string // as the system calls it; empty for a disk of this computer
	Network bool
	FUSE    bool // it may be a local disk (NTFS, exFAT) or another computer's (sshfs, rclone)

	// ID stays the same when the computer starts again; empty where the system has no such number. It
	// is not that of an Observation, which every mount may change.
	ID string
}

// Remote reports whether other computers may write there without this one's noticing: events of changes do
// not come, and what was written is sure only when it was read again.
func (v Volume) Remote() bool { return v.Network || v.FUSE }

// VolumeOf tells the file system that a folder, or what its link leads to, is on.
func VolumeOf(dir string) (Volume, error) {
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	return volume(dir)
}

func kindOf(m fs.FileMode) string {
	switch {
	case m&fs.ModeSymlink != 0:
		return "a symbolic link"
	case m.IsDir():
		return "a folder"
	case m&fs.ModeNamedPipe != 0:
		return "a FIFO"
	case m&fs.ModeSocket != 0:
		return "a socket"
	case m&fs.ModeDevice != 0:
		return "a device"
	}
	return "a special file"
}
