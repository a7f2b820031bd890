package drop

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// SizeError refuses a file that is larger than what it is used for ever is.
type SizeError struct {
	Path   string
	Limit  int64 // bytes
	Advice string
}

func (e *SizeError) Error() string {
	return fmt.Sprintf("%s is larger than %d bytes", e.Path, e.Limit)
}

// Hint returns the next step, one line; empty when there is none.
func (e *SizeError) Hint() string { return e.Advice }

// ReadFile returns all of a small file; a *SizeError when it has more than limit bytes.
func ReadFile(disk FS, path string, limit int64) ([]byte, error) {
	r, err := disk.Open(path)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return ReadAll(r, path, limit)
}

// ReadAll returns all that r has; a *SizeError that names path when that is more than limit bytes.
func ReadAll(r io.Reader, path string, limit int64) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err == nil && int64(len(text)) > limit {
		return nil, &SizeError{path, limit, sizeAdvice}
	}
	return text, err
}

// ReadSmall returns all of a small file that a person or another program may have put there. It follows a link, but
// neither waits for a FIFO nor reads a device (ErrNotRegular); a *SizeError when the file has more than limit bytes.
func ReadSmall(path string, limit int64) ([]byte, error) {
	f, err := OpenRegular(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.Size() > limit { // without reading it
		return nil, &SizeError{path, limit, sizeAdvice}
	}
	return ReadAll(f, path, limit)
}

// OpenRegular opens a file that a person named. It follows a link; ErrNotRegular refuses what is no file.
func OpenRegular(path string) (*os.File, error) {
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		err = refusedBy("read", path, fmt.Errorf("%w: %s", ErrNotRegular, kindOf(info.Mode())))
	}
	if err != nil {
		return nil, err
	}
	return os.Open(path)
}

const sizeAdvice = "look what wrote it, and remove it"

// WriteNewFile makes a small file that is not there yet, durable with its name.
func WriteNewFile(disk FS, path, text string, mode fs.FileMode) error {
	f, err := disk.Create(path, mode)
	if err != nil {
		return err
	}
	_, err = io.WriteString(f, text)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return disk.SyncDir(filepath.Dir(path))
}

// RemoveIfExists removes a file; a missing one is no error.
func RemoveIfExists(disk FS, path string) error {
	if err := disk.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// ErrChanging reports that a file changed while its bytes were copied.
var ErrChanging = errors.New("the file changes while it is read")

// CopySteady copies a file that must not change meanwhile: ErrChanging otherwise.
func CopySteady(disk FS, to io.Writer, path string) error {
	before, err := disk.Observe(path)
	if err != nil {
		return err
	}
	if err := copyFile(disk, to, path); err != nil {
		return err
	}
	after, err := disk.Observe(path)
	if err == nil && before != after {
		err = ErrChanging
	}
	return err
}

func copyFile(disk FS, to io.Writer, path string) error {
	r, err := disk.Open(path)
	if err != nil {
		return err
	}
	defer r.Close()
	_, err = io.Copy(to, r)
	return err
}

// Observations is how many equal looks at a thing, spread over the settle time, call it complete.
const Observations = 3

// Steady reports when something has stopped changing. Only what is seen counts: the times of files come from
// other clocks, and a copy may keep an old one.
type Steady[T comparable] struct {
	last  T
	since time.Time // monotonic: when last was first seen
	looks int
}

// Look notes one more look, and reports whether it differs from the one before.
func (s *Steady[T]) Look(now T) (changed bool) {
	if s.looks > 0 && s.last == now {
		s.looks++
		return false
	}
	s.last, s.since, s.looks = now, time.Now(), 1
	return true
}

// New reports whether the last look was the first of its kind.
func (s *Steady[T]) New() bool { return s.looks == 1 }

// For reports whether enough looks were equal, and spread over that time.
func (s *Steady[T]) For(settle time.Duration) bool {
	return s.looks >= Observations && time.Since(s.since) >= settle
}
