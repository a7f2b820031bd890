//go:build unix

package watch

import "io/fs"

// exposed says whether other accounts may do anything with a file.
func exposed(mode fs.FileMode) bool { return mode.Perm()&0o077 != 0 }
