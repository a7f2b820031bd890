//go:build !linux

package config

import "os"

// InJournal reports whether what a file gets goes into systemd's journal: it is Linux's.
func InJournal(*os.File) bool { return false }
