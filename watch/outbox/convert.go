package outbox

import (
	"context"
	"slices"

	"obmen/convert"
	"obmen/convert/catalog"
	"obmen/convert/document"
	"obmen/convert/source"
)

// MostHeld is how many held orders a Result tells of. The summary counts all, Writer.Held lists them.
const MostHeld = 20

// Result is what a conversion did.
type Result struct {
	Files   []convert.File
	Outputs []Output
	Summary convert.Summary
	Held    []convert.Outcome // the first MostHeld of them
	// Dismissed are those that came and stay out, because a person has dealt with them.
	Dismissed []convert.Outcome
	// Orders are all outcomes, their documents without lines and buyers; only with Writer.KeepOrders.
	Orders []convert.Outcome
	Notes  []convert.Note // one of each code
}

func (r *Result) addNotes(notes []convert.Note) {
	for _, n := range notes {
		if !slices.ContainsFunc(r.Notes, func(m convert.Note) bool { return m.Code == n.Code }) {
			r.Notes = append(r.Notes, n)
		}
	}
}

// Refused counts the files that could not be read.
func (r *Result) Refused() (n int) {
	for i := range r.Files {
		if r.Files[i].Err != nil {
			n++
		}
	}
	return n
}

// Convert converts the inputs and publishes the output sets. Nothing is visible before everything is
// written; after an error nothing is left, unless it is a *drop.PartialError that says what can be seen.
func (w *Writer) Convert(ctx context.Context, ins []source.Input, cat *catalog.Snapshot, opt convert.Options) (*Result, error) {
	defer w.Reset()
	result, err := w.Stage(ctx, ins, cat, opt)
	if err != nil {
		return nil, err
	}
	if err := w.planAndShow(ctx, result.Outputs); err != nil {
		return nil, err
	}
	return result, nil
}

// Stage converts the inputs and stages the output sets, where nobody sees them. Then comes Settle and
// Show, or Reset.
func (w *Writer) Stage(ctx context.Context, ins []source.Input, cat *catalog.Snapshot, opt convert.Options) (*Result, error) {
	opt.Readers = w.readers()
	if w.Numbers != nil {
		opt.Number = w.Numbers.Number
	}
	s := &sink{w: w}
	if opt.Scratch == nil {
		opt.Scratch = func() (convert.Scratch, error) { return w.Folder.Scratch() }
	}
	var err error
	if s.result.Files, err = convert.Run(ctx, ins, cat, opt, s); err != nil {
		return nil, err
	}
	for i := range s.result.Files {
		s.result.addNotes(s.result.Files[i].Notes)
	}
	if err := w.nameFinished(0); err != nil {
		return nil, err
	}
	s.result.Outputs = w.listOutputs(w.pending)
	return &s.result, nil
}

// sink takes a run's outcomes into a Result and its batches to the writer.
type sink struct {
	w      *Writer
	result Result
}

var _ convert.Sink = (*sink)(nil)

func (s *sink) Outcome(o convert.Outcome) error {
	r := &s.result
	r.Summary.Add(&o)
	if s.w.Each != nil {
		if err := s.w.Each(o); err != nil {
			return err
		}
	}
	if o.Document != nil {
		r.addNotes(o.Notes)
	}
	switch {
	case o.Hold != nil:
		if err := s.addHeld(&o); err != nil {
			return err
		}
	case o.Rule == convert.SkipDismissed:
		r.Dismissed = append(r.Dismissed, o)
	}
	if s.w.KeepOrders {
		o.Document = proofOf(o.Document)
		r.Orders = append(r.Orders, o)
	}
	return nil
}

// proofOf is what a report shows of a document, whose lines are on their way into a file; nil for none.
func proofOf(d *document.Document) *document.Document {
	if d == nil {
		return nil
	}
	return &document.Document{Identity: document.Identity{ID: d.ID}, Dates: document.Dates{Date: d.Date, Updated: d.Updated}, Amounts: document.Amounts{Total: d.Total, VAT: d.VAT}, Proof: d.Proof}
}

// addHeld notes an order that waits.
func (s *sink) addHeld(o *convert.Outcome) error {
	if len(s.result.Held) < MostHeld {
		s.result.Held = append(s.result.Held, *o)
	}
	if s.w.Held == nil {
		return nil
	}
	return s.w.Held.Add(o)
}

func (s *sink) Batch(ctx context.Context, b document.Batch) error { return s.w.startBatch(ctx, b) }

func (s *sink) Reset() error {
	s.result = Result{}
	if s.w.Restart != nil {
		s.w.Restart()
	}
	if s.w.Held != nil {
		if err := s.w.Held.resetRows(); err != nil {
			return err
		}
	}
	return s.w.Reset()
}
