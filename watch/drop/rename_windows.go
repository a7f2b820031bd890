package drop

import (
	"errors"

	"golang.org/x/sys/windows"
)

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
