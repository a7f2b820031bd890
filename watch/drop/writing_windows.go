package drop

import (
	"errors"

	"golang.org/x/sys/windows"
)

// BeingWritten says whether another program still has the file open for writing: a handle that shares
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
