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
	nameFrom, nameTo    int32 // the name without its quotes; empty in arrays
	from, to            int32
	parent, child, next int32
	kind                jsontext.Kind
}

// jsonMaxNodes bounds the values in one order: a real one of 500 lines has some 30,000.
const jsonMaxNodes = 1 << 19

// parse takes in text that has been found to be valid JSON.
func (d *jsonDoc) parse(text []byte) error {
	*d = jsonDoc{text: text, nodes: d.nodes[:0], words: d.words}
	_, err := d.value(0, 0, 0)
	return err
}

func (d *jsonDoc) root() jsonValue { return jsonValue{d, 0, true} }

// value adds the value at pos and everything in it, and gives the position behind it.
func (d *jsonDoc) value(pos, parent, depth int32) (int32, error) {
	if depth > jsonMaxDepth {
		return 0, errTooDeep
	}
	if len(d.nodes) >= jsonMaxNodes {
		return 0, fmt.Errorf("%w: more than %d values in one order", ErrHostile, jsonMaxNodes)
	}
	pos = d.blanks(pos)
	self := int32(len(d.nodes))
	d.nodes = append(d.nodes, jsonNode{from: pos, parent: parent, kind: jsontext.Kind(d.text[pos])})
	end, err := pos, error(nil)
	switch d.text[pos] {
	case '{', '[':
		end, err = d.members(pos, self, depth)
	case '"':
		end = d.stringEnd(pos)
	default:
		end = d.literalEnd(pos)
	}
	d.nodes[self].to = end
	return end, err
}

// members adds what stands in the object or array that begins at pos.
func (d *jsonDoc) members(pos, self, depth int32) (int32, error) {
	inObject, last := d.text[pos] == '{', int32(0)
	for pos = d.blanks(pos + 1); d.text[pos] != '}' && d.text[pos] != ']'; pos = d.blanks(pos) {
		if d.text[pos] == ',' {
			pos = d.blanks(pos + 1)
		}
		var nameFrom, nameTo int32
		if inObject {
			nameFrom = pos + 1
			pos = d.stringEnd(pos)
			nameTo = pos - 1
			d.escaped = d.escaped || bytes.IndexByte(d.text[nameFrom:nameTo], '\\') >= 0
			pos = d.blanks(pos) + 1 // the colon
		}
		node := int32(len(d.nodes))
		end, err := d.value(pos, self, depth+1)
		if err != nil {
			return end, err
		}
		d.nodes[node].nameFrom, d.nodes[node].nameTo = nameFrom, nameTo
		if last == 0 {
			d.nodes[self].child = node
		} else {
			d.nodes[last].next = node
		}
		last, pos = node, end
	}
	return pos + 1, nil
}

func (d *jsonDoc) blanks(pos int32) int32 {
	for int(pos) < len(d.text) && d.text[pos] <= ' ' {
		pos++
	}
	return pos
}

// stringEnd gives the position behind the string at pos.
func (d *jsonDoc) stringEnd(pos int32) int32 {
	for pos++; ; pos++ {
		pos += int32(bytes.IndexByte(d.text[pos:], '"'))
		slashes := int32(0)
		for d.text[pos-1-slashes] == '\\' {
			slashes++
		}
		if slashes%2 == 0 {
			return pos + 1
		}
	}
}

func (d *jsonDoc) literalEnd(pos int32) int32 {
	for ; int(pos) < len(d.text); pos++ {
		switch d.text[pos] {
		case ',', '}', ']', ' ', '\t', '\r', '\n':
			return pos
		}
	}
	return pos
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
func addMember(members []byte, key string, v jsontext.Value) ([]byte, error) {
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
