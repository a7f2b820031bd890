//go:build linux

package main

import (
	bytesof "encoding/binary"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// queueLimit is how many events the system keeps for a program that does not read them; a program gets
// the limit that holds when it starts to watch.
const queueLimit = "/proc/sys/fs/inotify/max_queued_events"

// While watch stands still more happens than the system can tell it of: the events of the dropped files
// are lost, and the files are found.
func TestEventQueueOverflows(t *testing.T) {
	s := newScene(t)
	before, err := os.ReadFile(queueLimit)
	s.check(err)
	if err := os.WriteFile(queueLimit, []byte("16"), 0o644); err != nil {
		missing(t, "the right to set "+queueLimit)
	}
	restore := func() { s.check(os.WriteFile(queueLimit, before, 0o644)) }
	t.Cleanup(restore)
	witness, err := unix.InotifyInit1(unix.IN_NONBLOCK | unix.IN_CLOEXEC)
	s.check(err)
	defer unix.Close(witness)
	_, err = unix.InotifyAddWatch(witness, s.path("inbox"), unix.IN_ALL_EVENTS)
	s.check(err)

	process, ended := s.watchUntil()
	s.dropMany(1)
	s.until("the first file is done", time.Minute, func() bool { return len(s.files("archive")) == 1 })
	restore() // watch has its limit
	drain(witness)
	s.check(process.Signal(unix.SIGSTOP))
	a, b := s.path("inbox/.a"), s.path("inbox/.b")
	s.check(os.WriteFile(a, nil, 0o666))
	for range 100 {
		s.check(os.Rename(a, b))
		s.check(os.Rename(b, a))
	}
	s.check(os.Remove(a))
	s.dropMany(20)
	if !drain(witness) {
		t.Fatal("the queue did not overflow")
	}
	s.check(process.Signal(unix.SIGCONT))
	s.until("all files are done", time.Minute, func() bool { return len(s.files("archive")) == len(s.orders) })
	words, err := os.ReadFile(s.path("words.txt"))
	s.check(err)
	if strings.Contains(string(words), "overflow") {
		t.Errorf("people are told of what is nothing to them:\n%s", words)
	}
	s.check(process.Kill())
	<-ended
	if err := s.finish(); err != nil {
		t.Fatal(err)
	}
}

// drain reads all events and reports whether some were lost.
func drain(fd int) (overflow bool) {
	buf := make([]byte, 64<<10)
	for {
		n, err := unix.Read(fd, buf)
		if err != nil || n <= 0 {
			return overflow
		}
		for at := 0; at+unix.SizeofInotifyEvent <= n; {
			mask := bytesof.NativeEndian.Uint32(buf[at+4:])
			overflow = overflow || mask&unix.IN_Q_OVERFLOW != 0
			at += unix.SizeofInotifyEvent + int(bytesof.NativeEndian.Uint32(buf[at+12:]))
		}
	}
}
