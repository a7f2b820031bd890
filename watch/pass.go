package watch

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"path/filepath"
	"time"

	"obmen/convert"
	"obmen/convert/source"
	"obmen/watch/drop"
	"obmen/watch/ledger"
	"obmen/watch/outbox"
)

// pass is one conversion with its place in the ledger: what it must remember, and what it found out.
type pass struct {
	k      *worker
	work   *ledger.Work
	writer *outbox.Writer
	result *outbox.Result

	told    map[ledger.Key]bool          // orders that others of its group will tell the ledger of
	before  map[ledger.Key]ledger.Member // orders of sets that an attempt before this one published
	sets    []ledger.Set                 // those sets, and the ones of this attempt
	earlier exports                      // by an attempt before this one; the ledger never heard of their documents
	orders  exports
	place   map[string]int   // in orders, by document id; until their sets are known
	spool   drop.SpillBuffer // their facts
	known   []ledger.Member
	gone    []ledger.Member // skipped for good: they wait no longer
	holds   []ledger.Hold
	arrived []ledger.Hold // dismissed orders that came again
	counts  ledger.Counts
}

func (k *worker) newPass(work *ledger.Work) *pass {
	p := &pass{
		k: k, work: work, writer: &k.writer, before: map[ledger.Key]ledger.Member{}, spool: drop.SpillBuffer{Folder: k.w.scratch(), Limit: cmp.Or(k.spoolAbove, factsInMemory)},
	}
	p.restart()
	return p
}

// restart forgets a conversion that begins anew; what an earlier attempt published stays.
func (p *pass) restart() {
	p.orders, p.place = exports{}, map[string]int{}
	p.known, p.gone, p.holds, p.arrived, p.counts = nil, nil, nil, nil, ledger.Counts{}
}

// convert completes what an earlier attempt had planned, and converts the inputs, all but that.
func (p *pass) convert(ctx context.Context, ins ...source.Input) (err error) {
	if err := p.complete(ctx); err != nil {
		return err
	}
	w, opt := p.prepare(ctx)
	if err := p.retell(ctx, opt, ins); err != nil {
		return err
	}
	w.Plan = p.plan
	p.result, err = w.Convert(ctx, ins, p.k.cat, opt)
	return err
}

// stage converts an input that was never tried before, and stages what comes of it.
func (p *pass) stage(ctx context.Context, in source.Input) (err error) {
	w, opt := p.prepare(ctx)
	w.Plan = func(context.Context, []outbox.Output) error { return nil } // the whole group is planned at once
	p.result, err = w.Stage(ctx, []source.Input{in}, p.k.cat, opt)
	return err
}

func (p *pass) prepare(ctx context.Context) (*outbox.Writer, convert.Options) {
	p.k.pulse.beat(p.k.place("outbox", p.k.r.Outbox))
	p.writer.Each, p.writer.Restart = p.each, p.restart
	opt := p.k.w.Options
	opt.Account = p.k.r.Account
	opt.Scratch = func() (convert.Scratch, error) { return p.k.w.raw().Scratch() } // the outbox may be a share
	opt.Known = func(key convert.Key) (*convert.Known, error) { return p.remember(ctx, ledger.Key(key)) }
	if len(p.k.dismissed) > 0 {
		opt.Dismissed = p.dismissed
	}
	return p.writer, opt
}

// complete publishes the sets that an earlier attempt had planned, from their staged files; a set that
// is neither staged nor visible was taken by 1C already, if there is proof that it was published.
// Without any, the plan is forgotten, and its orders are converted like new ones.
func (p *pass) complete(ctx context.Context) error {
	planned := p.work.Planned
	p.work.Planned = nil
	for _, set := range planned {
		known, err := p.k.complete(ctx, outputsOf(set))
		if err != nil {
			return err
		}
		if !known {
			if err := p.k.w.Ledger.Forget(ctx, set.Stem); err != nil {
				return err
			}
			p.k.tell(Event{
				Kind: Alert, File: p.work.File.Name, Text: "the files of " + set.Stem + " were planned and never came into the outbox; its orders are converted once more",
				Hint: "nothing to do; if it comes again, look why the outbox goes away for moments or who removes files from its folder " + drop.TempDir,
			})
			continue
		}
		p.work.Planned = append(p.work.Planned, set)
		p.sets = append(p.sets, set)
		for _, m := range set.Orders {
			p.before[m.Key] = m
		}
	}
	return nil
}

// retell converts the inputs once more for what an attempt before this one published: its documents went
// with it, and the next change of those orders is told against them.
func (p *pass) retell(ctx context.Context, opt convert.Options, ins []source.Input) error {
	if len(p.before) == 0 {
		return nil
	}
	opt.Known = func(key convert.Key) (*convert.Known, error) { return p.recall(ctx, ledger.Key(key)) }
	w := outbox.Writer{Folder: p.k.writer.Folder, Discard: true}
	w.Restart = func() { p.earlier = exports{} }
	w.Each = func(o convert.Outcome) error {
		p.k.pulse.touch()
		m := p.before[ledger.Key{Scope: o.Scope, Order: o.Order}]
		if o.Document == nil || m.Fingerprint != o.Fingerprint {
			return nil // held with today's catalogs: of what was published only the key is known
		}
		return p.export(&p.earlier, m, &o)
	}
	_, err := w.Convert(ctx, ins, p.k.cat, opt)
	return err
}

func outputsOf(set ledger.Set) []outbox.Output {
	list := make([]outbox.Output, len(set.Outputs))
	for i, o := range set.Outputs {
		list[i] = outbox.Output{Path: o.Name, Set: set.Stem, Layout: o.Layout, SHA256: o.SHA256, Size: o.Size}
		if o.Message() {
			list[i].Exchange = o.Name
		}
	}
	return list
}

// remember tells what was exported of an order before.
func (p *pass) remember(ctx context.Context, key ledger.Key) (*convert.Known, error) {
	if m, ok := p.before[key]; ok {
		return &convert.Known{Updated: m.Updated, Fingerprint: m.Fingerprint}, nil
	}
	return p.recall(ctx, key)
}

// recall tells what the ledger knows of an order.
func (p *pass) recall(ctx context.Context, key ledger.Key) (*convert.Known, error) {
	if o := p.k.anew[key]; o != nil {
		return before(o), nil
	}
	if p.told[key] {
		return nil, errTold
	}
	o, found, err := p.k.w.Ledger.Order(ctx, key)
	if err != nil || !found {
		return nil, err
	}
	return &convert.Known{Updated: o.Updated, Fingerprint: o.Fingerprint, Document: Document(o.Facts)}, nil
}

// each notes what became of an order.
func (p *pass) each(o convert.Outcome) error {
	p.k.pulse.touch()
	member := p.member(&o)
	switch {
	case o.Document != nil:
		p.counts.Exported++
		return p.exported(member, &o)
	case o.Hold != nil:
		p.counts.Held++
		p.holds = append(p.holds, p.hold(member, &o))
	case o.Rule == convert.SkipKnown:
		p.counts.Known++
		p.known = append(p.known, member)
	case o.Rule == convert.SkipOlder || o.Rule == convert.SkipDuplicate:
		p.counts.Older++
	case o.Rule == convert.SkipDismissed:
		p.counts.Skipped++
	default:
		p.counts.Skipped++
		p.gone = append(p.gone, member)
	}
	return nil
}

// member is the order of an outcome. A row that does not even tell its order is known by its place in these
// very bytes.
func (p *pass) member(o *convert.Outcome) ledger.Member {
	m := ledger.Member{
		Key:      ledger.Key{Scope: o.Scope, Order: o.Order},
		Revision: ledger.Revision{Updated: o.Updated, Fingerprint: o.Fingerprint},
	}
	if m.Order == "" {
		m.Key = ledger.Key{Scope: p.work.File.SHA256, Order: o.Origin.String()}
	}
	return m
}

func (p *pass) exported(m ledger.Member, o *convert.Outcome) error {
	p.place[o.Document.ID] = len(p.orders.list)
	return p.export(&p.orders, m, o)
}

// exports are exported orders, and where their facts are: what their next changes are told against.
type exports struct {
	list  []ledger.Order
	facts []drop.Span
}

func (p *pass) export(to *exports, m ledger.Member, o *convert.Outcome) error {
	p.k.retold(m.Key, o.Document)
	facts, err := p.k.packer.pack(o.Document)
	if err != nil {
		return err
	}
	at, err := p.spool.Append(facts)
	if err != nil {
		return err
	}
	state := ledger.Exported
	if o.Document.Cancelled {
		state = ledger.Cancelled
	}
	to.facts = append(to.facts, at)
	to.list = append(to.list, ledger.Order{
		Key: m.Key, Revision: m.Revision, State: state, Account: o.Account, Document: o.Document.ID,
	})
	return nil
}

func (p *pass) hold(m ledger.Member, o *convert.Outcome) ledger.Hold {
	h := ledger.Hold{
		Key: m.Key, Revision: m.Revision, Account: o.Account, Route: p.k.r.Name, SHA256: p.work.File.SHA256,
		Origin: o.Origin.String(), Code: string(o.Hold.Code), Sentence: o.Hold.Sentence, Cure: o.Hold.Cure,
		File: o.Hold.File, Add: o.Hold.Add, Currency: string(o.Currency), Since: p.now(),
	}
	if partial(o.Hold.Code) {
		h.Part = p.work.File.Name
	}
	if o.Total.Known {
		h.Total = o.Total.Value.Text(o.Currency.Places())
	}
	return h
}

// plan notes what is about to become visible.
func (p *pass) plan(ctx context.Context, outputs []outbox.Output) error {
	err := p.k.still("outbox", p.k.r.Outbox)
	if err != nil {
		return errors.Join(err, p.writer.Reset())
	}
	sets, err := p.planned(outputs)
	if err == nil {
		err = p.work.Plan(ctx, sets)
	}
	if err != nil && !p.k.noted(ctx, sets) {
		return errors.Join(err, p.writer.Reset())
	}
	p.sets = append(p.sets, sets...)
	return err
}

// planAll is plan in a group.
func (p *pass) planAll(t *ledger.Tx) error {
	sets, err := p.planned(p.result.Outputs)
	if err != nil {
		return err
	}
	p.sets = sets
	return t.Plan(p.work, p.sets)
}

// planned gathers the files of each set.
func (p *pass) planned(outputs []outbox.Output) (sets []ledger.Set, err error) {
	for _, o := range outputs {
		if n := len(sets); n == 0 || sets[n-1].Stem != o.Set {
			sets = append(sets, p.newSet(&o))
		}
		set := &sets[len(sets)-1]
		set.Outputs = append(set.Outputs, ledger.Output{Name: filepath.Base(o.Path), Layout: o.Layout, SHA256: o.SHA256, Size: o.Size, Template: o.Template})
		if o.Exchange != "" {
			if err := p.post(set, &o); err != nil {
				return nil, err
			}
		}
	}
	return sets, nil
}

func (p *pass) newSet(o *outbox.Output) ledger.Set {
	set := ledger.Set{Stem: o.Set, Route: p.k.r.Name, Created: p.now(), Again: p.k.anew != nil}
	for _, id := range o.Documents {
		order := &p.orders.list[p.place[id]]
		order.Set = o.Set
		set.Account = order.Account
		set.Orders = append(set.Orders, ledger.Member{Key: order.Key, Revision: order.Revision})
	}
	return set
}

// post gives a set the documents that go out in messages.
func (p *pass) post(set *ledger.Set, o *outbox.Output) error {
	for _, id := range o.Documents {
		i := p.place[id]
		facts, err := p.spool.ReadSpan(p.orders.facts[i])
		if err != nil {
			return err
		}
		set.Letters = append(set.Letters, ledger.Letter{Exchange: o.Exchange, Key: p.orders.list[i].Key, ID: id, Document: bytes.Clone(facts)})
	}
	return nil
}

func (p *pass) now() time.Time { return p.k.w.Now() }

// finish ends the work: everything it published and found out is in the ledger, or nothing is.
func (p *pass) finish(ctx context.Context) error {
	if err := p.work.Finish(ctx, p.found()); err != nil {
		return err
	}
	return p.finished(ctx)
}

// finished lets go of the receipts of the sets, which the ledger has published.
func (p *pass) finished(ctx context.Context) error {
	for i := range p.sets {
		if err := p.k.writer.Finished(ctx, p.sets[i].Stem); err != nil {
			return err
		}
	}
	return nil
}

// finishIn is finish in a group.
func (p *pass) finishIn(t *ledger.Tx) error { return t.Finish(p.work, p.found()) }

// found is everything that the ledger has to learn.
func (p *pass) found() ledger.Result {
	r := ledger.Result{
		Sets: p.sets, Known: p.known, Released: p.gone, Holds: p.holds, Arrived: p.arrived,
		Outcome: "converted", Counts: p.counts, At: p.now(),
	}
	all := p.orders
	if len(p.work.Planned) > 0 {
		all = p.published()
		all.list, all.facts = append(all.list, p.orders.list...), append(all.facts, p.orders.facts...)
	}
	for i := range all.list {
		all.list[i].Exported = p.now()
	}
	r.Orders, r.Facts = all.list, func(i int) ([]byte, error) { return p.spool.ReadSpan(all.facts[i]) }
	return r
}

// close lets go of what the pass has kept on the disk.
func (p *pass) close() error { return p.spool.Close() }

// published are the orders of the sets that an attempt before this one published.
func (p *pass) published() (all exports) {
	told := map[ledger.Key]int{}
	for i := range p.earlier.list {
		told[p.earlier.list[i].Key] = i
	}
	for _, set := range p.work.Planned {
		for _, m := range set.Orders {
			o, at := ledger.Order{Key: m.Key, Revision: m.Revision, State: ledger.Exported, Account: set.Account}, drop.Span{}
			if i, ok := told[m.Key]; ok {
				o, at = p.earlier.list[i], p.earlier.facts[i]
			}
			o.Set = set.Stem
			all.list, all.facts = append(all.list, o), append(all.facts, at)
		}
	}
	return all
}

func (p *pass) fail(ctx context.Context, reason string, permanent bool) error {
	return p.work.Fail(context.WithoutCancel(ctx), reason, permanent, p.now())
}

// partial says whether the hold waits for another file with the rest of the order.
func partial(c convert.Code) bool { return c == convert.ItemsMissing || c == convert.OrderMissing }
