//go:build !windows

package folder

import "golang.org/x/sys/unix"

// freeSpace is what an account without special rights may still write to a folder's volume, in bytes.
func freeSpace(dir string) (int64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0, err
	}
	return int64(s.Bavail) * int64(s.Bsize), nil
}
