//go:build !windows

package config

// systemLocale is empty: the environment has the locale.
func systemLocale() string { return "" }
