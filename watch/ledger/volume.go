package ledger

import "obmen/watch/drop"

// CheckVolume refuses folders where SQLite's write-ahead log is not safe: it needs memory that all
// processes share, which a file system of another computer cannot give.
func CheckVolume(dir string, opt Options) error {
	v, err := drop.VolumeOf(dir)
	if err != nil {
		return &Error{Op: "open", Path: dir, Err: err, Advice: hintFor(err)}
	}
	return refuseVolume(dir, v, opt)
}

func refuseVolume(dir string, v drop.Volume, opt Options) error {
	if v.Network {
		return &VolumeError{dir, v.Name, "choose a state folder on a disk of this computer; inbox and outbox may stay on the share"}
	}
	if v.FUSE && !opt.AllowFUSE {
		return &VolumeError{dir, v.Name, "choose a state folder on a disk of this computer, or allow FUSE in the settings if this is one"}
	}
	return nil
}
