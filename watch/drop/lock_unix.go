//go:build unix

package drop

import (
	"os"

	"golang.org/x/sys/unix"
)

// lockFile takes an flock without waiting; closing the file releases it. Two files of one process
// exclude each other as well, which locks of fcntl do not.
func lockFile(f *os.File) error {
	return unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
}
