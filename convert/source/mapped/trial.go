package mapped

import (
	"context"
	"errors"

	"obmen/convert/order"
	"obmen/convert/source"
)

// Trial is what a mapping makes of a file.
type Trial struct {
	Claimed  bool      `json:"claimed"` // the mapping knows the file by its content
	Orders   int       `json:"orders"`
	Refused  int       `json:"refused"`
	First    []Traced  `json:"first"`           // the values of the first order, each with its source
	Refusals []string  `json:"refusals"`        // of the first orders that are refused
	NotFound []string  `json:"not_found"`       // paths that led nowhere in any order
	Error    string    `json:"error,omitempty"` // what ended the file
	Hint     string    `json:"hint,omitempty"`
	notFound []Mistake //
}

// mostTried bounds the orders of a trial, and mostRefusals those that are told.
const (
	mostTried    = 10_000
	mostRefusals = 5
)

// Try reads a file by a mapping and tells where each value of its first order comes from. The error is that of
// the context, or of opening the file.
func Try(ctx context.Context, m *Mapping, in source.Input) (*Trial, error) {
	text, err := in.ReadHead()
	if err != nil {
		return nil, err
	}
	t := &Trial{Claimed: m.claims(newHead(text)), First: []Traced{}, Refusals: []string{}, NotFound: []string{}}
	trace := &Trace{met: make([]bool, len(m.paths))}
	for _, p := range append(m.detect.has, m.detect.lacks...) { // judged by Claimed
		trace.met[p.used] = true
	}
	for _, err := range (Format{m}).read(ctx, in, trace) {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if !t.add(err) || t.Orders+t.Refused >= mostTried {
			break
		}
	}
	t.First = append(t.First, trace.Values...)
	if t.Orders > 0 {
		t.notFound = trace.notMet(m)
	}
	for _, n := range t.notFound {
		t.NotFound = append(t.NotFound, n.Error())
	}
	return t, nil
}

// add counts an order or its refusal; it returns false at the end of the file.
func (t *Trial) add(err error) bool {
	var row *source.RowError
	switch {
	case err == nil:
		t.Orders++
	case errors.As(err, &row):
		t.Refused++
		if len(t.Refusals) < mostRefusals {
			t.Refusals = append(t.Refusals, row.Error())
		}
	default:
		t.Error = err.Error()
		var file *source.FileError
		if errors.As(err, &file) {
			t.Hint = file.Advice
		}
		return false
	}
	return true
}

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
