package mapped

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"obmen/convert/order"
	"obmen/convert/source"
	"obmen/convert/source/input"
	"obmen/convert/source/jsontree"
)

// xmlWalk finds the orders of an XML file by the local names on the way to them.
type xmlWalk struct {
	*reader
	window  *window
	dec     *xml.Decoder
	decoder *decoder
	doc     doc
	path    []string
	size    int64
}

func (r *reader) readXML(ctx context.Context) error {
	cs, err := input.FindXMLCharset(r.in)
	if err != nil {
		return unreadable(r.in, err)
	}
	text, err := cs.Open(r.in)
	if err != nil {
		return unreadable(r.in, err)
	}
	defer text.Close()
	w := &xmlWalk{reader: r, window: &window{ctx: ctx, from: text, most: 2 * maxRow}, decoder: r.newDecoder()}
	w.dec = newXMLDecoder(w.window)
	if err := w.readAll(); err != nil && !errors.Is(err, errStopped) {
		return w.fileError(ctx, err)
	} else if err != nil {
		return err
	}
	return nil
}

func newXMLDecoder(from io.Reader) *xml.Decoder {
	dec := xml.NewDecoder(from)
	dec.CharsetReader = func(_ string, text io.Reader) (io.Reader, error) { return text, nil } // decoded already
	return dec
}

func (w *xmlWalk) token() (xml.Token, error) {
	w.window.mark = w.window.read
	t, err := w.dec.Token()
	if err != nil {
		return nil, err
	}
	switch t := t.(type) {
	case xml.StartElement:
		if w.path = append(w.path, t.Name.Local); len(w.path) > jsontree.MaxDepth {
			return nil, jsontree.ErrTooDeep
		}
	case xml.EndElement:
		w.path = w.path[:len(w.path)-1]
	}
	return t, nil
}

func (w *xmlWalk) readAll() error {
	seen := false
	for {
		t, err := w.token()
		if err == io.EOF && len(w.path) == 0 {
			if !seen {
				return source.ErrEmpty
			}
			return nil
		}
		if err != nil {
			return err
		}
		start, ok := t.(xml.StartElement)
		if !ok {
			continue
		}
		seen = true
		if w.m.isOrder(w.path) {
			if err := w.order(start); err != nil {
				return err
			}
		}
	}
}

// isOrder reports whether the names of open elements are those on a way to an order.
func (m *Mapping) isOrder(path []string) bool {
	for _, way := range m.orders.at {
		if len(way) == len(path) && strings.Join(way, "\x00") == strings.Join(path, "\x00") {
			return true
		}
	}
	return false
}

func (w *xmlWalk) order(start xml.StartElement) error {
	w.doc.reset()
	line, _ := w.dec.InputPos()
	w.size = w.dec.InputOffset()
	if err := w.element(start, 0, 0); err != nil {
		return err
	}
	o, err := w.decoder.decode(&w.doc, 0, order.Origin{File: w.in.Name, Line: line})
	if !w.yield(o, err) {
		return errStopped
	}
	return nil
}

// element adds an element and all that is in it to the tree.
func (w *xmlWalk) element(start xml.StartElement, parent, last int32) error {
	x := xmlElement{doc: &w.doc}
	line, column := w.dec.InputPos()
	x.begin(start, parent, last, line, column)
	for {
		t, err := w.token()
		if err != nil {
			return err
		}
		switch t := t.(type) {
		case xml.StartElement:
			if w.dec.InputOffset()-w.size > jsontree.MaxOrder || len(w.doc.nodes) > maxNodes {
				return jsontree.ErrTooLarge
			}
			child := int32(len(w.doc.nodes))
			if err := w.element(t, x.self, x.last); err != nil {
				return err
			}
			x.last = child
		case xml.CharData:
			x.text = append(x.text, t...)
		case xml.EndElement:
			x.end()
			return nil
		}
	}
}

// xmlElement is an element that is being added to a tree.
type xmlElement struct {
	doc        *doc
	self, last int32
	text       []byte
}

func (x *xmlElement) begin(start xml.StartElement, parent, last int32, line, column int) {
	n := node{kind: '{', parent: parent, line: int32(line), column: int32(column)}
	n.nameFrom, n.nameTo = x.doc.append(start.Name.Local)
	x.self = x.doc.add(n, last)
	for _, a := range start.Attr {
		if a.Name.Space != "xmlns" && a.Name.Local != "xmlns" {
			x.child("@"+a.Name.Local, a.Value)
		}
	}
}

func (d *doc) append(s string) (from, to int32) {
	from = int32(len(d.text))
	d.text = append(d.text, s...)
	return from, int32(len(d.text))
}

func (x *xmlElement) child(name, text string) {
	n := node{kind: '"', parent: x.self, line: x.doc.nodes[x.self].line, column: x.doc.nodes[x.self].column}
	n.nameFrom, n.nameTo = x.doc.append(name)
	n.from, n.to = x.doc.append(text)
	x.last = x.doc.add(n, x.last)
}

// end makes a text of an element that has nothing else in it.
func (x *xmlElement) end() {
	text := string(bytes.TrimSpace(x.text))
	n := &x.doc.nodes[x.self]
	switch {
	case n.child == 0:
		n.kind = '"'
		n.from, n.to = x.doc.append(text)
	case text != "":
		x.child(textName, text)
	}
}

func (w *xmlWalk) fileError(ctx context.Context, err error) error {
	at := order.Origin{File: w.in.Name}
	var syntax *xml.SyntaxError
	switch {
	case errors.Is(err, source.ErrHostile):
		if w.window.most == 2*maxRow && !errors.Is(err, jsontree.ErrTooDeep) {
			err = fmt.Errorf("%w: a tag, a text or an order that is too long", source.ErrHostile)
		}
		return &source.FileError{At: at, Err: err, Advice: hostileHint}
	case ctx.Err() != nil:
		return &source.FileError{At: at, Err: context.Cause(ctx), Advice: "run it again"}
	case w.window.err != nil:
		return &source.FileError{At: at, Err: fmt.Errorf("read: %w", w.window.err), Advice: "check the disk or share the file is on"}
	case errors.Is(err, source.ErrEmpty):
		return &source.FileError{At: at, Err: err, Advice: "download it again"}
	case errors.As(err, &syntax) && strings.Contains(syntax.Msg, "unexpected EOF"), err == io.EOF:
		place := "the file"
		if len(w.doc.nodes) > 0 && len(w.path) > 1 {
			place = "an order"
		}
		return truncated(w.in.Name, place, w.window.read)
	case errors.As(err, &syntax):
		at.Line = syntax.Line
		err = errors.New("broken XML: " + syntax.Msg)
	}
	return &source.FileError{At: at, Err: err, Advice: "download it again; a file changed by hand must stay XML"}
}
