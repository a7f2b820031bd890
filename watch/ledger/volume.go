package ledger

import "path/filepath"

// kind is what is known of the file system of a folder.
type kind struct {
	name          string // as the system calls it
	network, fuse bool
}

// checkVolume refuses folders where SQLite's write-ahead log is not safe: it needs memory that all
// processes share, which a file system of another computer cannot give (facts, filedrop 4).
func checkVolume(dir string, opt Options) error {
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	k, err := volume(dir)
	if err != nil {
		return &Error{Op: "open", Path: dir, Err: err, Hint: hint(err)}
	}
	return k.refuse(dir, opt)
}

func (k kind) refuse(dir string, opt Options) error {
	if k.network {
		return &VolumeError{dir, k.name, "choose a state folder on a disk of this computer; inbox and outbox may stay on the share"}
	}
	if k.fuse && !opt.AllowFUSE {
		return &VolumeError{dir, k.name, "choose a state folder on a disk of this computer, or allow FUSE in the settings if this is one"}
	}
	return nil
}
