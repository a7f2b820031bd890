package service

import (
	"path/filepath"
	"unsafe"

	"golang.org/x/sys/windows"
)

var getConnection = windows.NewLazySystemDLL("mpr.dll").NewProc("WNetGetConnectionW")

// NetworkPath returns the \\SERVER\SHARE path of one that begins with the letter of a network drive. A person's
// letters are not there for a service: each login has its own. unc is empty where Windows does not tell.
func NetworkPath(path string) (unc string, drive bool) {
	letter := filepath.VolumeName(path)
	if len(letter) != 2 {
		return "", false
	}
	root, err := windows.UTF16PtrFromString(letter + `\`)
	if err != nil || windows.GetDriveType(root) != windows.DRIVE_REMOTE {
		return "", false
	}
	name, err := windows.UTF16PtrFromString(letter)
	if err != nil {
		return "", true
	}
	buf := make([]uint16, windows.MAX_LONG_PATH)
	size := uint32(len(buf))
	if failed, _, _ := getConnection.Call(uintptr(unsafe.Pointer(name)), uintptr(unsafe.Pointer(&buf[0])), uintptr(unsafe.Pointer(&size))); failed != 0 {
		return "", true
	}
	return windows.UTF16ToString(buf) + path[len(letter):], true
}
