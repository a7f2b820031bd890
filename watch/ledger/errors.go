package ledger

import (
	"errors"
	"fmt"
	"time"

	"obmen/watch/ledger/postgres"
)

// ErrDone is the cause when a file's bytes were finished before; the error is a *DoneError.
var ErrDone = errors.New("the same bytes are done already")

// ErrBusy is the cause when this process works on the same bytes just now.
var ErrBusy = errors.New("the same bytes are being worked on")

// Error is a ledger that could not be read or written. What was under way is undone.
type Error struct {
	Op     string // "open", "read", "write" …
	Path   string // the ledger
	Err    error
	Advice string // one line: what the user does next

	corrupt, temporary bool
}

func (e *Error) Error() string { return fmt.Sprintf("%s ledger %q: %v", e.Op, e.Path, e.Err) }

// Hint returns the next step, one line; empty when there is none.
func (e *Error) Hint() string { return e.Advice }

func (e *Error) Unwrap() error { return e.Err }

// Temporary says that the same call may succeed later: the disk is full or failed, or another process writes.
func (e *Error) Temporary() bool { return e.temporary }

// Corrupt says that the ledger is damaged and must be rebuilt.
func (e *Error) Corrupt() bool { return e.corrupt }

// DoneError refuses a file whose bytes were finished before.
type DoneError struct {
	Name   string     // of the file that was refused
	First  FileRecord // the name they came with first, and when they were finished
	Advice string
}

func (e *DoneError) Error() string {
	return fmt.Sprintf("begin %q: the same bytes were finished as %q at %s", e.Name, e.First.Name, e.First.Ended.Format(time.RFC3339))
}

// Hint returns the next step, one line; empty when there is none.
func (e *DoneError) Hint() string { return e.Advice }

// Unwrap makes a DoneError an ErrDone.
func (e *DoneError) Unwrap() error { return ErrDone }

// PoisonError refuses a file that has killed the program MaxCrashes times.
type PoisonError struct {
	File    FileRecord
	Crashes int
	Advice  string
}

func (e *PoisonError) Error() string {
	return fmt.Sprintf("begin %q: %d attempts at it never ended: the program was killed each time", e.File.Name, e.Crashes)
}

// Hint returns the next step, one line; empty when there is none.
func (e *PoisonError) Hint() string { return e.Advice }

// StaleError refuses to end a work that has been overtaken by another attempt at the same file.
type StaleError struct {
	File    File
	Attempt int
	Advice  string
}

func (e *StaleError) Error() string {
	return fmt.Sprintf("end attempt %d at %q: the file was begun again or requeued since", e.Attempt, e.File.Name)
}

// Hint returns the next step, one line; empty when there is none.
func (e *StaleError) Hint() string { return e.Advice }

// DoubledError refuses to plan a set with an order whose very revision is in another set.
type DoubledError struct {
	Key    Key
	Stem   string // of the set that was refused
	Other  string // stem of the set that has the order
	State  SetState
	Advice string
}

func (e *DoubledError) Error() string {
	return fmt.Sprintf("plan %q: order %q has this revision in set %q (%s)", e.Stem, e.Key.Order, e.Other, e.State)
}

// Hint returns the next step, one line; empty when there is none.
func (e *DoubledError) Hint() string { return e.Advice }

// DismissedError refuses to plan a set with an order that a person has dismissed since the set was begun. The
// same files, read again, leave it out.
type DismissedError struct {
	Key  Key
	Stem string // of the set that was refused
}

func (e *DismissedError) Error() string {
	return fmt.Sprintf("plan %q: order %q was dismissed meanwhile", e.Stem, e.Key.Order)
}

// OutgoingError refuses to dismiss an order that is about to become visible.
type OutgoingError struct {
	Key    Key
	Stem   string // of its set
	Advice string
}

func (e *OutgoingError) Error() string {
	return fmt.Sprintf("dismiss %q: the order is going out in %s just now", e.Key.Order, e.Stem)
}

// Hint returns the next step, one line; empty when there is none.
func (e *OutgoingError) Hint() string { return e.Advice }

// StateError refuses a step that a set cannot take.
type StateError struct {
	Stem     string
	From, To SetState
	Advice   string
}

func (e *StateError) Error() string {
	return fmt.Sprintf("set %q is %s, cannot become %s", e.Stem, e.From, e.To)
}

// Hint returns the next step, one line; empty when there is none.
func (e *StateError) Hint() string { return e.Advice }

// UnknownError refuses a name that is not in the ledger.
type UnknownError struct {
	What, Name string // "set", "stem-1"
	Advice     string
}

func (e *UnknownError) Error() string { return fmt.Sprintf("no %s %q in the ledger", e.What, e.Name) }

// Hint returns the next step, one line; empty when there is none.
func (e *UnknownError) Hint() string { return e.Advice }

// NewerError refuses a ledger whose schema a newer program has written.
type NewerError struct {
	Path          string
	Schema, Known int // its version, and the newest this program knows
	Advice        string
}

func (e *NewerError) Error() string {
	return fmt.Sprintf("open ledger %q: its schema has version %d, this program knows versions up to %d", e.Path, e.Schema, e.Known)
}

// Hint returns the next step, one line; empty when there is none.
func (e *NewerError) Hint() string { return e.Advice }

// VolumeError refuses a folder on a disk that cannot keep a ledger.
type VolumeError struct {
	Dir, Kind string // Kind as the system calls it: "nfs", "cifs"
	Advice    string
}

func (e *VolumeError) Error() string {
	return fmt.Sprintf("open ledger in %q: the folder is on a network file system (%s), where a write-ahead log is not safe", e.Dir, e.Kind)
}

// Hint returns the next step, one line; empty when there is none.
func (e *VolumeError) Hint() string { return e.Advice }

// isOwn reports whether an error tells all that there is to tell.
func isOwn(err error) bool {
	_, done := errors.AsType[*Error](err)
	_, newer := errors.AsType[*NewerError](err)
	_, fenced := errors.AsType[*postgres.FencedError](err)
	_, address := errors.AsType[*postgres.AddressError](err)
	return done || newer || fenced || address
}
