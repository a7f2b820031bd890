package drop_test

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"obmen/watch/drop"
)

func TestLockInOneProcess(t *testing.T) {
	dir := t.TempDir()
	l, err := drop.LockDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	_, err = drop.LockDir(dir)
	locked, ok := errors.AsType[*drop.LockedError](err)
	if !ok || locked.PID != os.Getpid() || locked.Dir != dir || locked.Advice == "" {
		t.Errorf("error %#v", err)
	}
	if err := l.Release(); err != nil {
		t.Fatal(err)
	}
	l, err = drop.LockDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Release()
	if _, err := drop.LockDir(filepath.Join(dir, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing folder: %v", err)
	}
}

const holdDir = "DROP_TEST_HOLD"

// TestMain lets the test binary serve as the other process.
func TestMain(m *testing.M) {
	if dir := os.Getenv(holdDir); dir != "" {
		if _, err := drop.LockDir(dir); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println("held")
		_, _ = os.Stdin.Read(make([]byte, 1)) // until killed
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func TestLockOfAKilledProcess(t *testing.T) {
	dir := t.TempDir()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), holdDir+"="+dir)
	if _, err := cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, _, err := bufio.NewReader(out).ReadLine()
	if err != nil || string(line) != "held" {
		t.Fatalf("the other process says %q, %v", line, err)
	}
	_, err = drop.LockDir(dir)
	if locked, ok := errors.AsType[*drop.LockedError](err); !ok || locked.PID != cmd.Process.Pid {
		t.Errorf("error %v, want process %d", err, cmd.Process.Pid)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // killed
	l, err := drop.LockDir(dir)
	if err != nil {
		t.Fatalf("the holder is dead: %v", err)
	}
	_ = l.Release()
}
