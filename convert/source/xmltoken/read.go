// Package xmltoken reads XML token by token, and one element as a tree. The quick reader takes what Amazon
// writes; whatever else comes is left to encoding/xml.
package xmltoken

import (
	"bytes"
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

// Element is an XML element with what is in it.
type Element struct {
	Name     string
	Currency string // its attribute of that name
	Text     []byte
	Line     int
	children []*Element
}

// Child follows a path of names, the first child of each; nil when there is none.
func (e *Element) Child(path ...string) *Element {
	for _, name := range path {
		if e == nil {
			return nil
		}
		i := slices.IndexFunc(e.children, func(c *Element) bool { return c.Name == name })
		if i < 0 {
			return nil
		}
		e = e.children[i]
	}
	return e
}

func (e *Element) All(name string) (found []*Element) {
	if e == nil {
		return nil
	}
	for _, c := range e.children {
		if c.Name == name {
			found = append(found, c)
		}
	}
	return found
}

// Value is the text at the end of a path without the blanks around it; empty when there is none.
func (e *Element) Value(path ...string) string {
	c := e.Child(path...)
	if c == nil {
		return ""
	}
	s := string(bytes.TrimSpace(c.Text))
	if input.IsAbsent(s) {
		return ""
	}
	return s
}

// treeBuilder grows one element with all that is in it.
type treeBuilder struct {
	reader  *Reader
	open    []*Element
	nodes   int
	skip    map[string]bool
	skipped int // how deep below a skipped element; 0 outside of one
}

// Tree reads to the end of the element that begins with t; with skip it keeps nothing of it. The
// elements are good until the next tree.
func (r *Reader) Tree(t Token, skip bool) (*Element, error) {
	start, bottom := r.Offset(), len(r.path)
	root := r.newElement(0, t)
	x := treeBuilder{reader: r, open: []*Element{root}, skip: r.skip}
	if skip {
		x.skipped = 1
	}
	for len(r.path) >= bottom {
		t, err := r.Next()
		if err != nil {
			return nil, err
		}
		if r.Offset()-start > maxTree || x.nodes > maxElements {
			return nil, fmt.Errorf("%w: an order of more than %d MiB or %d elements", input.ErrHostile, maxTree>>20, maxElements)
		}
		switch t.Kind {
		case Start:
			x.start(t)
		case End:
			x.end()
		case Text:
			x.text(t.Text)
		}
	}
	return root, nil
}

// newElement makes the element with that number, out of an old one.
func (r *Reader) newElement(number int, t Token) *Element {
	if number == len(r.spare) {
		r.spare = append(r.spare, new(Element))
	}
	e := r.spare[number]
	*e = Element{Name: t.Name, Currency: t.currency, Line: r.Line(), Text: e.Text[:0], children: e.children[:0]}
	return e
}

func (x *treeBuilder) start(t Token) {
	if x.skipped > 0 || x.skip[t.Name] {
		x.skipped++
		return
	}
	x.nodes++
	e, parent := x.reader.newElement(x.nodes, t), x.open[len(x.open)-1]
	parent.children = append(parent.children, e)
	x.open = append(x.open, e)
}

func (x *treeBuilder) end() {
	if x.skipped > 0 {
		x.skipped--
		return
	}
	x.open = x.open[:len(x.open)-1]
}

func (x *treeBuilder) text(t []byte) {
	e := x.open[len(x.open)-1]
	if x.skipped > 0 || len(e.children) > 0 && len(bytes.TrimSpace(t)) == 0 {
		return // what stands between elements is layout
	}
	e.Text = append(e.Text, t...)
}
