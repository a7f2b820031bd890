package source

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/go-json-experiment/json/jsontext"

	"obmen/convert/order"
)

var (
	ErrTooLarge = fmt.Errorf("%w: an order of more than %d MiB", ErrHostile, MaxOrder>>20)
	ErrTooDeep  = fmt.Errorf("%w: nested more than %d deep", ErrHostile, MaxDepth)
)

// CutError says where a file ends too early. It is an ErrTruncated.
type CutError struct {
	place string
	at    int64 // length of the file in bytes
}

func (e *CutError) Error() string { return fmt.Sprintf("ends inside %s at byte %d", e.place, e.at) }

func (e *CutError) Unwrap() error { return ErrTruncated }

// fileError puts what ended a walk into words.
func (r *jsonReader) fileError(ctx context.Context, err error) error {
	at := order.Origin{File: r.in.Name}
	if errors.Is(err, ErrBroken) && ctx.Err() == nil && r.raw.err == nil {
		err = r.findFault(ctx)
	}
	var syntax *jsontext.SyntacticError
	switch {
	case errors.Is(err, ErrTooLarge): // without the words the decoder puts around it
		return &FileError{at, ErrTooLarge, hostileHint}
	case errors.Is(err, ErrHostile):
		return &FileError{at, err, hostileHint}
	case ctx.Err() != nil:
		return &FileError{at, ctx.Err(), "run it again"}
	case r.raw.err != nil:
		return &FileError{at, fmt.Errorf("read: %w", r.raw.err), "check the disk or share the file is on"}
	case errors.As(err, &syntax):
		return r.syntaxError(at, syntax)
	case errors.Is(err, ErrBroken):
		return &FileError{at, err, "download it again"}
	}
	return &FileError{at, ErrEmpty, "download it again"}
}

// findFault reads a file again that is no JSON, to learn what is wrong with it and where. It goes by tokens
// up to the place where reading ended, and from there on by values if a value was wanted.
func (r *jsonReader) findFault(ctx context.Context) error {
	text, err := OpenUnicode(r.in)
	if err != nil {
		return err
	}
	defer text.Close()
	dec := jsontext.NewDecoder(&orderWindow{ctx: ctx, from: text, most: math.MaxInt64})
	for err == nil {
		if r.whole && dec.InputOffset() >= r.window.mark {
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

func (r *jsonReader) syntaxError(at order.Origin, e *jsontext.SyntacticError) error {
	at.Pointer = string(e.JSONPointer)
	if pointerDepth(e.JSONPointer) > MaxDepth {
		return &FileError{order.Origin{File: at.File}, ErrTooDeep, hostileHint}
	}
	place := fmt.Sprintf("byte %d", r.raw.FileOffset(e.ByteOffset))
	switch {
	case errors.Is(e.Err, io.ErrUnexpectedEOF):
		at.Pointer = ""
		return &FileError{at, &CutError{r.place, r.raw.size}, "download it again, or wait until it has been copied whole"}
	case errors.Is(e.Err, jsontext.ErrDuplicateName):
		return &FileError{
			at, fmt.Errorf("broken JSON at %s: the name %q twice in one object", place, Shorten(e.JSONPointer.LastToken())),
			"download it again; obmen does not guess which of the two is meant",
		}
	}
	return &FileError{at, fmt.Errorf("broken JSON at %s: %w", place, e.Err), "download it again; files changed by hand must stay JSON in UTF-8"}
}

func pointerDepth(p jsontext.Pointer) (n int) {
	for range p.Tokens() {
		n++
	}
	return n
}

// orderWindow passes a file on and stops a reader that takes in more than one order's worth without
// having understood it: a single endless value.
type orderWindow struct {
	ctx  context.Context
	from io.Reader
	most int64 // how much an order may have
	read int64
	mark int64 // where the value begins that is being read
}

func (w *orderWindow) Read(p []byte) (int, error) {
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

// CountedFile counts the bytes of a file before they are decoded, and keeps the error that ended it.
type CountedFile struct {
	io.ReadCloser
	size int64
	head []byte
	err  error
}

// Wrap gives the input whose bytes are counted.
func (c *CountedFile) Wrap(in Input) Input {
	open := in.Open
	in.Open = func() (io.ReadCloser, error) {
		f, err := open()
		if err != nil {
			return nil, err
		}
		*c = CountedFile{ReadCloser: f}
		return c, nil
	}
	return in
}

func (c *CountedFile) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	c.size += int64(n)
	if len(c.head) < 3 {
		c.head = append(c.head, p[:min(n, 3)]...)
	}
	if err != nil && err != io.EOF {
		c.err = err
	}
	return n, err
}

// FileOffset turns an offset in the decoded text into one in the file. It is exact for UTF-8; of UTF-16
// text it counts two bytes a character.
func (c *CountedFile) FileOffset(decoded int64) int64 {
	switch {
	case bytes.HasPrefix(c.head, []byte("\xef\xbb\xbf")):
		return decoded + 3
	case bytes.HasPrefix(c.head, []byte("\xff\xfe")), bytes.HasPrefix(c.head, []byte("\xfe\xff")):
		return 2*decoded + 2
	case bytes.IndexByte(c.head, 0) >= 0:
		return 2 * decoded
	}
	return decoded
}

// misplacedError says what stands where an order should.
func misplacedError(v Value, is, want jsonShape) *RowError {
	switch is {
	case shapeUnknown:
		return &RowError{
			Err:    fmt.Errorf("%w: neither an order nor a list of orders", ErrUnknown),
			Advice: "look at this place in the file; orders are looked for under orders, order, payload, body, response, page and pages",
		}
	case shapeAnswer:
		return &RowError{Err: apiError(v.Get("errors")), Advice: apiErrorHint}
	}
	return &RowError{
		Err:    fmt.Errorf("an order of %s among those of %s", is, want),
		Advice: "put orders of different formats into files of their own",
	}
}
