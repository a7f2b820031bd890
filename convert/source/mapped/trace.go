package mapped

import (
	"obmen/convert/order"
	"obmen/convert/source/input"
)

// Trace collects where the values of orders came from.
type Trace struct {
	Values []Traced // of the first order
	met    []bool   // by path
	whole  bool     // the first order was read
}

// Traced is a value with its source.
type Traced struct {
	Field string       `json:"field"` // "order.total"
	From  string       `json:"from"`  // path, expression or constant
	At    order.Origin `json:"-"`     // where it stands; zero for expressions and constants
	Value string       `json:"value"`
}

// met notes that a path led somewhere.
func (d *decoder) met(p *path, _ int32) {
	if p.used < len(d.seen) {
		d.seen[p.used] = true
	}
}

// metOneOf notes that none of the paths of an expression is missed if one of them led somewhere: others stand in
// its place, or are asked for only where something else is there.
func (d *decoder) metOneOf(paths []*path) {
	if d.seen == nil {
		return
	}
	for _, p := range paths {
		if d.seen[p.used] {
			for _, other := range paths {
				d.seen[other.used] = true
			}
			return
		}
	}
}

func (d *decoder) traced(v *value, at int32, text string) {
	if d.trace == nil || d.trace.whole || text == "" && at == absent {
		return
	}
	t := Traced{Field: v.field, From: v.origin(), Value: input.Shorten(text)}
	if at != absent {
		t.At = d.place(at)
		if d.m.Kind != CSV {
			t.From = d.doc.pointer(at)
		}
	}
	d.trace.Values = append(d.trace.Values, t)
}

// notMet are the paths that led nowhere in any order.
func (t *Trace) notMet(m *Mapping) (list Mistakes) {
	for _, p := range m.paths {
		if !t.met[p.used] && len(p.steps) > 0 {
			list = append(list, p.neverFound(m))
		}
	}
	return list
}

// neverFound names a path that led nowhere.
func (p *path) neverFound(m *Mapping) Mistake {
	return Mistake{m.File, p.at.line, p.at.column, "path " + p.text + " never found: a typing mistake?", "compare it with the file; leave it if other files have it"}
}
