package mapped

import (
	"bytes"
	"context"
	"encoding/xml"

	"github.com/go-json-experiment/json/jsontext"

	"obmen/convert/source/jsontree"
)

// head is the beginning of a file, looked at once for all mappings.
type head struct {
	text []byte
	json *doc // what of the first body could be read; nil before it was looked at
	xml  *doc
}

func newHead(text []byte) *head { return &head{text: text} }

// claims reports whether the beginning of a file has what the mapping wants. Of JSON and XML the first
// order is looked at, as far as it reaches.
func (m *Mapping) claims(h *head) bool {
	text := bytes.TrimLeft(h.text, "\ufeff \t\r\n")
	if len(text) == 0 {
		return false
	}
	looksJSON, looksXML := text[0] == '{' || text[0] == '[', text[0] == '<'
	switch m.Kind {
	case CSV:
		return !looksJSON && !looksXML && m.claimsTable(h.text)
	case XML:
		if !looksXML {
			return false
		}
		if h.xml == nil {
			h.xml = partOfXML(text)
		}
		return m.claimsTree(h.xml)
	}
	if !looksJSON {
		return false
	}
	if h.json == nil {
		h.json = partOfJSON(text)
	}
	return m.claimsTree(h.json)
}

func (m *Mapping) claimsTable(text []byte) bool {
	t, err := m.openTable(context.Background(), "", bytes.NewReader(text))
	if err != nil {
		return false
	}
	columns := map[*path]bool{}
	for _, p := range t.paths {
		columns[p] = true
	}
	for _, p := range m.detect.has {
		if !columns[p] {
			return false
		}
	}
	for _, p := range m.detect.lacks {
		if columns[p] {
			return false
		}
	}
	return true
}

func (m *Mapping) claimsTree(t *doc) bool {
	if len(t.nodes) == 0 {
		return false
	}
	for _, way := range m.orders.at {
		for _, at := range t.follow(way) {
			if at != absent && t.nodes[at].kind == '{' && m.wantsOrder(t, at) {
				return true
			}
		}
	}
	return false
}

// follow finds the first order on a way: of a body, which may stand in a list of bodies, and of one in what
// obmen keeps of a fetch. Either may be absent.
func (d *doc) follow(way []string) [2]int32 {
	at := d.first(0)
	if at != 0 && at != absent && len(way) > 0 && d.member(at, way[0]) == absent {
		return [2]int32{absent, absent}
	}
	found := [2]int32{at, d.member(at, "body")}
	for i := range found {
		for _, name := range way {
			found[i] = d.member(found[i], name)
		}
		found[i] = d.first(found[i])
	}
	return found
}

func (m *Mapping) wantsOrder(t *doc, at int32) bool {
	for _, p := range m.detect.has {
		if t.find(p, at) == absent {
			return false
		}
	}
	for _, p := range m.detect.lacks {
		if t.find(p, at) != absent {
			return false
		}
	}
	return true
}

// partOfJSON makes a tree of what can be read of a beginning.
func partOfJSON(text []byte) *doc {
	d := new(doc)
	dec := jsontext.NewDecoder(bytes.NewReader(text))
	type level struct {
		self, last, count int32
		array             bool
	}
	var open []level
	name := ""
	for len(d.nodes) < maxNodes && len(open) <= jsontree.MaxDepth {
		isName := false
		if n := len(open); n > 0 && !open[n-1].array {
			_, length := dec.StackIndex(dec.StackDepth())
			isName = length%2 == 0
		}
		t, err := dec.ReadToken()
		if err != nil {
			return d
		}
		kind := t.Kind()
		if kind == '}' || kind == ']' {
			if open = open[:len(open)-1]; len(open) == 0 {
				return d
			}
			continue
		}
		if isName {
			name = t.String()
			continue
		}
		n := node{kind: byte(kind)}
		last := int32(0)
		if len(open) > 0 {
			top := &open[len(open)-1]
			n.parent, last = top.self, top.last
			if top.array {
				n.nameFrom, n.nameTo = top.count, top.count
			} else {
				n.nameFrom, n.nameTo = d.append(name)
			}
			top.count++
		}
		if kind != '{' && kind != '[' {
			n.from, n.to = d.append(t.String())
			if kind == 'f' {
				n.kind = 't'
			}
		}
		at := d.add(n, last)
		if len(open) > 0 {
			open[len(open)-1].last = at
		}
		if kind == '{' || kind == '[' {
			open = append(open, level{self: at, array: kind == '['})
		} else if len(open) == 0 {
			return d
		}
	}
	return d
}

// partOfXML makes a tree of what can be read of a beginning, under a node for the file.
func partOfXML(text []byte) *doc {
	d := new(doc)
	d.add(node{kind: '{', line: 1}, 0)
	dec := newXMLDecoder(bytes.NewReader(text))
	dec.Strict = true
	open := []*xmlElement{{doc: d}}
	for len(d.nodes) < maxNodes && len(open) <= jsontree.MaxDepth {
		t, err := dec.Token()
		if err != nil {
			break
		}
		top := open[len(open)-1]
		switch t := t.(type) {
		case xml.StartElement:
			x := &xmlElement{doc: d}
			line, column := dec.InputPos()
			x.begin(t, top.self, top.last, line, column)
			top.last = x.self
			open = append(open, x)
		case xml.CharData:
			top.text = append(top.text, t...)
		case xml.EndElement:
			top.end()
			open = open[:len(open)-1]
		}
	}
	return d
}
