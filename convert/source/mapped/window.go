package mapped

import (
	"context"
	"fmt"
	"io"

	"obmen/convert/order"
	"obmen/convert/source"
)

// window passes a file on and stops a reader that takes in more than one order's worth without having
// understood it.
type window struct {
	ctx  context.Context
	from io.Reader
	most int64
	read int64
	mark int64 // where the part begins that is being read
	err  error // that ended the file, but for its end
}

func (w *window) Read(p []byte) (int, error) {
	left := w.most - (w.read - w.mark)
	if left <= 0 {
		return 0, errTooLarge
	}
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := w.from.Read(p[:min(int64(len(p)), left)])
	w.read += int64(n)
	if err != nil && err != io.EOF {
		w.err = err
	}
	return n, err
}

var (
	errTooLarge = fmt.Errorf("%w: an order of more than %d MiB", source.ErrHostile, maxOrder>>20)
	errTooDeep  = fmt.Errorf("%w: nested more than %d deep", source.ErrHostile, maxDepth)
)

const hostileHint = "this is no export of a shop; check where it comes from"

func unreadable(in source.Input, err error) error {
	if _, told := err.(*source.FileError); told { //nolint:errorlint // as the openers return it
		return err
	}
	return &source.FileError{At: order.Origin{File: in.Name}, Err: err, Advice: "check that the file is there and may be read"}
}

// truncated refuses a file that ends too early.
func truncated(file, place string, size int64) error {
	return &source.FileError{
		At: order.Origin{File: file}, Err: &cutError{place, size}, Advice: "download it again, or wait until it has been copied whole",
	}
}

// cutError is an ErrTruncated with its place.
type cutError struct {
	place string
	size  int64
}

func (e *cutError) Error() string { return fmt.Sprintf("ends inside %s at byte %d", e.place, e.size) }

func (e *cutError) Unwrap() error { return source.ErrTruncated }
