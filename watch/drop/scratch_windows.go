package drop

import (
	"os"

	"golang.org/x/sys/windows"
)

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
