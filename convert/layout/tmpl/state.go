package tmpl

import (
	"context"
	"io"
	"sync"

	"obmen/convert/document"
	"obmen/convert/money"
)

// XMLWriter writes document.xml.
type XMLWriter struct {
	Steps    []Step
	Encoding *Encoding // nil is UTF-8
	states   sync.Pool
}

// Write writes one file of documents; several may be written at a time.
func (x *XMLWriter) Write(ctx context.Context, w io.Writer, b *File) (Report, error) {
	s, ok := x.states.Get().(*State)
	if !ok {
		s = &State{Out: make([]byte, 0, FlushAt+FlushAt/4)}
	}
	defer x.states.Put(s)
	s.Begin(ctx, w, b)
	s.encoding = x.Encoding
	Run(x.Steps, s)
	return s.End()
}

// FlushAt is how much is collected before it goes to the writer: large enough that a call costs
// nothing beside it, small enough for a cache.
const FlushAt = 64 << 10

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

// Step writes a piece of a file.
type Step func(*State)

func Run(steps []Step, s *State) {
	for _, do := range steps {
		do(s)
	}
}

// State is one file being written.
type State struct {
	ctx   context.Context
	W     io.Writer
	Err   error // the first one; nothing is written after it
	Out   []byte
	Made  []byte // text that a function makes, before it is escaped
	Cell  []byte // text of a cell, before it is escaped
	spare []byte // out of what is written for its digest
	coded []byte // out in another encoding
	Held  bool   // out is a cell's text and must not go to the writer

	encoding *Encoding          // of the file; nil is UTF-8
	loops    [deepest]any       // the record each {{range}} is at
	counts   [deepest]int       // and its index
	document *document.Document // the one being written, for messages
	Report   Report
}

// Begin readies a state, whose buffers may have served another file.
func (s *State) Begin(ctx context.Context, w io.Writer, b *File) {
	*s = State{ctx: ctx, W: w, Out: s.Out[:0], Made: s.Made[:0], Cell: s.Cell[:0], spare: s.spare[:0], coded: s.coded[:0]}
	s.loops[0] = b
}

// End flushes, and lets go of the batch.
func (s *State) End() (Report, error) {
	s.Flush()
	report, err := s.Report, s.Err
	s.Begin(context.Background(), io.Discard, nil)
	return report, err
}

func (s *State) Flush() {
	if s.Err == nil && len(s.Out) > 0 {
		out := s.Out
		if s.encoding != nil {
			s.coded = s.encoding.append(s.coded[:0], out)
			out = s.coded
		}
		_, s.Err = s.W.Write(out)
	}
	s.Out = s.Out[:0]
}

// Enter moves a loop to its next record.
func (s *State) Enter(loop, i int, record any) {
	s.loops[loop], s.counts[loop] = record, i
	if d, ok := record.(*document.Document); ok {
		s.document = d
		if s.Err == nil {
			s.Err = s.ctx.Err()
		}
	}
	if len(s.Out) >= FlushAt && !s.Held {
		s.Flush()
	}
}

// Replaced notes what a value lost on its way into the file.
func (s *State) Replaced(field string, count int, cut bool) {
	if count == 0 && !cut {
		return
	}
	number := ""
	if s.document != nil {
		number = s.document.Number
	}
	list := s.Report.Replaced
	for i := len(list) - 1; i >= 0 && list[i].Document == number; i-- {
		if list[i].Field == field {
			list[i].Count += count
			list[i].Cut = list[i].Cut || cut
			return
		}
	}
	s.Report.Replaced = append(list, Replacement{number, field, count, cut})
}

// Decimal appends a number. An overflow on the way to it ends the file: no layout writes what was
// not computed.
func (s *State) Decimal(b []byte, d money.Decimal, places int, field string) []byte {
	if !d.Valid() && s.Err == nil {
		s.Err = &ValueError{Field: field}
		if s.document != nil {
			s.Err = &ValueError{Document: s.document.Number, Field: field}
		}
	}
	return d.Append(b, places)
}

// The places of a workbook's row among the loops of its expressions.
const (
	BatchLoop = iota
	DocumentLoop
	LineLoop
	FirstFreeLoop
)

// File is a batch on its way into one file, with what templates ask of it, computed once.
type File struct {
	*document.Batch
	Template  string // hash of the layout's templates and settings
	sums      []document.Sum
	constants []document.Constant
	unknown   *document.Unknown
}

func (f *File) controlTotals() []document.Sum {
	if f.sums == nil {
		f.sums = f.Sums()
	}
	return f.sums
}

func (f *File) sortedConstants() []document.Constant {
	if f.constants == nil {
		f.constants = f.SortedConstants()
	}
	return f.constants
}

func (f *File) unknownTo1C() *document.Unknown {
	if f.unknown == nil {
		f.unknown = f.Unknown()
	}
	return f.unknown
}
