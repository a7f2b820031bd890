// Package convert turns the orders of a source into documents for 1C.
//
//	read → prove → match → lay out
//
// Prove shows which reading of an order's amounts reproduces its total to the last digit; match finds
// product and customer in a catalog snapshot; what cannot be proven or matched is held, with a code, a
// sentence and its cure. Nothing is dropped: every order ends as exported, held, or skipped by a named
// rule.
//
// The package is pure: no network, no database, no clock, no logger. The same inputs, catalogs and
// options give the same outcomes in the same order.
package convert

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"obmen/convert/catalog"
	"obmen/convert/document"
	"obmen/convert/parallel"
	"obmen/convert/source"
)

// Sink takes what a run produces. Outcomes and batches come in the order of the input; a batch comes
// after the outcomes of its documents.
type Sink interface {
	Outcome(Outcome) error
	// Batch writes an output set where no one sees it yet.
	Batch(context.Context, document.Batch) error
	// Reset throws away all that came before: the run begins again, knowing better (a file broke in its
	// middle, or a newer revision of an order came late).
	Reset() error
}

// Run converts the inputs, groups their documents into batches by account, and returns what became of
// each file. A broken file or order never stops the others. The error is the sink's, or the context's.
// The sink is called where Run was called; reading, Options.Known and matching go on beside it.
func Run(ctx context.Context, inputs []source.Input, cat *catalog.Snapshot, opt Options, sink Sink) (files []File, err error) {
	r := &run{matchers: newMatchers(cat, &opt), sink: sink}
	g := newReader(inputs, r.matchers)
	defer func() { err = cmp.Or(err, g.close()) }()
	for {
		r.open = map[string]*document.Batch{}
		clean := false
		err := r.matchAll(ctx, func(ctx context.Context, take func(readOrder) error) (err error) {
			clean, err = g.readAll(ctx, func(it readOrder) error {
				if g.dirty {
					return nil // this pass is lost already; read on only to learn what else is wrong
				}
				return take(it)
			})
			return err
		}, func(out *matched) error { return r.takeOutcome(ctx, out) })
		if err != nil {
			return g.files, err
		}
		if clean {
			g.notePaths()
			return g.files, r.flushAll(ctx)
		}
		if err := sink.Reset(); err != nil {
			return g.files, err
		}
	}
}

// run holds the batches that are not full yet.
type run struct {
	matchers *matchers // of what gathers and asks
	sink     Sink
	open     map[string]*document.Batch // by account name
}

// takeOutcome hands an outcome on, and its document to the batch of its account.
func (r *run) takeOutcome(ctx context.Context, out *matched) error {
	r.matchers.opt.applyDismissal(&out.Outcome)
	if err := r.matchers.opt.applyNumber(&out.Outcome); err != nil {
		return err
	}
	if err := r.sink.Outcome(out.Outcome); err != nil || out.Document == nil {
		return err
	}
	return r.addToBatch(ctx, out.account, out.Document)
}

// applyDismissal leaves an order out that a person has dealt with.
func (opt *Options) applyDismissal(o *Outcome) {
	if opt.Dismissed == nil || o.Rule == SkipDuplicate || o.Rule == SkipOlder || o.Rule == SkipKnown {
		return
	}
	if why, dismissed := opt.Dismissed(o); dismissed {
		o.Document, o.Hold, o.Notes, o.Rule, o.Why = nil, nil, nil, SkipDismissed, why
	}
}

// applyNumber gives an exported order the number under which 1C finds it.
func (opt *Options) applyNumber(o *Outcome) error {
	if o.Document == nil {
		return nil
	}
	if opt.Number != nil {
		number, err := opt.Number(o.Account, Key{o.Scope, o.Order})
		if used, ok := errors.AsType[*document.NumbersUsedUpError](err); ok {
			o.holdFor(&Hold{Code: NumbersUsedUp, Sentence: used.Error(), Cure: used.Hint(), File: "obmen.toml"})
			return nil
		}
		if err != nil {
			return err
		}
		o.Document.Number1C = number
	}
	if opt.Readers == nil {
		return nil
	}
	for _, r := range opt.Readers(o.Account) {
		if loss, lost := r.LosesNumber(o.Document); lost {
			o.Notes = append(o.Notes, Note(loss))
		}
	}
	return nil
}

// holdFor holds an order that was to be exported.
func (o *Outcome) holdFor(h *Hold) {
	d := o.Document
	h.About = About{Ordered: d.Date, Country: cmp.Or(d.ShipTo.Country, d.Marketplace)}
	o.Document, o.Notes, o.Hold = nil, nil, h
}

// addToBatch puts a document into its account's batch and hands the batch on when it is full.
func (r *run) addToBatch(ctx context.Context, account *Account, doc *document.Document) error {
	b := r.open[account.Name]
	if b == nil {
		b = &document.Batch{Account: account.Name, Constants: account.Constants}
		r.open[account.Name] = b
	}
	size := cmp.Or(r.matchers.opt.BatchSize, DefaultBatchSize)
	if n := len(b.Documents); n == cap(b.Documents) { // large, and copied each time they grow
		b.Documents = slices.Grow(b.Documents, min(max(8, 7*n), size-n))
	}
	b.Documents = append(b.Documents, *doc)
	if at := doc.Updated.UTC(); at.After(b.Created) {
		b.Created = at
	}
	if len(b.Documents) < size {
		return nil
	}
	delete(r.open, account.Name)
	return r.sink.Batch(ctx, *b)
}

func (r *run) flushAll(ctx context.Context) error {
	for _, name := range sortedKeys(r.open) {
		if err := r.sink.Batch(ctx, *r.open[name]); err != nil {
			return err
		}
	}
	return nil
}

// chunkSize is how many orders a worker matches at a time: enough that handing them over costs nothing
// beside the work, few enough that little is on its way.
const chunkSize = 32

// lookedUp is a gathered order with what the caller remembers of it.
type lookedUp struct {
	readOrder
	known *Known
}

// matched is an outcome with the account that it is for; nil where the order cannot be read.
type matched struct {
	Outcome
	account *Account
}

// errUnwanted ends the gathering when no one takes any more; the reason is known where they stopped.
var errUnwanted = errors.New("nothing more is wanted")

// matchAll gathers orders, finds the outcome of each on all cores, and delivers them in their order, where
// match was called. What was gathered before an error is delivered too.
func (r *run) matchAll(
	ctx context.Context,
	gather func(ctx context.Context, take func(readOrder) error) error,
	deliver func(*matched) error,
) error {
	return parallel.Map(ctx, func(ctx context.Context, emit func([]lookedUp) bool) error {
		var chunk []lookedUp
		err := gather(ctx, func(it readOrder) error {
			known, err := r.matchers.lookUpKnown(it)
			if err != nil {
				return err
			}
			if chunk = append(chunk, lookedUp{it, known}); len(chunk) < chunkSize {
				return nil
			}
			full := chunk
			chunk = make([]lookedUp, 0, chunkSize)
			if !emit(full) {
				return errUnwanted
			}
			return nil
		})
		if len(chunk) > 0 {
			emit(chunk)
		}
		return err
	}, r.newWorker, func(list []matched) error {
		for i := range list {
			if err := deliver(&list[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

// newWorker matches chunks, with matchers of its own.
func (r *run) newWorker() func([]lookedUp) []matched {
	ms := newMatchers(r.matchers.cat, r.matchers.opt)
	return func(chunk []lookedUp) []matched {
		list := make([]matched, len(chunk))
		for i := range chunk {
			list[i] = ms.outcomeOf(&chunk[i])
		}
		return list
	}
}
