//go:build !windows

package service

import "log/slog"

// IsService reports whether the program was started by the service manager of Windows.
func IsService() bool { return false }

// Run runs a program as a Windows service; elsewhere it only runs it.
func Run(run func(stop <-chan struct{}) int, _ func(code int)) int { return run(nil) }

// EventLog returns the event log of Windows; nil elsewhere.
func EventLog() slog.Handler { return nil }
