package drop

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// LockName is the lock file in a locked folder. It stays when the lock is released: removing it would
// let two programs each hold a lock of their own.
const LockName = "obmen.lock"

// LockedError says that another obmen holds a folder.
type LockedError struct {
	Dir    string
	PID    int // 0 when the lock file does not tell
	Advice string
}

func (e *LockedError) Error() string {
	if e.PID == 0 {
		return fmt.Sprintf("lock %q: another obmen works here", e.Dir)
	}
	return fmt.Sprintf("lock %q: another obmen works here, process %d", e.Dir, e.PID)
}

// Hint returns the next step, one line; empty when there is none.
func (e *LockedError) Hint() string { return e.Advice }

// Lock is a folder held by this process. The system lets go of it when the process ends, however it
// ends. It is sure on a local disk only; a share may lose it when its connection breaks.
type Lock struct{ f *os.File }

// LockDir takes a folder for this process alone, without waiting: a *LockedError when it is held.
func LockDir(dir string) (*Lock, error) {
	path := filepath.Join(dir, LockName)
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, refusedBy("lock", dir, err)
	}
	GiveToOwner(path)
	if err := lockFile(f); err != nil {
		_ = f.Close()
		if !busy(err) {
			return nil, refusedBy("lock", dir, err)
		}
		return nil, &LockedError{dir, readPID(path), "stop the other one first, or give this one its own state folder"}
	}
	l := &Lock{f}
	if err := l.writePID(); err != nil {
		_ = f.Close()
		return nil, refusedBy("lock", dir, err)
	}
	return l, nil
}

// Release lets go of the folder.
func (l *Lock) Release() error { return l.f.Close() }

func (l *Lock) writePID() error {
	if err := l.f.Truncate(0); err != nil {
		return err
	}
	_, err := l.f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	return err
}

func readPID(path string) int {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0 // the message does without it
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return 0
	}
	return pid
}
