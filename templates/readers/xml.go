package readers

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/ianaindex"
)

// deepest is how many elements may stand inside one another.
const deepest = 200

// node is an element.
type node struct {
	name, space string
	attributes  int
	text        string
	children    []*node
}

// child returns the first child of that name, or nil.
func (n *node) child(path ...string) *node {
	for _, name := range path {
		if n == nil {
			return nil
		}
		i := find(n.children, func(c **node) bool { return (*c).name == name })
		if i < 0 {
			return nil
		}
		n = n.children[i]
	}
	return n
}

func (n *node) all(name string) (list []*node) {
	if n == nil {
		return nil
	}
	for _, c := range n.children {
		if c.name == name {
			list = append(list, c)
		}
	}
	return list
}

func (n *node) has(name string) bool { return n.child(name) != nil }

// value is the text of a child that has nothing but text. An empty element is an object to 1C and no
// text (U).
func (n *node) value(path ...string) string {
	c := n.child(path...)
	if c == nil || c.attributes > 0 || len(c.children) > 0 {
		return ""
	}
	return c.text
}

// inUTF8 reads a file as text in UTF-8, whatever its declaration says: bytes that are no UTF-8 become
// replacement characters (U).
func inUTF8(file []byte) []byte {
	return bytes.ToValidUTF8(bytes.TrimPrefix(file, []byte("\ufeff")), []byte(string(utf8.RuneError)))
}

// parse reads a document. With declared set, the encoding is that of the XML declaration.
func parse(file []byte, declared bool) (*node, error) {
	d := xml.NewDecoder(bytes.NewReader(bytes.TrimPrefix(file, []byte("\ufeff"))))
	d.CharsetReader = func(charset string, in io.Reader) (io.Reader, error) {
		if !declared {
			return in, nil
		}
		enc, err := ianaindex.IANA.Encoding(charset)
		if err != nil || enc == nil {
			return nil, errors.New("unknown encoding " + charset)
		}
		return enc.NewDecoder().Reader(in), nil
	}
	root := &node{}
	open := []*node{root}
	for {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		top := open[len(open)-1]
		switch t := token.(type) {
		case xml.StartElement:
			if len(open) > deepest {
				return nil, errors.New("elements stand too deep in one another")
			}
			n := &node{name: t.Name.Local, space: t.Name.Space, attributes: len(t.Attr)}
			top.children = append(top.children, n)
			open = append(open, n)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			top.text += string(t)
		}
	}
	if len(root.children) == 0 {
		return nil, errors.New("no element")
	}
	tidy(root)
	return root.children[0], nil
}

// tidy empties the text of elements that hold others: what is left there is indentation.
func tidy(n *node) {
	if len(n.children) > 0 {
		n.text = ""
	}
	for _, c := range n.children {
		tidy(c)
	}
}

// guid reports whether a text is a GUID as 1C's constructor takes it.
func guid(text string) bool {
	if len(text) != 36 {
		return false
	}
	for i, c := range []byte(text) {
		dash := i == 8 || i == 13 || i == 18 || i == 23
		if dash != (c == '-') || !dash && !strings.ContainsRune("0123456789abcdefABCDEF", rune(c)) {
			return false
		}
	}
	return true
}
