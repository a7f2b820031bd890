package xmltoken

import (
	"bytes"
	"fmt"
	"slices"

	"obmen/convert/source/input"
)

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
