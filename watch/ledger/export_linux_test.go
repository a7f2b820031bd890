package ledger

// RefuseVolume is what Open does with a folder whose file system has the magic number: a test cannot
// mount one of each.
func RefuseVolume(magic uint32, opt Options) error { return kinds[magic].refuse("state", opt) }
