package drop

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"strings"
	"time"
)

// ErrNotRegular is the cause when a link, a folder, a FIFO or a device stands where a file should.
var ErrNotRegular = errors.New("not a regular file")

// Error is an operation that the disk refused. Nothing of it is visible under a published name.
type Error struct {
	Op     string // "put", "move", "sweep" …
	Path   string // the file or folder that was worked on
	Err    error
	Advice string // one line: what the user does next
}

func (e *Error) Error() string { return fmt.Sprintf("%s %q: %v", e.Op, e.Path, e.Err) }

// Hint returns the next step, one line; empty when there is none.
func (e *Error) Hint() string { return e.Advice }

func (e *Error) Unwrap() error { return e.Err }

// ExistsError refuses a name that is taken.
type ExistsError struct {
	Path   string
	Same   bool // the file under the name has the very bytes that were to be put there
	Advice string
}

func (e *ExistsError) Error() string {
	if e.Same {
		return fmt.Sprintf("put %q: the same file is there already", e.Path)
	}
	return fmt.Sprintf("put %q: another file has this name", e.Path)
}

// Hint returns the next step, one line; empty when there is none.
func (e *ExistsError) Hint() string { return e.Advice }

// Unwrap makes an ExistsError an fs.ErrExist.
func (e *ExistsError) Unwrap() error { return fs.ErrExist }

// PartialError says that a set stopped after its first file had become visible. Publishing the same set
// again completes it.
type PartialError struct {
	Visible []string // paths that are whole and can be seen, in the order of publishing
	Missing []string // paths that are not there; empty when only the last fsync of the folder was refused
	Err     error
	Advice  string
}

func (e *PartialError) Error() string {
	if len(e.Missing) == 0 {
		return fmt.Sprintf("publish %s: visible, but not known to be durable: %v", quoteAll(e.Visible), e.Err)
	}
	return fmt.Sprintf("publish %s: only %s can be seen: %v", quoteAll(e.Missing), quoteAll(e.Visible), e.Err)
}

// Hint returns the next step, one line; empty when there is none.
func (e *PartialError) Hint() string { return e.Advice }

func (e *PartialError) Unwrap() error { return e.Err }

func quoteAll(paths []string) string {
	var b strings.Builder
	for i, p := range paths {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%q", p)
	}
	return b.String()
}

// refusedBy wraps an error of the disk, once, with the hint that its cause asks for.
func refusedBy(op, path string, err error) error {
	if err == nil {
		return nil
	}
	if _, done := errors.AsType[*Error](err); done {
		return err
	}
	return &Error{Op: op, Path: path, Err: err, Advice: hintFor(err)}
}

func hintFor(err error) string {
	switch {
	case diskFull(err):
		return "free some space on this volume; work goes on once there is room"
	case readOnly(err):
		return "the volume is read-only: mount it for writing, or choose another folder"
	case errors.Is(err, fs.ErrPermission):
		return "give the account that obmen runs under the right to write here"
	case errors.Is(err, fs.ErrNotExist):
		return "check that the folder exists and that its disk or share is connected"
	case errors.Is(err, ErrNotRegular):
		return "put the file itself here, not a link or a folder"
	case busy(err):
		return "another program holds the file open; it is tried again later"
	}
	return "check the disk or share this folder is on"
}

// busyFor is how long a rename, a removal or a short lock is tried again while another program holds the
// file: virus scanners and indexers let go within seconds, 1C after it has read.
const busyFor = 30 * time.Second

// retry is retryFor with the patience that published files deserve.
func retry(ctx context.Context, op func() error) error { return retryFor(ctx, busyFor, op) }

// retryFor repeats an operation with growing, jittered waits while its error says that the file is busy.
func retryFor(ctx context.Context, patience time.Duration, op func() error) error {
	for waited, wait := time.Duration(0), time.Millisecond; ; wait *= 2 {
		err := op()
		if err == nil || !busy(err) || waited >= patience {
			return err
		}
		pause := wait/2 + rand.N(wait)
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pause):
		}
		waited += pause
		wait = min(wait, time.Second)
	}
}
