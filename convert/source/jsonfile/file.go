package jsonfile

import (
	"context"
	"errors"
	"io"
	"strconv"

	"obmen/convert/source/input"
	"obmen/convert/source/jsontree"
)

// File is one JSON file that is being read: one or more bodies, one behind the other. Never more than one order
// of it is in memory.
//
// Pointers into a file of several bodies start with the number of the body, as in an array, from the
// second body on: /orders/3 is in the first, /1/orders/3 in the second.
type File struct {
	In    input.Input
	Scan  *jsontree.Scanner
	Doc   jsontree.Doc // the value read last
	Place string       // what is being read, for messages

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
	f.window = &window{ctx: ctx, from: text, most: jsontree.MaxOrder}
	f.Scan = jsontree.NewScanner(f.window)
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
