package mapped

import (
	"bytes"
	"errors"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// tomlKind is what a value of a mapping is.
type tomlKind string

const (
	tomlString  tomlKind = "a text"
	tomlBool    tomlKind = "true or false"
	tomlInteger tomlKind = "a whole number"
	tomlList    tomlKind = "a list"
	tomlTable   tomlKind = "a table"
	tomlOther   tomlKind = "a number or date"
)

// tomlValue is a value of a mapping with its place.
type tomlValue struct {
	kind tomlKind
	text string   // of a scalar
	at   position // of the value's first byte, of its first letter for a text
	keys []string // of a table, in the order of the file
	made map[string]*tomlValue
	key  map[string]position // of each key
	list []*tomlValue
}

func newTable(at position) *tomlValue {
	return &tomlValue{kind: tomlTable, at: at, made: map[string]*tomlValue{}, key: map[string]position{}}
}

// get is the value under a key; nil when the table has none.
func (v *tomlValue) get(key string) *tomlValue {
	if v == nil {
		return nil
	}
	return v.made[key]
}

func (v *tomlValue) put(key string, at position, value *tomlValue) {
	if _, known := v.made[key]; !known {
		v.keys = append(v.keys, key)
		v.key[key] = at
	}
	v.made[key] = value
}

// readTOML reads a mapping into a tree that knows its places.
func readTOML(file string, text []byte) (*tomlValue, Mistakes) {
	var plain map[string]any
	if err := toml.Unmarshal(text, &plain); err != nil {
		return nil, Mistakes{syntaxMistake(file, err)}
	}
	b := &tomlBuilder{text: text}
	b.parser.Reset(text)
	root := newTable(position{1, 1})
	table := root
	for b.parser.NextExpression() {
		e := b.parser.Expression()
		switch e.Kind {
		case unstable.Table:
			table = b.descend(root, e.Key(), false)
		case unstable.ArrayTable:
			table = b.descend(root, e.Key(), true)
		case unstable.KeyValue:
			b.keyValue(table, e)
		}
	}
	return root, nil
}

func syntaxMistake(file string, err error) Mistake {
	m := Mistake{File: file, Line: 1, Column: 1, Text: err.Error(), Advice: "write TOML 1.0: texts in quotes, one key a line"}
	var bad *toml.DecodeError
	if errors.As(err, &bad) {
		m.Line, m.Column = bad.Position()
		m.Text = strings.TrimPrefix(bad.Error(), "toml: ")
	}
	return m
}

// tomlBuilder makes the tree out of what the parser finds in a text that is known to be TOML.
type tomlBuilder struct {
	text   []byte
	parser unstable.Parser
}

func (b *tomlBuilder) place(offset int) position {
	before := b.text[:min(max(offset, 0), len(b.text))]
	return position{1 + bytes.Count(before, []byte("\n")), len(before) - bytes.LastIndexByte(before, '\n')}
}

// descend finds or makes the table that a header names.
func (b *tomlBuilder) descend(root *tomlValue, keys unstable.Iterator, array bool) *tomlValue {
	table := root
	for keys.Next() {
		k := keys.Node()
		name, at := string(k.Data), b.place(int(k.Raw.Offset))
		next := table.get(name)
		switch {
		case array && keys.IsLast():
			if next == nil {
				next = &tomlValue{kind: tomlList, at: at}
				table.put(name, at, next)
			}
			next.list = append(next.list, newTable(at))
		case next == nil:
			next = newTable(at)
			table.put(name, at, next)
		}
		if next.kind == tomlList && len(next.list) > 0 {
			next = next.list[len(next.list)-1]
		}
		table = next
	}
	return table
}

// keyValue puts a value under its key, which may be dotted.
func (b *tomlBuilder) keyValue(table *tomlValue, e *unstable.Node) {
	keys := e.Key()
	for keys.Next() {
		k := keys.Node()
		name, at := string(k.Data), b.place(int(k.Raw.Offset))
		if keys.IsLast() {
			table.put(name, at, b.value(e.Value(), at))
			return
		}
		next := table.get(name)
		if next == nil {
			next = newTable(at)
			table.put(name, at, next)
		}
		table = next
	}
}

func (b *tomlBuilder) value(n *unstable.Node, key position) *tomlValue {
	at := key
	if n.Raw.Length > 0 {
		at = b.place(int(n.Raw.Offset))
	}
	switch n.Kind {
	case unstable.String:
		return &tomlValue{kind: tomlString, text: string(n.Data), at: b.inside(n, at)}
	case unstable.Bool:
		return &tomlValue{kind: tomlBool, text: string(n.Data), at: at}
	case unstable.Integer:
		return &tomlValue{kind: tomlInteger, text: string(n.Data), at: at}
	case unstable.Array:
		list := &tomlValue{kind: tomlList, at: at}
		for each := n.Children(); each.Next(); {
			if each.Node().Kind != unstable.Comment {
				list.list = append(list.list, b.value(each.Node(), at))
			}
		}
		return list
	case unstable.InlineTable:
		table := newTable(at)
		for each := n.Children(); each.Next(); {
			if each.Node().Kind == unstable.KeyValue {
				b.keyValue(table, each.Node())
			}
		}
		return table
	}
	return &tomlValue{kind: tomlOther, text: string(n.Data), at: at}
}

// inside is the place of a text's first letter, behind its quotes.
func (b *tomlBuilder) inside(n *unstable.Node, at position) position {
	raw := b.text[min(int(n.Raw.Offset), len(b.text)):]
	switch {
	case bytes.HasPrefix(raw, []byte(`"""`)), bytes.HasPrefix(raw, []byte(`'''`)):
		if bytes.HasPrefix(raw[3:], []byte("\n")) || bytes.HasPrefix(raw[3:], []byte("\r\n")) {
			return position{at.line + 1, 1}
		}
		return position{at.line, at.column + 3}
	case len(raw) > 0 && (raw[0] == '"' || raw[0] == '\''):
		return position{at.line, at.column + 1}
	}
	return at
}
