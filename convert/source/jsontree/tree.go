// Package jsontree reads JSON (RFC 8259) as trees over its text: Scanner walks a stream of any length, Doc
// is one value of it, Value reads what a source says in it, File walks the bodies of one file, value by value.
// Numbers stay exact, a name twice in one object is refused, and every limit is an input.ErrHostile.
package jsontree

import (
	"bytes"
	"fmt"
	"sync"

	"github.com/go-json-experiment/json/jsontext"

	"obmen/convert/money"
	"obmen/convert/source/input"
)

// Doc is one order as a tree over its text. It is used again for the next order. The first thing
// found wrong stays in bad and refuses the order; reading goes on with zero values, so that what reads
// an order need not look after every field.
type Doc struct {
	text     []byte
	nodes    []node
	escaped  bool           // some name is written with escapes
	currency money.Currency // of the amounts read so far
	bad      *input.RowError
	words    *[256]string // met lately, by a hash: see word
}

// node is a value: text[from:to]. child, next and parent are indexes into nodes, 0 for none.
type node struct {
	nameFrom, nameTo    int32 // the name without its quotes; of an element of an array both are its number
	from, to            int32
	parent, child, next int32
	kind                jsontext.Kind
}

// maxNodes bounds the values in one order: a real one of 500 lines has some 30,000.
const maxNodes = 1 << 19

// Parse takes in the value that text begins with, and cuts the text behind it. It reads JSON and builds
// the tree in one go. The errors are those of the text, errShort and ErrBroken, or end the file.
func (d *Doc) Parse(text []byte) error {
	*d = Doc{text: text, nodes: d.nodes[:0], words: d.words}
	end, err := d.addValue(0, 0, 0)
	d.text = text[:end]
	return err
}

func (d *Doc) Root() Value { return Value{d, 0, true} }

// Text returns the JSON of the value. It is good as long as the text that was parsed.
func (d *Doc) Text() []byte { return d.text }

// Refusal returns the first thing found wrong; nil where nothing was.
func (d *Doc) Refusal() *input.RowError { return d.bad }

// Len returns the number of values in the tree.
func (d *Doc) Len() int { return len(d.nodes) }

// NodeView is a value of a tree by its places in the text, without the quotes of names and texts. Of an element
// of an array both ends of the name are its number. Parent, Child and Next are numbers of values, 0 for none.
type NodeView struct {
	NameFrom, NameTo, From, To, Parent, Child, Next int32
	Kind                                            byte // as that of Value
}

// View returns the value of that number; 0 is the root, and a value stands behind its parent.
func (d *Doc) View(i int) NodeView {
	n := &d.nodes[i]
	v := NodeView{n.nameFrom, n.nameTo, n.from, n.to, n.parent, n.child, n.next, byte(n.kind)}
	if n.kind == '"' {
		v.From++
		v.To--
	}
	return v
}

// HasEscapes reports whether some name is written with escapes.
func (d *Doc) HasEscapes() bool { return d.escaped }

// addValue adds the value at pos and everything in it, and gives the position behind it.
func (d *Doc) addValue(pos int, parent, depth int32) (end int, err error) {
	switch {
	case depth > MaxDepth:
		return 0, ErrTooDeep
	case len(d.nodes) >= maxNodes:
		return 0, fmt.Errorf("%w: more than %d values in one order", input.ErrHostile, maxNodes)
	case pos >= len(d.text):
		return 0, errShort
	}
	self := int32(len(d.nodes))
	d.nodes = append(d.nodes, node{from: int32(pos), parent: parent, kind: kindOf(d.text[pos])})
	switch d.text[pos] {
	case '{':
		end, err = d.addObject(pos, self, depth)
	case '[':
		end, err = d.addArray(pos, self, depth)
	case '"':
		end, _, err = stringEnd(d.text, pos)
	default:
		end, err = scalarEnd(d.text, pos)
	}
	if err != nil {
		return 0, err
	}
	d.nodes[self].to = int32(end)
	return end, nil
}

func kindOf(first byte) jsontext.Kind {
	if '0' <= first && first <= '9' {
		return '0'
	}
	return jsontext.Kind(first)
}

// addObject adds the members of the object that begins at pos.
func (d *Doc) addObject(pos int, self, depth int32) (int, error) {
	names, last := nameSet{}, int32(0)
	pos = input.SkipBlanks(d.text, pos+1)
	for more := pos >= len(d.text) || d.text[pos] != '}'; more; {
		from, node := pos+1, int32(len(d.nodes))
		to, err := d.readName(pos, self, &names)
		if err != nil {
			return 0, err
		}
		if pos = input.SkipBlanks(d.text, to+1); pos >= len(d.text) || d.text[pos] != ':' {
			return 0, shortOr(pos >= len(d.text))
		}
		if pos, err = d.addValue(input.SkipBlanks(d.text, pos+1), self, depth+1); err != nil {
			return 0, err
		}
		d.nodes[node].nameFrom, d.nodes[node].nameTo = int32(from), int32(to)
		last = d.linkNode(self, last, node)
		if pos, more, err = d.nextElement(pos, '}'); err != nil {
			return 0, err
		}
	}
	return pos + 1, nil
}

// addArray adds the elements of the array that begins at pos.
func (d *Doc) addArray(pos int, self, depth int32) (_ int, err error) {
	last := int32(0)
	pos = input.SkipBlanks(d.text, pos+1)
	more := pos >= len(d.text) || d.text[pos] != ']'
	for number := int32(0); more; number++ {
		node := int32(len(d.nodes))
		if pos, err = d.addValue(pos, self, depth+1); err != nil {
			return 0, err
		}
		d.nodes[node].nameFrom, d.nodes[node].nameTo = number, number
		last = d.linkNode(self, last, node)
		if pos, more, err = d.nextElement(pos, ']'); err != nil {
			return 0, err
		}
	}
	return pos + 1, nil
}

// linkNode puts a node behind the last one of its parent and gives it as the last.
func (d *Doc) linkNode(parent, last, node int32) int32 {
	if last == 0 {
		d.nodes[parent].child = node
	} else {
		d.nodes[last].next = node
	}
	return node
}

// nextElement looks behind an element: at the comma, behind which the next one stands, or at the closing
// bracket.
func (d *Doc) nextElement(pos int, closing byte) (_ int, more bool, err error) {
	pos = input.SkipBlanks(d.text, pos)
	switch {
	case pos >= len(d.text):
		return 0, false, errShort
	case d.text[pos] == closing:
		return pos, false, nil
	case d.text[pos] != ',':
		return 0, false, ErrBroken
	}
	return input.SkipBlanks(d.text, pos+1), true, nil
}

// readName reads the name that begins at pos, which no member before it has. It gives the position of the
// closing quote.
func (d *Doc) readName(pos int, object int32, names *nameSet) (to int, err error) {
	if pos >= len(d.text) {
		return 0, errShort
	}
	end, escaped, err := stringEnd(d.text, pos)
	if err != nil {
		return 0, err
	}
	name := d.text[pos+1 : end-1]
	if escaped {
		d.escaped = true
		name = unescape(name)
	}
	if names.mayHave(name) && d.hasMember(object, name) || names.many != nil && !names.addName(name) {
		return 0, ErrBroken
	}
	if names.count++; names.count == mostFewNames {
		d.rememberNames(object, names)
		names.addName(name)
	}
	return end - 1, nil
}

// mostWord is the length of texts that are looked for among the words met lately.
const mostWord = 16

// intern makes a string of a text. Short ones come again and again (currencies, countries, states, types
// of amounts) and are made once.
func (d *Doc) intern(text []byte) string {
	if len(text) > mostWord {
		return string(text)
	}
	if d.words == nil {
		d.words = new([256]string)
	}
	hash := uint32(2166136261)
	for _, c := range text {
		hash = (hash ^ uint32(c)) * 16777619
	}
	known := &d.words[(hash^hash>>16)%uint32(len(d.words))]
	if *known != string(text) {
		*known = string(text)
	}
	return *known
}

// Unquote is what a JSON string says.
func Unquote(quoted []byte) string {
	return string(unescape(quoted[1 : len(quoted)-1]))
}

// unescape resolves the escapes in what stands between the quotes of a valid string.
func unescape(inner []byte) []byte {
	if bytes.IndexByte(inner, '\\') < 0 {
		return inner
	}
	out, _ := jsontext.AppendUnquote(nil, append(append([]byte{'"'}, inner...), '"'))
	return out
}

// AppendMember adds a member to the beginning of an object.
func AppendMember(members []byte, key string, v []byte) ([]byte, error) {
	if len(members) > 1 {
		members = append(members, ',')
	}
	members, err := jsontext.AppendQuote(members, key)
	if err != nil {
		return nil, err
	}
	members = append(append(members, ':'), v...)
	if len(members) > MaxOrder {
		return nil, ErrTooLarge
	}
	return members, nil
}

// nameSet tells names that come twice in an object. Of a few names one bit each is enough to know that
// nearly every one is new; many are kept in a map, so that a hostile object costs no more than its length.
type nameSet struct {
	count int
	bits  uint64
	many  map[string]bool
}

// mostFewNames is more than the members of any object that an order has.
const mostFewNames = 64

// mayHave reports whether a name may be among a few that came before, and counts it among them. Many are
// not for it.
func (n *nameSet) mayHave(name []byte) bool {
	if n.many != nil {
		return false
	}
	hash := uint(len(name))
	if hash > 0 {
		hash = hash*7 + uint(name[0])*31 + uint(name[len(name)-1])*5 + uint(name[len(name)/2])*3
	}
	bit := uint64(1) << (hash % 64)
	before := n.bits&bit != 0
	n.bits |= bit
	return before
}

// addName reports whether a name is new among many.
func (n *nameSet) addName(name []byte) bool {
	if n.many[string(name)] {
		return false
	}
	n.many[string(name)] = true
	return true
}

// hasMember reports whether a member of an object that is being read has that name.
func (d *Doc) hasMember(object int32, name []byte) bool {
	for at := d.nodes[object].child; at != 0; at = d.nodes[at].next {
		if string(d.memberName(at)) == string(name) {
			return true
		}
	}
	return false
}

// rememberNames puts the names of an object's members so far into the map of many.
func (d *Doc) rememberNames(object int32, names *nameSet) {
	names.many = make(map[string]bool, 2*mostFewNames)
	for at := d.nodes[object].child; at != 0; at = d.nodes[at].next {
		names.many[string(d.memberName(at))] = true
	}
}

// memberName is a member's name without its escapes.
func (d *Doc) memberName(at int32) []byte {
	name := d.text[d.nodes[at].nameFrom:d.nodes[at].nameTo]
	if d.escaped {
		name = unescape(name)
	}
	return name
}

// Batch holds the texts and nodes of several trees, one behind the other, so that they can be handed to
// another goroutine. It is used again after Release.
type Batch struct {
	text  []byte
	nodes []node
}

// TreeSpan is the place of a tree in a Batch.
type TreeSpan struct {
	from, to      int // in the text
	first, behind int // in the nodes
	escaped       bool
}

var batches = sync.Pool{New: func() any { return new(Batch) }}

// NewBatch returns an empty batch.
func NewBatch() *Batch {
	b := batches.Get().(*Batch)
	b.text, b.nodes = b.text[:0], b.nodes[:0]
	return b
}

// Release returns the batch back; of one with more than limit bytes nothing is kept.
func (b *Batch) Release(limit int) {
	if cap(b.text) <= limit {
		batches.Put(b)
	}
}

// Size returns the bytes of text that the batch holds.
func (b *Batch) Size() int { return len(b.text) }

// Append copies a tree into the batch. The document may change afterwards.
func (b *Batch) Append(d *Doc) TreeSpan {
	s := TreeSpan{from: len(b.text), first: len(b.nodes), escaped: d.escaped}
	b.text, b.nodes = append(b.text, d.text...), append(b.nodes, d.nodes...)
	s.to, s.behind = len(b.text), len(b.nodes)
	return s
}

// Load makes d the tree at s. It is good until the batch is released; the words that d has met stay.
func (b *Batch) Load(s TreeSpan, d *Doc) {
	*d = Doc{text: b.text[s.from:s.to], nodes: b.nodes[s.first:s.behind], escaped: s.escaped, words: d.words}
}

// Limits that no real file comes near: one order, and how deep anything may be nested.
const (
	MaxOrder = 16 << 20 // bytes
	MaxDepth = 64
)

// Errors of the limits; both are an ErrHostile.
var (
	ErrTooLarge = fmt.Errorf("%w: an order of more than %d MiB", input.ErrHostile, MaxOrder>>20)
	ErrTooDeep  = fmt.Errorf("%w: nested more than %d deep", input.ErrHostile, MaxDepth)
)
