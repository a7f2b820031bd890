package watch

import (
	"cmp"
	"context"
	"errors"
	"time"

	"obmen/convert"
	"obmen/convert/source"
	"obmen/watch/drop"
	"obmen/watch/folder"
	"obmen/watch/ledger"
	"obmen/watch/outbox"
)

// attempt is one conversion with its place in the ledger: what it must remember, and what it found out.
type attempt struct {
	worker *worker
	work   *ledger.Work
	claim  string // of the file in the inbox; empty for a re-run
	inputs []source.Input
	writer *outbox.Writer
	result *outbox.Result

	seen      map[ledger.Key]bool          // orders that others of its bundle will tell the ledger of
	republish map[ledger.Key]*ledger.Order // published once more though nothing has changed, on request
	before    map[ledger.Key]ledger.Member // orders of sets that an attempt before this one published
	sets      []ledger.Set                 // those sets
	earlier   map[ledger.Key]exportedOrder // those orders; the ledger never heard of their documents
	found     findings
	spill     drop.SpillBuffer // snapshots of documents
}

func (k *worker) newAttempt(work *ledger.Work) *attempt {
	a := &attempt{
		worker: k, work: work, before: map[ledger.Key]ledger.Member{},
		spill: drop.SpillBuffer{Folder: k.watcher.scratch(), Limit: cmp.Or(k.handover.spillAbove, snapshotsInMemory)},
	}
	a.restart()
	return a
}

// rerun reports whether the attempt is at kept bytes of a file that is done.
func (a *attempt) rerun() bool { return a.claim == "" }

// restart forgets a conversion that begins once more; what an earlier attempt published stays.
func (a *attempt) restart() { a.found = findings{unnamed: map[string]exportedOrder{}} }

// errSeen reports that an order came in an earlier file of the bundle.
var errSeen = errors.New("an earlier file of the group has the same order")

// stage completes what an earlier attempt had planned, and converts and stages all but that.
func (a *attempt) stage(ctx context.Context) (err error) {
	if err := a.completePlanned(ctx); err != nil {
		return err
	}
	opt := a.conversionOptions(ctx)
	if err := a.recallPublished(ctx, opt); err != nil {
		return err
	}
	begun := time.Now()
	a.result, err = a.writer.Stage(ctx, a.inputs, a.worker.current.catalog, opt)
	a.worker.watcher.reportTaken(Conversion, begun)
	return err
}

// undo removes what was staged when there is an error.
func (a *attempt) undo(err error) error {
	if err == nil {
		return nil
	}
	return errors.Join(err, a.writer.Reset())
}

func (a *attempt) conversionOptions(ctx context.Context) convert.Options {
	k := a.worker
	k.heartbeat.beat(folder.Place(folder.Outbox, k.route.Outbox))
	a.writer.Each, a.writer.Restart = a.noteOutcome, a.restart
	a.writer.Named = func(set []outbox.Output) error { return a.noteSet(ctx, set) }
	opt := k.watcher.Options
	opt.Account = k.route.Account
	opt.Scratch = func() (convert.Scratch, error) { return k.watcher.Store().Folder().Scratch() } // the outbox may be a share
	opt.Known = func(key convert.Key) (*convert.Known, error) { return a.exportedBefore(ctx, ledger.Key(key)) }
	opt.Number = func(account string, key convert.Key) (string, error) {
		return k.watcher.Ledger.Number(ctx, account, ledger.Key(key))
	}
	if len(k.current.dismissed) > 0 {
		opt.Dismissed = a.isDismissed
	}
	return opt
}

// completePlanned publishes the sets that an earlier attempt had planned, from their staged files; a set that
// is neither staged nor visible was taken by 1C already, if there is proof that it was published. Without any,
// the plan is forgotten, and its orders are converted like new ones.
func (a *attempt) completePlanned(ctx context.Context) error {
	planned := a.work.Planned
	a.work.Planned = nil
	for _, set := range planned {
		known, err := a.worker.completeSet(ctx, outputsOf(set))
		if err != nil {
			return err
		}
		if !known {
			if err := a.worker.watcher.Ledger.Forget(ctx, set.Stem); err != nil {
				return err
			}
			a.worker.report(Event{
				Kind: Alert, File: a.work.File.Name, Text: "the files of " + set.Stem + " were planned and never came into the outbox; its orders are converted once more",
				Hint: "no action needed; if this repeats, check whether the outbox share drops out, or what deletes files in " + drop.TempDir,
			})
			continue
		}
		a.work.Planned = append(a.work.Planned, set)
		a.sets = append(a.sets, set)
		for _, m := range set.Orders {
			a.before[m.Key] = m
		}
	}
	return nil
}

// recallPublished converts the inputs once more for what an attempt before this one published: its documents
// went with it, and the next change of those orders is described against them.
func (a *attempt) recallPublished(ctx context.Context, opt convert.Options) error {
	if len(a.before) == 0 {
		return nil
	}
	opt.Known = func(key convert.Key) (*convert.Known, error) { return a.knownToLedger(ctx, ledger.Key(key)) }
	w := outbox.Writer{Folder: a.worker.writer.Folder, Publishing: outbox.Publishing{Discard: true}}
	w.Restart = func() { a.earlier = map[ledger.Key]exportedOrder{} }
	w.Restart()
	w.Each = func(o convert.Outcome) error {
		a.worker.heartbeat.progress()
		m := a.before[ledger.Key{Scope: o.Scope, Order: o.Order}]
		if o.Document == nil || m.Fingerprint != o.Fingerprint {
			return nil // held with today's catalogs: of what was published only the key is known
		}
		earlier, err := a.export(m, &o)
		a.earlier[m.Key] = earlier
		return err
	}
	_, err := w.Convert(ctx, a.inputs, a.worker.current.catalog, opt)
	return err
}

// exportedBefore is what was exported of an order before.
func (a *attempt) exportedBefore(ctx context.Context, key ledger.Key) (*convert.Known, error) {
	if m, ok := a.before[key]; ok {
		return &convert.Known{Updated: m.Updated, Fingerprint: m.Fingerprint}, nil
	}
	return a.knownToLedger(ctx, key)
}

// knownToLedger is what the ledger knows of an order.
func (a *attempt) knownToLedger(ctx context.Context, key ledger.Key) (*convert.Known, error) {
	if o := a.republish[key]; o != nil {
		return exportedBefore(o), nil
	}
	if a.seen[key] {
		return nil, errSeen
	}
	o, found, err := a.worker.watcher.Ledger.Order(ctx, key)
	if err != nil || !found {
		return nil, err
	}
	return &convert.Known{Updated: o.Updated, Fingerprint: o.Fingerprint, Document: ledger.UnpackDocument(o.Facts)}, nil
}

// exportedBefore is an order as it was exported, with no revision: any that comes counts as a change.
func exportedBefore(o *ledger.Order) *convert.Known {
	return &convert.Known{Document: ledger.UnpackDocument(o.Facts)}
}

// stems are the stems of the sets that this attempt has staged, and of those that one before it had planned.
func (a *attempt) stems() (list []string) {
	for i := range a.sets {
		list = append(list, a.sets[i].Stem)
	}
	for i := range a.result.Outputs {
		if stem := a.result.Outputs[i].Set; i == 0 || stem != a.result.Outputs[i-1].Set {
			list = append(list, stem)
		}
	}
	return list
}

// dropReceipts removes the receipts of the sets, which the ledger has published.
func (a *attempt) dropReceipts(ctx context.Context) error {
	return a.writer.Finished(ctx, a.stems()...)
}

// fail ends the work without a result: for now, or for good.
func (a *attempt) fail(ctx context.Context, reason string, permanent bool) error {
	return a.work.Fail(context.WithoutCancel(ctx), reason, permanent, a.now())
}

// close removes what the attempt has kept on the disk.
func (a *attempt) close() error { return a.spill.Close() }

func (a *attempt) now() time.Time { return a.worker.watcher.Now() }

// noteOrders notes the orders that the ledger will know more of when the attempt is finished.
func (a *attempt) noteOrders(seen map[ledger.Key]bool) error {
	f := &a.found
	err := a.eachExported(func(e *exportedOrder) error {
		seen[e.Order.Key] = true
		return nil
	})
	for _, list := range []*pile[ledger.Member]{&f.known, &f.released} {
		if err == nil {
			err = list.each(&a.spill, func(m *ledger.Member) error {
				seen[m.Key] = true
				return nil
			})
		}
	}
	for _, list := range []*pile[ledger.Hold]{&f.holds, &f.arrived} {
		if err == nil {
			err = list.each(&a.spill, func(h *ledger.Hold) error {
				seen[h.Key] = true
				return nil
			})
		}
	}
	return err
}

// isDismissed returns in words why an order stays out, and notes that it came: when its dismissal is undone, its
// newest revision is tried.
func (a *attempt) isDismissed(o *convert.Outcome) (why string, dismissed bool) {
	m := a.member(o)
	d := a.worker.current.dismissed.find(m.Key)
	if d == nil {
		return "", false
	}
	arrived := ledger.Hold{Key: d.Key, Revision: m.Revision, Route: a.worker.route.Name, SHA256: a.work.File.SHA256, Origin: o.Origin.String()}
	if o.Hold != nil && isPartial(o.Hold.Code) {
		arrived.Part = a.work.File.Name
	}
	a.found.arrival = arrived
	why = "dismissed on " + d.At.Local().Format(time.DateOnly) + ": " + d.Why
	if o.Rule == convert.SkipCancelled || o.Document != nil && o.Document.Cancelled {
		why += "; it is cancelled now: cancel it in 1C too"
	}
	return why, true
}
