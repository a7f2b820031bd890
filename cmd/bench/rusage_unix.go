//go:build unix

package main

import (
	"os"
	"runtime"
	"syscall"
)

// peak is the largest memory of an ended process in bytes.
func peak(p *os.ProcessState) int64 {
	usage, ok := p.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	if runtime.GOOS == "darwin" { // bytes there, kilobytes elsewhere
		return usage.Maxrss
	}
	return usage.Maxrss << 10
}
