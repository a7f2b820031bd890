package drop

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unsafe"

	"golang.org/x/sys/windows"
)

// openShared lets others delete and rename the file while it is read. os.Open does not: a report being
// hashed would keep 1C from removing what it has imported.
func openShared(path string) (*os.File, error) {
	h, err := openHandle(path, windows.GENERIC_READ, windows.FILE_FLAG_SEQUENTIAL_SCAN)
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(h), path), nil
}

// openToSync asks for the right to write, without which Windows does not flush.
func openToSync(path string) (*os.File, error) {
	h, err := openHandle(path, windows.GENERIC_READ|windows.GENERIC_WRITE, windows.FILE_ATTRIBUTE_NORMAL)
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(h), path), nil
}

// openHandle opens an existing path, sharing everything.
func openHandle(path string, access, flags uint32) (windows.Handle, error) {
	p, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return 0, &os.PathError{Op: "open", Path: path, Err: err}
	}
	const share = windows.FILE_SHARE_READ | windows.FILE_SHARE_WRITE | windows.FILE_SHARE_DELETE
	h, err := windows.CreateFile(p, access, share, nil, windows.OPEN_EXISTING, flags, 0)
	if err != nil {
		return 0, &os.PathError{Op: "open", Path: path, Err: err}
	}
	return h, nil
}

// syncDir does nothing: Windows has no flush for folders. The rename itself is written through.
func syncDir(string) error { return nil }

// begin has no meaning here: the system has no way to start a flush and not wait for it.
func (osFile) begin() {}

// GiveToOwner does nothing: on Windows a folder's rights are passed on to what is made in it.
func GiveToOwner(string) {}

// busy errors pass when the virus scanner, the indexer or 1C closes the file. Access denied is among
// them: a file that is being deleted or scanned answers so.
func busy(err error) bool {
	return errors.Is(err, windows.ERROR_SHARING_VIOLATION) || errors.Is(err, windows.ERROR_LOCK_VIOLATION) ||
		errors.Is(err, windows.ERROR_ACCESS_DENIED)
}

func diskFull(err error) bool {
	return errors.Is(err, windows.ERROR_DISK_FULL) || errors.Is(err, windows.ERROR_HANDLE_DISK_FULL)
}

func readOnly(err error) bool { return errors.Is(err, windows.ERROR_WRITE_PROTECT) }

// createScratch has Windows remove the file when its last handle is closed, by the program or with it, and
// keep it in memory while there is enough.
func createScratch(path string) (f *os.File, left bool, err error) {
	p, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return nil, false, &os.PathError{Op: "create", Path: path, Err: err}
	}
	const (
		access = windows.GENERIC_READ | windows.GENERIC_WRITE
		flags  = windows.FILE_ATTRIBUTE_TEMPORARY | windows.FILE_FLAG_DELETE_ON_CLOSE
	)
	h, err := windows.CreateFile(p, access, windows.FILE_SHARE_DELETE, nil, windows.CREATE_NEW, flags, 0)
	if err != nil {
		return nil, false, &os.PathError{Op: "create", Path: path, Err: err}
	}
	return os.NewFile(uintptr(h), path), true, nil
}

// lockFile locks one byte far behind the end: locks of Windows keep others from reading what is
// locked, and the holder's number at the beginning is there to be read.
func lockFile(f *os.File) error {
	const flags = windows.LOCKFILE_EXCLUSIVE_LOCK | windows.LOCKFILE_FAIL_IMMEDIATELY
	return windows.LockFileEx(windows.Handle(f.Fd()), flags, 0, 1, 0, &windows.Overlapped{OffsetHigh: 1 << 30})
}

// fileBasicInfo is FILE_BASIC_INFO of the Windows API; times count 100 ns.
type fileBasicInfo struct {
	Created, Accessed, Written, Changed int64
	Attributes                          uint32
	_                                   uint32
}

// observe needs a handle: a folder listing shows neither the file's number nor the time of its change,
// and its size may lag behind a writer. The handle asks for attributes only and disturbs nobody.
func observe(path string, _ fs.FileInfo) (Observation, error) {
	h, err := openHandle(path, windows.FILE_READ_ATTRIBUTES, windows.FILE_FLAG_OPEN_REPARSE_POINT)
	if err != nil {
		return Observation{}, err
	}
	defer windows.CloseHandle(h)
	var id windows.ByHandleFileInformation
	if err := windows.GetFileInformationByHandle(h, &id); err != nil {
		return Observation{}, err
	}
	var basic fileBasicInfo
	size := uint32(unsafe.Sizeof(basic))
	if err := windows.GetFileInformationByHandleEx(h, windows.FileBasicInfo, (*byte)(unsafe.Pointer(&basic)), size); err != nil {
		return Observation{}, err
	}
	return Observation{
		Size:     int64(id.FileSizeHigh)<<32 | int64(id.FileSizeLow),
		Modified: id.LastWriteTime.Nanoseconds(),
		Changed:  basic.Changed * 100,
		Volume:   uint64(id.VolumeSerialNumber),
		ID:       uint64(id.FileIndexHigh)<<32 | uint64(id.FileIndexLow),
	}, nil
}

// renameNoReplace asks MoveFileEx for neither replacing nor copying, and to return only when the move is
// on the disk: Windows has no flush for folders.
func renameNoReplace(from, to string) error {
	f, err := windows.UTF16PtrFromString(from)
	if err != nil {
		return err
	}
	t, err := windows.UTF16PtrFromString(to)
	if err != nil {
		return err
	}
	err = windows.MoveFileEx(f, t, windows.MOVEFILE_WRITE_THROUGH)
	if errors.Is(err, windows.ERROR_NOT_SAME_DEVICE) {
		return ErrOtherVolume
	}
	return err
}

// volume takes UNC paths and mapped drive letters for what they are: shares.
func volume(dir string) (Volume, error) {
	name := filepath.VolumeName(dir)
	device := strings.HasPrefix(name, `\\?\`) || strings.HasPrefix(name, `\\.\`)
	if strings.HasPrefix(strings.ToUpper(name), `\\?\UNC\`) || strings.HasPrefix(name, `\\`) && !device {
		return Volume{Name: "share " + name, Network: true}, nil
	}
	root, err := windows.UTF16PtrFromString(name + `\`)
	if err != nil {
		return Volume{}, err
	}
	if windows.GetDriveType(root) == windows.DRIVE_REMOTE {
		return Volume{Name: "network drive " + name, Network: true}, nil
	}
	var serial uint32
	if err := windows.GetVolumeInformation(root, nil, 0, &serial, nil, nil, nil, 0); err != nil {
		return Volume{}, nil // a volume that does not tell its number
	}
	return Volume{ID: fmt.Sprintf("%08x", serial)}, nil
}

// BeingWritten reports whether another program still has the file open for writing: a handle that shares
// reading only is refused then, whatever the times of the file say.
func BeingWritten(path string) bool {
	p, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return false
	}
	h, err := windows.CreateFile(p, windows.GENERIC_READ, windows.FILE_SHARE_READ|windows.FILE_SHARE_DELETE, nil, windows.OPEN_EXISTING, 0, 0)
	if err != nil {
		return errors.Is(err, windows.ERROR_SHARING_VIOLATION)
	}
	windows.CloseHandle(h)
	return false
}
