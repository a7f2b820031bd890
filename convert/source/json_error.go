package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/go-json-experiment/json/jsontext"

	"obmen/convert/order"
	"obmen/convert/source/input"
	"obmen/convert/source/jsontree"
)

// fileError puts what ended a walk into words.
func (r *jsonReader) fileError(ctx context.Context, err error) error {
	at := order.Origin{File: r.in.Name}
	if errors.Is(err, jsontree.ErrBroken) && ctx.Err() == nil && r.raw.Err == nil {
		err = r.findFault(ctx)
	}
	var syntax *jsontext.SyntacticError
	switch {
	case errors.Is(err, jsontree.ErrTooLarge): // without the words the decoder puts around it
		return input.NewFileError(at, jsontree.ErrTooLarge, hostileHint)
	case errors.Is(err, input.ErrHostile):
		return input.NewFileError(at, err, hostileHint)
	case ctx.Err() != nil:
		return input.NewFileError(at, ctx.Err(), "run it again")
	case r.raw.Err != nil:
		return input.NewFileError(at, fmt.Errorf("read: %w", r.raw.Err), "check the disk or share the file is on")
	case errors.As(err, &syntax):
		return r.syntaxError(at, syntax)
	case errors.Is(err, jsontree.ErrBroken):
		return input.NewFileError(at, err, "download it again")
	}
	return input.NewFileError(at, input.ErrEmpty, "download it again")
}

// findFault reads a file again that is no JSON, to learn what is wrong with it and where. It goes by tokens
// up to the place where reading ended, and from there on by values if a value was wanted.
func (r *jsonReader) findFault(ctx context.Context) error {
	// Half a surrogate pair is no fault, but bytes that are no UTF-8 are; jsontext has one option for both.
	valid, err := input.AllUTF8(r.in, true)
	if err != nil {
		return err
	}
	text, err := input.OpenUnicode(r.in)
	if err != nil {
		return err
	}
	defer text.Close()
	dec := jsontext.NewDecoder(&orderWindow{ctx: ctx, from: text, most: math.MaxInt64}, jsontext.AllowInvalidUTF8(valid))
	for err == nil {
		if r.whole && dec.InputOffset() >= r.window.mark {
			_, err = dec.ReadValue()
		} else {
			_, err = dec.ReadToken()
		}
	}
	if errors.Is(err, io.EOF) {
		return jsontree.ErrBroken // the file is another than before
	}
	return err
}

const hostileHint = "this is no export of a shop or of Amazon; check where it comes from"

func (r *jsonReader) syntaxError(at order.Origin, e *jsontext.SyntacticError) error {
	at.Pointer = string(e.JSONPointer)
	if pointerDepth(e.JSONPointer) > jsontree.MaxDepth {
		return input.NewFileError(order.Origin{File: at.File}, jsontree.ErrTooDeep, hostileHint)
	}
	place := fmt.Sprintf("byte %d", r.raw.FileOffset(e.ByteOffset))
	switch {
	case errors.Is(e.Err, io.ErrUnexpectedEOF):
		at.Pointer = ""
		return input.NewFileError(at, &input.CutError{Place: r.place, Size: r.raw.Size}, "download it again, or wait until it has been copied whole")
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
		return 0, jsontree.ErrTooLarge
	}
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := w.from.Read(p[:min(int64(len(p)), left)])
	w.read += int64(n)
	return n, err
}

// misplacedError says what stands where an order should.
func misplacedError(v jsontree.Value, is, want jsonShape) *input.RowError {
	switch is {
	case shapeUnknown:
		return &input.RowError{
			Err:    fmt.Errorf("%w: neither an order nor a list of orders", input.ErrUnknown),
			Advice: "look at this place in the file; orders are looked for under orders, order, payload, body, response, page and pages",
		}
	case shapeAnswer:
		return &input.RowError{Err: apiError(v.Get("errors")), Advice: apiErrorHint}
	}
	return &input.RowError{
		Err:    fmt.Errorf("an order of %s among those of %s", is, want),
		Advice: "put orders of different formats into files of their own",
	}
}
