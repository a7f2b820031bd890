package mapped

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"obmen/convert/order"
	"obmen/convert/source"
	"obmen/convert/source/input"
	"obmen/convert/source/jsontree"
)

// Mistake is something wrong in a mapping.
type Mistake struct {
	File   string
	Line   int // 1-based; 0 for the file as a whole
	Column int // 1-based, in bytes
	Text   string
	Advice string // one line: what the user does next
}

func (m Mistake) Error() string { return m.Place() + ": " + m.Text }

// Place is the file with line and column, as far as they are known.
func (m Mistake) Place() string {
	if m.Line > 0 {
		return fmt.Sprintf("%s:%d:%d", m.File, m.Line, m.Column)
	}
	return m.File
}

// Hint is the user's next step.
func (m Mistake) Hint() string { return m.Advice }

// Mistakes are all that is wrong in a mapping, in the order of its lines.
type Mistakes []Mistake

func (m Mistakes) Error() string {
	lines := make([]string, len(m))
	for i := range m {
		lines[i] = m[i].Error()
	}
	return strings.Join(lines, "\n")
}

// Each returns the mistakes one by one.
func (m Mistakes) Each() []error {
	list := make([]error, len(m))
	for i := range m {
		list[i] = m[i]
	}
	return list
}

// Hint is the next step for the first mistake.
func (m Mistakes) Hint() string {
	if len(m) == 0 {
		return ""
	}
	return m[0].Advice
}

// position is a place in a mapping; lines and columns are 1-based, columns count bytes.
type position struct{ line, column int }

func (m *Mistakes) add(file string, at position, cure, format string, args ...any) {
	*m = append(*m, Mistake{file, at.line, at.column, fmt.Sprintf(format, args...), cure})
}

func (m Mistakes) sorted() Mistakes {
	slices.SortStableFunc(m, func(a, b Mistake) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return slices.Compact(m)
}

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
