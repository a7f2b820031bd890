package source

import (
	"bytes"
	"encoding/xml"
	"fmt"
)

// xmlTree grows one element with all that is in it.
type xmlTree struct {
	open    []*element
	nodes   int
	skip    map[string]bool
	skipped int // how deep below a skipped element; 0 outside of one
}

// tree reads to the end of the element that begins with t; with skip it keeps nothing of it.
func (r *xmlReader) tree(t xml.StartElement, skip bool) (*element, error) {
	start, bottom := r.dec.InputOffset(), len(r.path)
	root := newElement(t, r.dec)
	x := xmlTree{open: []*element{root}, skip: r.skip}
	if skip {
		x.skipped = 1
	}
	for len(r.path) >= bottom {
		tok, err := r.token()
		if err != nil {
			return nil, err
		}
		if r.dec.InputOffset()-start > xmlMaxOrder || x.nodes > xmlMaxNodes {
			return nil, fmt.Errorf("%w: an order of more than %d MiB or %d elements", ErrHostile, xmlMaxOrder>>20, xmlMaxNodes)
		}
		switch t := tok.(type) {
		case xml.StartElement:
			x.start(t, r.dec)
		case xml.EndElement:
			x.end()
		case xml.CharData:
			x.text(t)
		}
	}
	return root, nil
}

func (x *xmlTree) start(t xml.StartElement, dec *xml.Decoder) {
	if x.skipped > 0 || x.skip[t.Name.Local] {
		x.skipped++
		return
	}
	x.nodes++
	e, parent := newElement(t, dec), x.open[len(x.open)-1]
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

func (x *xmlTree) text(t xml.CharData) {
	e := x.open[len(x.open)-1]
	if x.skipped > 0 || len(e.children) > 0 && len(bytes.TrimSpace(t)) == 0 {
		return // what stands between elements is layout
	}
	e.text = append(e.text, t...)
}
