package watch

import (
	"bytes"
	"cmp"
	"path/filepath"

	"obmen/convert"
	"obmen/convert/document"
	"obmen/watch/drop"
	"obmen/watch/ledger"
	"obmen/watch/outbox"
)

// findings are what a conversion found out.
type findings struct {
	exported exports
	place    map[string]int // in exported, by document id; until their sets are known
	known    []ledger.Member
	released []ledger.Member // skipped for good: they wait no longer
	holds    []ledger.Hold
	arrived  []ledger.Hold // dismissed orders that came again
	counts   ledger.Counts
	again    int // of the exported ones: published once more on request
}

// exports are exported orders, and where their snapshots are: what their next changes are described against.
type exports struct {
	list      []ledger.Order
	snapshots []drop.Span
}

// note notes what became of an order.
func (a *attempt) note(o convert.Outcome) error {
	a.worker.heartbeat.progress()
	member, f := a.member(&o), &a.found
	switch {
	case o.Document != nil:
		f.counts.Exported++
		if a.republish[member.Key] != nil {
			f.again++
		}
		f.place[o.Document.ID] = len(f.exported.list)
		return a.export(&f.exported, member, &o)
	case o.Hold != nil:
		f.counts.Held++
		f.holds = append(f.holds, a.hold(member, &o))
	case o.Rule == convert.SkipKnown:
		a.countKnown(member)
		f.known = append(f.known, member)
	case o.Rule == convert.SkipOlder || o.Rule == convert.SkipDuplicate:
		f.counts.Older++
	case o.Rule == convert.SkipDismissed:
		f.counts.Skipped++
	default:
		f.counts.Skipped++
		f.released = append(f.released, member)
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

func (a *attempt) export(to *exports, m ledger.Member, o *convert.Outcome) error {
	a.keepWords(m.Key, o.Document)
	snapshot, err := a.worker.snapshots.Pack(o.Document)
	if err != nil {
		return err
	}
	at, err := a.spill.Append(snapshot)
	if err != nil {
		return err
	}
	state := ledger.Exported
	if o.Document.Cancelled {
		state = ledger.Cancelled
	}
	to.snapshots = append(to.snapshots, at)
	to.list = append(to.list, ledger.Order{
		Key: m.Key, Revision: m.Revision, State: state, Account: o.Account, Document: o.Document.ID,
	})
	return nil
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
		Origin: o.Origin.String(), Code: string(o.Hold.Code), Sentence: o.Hold.Sentence, Cure: o.Hold.Cure,
		File: o.Hold.File, Add: o.Hold.Add, Currency: string(o.Currency), Since: a.now(),
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

// newSets gathers the files of each set.
func (a *attempt) newSets(outputs []outbox.Output) (sets []ledger.Set, err error) {
	for _, o := range outputs {
		if n := len(sets); n == 0 || sets[n-1].Stem != o.Set {
			sets = append(sets, a.newSet(&o))
		}
		set := &sets[len(sets)-1]
		set.Outputs = append(set.Outputs, ledger.Output{Name: cmp.Or(o.Exchange, filepath.Base(o.Path)), Layout: o.Layout, SHA256: o.SHA256, Size: o.Size, Template: o.Template})
		if o.Exchange != "" {
			if err := a.addLetters(set, &o); err != nil {
				return nil, err
			}
		}
	}
	return sets, nil
}

func (a *attempt) newSet(o *outbox.Output) ledger.Set {
	set := ledger.Set{Stem: o.Set, Route: a.worker.route.Name, Created: a.now(), Again: a.republish != nil}
	for _, id := range o.Documents {
		order := &a.found.exported.list[a.found.place[id]]
		order.Set = o.Set
		set.Account = order.Account
		set.Orders = append(set.Orders, ledger.Member{Key: order.Key, Revision: order.Revision})
	}
	return set
}

// addLetters gives a set the documents that go out in messages.
func (a *attempt) addLetters(set *ledger.Set, o *outbox.Output) error {
	for _, id := range o.Documents {
		i := a.found.place[id]
		snapshot, err := a.spill.ReadSpan(a.found.exported.snapshots[i])
		if err != nil {
			return err
		}
		set.Queued = append(set.Queued, ledger.QueuedDocument{Exchange: o.Exchange, Key: a.found.exported.list[i].Key, ID: id, Document: bytes.Clone(snapshot)})
	}
	return nil
}

// ledgerResult is everything that the ledger has to learn.
func (a *attempt) ledgerResult() ledger.Result {
	f := &a.found
	r := ledger.Result{
		Sets: append(a.sets[:len(a.sets):len(a.sets)], a.planned...), Known: f.known, Released: f.released, Holds: f.holds, Arrived: f.arrived,
		Outcome: "converted", Counts: f.counts, Again: f.again, Joined: len(a.inputs) > 1, At: a.now(),
	}
	all := f.exported
	if len(a.work.Planned) > 0 {
		all = a.publishedBefore()
		all.list, all.snapshots = append(all.list, f.exported.list...), append(all.snapshots, f.exported.snapshots...)
	}
	for i := range all.list {
		all.list[i].Exported = a.now()
	}
	r.Orders, r.Facts = all.list, func(i int) ([]byte, error) { return a.spill.ReadSpan(all.snapshots[i]) }
	return r
}

// publishedBefore are the orders of the sets that an attempt before this one published.
func (a *attempt) publishedBefore() (all exports) {
	recalled := map[ledger.Key]int{}
	for i := range a.earlier.list {
		recalled[a.earlier.list[i].Key] = i
	}
	for _, set := range a.work.Planned {
		for _, m := range set.Orders {
			o, at := ledger.Order{Key: m.Key, Revision: m.Revision, State: ledger.Exported, Account: set.Account}, drop.Span{}
			if i, ok := recalled[m.Key]; ok {
				o, at = a.earlier.list[i], a.earlier.snapshots[i]
			}
			o.Set = set.Stem
			all.list, all.snapshots = append(all.list, o), append(all.snapshots, at)
		}
	}
	return all
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
