package jsontree

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"obmen/convert/order"
	"obmen/convert/source/input"
)

// File is one JSON file that is being read: one or more bodies, one behind the other. Never more than one order
// of it is in memory.
//
// Pointers into a file of several bodies start with the number of the body, as in an array, from the
// second body on: /orders/3 is in the first, /1/orders/3 in the second.
type File struct {
	In    input.Input
	Scan  *Scanner
	Doc   Doc    // the value read last
	Place string // what is being read, for messages

	raw    input.CountedFile
	window *window
	bodies int  // bodies begun
	whole  bool // a value was to be read whole when reading ended
}

// Open opens a file; the error is that of opening it.
func Open(in input.Input) (*File, io.ReadCloser, error) {
	f := &File{}
	f.In = f.raw.Wrap(in)
	text, err := input.OpenUnicode(f.In)
	return f, text, err
}

// Read calls body for every body of an open file, and closes it.
func (f *File) Read(ctx context.Context, text io.ReadCloser, body func() error) error {
	defer text.Close()
	f.window = &window{ctx: ctx, from: text, most: MaxOrder}
	f.Scan = NewScanner(f.window)
	defer f.Scan.Close()
	for ; ; f.bodies++ {
		f.Place = "the JSON"
		if _, err := f.NextByte(); err != nil {
			if errors.Is(err, io.EOF) && f.bodies > 0 {
				return nil
			}
			return err
		}
		if err := body(); err != nil {
			return err
		}
	}
}

// NextByte returns the byte that what comes next begins with.
func (f *File) NextByte() (byte, error) {
	f.MarkPlace()
	return f.Scan.Peek()
}

// MarkPlace begins what may have the size of one order at most.
func (f *File) MarkPlace() { f.window.mark = f.Scan.Taken() }

// ReadValue reads a value whole, into Doc.
func (f *File) ReadValue() error {
	f.MarkPlace()
	f.whole = true
	err := f.Scan.ReadValue(&f.Doc)
	f.whole = err != nil
	return err
}

// ReadList reads an array by its elements.
func (f *File) ReadList(element func() error) error {
	if err := f.Scan.Enter(); err != nil {
		return err
	}
	for {
		first, err := f.NextByte()
		if err != nil {
			return err
		}
		if first == ']' {
			f.Scan.Leave()
			return nil
		}
		if err := element(); err != nil {
			return err
		}
	}
}

// EnterPlace names the place that is being read and gives a function that names the place before it again,
// to be called where nothing went wrong.
func (f *File) EnterPlace(place string) func() {
	before := f.Place
	f.Place = place
	return func() { f.Place = before }
}

// Pointer points to what was read last.
func (f *File) Pointer() string {
	var room [64]byte
	p := room[:0]
	if f.bodies > 0 {
		p = strconv.AppendInt(append(p, '/'), int64(f.bodies), 10)
	}
	return string(f.Scan.AppendPointer(p))
}

// Error puts what ended a walk into words.
func (f *File) Error(ctx context.Context, err error) error {
	at := order.Origin{File: f.In.Name}
	if errors.Is(err, ErrBroken) && ctx.Err() == nil && f.raw.Err == nil {
		err = f.findFault(ctx)
	}
	var syntax *jsontext.SyntacticError
	switch {
	case errors.Is(err, ErrTooLarge): // without the words the decoder puts around it
		return input.NewFileError(at, ErrTooLarge, hostileHint)
	case errors.Is(err, input.ErrHostile):
		return input.NewFileError(at, err, hostileHint)
	case ctx.Err() != nil:
		return input.NewFileError(at, ctx.Err(), "run it again")
	case f.raw.Err != nil:
		return input.NewFileError(at, fmt.Errorf("read: %w", f.raw.Err), "check the disk or share the file is on")
	case errors.As(err, &syntax):
		return f.syntaxError(at, syntax)
	case errors.Is(err, ErrBroken):
		return input.NewFileError(at, err, "download it again")
	}
	return input.NewFileError(at, input.ErrEmpty, "download it again")
}

// findFault reads a file again that is no JSON, to learn what is wrong with it and where. It goes by tokens
// up to the place where reading ended, and from there on by values if a value was wanted.
func (f *File) findFault(ctx context.Context) error {
	// Half a surrogate pair is no fault, but bytes that are no UTF-8 are; jsontext has one option for both.
	valid, err := input.AllUTF8(f.In, true)
	if err != nil {
		return err
	}
	text, err := input.OpenUnicode(f.In)
	if err != nil {
		return err
	}
	defer text.Close()
	dec := jsontext.NewDecoder(&window{ctx: ctx, from: text, most: math.MaxInt64}, jsontext.AllowInvalidUTF8(valid))
	for err == nil {
		if f.whole && dec.InputOffset() >= f.window.mark {
			_, err = dec.ReadValue()
		} else {
			_, err = dec.ReadToken()
		}
	}
	if errors.Is(err, io.EOF) {
		return ErrBroken // the file is another than before
	}
	return err
}

const hostileHint = "this is no export of a shop or of Amazon; check where it comes from"

func (f *File) syntaxError(at order.Origin, e *jsontext.SyntacticError) error {
	at.Pointer = string(e.JSONPointer)
	if pointerDepth(e.JSONPointer) > MaxDepth {
		return input.NewFileError(order.Origin{File: at.File}, ErrTooDeep, hostileHint)
	}
	place := fmt.Sprintf("byte %d", f.raw.FileOffset(e.ByteOffset))
	switch {
	case errors.Is(e.Err, io.ErrUnexpectedEOF):
		at.Pointer = ""
		return input.NewFileError(at, &input.CutError{Place: f.Place, Size: f.raw.Size}, "download it again, or wait until it has been copied whole")
	case errors.Is(e.Err, jsontext.ErrDuplicateName):
		return input.NewFileError(
			at, fmt.Errorf("broken JSON at %s: the name %q twice in one object", place, input.Shorten(e.JSONPointer.LastToken())),
			"download it again; obmen does not guess which of the two is meant",
		)
	}
	return input.NewFileError(at, fmt.Errorf("broken JSON at %s: %w", place, e.Err), "download it again; files changed by hand must stay JSON in UTF-8")
}

func pointerDepth(p jsontext.Pointer) (n int) {
	for range p.Tokens() {
		n++
	}
	return n
}

// window passes a file on and stops a reader that takes in more than one order's worth without
// having understood it: a single endless value.
type window struct {
	ctx  context.Context
	from io.Reader
	most int64 // how much an order may have
	read int64
	mark int64 // where the value begins that is being read
}

func (w *window) Read(p []byte) (int, error) {
	left := w.most - (w.read - w.mark)
	if left <= 0 {
		return 0, ErrTooLarge
	}
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := w.from.Read(p[:min(int64(len(p)), left)])
	w.read += int64(n)
	return n, err
}
