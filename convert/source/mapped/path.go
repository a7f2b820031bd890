package mapped

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"obmen/convert/source/jsontree"
)

// path leads from an order, or from one of its lines, to values:
//
//	billing.email                   members of objects, or elements of XML by their local names
//	tax_lines.0.rate                an element of a list, from 0
//	line_items.#.total              every element of a list
//	meta_data.#(key==_sku).value    the first element whose member has that value
//	fees.#(type==SHIPPING)#.amount  all such elements
//	@                               the value itself
//	x.#(order==$id)#                with the value that a path of the order leads to
//	x.#(line==$.id)#                with that of the line, or charge, that is being read
//	goods.#(tip==null)#             such elements that state nothing there
//	^.included                      from the body of the file, where the mapping reads it whole
//	price.@currency                 an attribute in XML
//
// A dot in a name is written \. In a table a path is the name of a column, as it is.
type path struct {
	text  string
	at    position
	steps []step
	used  int // index among the paths of its mapping
}

// itself is the path @.
var itself = &path{text: "@"}

type stepKind byte

const (
	stepName stepKind = iota
	stepIndex
	stepAll
	stepWhere // first match
	stepWhereAll
	stepRoot
)

type step struct {
	kind  stepKind
	name  string // of stepName; the member that is compared, of stepWhere
	index int
	value string // that it is compared with
	inner *path  // to the member that is compared, of stepWhere
	ref   *path  // whose value it is compared with; nil for value
	line  bool   // ref is a path of the line and not of the order
	null  bool   // it is compared with nothing
	not   bool
}

const maxPath = 1000 // bytes

// parsePath reads a path; of a table it is a column's name.
func parsePath(text string, table bool) (*path, error) {
	p := &path{text: text}
	switch {
	case strings.TrimSpace(text) == "":
		return nil, errors.New("the path is empty")
	case len(text) > maxPath:
		return nil, fmt.Errorf("a path of more than %d bytes", maxPath)
	case table:
		p.steps = []step{{kind: stepName, name: text}}
		return p, nil
	case text == "@":
		return p, nil
	}
	for i, word := range splitPath(text) {
		s, err := parseStep(word, i == 0)
		if err != nil {
			return nil, err
		}
		p.steps = append(p.steps, s)
	}
	if len(p.steps) > jsontree.MaxDepth {
		return nil, fmt.Errorf("a path of more than %d steps", jsontree.MaxDepth)
	}
	return p, nil
}

// splitPath cuts a path at its dots, but for those behind a backslash and those within brackets.
func splitPath(text string) (words []string) {
	var word strings.Builder
	depth := 0
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && i+1 < len(text):
			i++
			word.WriteByte(text[i])
			continue
		case c == '(':
			depth++
		case c == ')':
			depth--
		case c == '.' && depth == 0:
			words = append(words, word.String())
			word.Reset()
			continue
		}
		word.WriteByte(text[i])
	}
	return append(words, word.String())
}

func parseStep(word string, first bool) (step, error) {
	switch {
	case word == "":
		return step{}, errors.New("two dots, or a dot at an end")
	case word == "^" && first:
		return step{kind: stepRoot}, nil
	case word == "#":
		return step{kind: stepAll}, nil
	case strings.HasPrefix(word, "#("):
		return parseWhere(word)
	}
	if n, err := strconv.Atoi(word); err == nil && n >= 0 {
		return step{kind: stepIndex, index: n, name: word}, nil
	}
	return step{kind: stepName, name: word}, nil
}

func parseWhere(word string) (step, error) {
	s := step{kind: stepWhere}
	inner, all := strings.CutSuffix(word[2:], "#")
	if all {
		s.kind = stepWhereAll
	}
	inner, closed := strings.CutSuffix(inner, ")")
	name, value, equal := strings.Cut(inner, "==")
	if !equal {
		name, value, s.not = strings.Cut(inner, "!=")
	}
	if !closed || !equal && !s.not || strings.TrimSpace(name) == "" {
		return s, fmt.Errorf("%q: write #(name==value), or #(name==value)# for all such elements", word)
	}
	s.name, s.value = strings.TrimSpace(name), strings.Trim(strings.TrimSpace(value), `"'`)
	var err error
	if s.inner, err = parsePath(s.name, false); err != nil {
		return s, err
	}
	s.null = s.value == "null"
	if ref, ok := strings.CutPrefix(s.value, "$"); ok && err == nil {
		ref, s.line = strings.CutPrefix(ref, ".")
		s.ref, err = parsePath(ref, false)
	}
	return s, err
}

// find is the first node that a path leads to, absent when there is none.
func (d *doc) find(p *path, from int32) int32 {
	at := from
	for i := range p.steps {
		if at == absent {
			return absent
		}
		s := &p.steps[i]
		if s.kind == stepName { // nearly every step
			at = d.member(at, s.name)
			continue
		}
		if s.kind == stepAll || s.kind == stepWhereAll {
			found := absent
			d.walk(p.steps[i:], at, func(n int32) bool { found = n; return false })
			return found
		}
		at = d.step(s, at)
	}
	return at
}

// step follows a step that leads to one node at most.
func (d *doc) step(s *step, at int32) int32 {
	switch s.kind {
	case stepRoot:
		return 0
	case stepIndex:
		return d.element(at, s)
	case stepWhere:
		for n := d.first(at); n != absent; n = d.following(at, n) {
			if d.matches(s, n) {
				return n
			}
		}
		return absent
	}
	return d.member(at, s.name)
}

// element is an element of a list by its number; a single value is a list of one, and an object may have
// a member of such a name.
func (d *doc) element(at int32, s *step) int32 {
	if d.nodes[at].kind == '{' {
		if found := d.member(at, s.name); found != absent {
			return found
		}
	}
	n := d.first(at)
	for i := 0; i < s.index && n != absent; i++ {
		n = d.following(at, n)
	}
	return n
}

// first is the first element of a list; what is no list stands for the first of its name among its
// siblings, as repeated elements of XML do.
func (d *doc) first(at int32) int32 {
	switch {
	case at == absent || d.nodes[at].kind == 'n':
		return absent
	case d.nodes[at].kind != '[':
		return at
	case d.nodes[at].child == 0:
		return absent
	}
	return d.nodes[at].child
}

// following is the element behind n in the list that first was asked for.
func (d *doc) following(list, n int32) int32 {
	next := d.nodes[n].next
	if d.nodes[list].kind == '[' {
		if next == 0 {
			return absent
		}
		return next
	}
	if next == 0 || d.nodes[list].line == 0 { // no XML: a single value
		return absent
	}
	return d.named(next, string(d.name(list)))
}

func (d *doc) matches(s *step, at int32) bool {
	found := d.find(s.inner, at)
	is := false
	switch {
	case s.null:
		is = d.empty(found)
	case found == absent:
	case s.ref != nil:
		from := d.base
		if s.line {
			from = d.line
		}
		ref := d.find(s.ref, from)
		is = ref != absent && string(d.raw(found)) == string(d.raw(ref))
	default:
		is = string(d.raw(found)) == s.value
	}
	return is != s.not
}

// each calls f with every node that a path leads to, until f returns false. A list at the end of a path
// stands for its elements.
func (d *doc) each(p *path, from int32, f func(int32) bool) {
	d.walk(p.steps, from, func(at int32) bool {
		for n := d.first(at); n != absent; n = d.following(at, n) {
			if !f(n) {
				return false
			}
		}
		return true
	})
}

func (d *doc) walk(steps []step, at int32, f func(int32) bool) bool {
	for i := range steps {
		s := &steps[i]
		if at == absent {
			return true
		}
		if s.kind != stepAll && s.kind != stepWhereAll {
			at = d.step(s, at)
			continue
		}
		for n := d.first(at); n != absent; n = d.following(at, n) {
			if (s.kind == stepAll || d.matches(s, n)) && !d.walk(steps[i+1:], n, f) {
				return false
			}
		}
		return true
	}
	return at == absent || f(at)
}
