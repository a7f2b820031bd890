//go:build linux

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// frozenRoutes are a route on the disk that freezes, and one that has another.
const frozenRoutes = `[watch]
settle = "300ms"
free_space_mb = 1
[[route]]
name = "main"
inbox = "inbox"
outbox = "outbox"
[[route]]
name = "other"
inbox = "other"
outbox = "1c"
`

// frozenScene has inbox and outbox on a small disk of their own, and a second route beside it.
func frozenScene(t *testing.T) *scene {
	t.Helper()
	for _, tool := range []string{"mkfs.ext4", "fsfreeze", "mount"} {
		if _, err := exec.LookPath(tool); err != nil {
			missing(t, tool+" (Debian: e2fsprogs, util-linux, mount)")
		}
	}
	s := newScene(t)
	s.write("obmen.toml", frozenRoutes)
	for _, name := range []string{"disk", "other"} {
		s.check(os.Mkdir(s.path(name), 0o777))
	}
	s.write("disk.img", "")
	s.check(os.Truncate(s.path("disk.img"), 64<<20))
	s.call("mkfs.ext4", "-q", "-F", s.path("disk.img"))
	s.mount("disk", "-o", "loop", s.path("disk.img"))
	for _, name := range []string{"inbox", "outbox"} {
		s.check(os.Mkdir(s.path("disk/"+name), 0o777))
		s.mount(name, "--bind", s.path("disk/"+name))
	}
	return s
}

func (s *scene) call(name string, args ...string) {
	s.t.Helper()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		s.t.Fatalf("%s: %v\n%s", name, err, out)
	}
}

// freeze stops all writing to the disk, in the middle of whatever is written, until thaw is called.
func (s *scene) freeze() (thaw func()) {
	s.t.Helper()
	s.call("fsfreeze", "-f", s.path("disk"))
	frozen := true
	thaw = func() {
		if frozen {
			frozen = false
			s.call("fsfreeze", "-u", s.path("disk"))
		}
	}
	s.t.Cleanup(thaw)
	return thaw
}

// freezeAt drops files and freezes the disk before the program, which stands still meanwhile, can see them.
func (s *scene) freezeAt(process *os.Process, files int) (thaw func()) {
	s.t.Helper()
	s.check(process.Signal(unix.SIGSTOP))
	s.dropMany(files)
	thaw = s.freeze()
	s.check(process.Signal(unix.SIGCONT))
	return thaw
}

// hangs reports whether a thread of a process waits for a disk, which no signal can end.
func hangs(pid int) bool {
	threads, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", pid))
	for _, path := range threads {
		text, err := os.ReadFile(path)
		if _, state, found := strings.Cut(string(text), ") "); err == nil && found && strings.HasPrefix(state, "D") {
			return true
		}
	}
	return false
}

// dropMany puts files into the inbox, the next numbers after those dropped before.
func (s *scene) dropMany(files int) {
	s.t.Helper()
	for range files {
		n := len(s.orders) + 1
		s.drop(fmt.Sprintf("%d.json", n), shopOrders(n), fmt.Sprint(n))
	}
}

// watchUntil starts watch; its end comes through the channel.
func (s *scene) watchUntil() (process *os.Process, ended <-chan error) {
	s.t.Helper()
	obmen, err := plainBinary()
	s.check(err)
	words, err := os.OpenFile(s.path("words.txt"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o666)
	s.check(err)
	cmd := exec.Command(obmen, "watch", "--config", s.path("obmen.toml"))
	cmd.Stderr = words
	s.check(cmd.Start())
	done := make(chan error, 1)
	go func() {
		done <- cmd.Wait()
		words.Close()
	}()
	s.t.Cleanup(func() { _ = cmd.Process.Kill() })
	return cmd.Process, done
}

// until waits until something holds.
func (s *scene) until(what string, patience time.Duration, ok func() bool) {
	s.t.Helper()
	for start := time.Now(); !ok(); time.Sleep(time.Millisecond) {
		if time.Since(start) > patience {
			words, _ := os.ReadFile(s.path("words.txt"))
			s.t.Fatalf("not within %s: %s\n%s", patience, what, words)
		}
	}
}

// count is how many files match.
func (s *scene) count(pattern string) int {
	paths, err := filepath.Glob(s.path(pattern))
	s.check(err)
	return len(paths)
}

// status asks whether the watcher runs, and how many files of the first route are not done.
func (s *scene) status() (running bool, waiting int) {
	s.t.Helper()
	obmen, err := plainBinary()
	s.check(err)
	ctx, stop := context.WithTimeout(s.t.Context(), progressPatience)
	defer stop()
	out, err := exec.CommandContext(ctx, obmen, "status", "--json", "--config", s.path("obmen.toml")).Output()
	s.check(err)
	var status struct {
		Running bool
		Files   []struct{ Route, State string }
	}
	s.check(json.Unmarshal(out, &status))
	for _, f := range status.Files {
		if f.Route == "main" && f.State != "done" {
			waiting++
		}
	}
	return status.Running, waiting
}

// firstDone lets watch do one file, until the ledger knows it too.
func (s *scene) firstDone() {
	s.t.Helper()
	s.dropMany(1)
	s.until("the first file is done", progressPatience, func() bool {
		if len(s.files("archive")) != 1 {
			return false
		}
		_, waiting := s.status()
		return waiting == 0
	})
}

// A disk that freezes keeps its route waiting and nothing else: status answers, the other route
// publishes, and when the disk goes on everything comes out once.
func TestFrozenDisk(t *testing.T) {
	s := frozenScene(t)
	process, ended := s.watchUntil()
	s.firstDone()
	thaw := s.freezeAt(process, 30)
	s.dropOther()
	s.until("the other route publishes", progressPatience, func() bool { return s.count("1c/*.xml") == 1 })
	if n := s.count("outbox/*.xml"); n != 1 {
		t.Fatalf("%d files published on a disk that is frozen", n)
	}
	if running, waiting := s.status(); !running || waiting != 30 {
		t.Errorf("status: running %t, %d files wait, want 30", running, waiting)
	}
	select {
	case err := <-ended:
		t.Fatalf("watch ended: %v", err)
	default:
	}
	thaw()
	s.until("all files are done", progressPatience, func() bool { return len(s.files("archive")) == len(s.orders) })
	s.check(process.Kill())
	<-ended
	if err := s.finish(); err != nil {
		t.Error(err)
	}
}

// dropOther gives the other route its file.
func (s *scene) dropOther() {
	s.t.Helper()
	n := len(s.orders) + 1
	text := shopOrders(n)
	s.write("other/other.json", text)
	s.drops[hash(text)]++
	s.orders = append(s.orders, fmt.Sprint(n))
}

// Ctrl-C does not wait for a frozen disk longer than the grace time. A thread that the system itself holds
// may keep the process in the table until the disk goes on; obmen has said its word and does nothing more.
func TestInterruptedOnAFrozenDisk(t *testing.T) {
	s := frozenScene(t)
	process, ended := s.watchUntil()
	s.firstDone()
	thaw := s.freezeAt(process, 30)
	s.until("a thread of watch hangs on the disk", progressPatience, func() bool { return hangs(process.Pid) })
	start := time.Now()
	s.check(process.Signal(unix.SIGINT))
	s.until("watch says that it ends", progressPatience, func() bool {
		words, err := os.ReadFile(s.path("words.txt"))
		return err == nil && strings.Contains(string(words), "ended while waiting for")
	})
	t.Logf("ended after %s", time.Since(start).Round(time.Millisecond))
	select {
	case <-ended:
		t.Log("the process is gone while the disk is frozen")
		thaw()
	case <-time.After(time.Second):
		t.Log("the system keeps the process while the disk is frozen")
		thaw()
		select {
		case <-ended:
		case <-time.After(progressPatience):
			t.Fatal("the process stays although the disk goes on")
		}
	}
	if err := s.always(); err != nil {
		t.Error(err)
	}
	if err := s.finish(); err != nil {
		t.Fatal(err)
	}
}
