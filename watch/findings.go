package watch

import (
	"bytes"
	"cmp"
	"context"
	"path/filepath"

	"obmen/convert"
	"obmen/convert/document"
	"obmen/watch/drop"
	"obmen/watch/ledger"
	"obmen/watch/outbox"
)

// findings are what a conversion found out.
type findings struct {
	unnamed  map[string]exportedOrder // whose set has no name yet, by document id
	sets     pile[exportedSet]
	named    int // orders of the sets in memory
	known    pile[ledger.Member]
	released pile[ledger.Member] // skipped for good: they wait no longer
	holds    pile[ledger.Hold]
	arrived  pile[ledger.Hold] // dismissed orders that came again
	arrival  ledger.Hold       // of the order that is told next
	partial  bool              // an order waits for the rest of it, in another file
	counts   ledger.Counts
	again    int // of the exported ones: published once more on request
}

// exportedOrder is an exported order, and where its snapshot is: what its next change is described against.
type exportedOrder struct {
	Order    ledger.Order
	Snapshot drop.Span
}

// exportedSet is a set of this attempt.
type exportedSet struct {
	Set       ledger.Set // without orders and documents
	Exchanges []string   // in which its documents go out
	Orders    []exportedOrder
}

// noteOutcome notes what became of an order.
func (a *attempt) noteOutcome(o convert.Outcome) error {
	a.worker.heartbeat.progress()
	member, f := a.member(&o), &a.found
	switch {
	case o.Document != nil:
		f.counts.Exported++
		if a.republish[member.Key] != nil {
			f.again++
		}
		exported, err := a.export(member, &o)
		f.unnamed[o.Document.ID] = exported
		return err
	case o.Hold != nil:
		f.counts.Held++
		f.partial = f.partial || isPartial(o.Hold.Code)
		return f.holds.push(&a.spill, a.hold(member, &o))
	case o.Rule == convert.SkipKnown:
		a.countKnown(member)
		return f.known.push(&a.spill, member)
	case o.Rule == convert.SkipOlder || o.Rule == convert.SkipDuplicate:
		f.counts.Older++
	case o.Rule == convert.SkipDismissed:
		f.counts.Skipped++
		return f.arrived.push(&a.spill, f.arrival)
	default:
		f.counts.Skipped++
		return f.released.push(&a.spill, member)
	}
	return nil
}

// countKnown counts an order that went out before: here, where it was an attempt before this one at the same file.
func (a *attempt) countKnown(m ledger.Member) {
	if before, ok := a.before[m.Key]; !ok || before.Fingerprint != m.Fingerprint {
		a.found.counts.Known++
		return
	}
	a.found.counts.Exported++
	if a.republish[m.Key] != nil {
		a.found.again++
	}
}

// member is the order of an outcome. A row without an order number is known by its place in these very bytes.
func (a *attempt) member(o *convert.Outcome) ledger.Member {
	m := ledger.Member{
		Key:      ledger.Key{Scope: o.Scope, Order: o.Order},
		Revision: ledger.Revision{Updated: o.Updated, Fingerprint: o.Fingerprint},
	}
	if m.Order == "" {
		m.Key = ledger.Key{Scope: a.work.File.SHA256, Order: o.Origin.String()}
	}
	return m
}

func (a *attempt) export(m ledger.Member, o *convert.Outcome) (e exportedOrder, err error) {
	a.keepWords(m.Key, o.Document)
	snapshot, err := a.worker.handover.Pack(o.Document)
	if err != nil {
		return e, err
	}
	if e.Snapshot, err = a.spill.Append(snapshot); err != nil {
		return e, err
	}
	e.Order = ledger.Order{Key: m.Key, Revision: m.Revision, State: ledger.Exported, Account: o.Account, Document: o.Document.ID}
	if o.Document.Cancelled {
		e.Order.State = ledger.Cancelled
	}
	return e, nil
}

// keepWords gives a document that is published once more the words it was first published with: whether it is
// new or an update, and what it changes. So the same order with the same catalogs is the same file, byte for
// byte.
func (a *attempt) keepWords(key ledger.Key, d *document.Document) {
	o := a.republish[key]
	if o == nil {
		return
	}
	if old := exportedBefore(o).Document; old != nil {
		d.Action, d.Changes = old.Action, old.Changes
	}
}

func (a *attempt) hold(m ledger.Member, o *convert.Outcome) ledger.Hold {
	h := ledger.Hold{
		Key: m.Key, Revision: m.Revision, Account: o.Account, Route: a.worker.route.Name, SHA256: a.work.File.SHA256,
		Origin: o.Origin.String(), Remedy: ledger.Remedy{
			Code: string(o.Hold.Code), Sentence: o.Hold.Sentence, Cure: o.Hold.Cure,
			File: o.Hold.File, Add: o.Hold.Add,
		}, Currency: string(o.Currency), Since: a.now(),
	}
	about := &o.Hold.About
	h.Details = ledger.HoldDetails{Ordered: about.Ordered, Country: about.Country, Title: about.Title}
	for _, l := range o.Hold.Lines {
		h.Details.Lines = append(h.Details.Lines, ledger.HoldLine{Cells: l.Cells, Title: l.Title})
	}
	if isPartial(o.Hold.Code) {
		h.Part = a.work.File.Name
	}
	if o.Total.Known {
		h.Total = o.Total.Value.Text(o.Currency.Places())
	}
	return h
}

// isPartial reports whether a hold waits for another file with the rest of the order.
func isPartial(c convert.Code) bool { return c == convert.ItemsMissing || c == convert.OrderMissing }

// noteSet notes a set. The numbers of a large file's orders are kept as they come, for those that no plan has noted are
// in memory.
func (a *attempt) noteSet(ctx context.Context, outputs []outbox.Output) error {
	s, f := a.newSet(outputs), &a.found
	f.named += len(s.Orders)
	full := f.named >= cmp.Or(a.worker.handover.inMemory, ordersInMemory)
	if full {
		f.named = 0
		if err := a.keepNumbers(ctx, append(f.sets.newest, s)); err != nil {
			return err
		}
	}
	return f.sets.add(&a.spill, s, full)
}

func (a *attempt) keepNumbers(ctx context.Context, sets []exportedSet) error {
	var list []ledger.Set
	err := eachOf(sets, a.withOrders(false, func(s ledger.Set, _ []exportedOrder) error {
		list = append(list, s)
		return nil
	}))
	if err != nil {
		return err
	}
	return a.worker.watcher.Ledger.KeepNumbers(ctx, list)
}

// newSet is a set with its files and orders.
func (a *attempt) newSet(outputs []outbox.Output) (s exportedSet) {
	s.Set = ledger.Set{Stem: outputs[0].Set, Route: a.worker.route.Name, Created: a.now(), Again: a.republish != nil}
	for i := range outputs {
		o := &outputs[i]
		s.Set.Outputs = append(s.Set.Outputs, ledger.Output{Name: cmp.Or(o.Exchange, filepath.Base(o.Path)), Layout: o.Layout, SHA256: o.SHA256, Size: o.Size, Template: o.Template})
		if o.Exchange != "" {
			s.Exchanges = append(s.Exchanges, o.Exchange)
		}
	}
	for _, id := range outputs[0].Documents {
		e := a.found.unnamed[id]
		delete(a.found.unnamed, id)
		s.Set.Account, e.Order.Set = e.Order.Account, s.Set.Stem
		s.Orders = append(s.Orders, e)
	}
	return s
}

// eachSet hands on the sets of this attempt, with their orders and with the documents that go out in messages.
func (a *attempt) eachSet(take func(ledger.Set, []exportedOrder) error) error {
	return a.found.sets.each(&a.spill, a.withOrders(true, take))
}

// withOrders gives a set its orders, and documents if they are wanted to those that go out in messages.
func (a *attempt) withOrders(documents bool, take func(ledger.Set, []exportedOrder) error) func(*exportedSet) error {
	return func(s *exportedSet) error {
		set := s.Set
		for i := range s.Orders {
			o := &s.Orders[i].Order
			set.Orders = append(set.Orders, ledger.Member{Key: o.Key, Revision: o.Revision})
		}
		for _, exchange := range s.Exchanges {
			for i := range s.Orders {
				q, err := a.queued(&s.Orders[i], exchange, documents)
				if err != nil {
					return err
				}
				set.Queued = append(set.Queued, q)
			}
		}
		return take(set, s.Orders)
	}
}

func (a *attempt) queued(e *exportedOrder, exchange string, document bool) (q ledger.QueuedDocument, err error) {
	q = ledger.QueuedDocument{Exchange: exchange, Key: e.Order.Key, ID: e.Order.Document}
	if document {
		var snapshot []byte
		snapshot, err = a.spill.ReadSpan(e.Snapshot)
		q.Document = bytes.Clone(snapshot)
	}
	return q, err
}

// eachExported hands on the orders of those sets.
func (a *attempt) eachExported(take func(*exportedOrder) error) error {
	return a.found.sets.each(&a.spill, func(s *exportedSet) error { return eachOf(s.Orders, take) })
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
