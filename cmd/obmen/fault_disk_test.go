//go:build linux

package main

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// A disk that refuses: whatever call fails, once, often or always, nothing is lost, double or half, and
// the next run without the fault ends all of it.
func TestRefusingDisk(t *testing.T) {
	if _, err := exec.LookPath("strace"); err != nil {
		missing(t, "strace (Debian: strace)")
	}
	for _, fault := range []string{
		"fsync:error=EIO:when=1", "fsync:error=EIO:when=4+5", "fsync:error=EIO",
		"pwrite64:error=EIO:when=30+11", "pwrite64:error=ENOSPC:when=50",
		"write:error=ENOSPC:when=5+3", "write:error=ENOSPC",
		"read:error=EIO:when=20+4", "read:error=EIO:when=30",
		"renameat2:error=EACCES:when=1", "renameat2:error=EACCES:when=3+2", "renameat2:error=EACCES",
		"renameat2:error=EXDEV:when=1", "renameat2:error=EXDEV:when=2+3", "renameat2:error=EXDEV",
		"renameat2:error=EINVAL", "renameat2,linkat:error=EPERM",
		"unlinkat:error=EACCES:when=2+2", "unlinkat:error=EROFS", "mkdirat:error=EROFS:when=3+2",
	} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			s := small(t)
			calls, _, _ := strings.Cut(fault, ":")
			log := s.path("strace.log")
			words, _ := s.run("strace", "-f", "-qq", "-o", log, "-e", "trace="+calls, "-e", "inject="+fault)
			text, err := os.ReadFile(log)
			s.check(err)
			if !strings.Contains(string(text), "(INJECTED)") {
				t.Fatalf("nothing was injected:\n%s", words)
			}
			if err := s.always(); err != nil {
				t.Fatalf("under the fault: %v\n%s", err, words)
			}
			if err := s.finish(); err != nil {
				t.Fatalf("without the fault: %v\nwords under it:\n%s", err, words)
			}
		})
	}
}

// missing skips a test whose tool is not there; where nothing may be skipped it fails.
func missing(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal("missing: " + what)
	}
	t.Skip("missing: " + what)
}

// mount puts a file system over a folder of the scene until the test ends.
func (s *scene) mount(folder string, args ...string) {
	s.t.Helper()
	if os.Geteuid() != 0 {
		missing(s.t, "root, to mount file systems")
	}
	if out, err := exec.Command("mount", append(args, s.path(folder))...).CombinedOutput(); err != nil {
		missing(s.t, "the right to mount: "+string(out))
	}
	s.t.Cleanup(func() { _ = unix.Unmount(s.path(folder), unix.MNT_DETACH) })
}

// On a volume of its own an outbox fills up, or can only be read; when there is room, work goes on.
func TestFullOutbox(t *testing.T) {
	s := small(t)
	s.mount("outbox", "-t", "tmpfs", "-o", "size=80m", "tmpfs")
	filler := s.path("outbox/.filler")
	s.check(os.WriteFile(filler, make([]byte, 80<<20-4096), 0o600))
	s.run()
	if err := s.always(); err != nil {
		t.Fatal(err)
	}
	if n := len(s.files("archive")); n > 0 {
		t.Errorf("%d files were done with a full outbox", n)
	}
	s.check(os.Remove(filler))
	if err := s.finish(); err != nil {
		t.Fatal(err)
	}
}

func TestReadOnlyOutbox(t *testing.T) {
	s := small(t)
	s.mount("outbox", "-t", "tmpfs", "-o", "size=80m", "tmpfs")
	s.mount("outbox", "-o", "remount,ro")
	words, code := s.run()
	if code == 0 || !strings.Contains(words, "outbox") {
		t.Errorf("code %d, and no word of the outbox:\n%s", code, words)
	}
	if err := s.always(); err != nil {
		t.Fatal(err)
	}
	s.mount("outbox", "-o", "remount,rw")
	if err := s.finish(); err != nil {
		t.Fatal(err)
	}
}

// A share that goes away under the program leaves an empty folder in its place: what lies there is none
// of the program's business, and nothing is written to it.
func TestUnmountedInbox(t *testing.T) {
	for _, folder := range []string{"inbox", "outbox"} {
		t.Run(folder, func(t *testing.T) {
			s := newScene(t)
			s.mount(folder, "-t", "tmpfs", "-o", "size=80m", "tmpfs")
			s.run()
			stop := s.start()
			s.check(unix.Unmount(s.path(folder), unix.MNT_DETACH))
			s.drop("good.json", shopOrders(1), "1")
			s.until("watch misses the folder's marker", progressPatience, func() bool {
				words, err := os.ReadFile(s.path("words.txt"))
				return err == nil && len(words) > 0
			})
			stop()
			s.run()
			if _, err := os.Stat(s.path("inbox/good.json")); err != nil {
				t.Errorf("the file was taken: %v", err)
			}
			if list := s.files("outbox", "archive", "quarantine"); len(list) > 0 {
				t.Errorf("written: %q", list)
			}
		})
	}
}

// start runs watch until stop is called, which kills it.
func (s *scene) start() (stop func()) {
	s.t.Helper()
	obmen, err := plainBinary()
	s.check(err)
	cmd := exec.Command(obmen, "watch", "--config", s.path("obmen.toml"))
	words, err := os.Create(s.path("words.txt"))
	s.check(err)
	cmd.Stderr = words
	s.check(cmd.Start())
	return func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		words.Close()
	}
}

// wait waits until so many files are in the archive.
func (s *scene) wait(files int) {
	s.t.Helper()
	s.until(fmt.Sprintf("%d files come to the archive", files), progressPatience, func() bool { return len(s.files("archive")) >= files })
}
