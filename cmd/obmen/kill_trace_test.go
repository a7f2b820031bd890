//go:build linux

package main

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// changes are the system calls that change the disk, or make a change durable.
var changes = map[uint64]string{
	unix.SYS_RENAMEAT2: "renameat2", unix.SYS_RENAMEAT: "renameat", unix.SYS_LINKAT: "linkat", unix.SYS_UNLINKAT: "unlinkat",
	unix.SYS_MKDIRAT: "mkdirat", unix.SYS_FSYNC: "fsync", unix.SYS_FDATASYNC: "fdatasync", unix.SYS_FTRUNCATE: "ftruncate",
	unix.SYS_WRITE: "write", unix.SYS_PWRITE64: "pwrite64", unix.SYS_OPENAT: "openat",
}

// moment is the n-th call of a name, counted over all threads. The zero moment never comes.
type moment struct {
	call string
	n    int
}

// killAt runs a command and kills it as it enters a call, before that call does anything. It gives the
// calls that were entered, by name.
//
// strace counts each thread by itself and cannot tell an openat that creates, so that its n-th call is
// another one in every run of a Go program.
func killAt(cmd *exec.Cmd, at moment) (calls map[string]int, err error) {
	done := make(chan struct{})
	go func() { // the thread that starts a process is the only one that may trace it
		defer close(done)
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		calls, err = trace(cmd, at)
	}()
	<-done
	return calls, err
}

func trace(cmd *exec.Cmd, at moment) (calls map[string]int, err error) {
	calls = map[string]int{}
	cmd.SysProcAttr = &syscall.SysProcAttr{Ptrace: true, Setpgid: true}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	pid := cmd.Process.Pid
	defer cmd.Process.Release()
	var status unix.WaitStatus
	if _, err := unix.Wait4(pid, &status, unix.WALL, nil); err != nil {
		return nil, err
	}
	if err := unix.PtraceSetOptions(pid, unix.PTRACE_O_TRACESYSGOOD|unix.PTRACE_O_TRACECLONE|unix.PTRACE_O_EXITKILL); err != nil {
		return nil, err
	}
	for thread, signal := pid, 0; ; {
		_ = unix.PtraceSyscall(thread, signal) // a thread that was just killed is not there any more
		if thread, err = unix.Wait4(-pid, &status, unix.WALL|unix.WNOTHREAD, nil); err != nil {
			return calls, fmt.Errorf("wait: %w", err)
		}
		if signal = 0; !status.Stopped() {
			if thread == pid {
				return calls, nil
			}
			continue
		}
		switch stop := status.StopSignal(); stop {
		case unix.SIGTRAP | 0x80:
			if name := entered(thread); name != "" {
				if calls[name]++; name == at.call && calls[name] == at.n {
					_ = unix.Kill(pid, unix.SIGKILL)
				}
			}
		case unix.SIGTRAP, unix.SIGSTOP: // a thread begins
		default:
			signal = int(stop)
		}
	}
}

// callInfo is the kernel's struct ptrace_syscall_info at the entry of a call.
type callInfo struct {
	op     uint8
	_      [3]uint8
	_      uint32 // architecture
	_, _   uint64 // instruction and stack pointers
	number uint64
	args   [6]uint64
}

// entered names the changing call that a thread is about to make; empty for any other, and on the way out.
func entered(thread int) string {
	const getCallInfo, entry = 0x420e, 1
	var info callInfo
	_, _, errno := unix.Syscall6(unix.SYS_PTRACE, getCallInfo, uintptr(thread), unsafe.Sizeof(info), uintptr(unsafe.Pointer(&info)), 0, 0)
	if errno != 0 || info.op != entry {
		return ""
	}
	if info.number == unix.SYS_OPENAT && info.args[2]&(unix.O_CREAT|unix.O_TRUNC) == 0 {
		return ""
	}
	if info.number == unix.SYS_WRITE && info.args[0] <= uint64(os.Stderr.Fd()) {
		return ""
	}
	return changes[info.number]
}
