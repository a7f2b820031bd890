package mapped

import (
	"bytes"

	"github.com/go-json-experiment/json/jsontext"

	"obmen/convert/source/jsontree"
)

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
