package drop

import "path/filepath"

// Volume is what is known of the file system of a folder. The zero value is a disk of this computer, as
// far as the system tells.
type Volume struct {
	Name    string // as the system calls it; empty for a disk of this computer
	Network bool
	FUSE    bool // it may be a local disk (NTFS, exFAT) or another computer's (sshfs, rclone)

	// ID stays the same when the computer starts again; empty where the system has no such number. It
	// is not that of an Observation, which every mount may change.
	ID string
}

// Remote reports whether other computers may write there without this one's noticing: events of changes do
// not come, and what was written is sure only when it was read again (facts, filedrop 3 and 4).
func (v Volume) Remote() bool { return v.Network || v.FUSE }

// VolumeOf tells the file system that a folder, or what its link leads to, is on.
func VolumeOf(dir string) (Volume, error) {
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	return volume(dir)
}
