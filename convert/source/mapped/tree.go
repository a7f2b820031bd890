package mapped

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"obmen/convert/source/jsontree"
)

// doc is one order as a tree over its text, whatever kind of file it came in. It is used again for the
// next order.
type doc struct {
	text  []byte
	nodes []node
	rows  []int32 // of a table: the rows that are lines
	base  int32   // the order that is being read
	line  int32   // the line or charge that is being read, else the order
}

// node is a value: its text is text[from:to], and its name text[nameFrom:nameTo]. child, next and parent
// are indexes into nodes, 0 for none. Of an element of an array both ends of the name are its number.
type node struct {
	nameFrom, nameTo    int32
	from, to            int32
	parent, child, next int32
	line, column        int32 // 1-based, of tables and XML; 0 in JSON
	kind                byte  // '{', '[', '"' for texts, '0' for numbers, 't' for true and false, 'n' for null
}

// Limits that no real file comes near.
const (
	maxNodes = 1 << 19 // values in one order
	maxRow   = 1 << 20 // bytes of one row of a table, or of one tag or text of XML
	maxRows  = 10_000  // of one order
	maxCells = 1000    // of one row
)

// absent is no node of any doc.
const absent int32 = -1

func (d *doc) reset() {
	d.text, d.nodes, d.rows = d.text[:0], d.nodes[:0], d.rows[:0]
	d.base, d.line = 0, 0
}

// add makes a node the last child of its parent; last is the child before it, 0 for none.
func (d *doc) add(n node, last int32) int32 {
	at := int32(len(d.nodes))
	d.nodes = append(d.nodes, n)
	if at == 0 {
		return at
	}
	if last == 0 {
		d.nodes[n.parent].child = at
	} else {
		d.nodes[last].next = at
	}
	return at
}

func (d *doc) raw(at int32) []byte { return d.text[d.nodes[at].from:d.nodes[at].to] }

func (d *doc) name(at int32) []byte { return d.text[d.nodes[at].nameFrom:d.nodes[at].nameTo] }

// empty reports whether a node states nothing: absent, null, "", {} and [] stand for each other in what
// is sent.
func (d *doc) empty(at int32) bool {
	if at == absent {
		return true
	}
	n := &d.nodes[at]
	switch n.kind {
	case 'n':
		return true
	case '{', '[':
		return n.child == 0
	}
	return n.from == n.to
}

// member is the first child of an object under a name, absent when there is none.
func (d *doc) member(at int32, name string) int32 {
	if at == absent || d.nodes[at].kind != '{' {
		return absent
	}
	return d.named(d.nodes[at].child, name)
}

// named is the first node with that name from a sibling on.
func (d *doc) named(at int32, name string) int32 {
	for ; at != 0; at = d.nodes[at].next {
		n := &d.nodes[at]
		if int(n.nameTo-n.nameFrom) == len(name) && string(d.text[n.nameFrom:n.nameTo]) == name {
			return at
		}
	}
	return absent
}

// pointer is the JSON pointer of a node from the root of its doc.
func (d *doc) pointer(at int32) string {
	if at <= 0 {
		return ""
	}
	n := &d.nodes[at]
	before := d.pointer(n.parent)
	if d.nodes[n.parent].kind == '[' {
		return before + "/" + strconv.Itoa(int(n.nameFrom))
	}
	return before + "/" + pointerEscapes.Replace(string(d.name(at)))
}

var pointerEscapes = strings.NewReplacer("~", "~0", "/", "~1")

// takeJSON makes the tree of one that was read, whose root stands at a pointer of its file. Names and texts with
// escapes are resolved behind the text.
func (d *doc) takeJSON(tree *jsontree.Doc, pointer string) {
	d.reset()
	d.text = append(append(d.text, tree.Text()...), pointer...)
	end := int32(len(d.text))
	for i := range tree.Len() {
		v := tree.View(i)
		n := node{
			nameFrom: v.NameFrom, nameTo: v.NameTo, from: v.From, to: v.To, parent: v.Parent, child: v.Child, next: v.Next, kind: v.Kind,
		}
		switch v.Kind {
		case '-':
			n.kind = '0'
		case 'f':
			n.kind = 't'
		case '"':
			n.from, n.to = d.unescaped(n.from, n.to)
		}
		if tree.HasEscapes() && n.nameTo > n.nameFrom {
			n.nameFrom, n.nameTo = d.unescaped(n.nameFrom, n.nameTo)
		}
		d.nodes = append(d.nodes, n)
	}
	d.nodes[0].nameFrom, d.nodes[0].nameTo = end-int32(len(pointer)), end
}

// unescaped is the place of what stands between quotes, without its escapes.
func (d *doc) unescaped(from, to int32) (int32, int32) {
	if bytes.IndexByte(d.text[from:to], '\\') < 0 {
		return from, to
	}
	start := int32(len(d.text))
	quoted := append(append([]byte{'"'}, d.text[from:to]...), '"')
	d.text, _ = jsontext.AppendUnquote(d.text, quoted) // half a surrogate pair becomes U+FFFD
	return start, int32(len(d.text))
}
