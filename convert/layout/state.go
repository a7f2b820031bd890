package layout

import (
	"context"
	"io"

	"obmen/convert/document"
	"obmen/convert/money"
)

// flushAt is how much is collected before it goes to the writer: large enough that a call costs
// nothing beside it, small enough for a cache.
const flushAt = 64 << 10

// deepest is how many {{range}} may stand inside one another.
const deepest = 8

// Report is what had to be changed to write a file.
type Report struct {
	Replaced []Replacement
}

// Replacement says that a value could not be written as it is.
type Replacement struct {
	Document string // its number; empty for the batch's own fields
	Field    string // "Line.Name"
	Count    int    // characters that the file cannot hold: U+FFFD stands for them, in .csv a comma or blank
	Cut      bool   // the text was longer than a cell of Excel holds (32,767)
}

// step writes a piece of a file.
type step func(*state)

func run(steps []step, s *state) {
	for _, do := range steps {
		do(s)
	}
}

// state is one file being written.
type state struct {
	ctx   context.Context
	w     io.Writer
	err   error // the first one; nothing is written after it
	out   []byte
	made  []byte // text that a function makes, before it is escaped
	cell  []byte // text of a cell, before it is escaped
	spare []byte // out of what is written for its digest
	coded []byte // out in another encoding
	held  bool   // out is a cell's text and must not go to the writer

	encoding *encoding          // of the file; nil is UTF-8
	loops    [deepest]any       // the record each {{range}} is at
	counts   [deepest]int       // and its index
	document *document.Document // the one being written, for messages
	report   Report
}

// begin readies a state, whose buffers may have served another file.
func (s *state) begin(ctx context.Context, w io.Writer, b *file) {
	*s = state{ctx: ctx, w: w, out: s.out[:0], made: s.made[:0], cell: s.cell[:0], spare: s.spare[:0], coded: s.coded[:0]}
	s.loops[0] = b
}

// end flushes, and lets go of the batch.
func (s *state) end() (Report, error) {
	s.flush()
	report, err := s.report, s.err
	s.begin(context.Background(), io.Discard, nil)
	return report, err
}

func (s *state) flush() {
	if s.err == nil && len(s.out) > 0 {
		out := s.out
		if s.encoding != nil {
			s.coded = s.encoding.append(s.coded[:0], out)
			out = s.coded
		}
		_, s.err = s.w.Write(out)
	}
	s.out = s.out[:0]
}

// enter moves a loop to its next record.
func (s *state) enter(loop, i int, record any) {
	s.loops[loop], s.counts[loop] = record, i
	if d, ok := record.(*document.Document); ok {
		s.document = d
		if s.err == nil {
			s.err = s.ctx.Err()
		}
	}
	if len(s.out) >= flushAt && !s.held {
		s.flush()
	}
}

// replaced notes what a value lost on its way into the file.
func (s *state) replaced(field string, count int, cut bool) {
	if count == 0 && !cut {
		return
	}
	number := ""
	if s.document != nil {
		number = s.document.Number
	}
	list := s.report.Replaced
	for i := len(list) - 1; i >= 0 && list[i].Document == number; i-- {
		if list[i].Field == field {
			list[i].Count += count
			list[i].Cut = list[i].Cut || cut
			return
		}
	}
	s.report.Replaced = append(list, Replacement{number, field, count, cut})
}

// decimal appends a number. An overflow on the way to it ends the file: no layout writes what was
// not computed.
func (s *state) decimal(b []byte, d money.Decimal, places int, field string) []byte {
	if !d.Valid() && s.err == nil {
		s.err = &ValueError{Field: field}
		if s.document != nil {
			s.err = &ValueError{Document: s.document.Number, Field: field}
		}
	}
	return d.Append(b, places)
}
