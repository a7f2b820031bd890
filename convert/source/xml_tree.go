package source

import (
	"bytes"
	"fmt"
)

// xmlTree grows one element with all that is in it.
type xmlTree struct {
	reader  *xmlReader
	open    []*Element
	nodes   int
	skip    map[string]bool
	skipped int // how deep below a skipped element; 0 outside of one
}

// tree reads to the end of the element that begins with t; with skip it keeps nothing of it. The
// elements are good until the next tree.
func (r *xmlReader) tree(t Token, skip bool) (*Element, error) {
	start, bottom := r.offset(), len(r.path)
	root := r.newElement(0, t)
	x := xmlTree{reader: r, open: []*Element{root}, skip: r.skip}
	if skip {
		x.skipped = 1
	}
	for len(r.path) >= bottom {
		t, err := r.nextToken()
		if err != nil {
			return nil, err
		}
		if r.offset()-start > xmlMaxOrder || x.nodes > xmlMaxNodes {
			return nil, fmt.Errorf("%w: an order of more than %d MiB or %d elements", ErrHostile, xmlMaxOrder>>20, xmlMaxNodes)
		}
		switch t.kind {
		case Start:
			x.start(t)
		case End:
			x.end()
		case xmlText:
			x.text(t.text)
		}
	}
	return root, nil
}

// newElement makes the element with that number, out of an old one.
func (r *xmlReader) newElement(number int, t Token) *Element {
	if number == len(r.spare) {
		r.spare = append(r.spare, new(Element))
	}
	e := r.spare[number]
	*e = Element{name: t.name, currency: t.currency, line: r.line(), text: e.text[:0], children: e.children[:0]}
	return e
}

func (x *xmlTree) start(t Token) {
	if x.skipped > 0 || x.skip[t.name] {
		x.skipped++
		return
	}
	x.nodes++
	e, parent := x.reader.newElement(x.nodes, t), x.open[len(x.open)-1]
	parent.children = append(parent.children, e)
	x.open = append(x.open, e)
}

func (x *xmlTree) end() {
	if x.skipped > 0 {
		x.skipped--
		return
	}
	x.open = x.open[:len(x.open)-1]
}

func (x *xmlTree) text(t []byte) {
	e := x.open[len(x.open)-1]
	if x.skipped > 0 || len(e.children) > 0 && len(bytes.TrimSpace(t)) == 0 {
		return // what stands between elements is layout
	}
	e.text = append(e.text, t...)
}
