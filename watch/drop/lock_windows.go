package drop

import (
	"os"

	"golang.org/x/sys/windows"
)

// lockFile locks one byte far behind the end: locks of Windows keep others from reading what is
// locked, and the holder's number at the beginning is there to be read.
func lockFile(f *os.File) error {
	const flags = windows.LOCKFILE_EXCLUSIVE_LOCK | windows.LOCKFILE_FAIL_IMMEDIATELY
	return windows.LockFileEx(windows.Handle(f.Fd()), flags, 0, 1, 0, &windows.Overlapped{OffsetHigh: 1 << 30})
}
