package drop_test

import (
	"syscall"

	"obmen/watch/drop"
)

// busyDisk refuses the first renames as a share does whose handle went stale.
type busyDisk struct {
	drop.FS
	times int
	after func() // called at the first refusal, when set
}

func (d *busyDisk) Rename(from, to string) error {
	if d.times == 0 {
		return d.FS.Rename(from, to)
	}
	d.times--
	if d.after != nil {
		d.after()
	}
	return syscall.EBUSY
}

// patient cancels its caller at the first rename and is busy once at every later one.
type patient struct {
	drop.FS
	cancel  func()
	renames int
}

func (d *patient) Rename(from, to string) error {
	d.renames++
	if d.renames == 2 {
		return syscall.EBUSY
	}
	d.cancel()
	return d.FS.Rename(from, to)
}
