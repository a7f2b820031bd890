package drop

import "golang.org/x/sys/unix"

// begin starts to write a file out without waiting for the disk. It is only a hint: whatever comes of it,
// Sync tells.
func (f osFile) begin() {
	if Durable {
		_ = unix.SyncFileRange(int(f.Fd()), 0, 0, unix.SYNC_FILE_RANGE_WRITE)
	}
}
