package drop

import (
	"os"

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
