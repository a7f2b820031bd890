package xmltoken

import (
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"slices"

	"obmen/convert/source/input"
)

// Limits of XML reports; no real one comes near them.
const (
	maxDepth    = 64
	maxToken    = 1 << 20  // bytes of one tag or text
	maxTree     = 16 << 20 // bytes of one order
	maxElements = 200_000  // elements of one order
)

// Reader reads the tokens and the trees of one file.
type Reader struct {
	tokens Tokens
	window *window
	close  func()
	path   []string        // names of the open elements
	skip   map[string]bool // elements that no tree keeps
	spare  []*Element      // of trees before, to be used again
}

// NewReader reads text in UTF-8, by encoding/xml or, if quick, by QuickReader. Trees leave out the
// elements of skip. Close must be called.
func NewReader(ctx context.Context, text io.Reader, quick bool, skip map[string]bool) *Reader {
	r := &Reader{window: &window{ctx: ctx, from: text}, close: func() {}, skip: skip}
	if quick {
		q := newQuickReader(r.window)
		r.tokens, r.close = q, q.close
		return r
	}
	dec := xml.NewDecoder(r.window)
	dec.CharsetReader = func(_ string, text io.Reader) (io.Reader, error) { return text, nil } // decoded already
	r.tokens = standardReader{dec}
	return r
}

// Close returns the reader's buffers back.
func (r *Reader) Close() { r.close() }

// Next reads the next token and keeps the path of open elements.
func (r *Reader) Next() (Token, error) {
	r.window.left = maxToken
	t, err := r.tokens.next()
	if err != nil {
		return t, err
	}
	switch t.Kind {
	case Start:
		r.path = append(r.path, t.Name)
		if len(r.path) > maxDepth {
			return t, fmt.Errorf("%w: nested more than %d deep", input.ErrHostile, maxDepth)
		}
	case End:
		r.path = r.path[:len(r.path)-1]
	}
	return t, nil
}

// Offset returns the position behind the last token, in bytes of the text.
func (r *Reader) Offset() int64 { return r.tokens.offset() }

// Line returns the line in which the last token ends.
func (r *Reader) Line() int { return r.tokens.line() }

// Depth returns how many elements are open.
func (r *Reader) Depth() int { return len(r.path) }

// Inside reports whether an element of that name is open.
func (r *Reader) Inside(name string) bool { return slices.Contains(r.path, name) }

// Parent returns the name of the element around the one begun last; empty for the outermost.
func (r *Reader) Parent() string {
	if len(r.path) < 2 {
		return ""
	}
	return r.path[len(r.path)-2]
}

// ReadToEnd reports whether the text ends right behind the last token.
func (r *Reader) ReadToEnd() bool { return r.window.ended && r.window.read-r.Offset() <= 1 }

// window passes text on and stops at a tag or text without an end.
type window struct {
	ctx   context.Context
	from  io.Reader
	left  int // bytes until the token being read is too long
	read  int64
	ended bool
}

func (w *window) Read(p []byte) (int, error) {
	if w.left <= 0 {
		return 0, fmt.Errorf("%w: a tag or text of more than %d bytes", input.ErrHostile, maxToken)
	}
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := w.from.Read(p)
	w.left -= n
	w.read += int64(n)
	w.ended = w.ended || err == io.EOF
	return n, err
}
