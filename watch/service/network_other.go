//go:build !windows

package service

// NetworkPath returns the path without a drive letter of a network drive: those are Windows's.
func NetworkPath(string) (unc string, drive bool) { return "", false }
