package convert

import (
	"cmp"
	"context"

	"obmen/convert/catalog"
	"obmen/convert/order"
	"obmen/convert/source"
)

// Sink takes what a run produces. Outcomes and batches come in the order of the input; a batch comes
// after the outcomes of its documents.
type Sink interface {
	Outcome(Outcome) error
	// Batch writes an output set where nobody sees it yet.
	Batch(context.Context, Batch) error
	// Reset throws away all that came before: the run begins again, knowing better (a file broke in its
	// middle, or a newer revision of an order came late).
	Reset() error
}

// Run converts the inputs, groups their documents into batches by account, and returns what became of
// each file. A broken file or order never stops the others. The error is the sink's, or the context's.
func Run(ctx context.Context, inputs []source.Input, cat *catalog.Snapshot, opt Options, sink Sink) ([]File, error) {
	r := &run{cat: cat, opt: &opt, sink: sink, matchers: map[string]*matcher{}}
	g := &gatherer{inputs: inputs, scope: r.scope, refused: map[int]*source.FileError{}, newest: map[orderKey]revision{}}
	for {
		r.open = map[string]*Batch{}
		clean, err := g.pass(ctx, func(it gathered) error {
			if g.dirty {
				return nil // this pass is lost already; read on only to learn what else is wrong
			}
			return r.take(ctx, it)
		})
		if err != nil {
			return g.files, err
		}
		if clean {
			return g.files, r.flushAll(ctx)
		}
		if err := sink.Reset(); err != nil {
			return g.files, err
		}
	}
}

// run holds the batches that are not full yet.
type run struct {
	cat      *catalog.Snapshot
	opt      *Options
	sink     Sink
	matchers map[string]*matcher // by account name
	open     map[string]*Batch   // by account name
}

func (r *run) matcher(o *order.Order) *matcher {
	a := r.opt.accountOf(o)
	m, ok := r.matchers[a.Name]
	if !ok {
		m = &matcher{cat: r.cat, opt: r.opt, account: a}
		r.matchers[a.Name] = m
	}
	return m
}

func (r *run) scope(o *order.Order) string { return scope(o, r.opt.accountOf(o).Name) }

func (r *run) take(ctx context.Context, it gathered) error {
	if it.bad != nil {
		return r.sink.Outcome(unreadable(it.bad))
	}
	m := r.matcher(it.order)
	known, err := r.known(it)
	if err != nil {
		return err
	}
	out := m.outcome(it, known)
	if err := r.sink.Outcome(out); err != nil || out.Document == nil {
		return err
	}
	return r.add(ctx, &m.account, out.Document)
}

// known asks the caller's memory for an order that no rule of this run leaves out.
func (r *run) known(it gathered) (*Known, error) {
	if r.opt.Known == nil || it.rule != "" || it.hold != nil {
		return nil, nil
	}
	return r.opt.Known(Key{r.scope(it.order), it.order.ID})
}

// unreadable is the outcome of an order that its reader refused.
func unreadable(bad *source.RowError) Outcome {
	return Outcome{
		Order: bad.Order, Origin: bad.At,
		Hold: &Hold{Code: Unreadable, Sentence: bad.Text(), Cure: bad.Hint},
	}
}

// add puts a document into its account's batch and hands the batch on when it is full.
func (r *run) add(ctx context.Context, account *Account, doc *Document) error {
	b := r.open[account.Name]
	if b == nil {
		b = &Batch{Account: account.Name, Constants: account.Constants}
		r.open[account.Name] = b
	}
	b.Documents = append(b.Documents, *doc)
	if at := doc.Updated.UTC(); at.After(b.Created) {
		b.Created = at
	}
	if len(b.Documents) < cmp.Or(r.opt.BatchSize, DefaultBatchSize) {
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
