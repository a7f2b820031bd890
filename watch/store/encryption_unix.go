//go:build unix

package store

import "io/fs"

// exposed reports whether other accounts may do anything with a file.
func exposed(mode fs.FileMode) bool { return mode.Perm()&0o077 != 0 }
