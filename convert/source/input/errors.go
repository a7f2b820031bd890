package input

import (
	"errors"
	"fmt"
	"strings"

	"obmen/convert/order"
)

// RowError refuses one order and lets the file go on.
type RowError struct {
	Order   string // id of the refused order, when it was found
	Account string // that the file names for it
	At      order.Origin
	Field   string // as the source spells it
	Value   string // as found, shortened to 80 bytes; never a buyer's name or address
	Err     error
	Advice  string // one line: what the user does next
}

func (e *RowError) Error() string { return e.At.String() + ": " + e.Text() }

// Text returns the error without its place.
func (e *RowError) Text() string {
	var b strings.Builder
	if e.Field != "" {
		fmt.Fprintf(&b, "%s %q: ", e.Field, Shorten(e.Value))
	}
	b.WriteString(e.Err.Error())
	return b.String()
}

func (e *RowError) Unwrap() error { return e.Err }

// Hint returns what the user does next, in one line.
func (e *RowError) Hint() string { return e.Advice }

// FileError refuses a whole file, or what is left of it.
type FileError struct {
	At     order.Origin
	Err    error
	Advice string // one line: what the user does next
}

// NewFileError refuses the file at a place in it.
func NewFileError(at order.Origin, err error, hint string) *FileError {
	return &FileError{At: at, Err: err, Advice: hint}
}

func (e *FileError) Error() string { return e.At.String() + ": " + e.Err.Error() }

func (e *FileError) Unwrap() error { return e.Err }

// Hint returns what the user does next, in one line.
func (e *FileError) Hint() string { return e.Advice }

// Reasons to refuse a file, for errors.Is.
var (
	ErrUnknown   = errors.New("not an order file that obmen knows")
	ErrNotOrders = errors.New("not orders")              // a known kind of file that holds no orders
	ErrTruncated = errors.New("ends in the middle")      // a file that is being copied may still grow
	ErrEmpty     = errors.New("the file is empty")       //
	ErrHostile   = errors.New("like no real order file") // a depth, length or entity limit was hit
)

// CutError reports where a file ends too early. It is an ErrTruncated.
type CutError struct {
	Place string
	Size  int64 // of the file, in bytes
}

func (e *CutError) Error() string { return fmt.Sprintf("ends inside %s at byte %d", e.Place, e.Size) }

func (e *CutError) Unwrap() error { return ErrTruncated }

// Shorten cuts a value for a message to 80 bytes, at the edge of a character.
func Shorten(s string) string {
	const most = 80
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}

// hintedError is an error of a cell or a value with its cure.
type hintedError struct {
	error
	hint string
}

func (e hintedError) Unwrap() error { return e.error }

func (e hintedError) Hint() string { return e.hint }

// WithHint adds the cure to an error.
func WithHint(err error, hint string) error { return hintedError{err, hint} }

// HintCell is the cure of most unreadable cells.
const HintCell = "correct the cell in the file as it was downloaded and drop it again; its other orders are done"

// HintOf returns the cure that an error brings along, or HintCell.
func HintOf(err error) string {
	if h, ok := errors.AsType[hintedError](err); ok {
		return h.hint
	}
	return HintCell
}
