package source

import (
	"bytes"
	"fmt"

	"github.com/go-json-experiment/json/jsontext"

	"obmen/convert/money"
)

// jsonDoc is one order as a tree over its text. It is used again for the next order. The first thing
// found wrong stays in bad and refuses the order; reading goes on with zero values, so that what reads
// an order need not look after every field.
type jsonDoc struct {
	text     []byte
	nodes    []jsonNode
	escaped  bool           // some name is written with escapes
	currency money.Currency // of the amounts read so far
	bad      *RowError
	words    *[256]string // met lately, by a hash: see word
}

// jsonNode is a value: text[from:to]. child, next and parent are indexes into nodes, 0 for none.
type jsonNode struct {
	nameFrom, nameTo    int32 // the name without its quotes; of an element of an array both are its number
	from, to            int32
	parent, child, next int32
	kind                jsontext.Kind
}

// jsonMaxNodes bounds the values in one order: a real one of 500 lines has some 30,000.
const jsonMaxNodes = 1 << 19

// parse takes in the value that text begins with, and cuts the text behind it. It reads JSON and builds
// the tree in one go. The errors are those of the text, errShort and errBroken, or end the file.
func (d *jsonDoc) parse(text []byte) error {
	*d = jsonDoc{text: text, nodes: d.nodes[:0], words: d.words}
	end, err := d.value(0, 0, 0)
	d.text = text[:end]
	return err
}

func (d *jsonDoc) root() jsonValue { return jsonValue{d, 0, true} }

// value adds the value at pos and everything in it, and gives the position behind it.
func (d *jsonDoc) value(pos int, parent, depth int32) (end int, err error) {
	switch {
	case depth > jsonMaxDepth:
		return 0, errTooDeep
	case len(d.nodes) >= jsonMaxNodes:
		return 0, fmt.Errorf("%w: more than %d values in one order", ErrHostile, jsonMaxNodes)
	case pos >= len(d.text):
		return 0, errShort
	}
	self := int32(len(d.nodes))
	d.nodes = append(d.nodes, jsonNode{from: int32(pos), parent: parent, kind: kindOf(d.text[pos])})
	switch d.text[pos] {
	case '{':
		end, err = d.object(pos, self, depth)
	case '[':
		end, err = d.array(pos, self, depth)
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

// object adds the members of the object that begins at pos.
func (d *jsonDoc) object(pos int, self, depth int32) (int, error) {
	names, last := jsonNames{}, int32(0)
	pos = blanks(d.text, pos+1)
	for more := pos >= len(d.text) || d.text[pos] != '}'; more; {
		from, node := pos+1, int32(len(d.nodes))
		to, err := d.name(pos, self, &names)
		if err != nil {
			return 0, err
		}
		if pos = blanks(d.text, to+1); pos >= len(d.text) || d.text[pos] != ':' {
			return 0, shortOr(pos >= len(d.text))
		}
		if pos, err = d.value(blanks(d.text, pos+1), self, depth+1); err != nil {
			return 0, err
		}
		d.nodes[node].nameFrom, d.nodes[node].nameTo = int32(from), int32(to)
		last = d.link(self, last, node)
		if pos, more, err = d.further(pos, '}'); err != nil {
			return 0, err
		}
	}
	return pos + 1, nil
}

// array adds the elements of the array that begins at pos.
func (d *jsonDoc) array(pos int, self, depth int32) (_ int, err error) {
	last := int32(0)
	pos = blanks(d.text, pos+1)
	more := pos >= len(d.text) || d.text[pos] != ']'
	for number := int32(0); more; number++ {
		node := int32(len(d.nodes))
		if pos, err = d.value(pos, self, depth+1); err != nil {
			return 0, err
		}
		d.nodes[node].nameFrom, d.nodes[node].nameTo = number, number
		last = d.link(self, last, node)
		if pos, more, err = d.further(pos, ']'); err != nil {
			return 0, err
		}
	}
	return pos + 1, nil
}

// link puts a node behind the last one of its parent and gives it as the last.
func (d *jsonDoc) link(parent, last, node int32) int32 {
	if last == 0 {
		d.nodes[parent].child = node
	} else {
		d.nodes[last].next = node
	}
	return node
}

// further looks behind an element: at the comma, behind which the next one stands, or at the closing
// bracket.
func (d *jsonDoc) further(pos int, closing byte) (_ int, more bool, err error) {
	pos = blanks(d.text, pos)
	switch {
	case pos >= len(d.text):
		return 0, false, errShort
	case d.text[pos] == closing:
		return pos, false, nil
	case d.text[pos] != ',':
		return 0, false, errBroken
	}
	return blanks(d.text, pos+1), true, nil
}

// name reads the name that begins at pos, which no member before it has. It gives the position of the
// closing quote.
func (d *jsonDoc) name(pos int, object int32, names *jsonNames) (to int, err error) {
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
	if names.known(name) && d.has(object, name) || names.many != nil && !names.add(name) {
		return 0, errBroken
	}
	if names.count++; names.count == mostFewNames {
		d.remember(object, names)
		names.add(name)
	}
	return end - 1, nil
}

// mostWord is the length of texts that are looked for among the words met lately.
const mostWord = 16

// word makes a string of a text. Short ones come again and again (currencies, countries, states, types
// of amounts) and are made once.
func (d *jsonDoc) word(text []byte) string {
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

// unquote is what a JSON string says.
func unquote(quoted []byte) string {
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

// addMember adds a member to the beginning of an object.
func addMember(members []byte, key string, v []byte) ([]byte, error) {
	if len(members) > 1 {
		members = append(members, ',')
	}
	members, err := jsontext.AppendQuote(members, key)
	if err != nil {
		return nil, err
	}
	members = append(append(members, ':'), v...)
	if len(members) > jsonMaxOrder {
		return nil, errTooLarge
	}
	return members, nil
}
