//go:build unix

package drop

import (
	"errors"

	"golang.org/x/sys/unix"
)

// busy errors pass by themselves: a handle of a share went stale, a lock is held for a moment.
func busy(err error) bool {
	return errors.Is(err, unix.EBUSY) || errors.Is(err, unix.ESTALE) || errors.Is(err, unix.EWOULDBLOCK)
}

func diskFull(err error) bool { return errors.Is(err, unix.ENOSPC) || errors.Is(err, unix.EDQUOT) }

func readOnly(err error) bool { return errors.Is(err, unix.EROFS) }
