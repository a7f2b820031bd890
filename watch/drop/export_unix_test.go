//go:build unix

package drop

// The lower rungs of the ladder, which the file systems of most test machines never need.
var (
	RenameByLink    = renameByLink
	RenameUnderLock = renameUnderLock
	Happened        = wasRenamed
)
