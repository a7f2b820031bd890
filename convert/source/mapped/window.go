package mapped

import (
	"context"
	"io"

	"obmen/convert/order"
	"obmen/convert/source"
	"obmen/convert/source/input"
	"obmen/convert/source/jsontree"
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
		return 0, jsontree.ErrTooLarge
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
		At: order.Origin{File: file}, Err: &input.CutError{Place: place, Size: size}, Advice: "download it again, or wait until it has been copied whole",
	}
}
