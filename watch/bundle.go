package watch

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"obmen/watch/drop"
	"obmen/watch/folder"
	"obmen/watch/ledger"
	"obmen/watch/outbox"
	"obmen/watch/store"
)

// A bundle takes 1 to n files through the pipeline, every step for all of them before the next step of any:
//
//	begin    the ledger knows that work on the files starts
//	stage    they are converted, and what comes of them is written where 1C does not look
//	plan     the ledger knows which sets are about to become visible
//	publish  the sets are visible and durable
//	finish   the ledger knows what became of every order
//	archive  the files leave the inbox
//
// Small files share their waits for the disk: a bundle is planned with one commit of the ledger, published with
// one sync of the outbox, finished with one commit, archived with one sync. A large file, one that was begun
// before, and a re-run are bundles of one. The rules of sharing:
//
//   - Only files that the ledger has never seen share a bundle. One that kills the program is begun again alone,
//     so that it never makes others look like it.
//   - An order that an earlier file of the bundle has told of ends the bundle: what was exported before is
//     looked up in the ledger, and there it is only then. So does the half of an order.
//   - What fails is tried again one by one, and planned sets are completed as after a crash.
type bundle struct {
	worker   *worker
	disk     *drop.Late
	shared   bool // by several files
	attempts []*attempt
	seen     map[ledger.Key]bool // orders of its files
	staged   int
}

// bundleOutputs ends a bundle: the staged files of one that is shared are open until they are durable.
const bundleOutputs = 200

// runBundle takes attempts that are begun through the rest of the pipeline.
func (k *worker) runBundle(ctx context.Context, attempts []*attempt) error {
	b := &bundle{worker: k, disk: drop.NewLate(k.watcher.fs()), shared: len(attempts) > 1, seen: map[ledger.Key]bool{}}
	for i, a := range attempts {
		err := ctx.Err()
		if err == nil {
			err = b.addFile(ctx, a)
		}
		if err != nil {
			err = errors.Join(err, b.complete(ctx))
			for _, rest := range attempts[i:] { // to end the first of them once more does nothing
				err = errors.Join(err, rest.fail(ctx, "the work on its group was stopped", false))
			}
			return err
		}
	}
	return b.complete(ctx)
}

// addFile converts a file and stages what comes of it. Where that cannot wait for others, they go first.
func (b *bundle) addFile(ctx context.Context, a *attempt) error {
	err := b.stage(ctx, a)
	if errors.Is(err, errSeen) {
		if err := b.complete(ctx); err != nil {
			return err
		}
		err = b.stage(ctx, a)
	}
	if err == nil && a.rerun() {
		err = a.undo(diskError(a.result.Files))
	}
	switch {
	case err != nil:
		return fmt.Errorf("%s: %w", a.work.File.Name, errors.Join(err, a.close(), a.fail(ctx, err.Error(), false)))
	case !a.rerun() && a.result.Files[0].Err != nil:
		return errors.Join(b.complete(ctx), b.worker.handleRefused(ctx, a, a.result.Files[0].Err), a.writer.Reset(), a.close())
	}
	alone := a.found.partial // the rest is looked for in the ledger
	if alone {
		if err := b.complete(ctx); err != nil {
			return errors.Join(err, a.writer.Reset(), a.close())
		}
	}
	b.attempts, b.staged = append(b.attempts, a), b.staged+a.writer.Staged()
	if b.shared {
		if err := a.noteOrders(b.seen); err != nil {
			return err
		}
	}
	if alone || b.staged >= bundleOutputs {
		return b.complete(ctx)
	}
	return nil
}

// stage gives an attempt a writer of its own; after an error nothing of it is left.
func (b *bundle) stage(ctx context.Context, a *attempt) error {
	writer := b.worker.writer
	writer.Together = b.shared
	if writer.Ready == "" { // or its marker could outlive a power cut that takes the names before it
		writer.Folder.FS = b.disk
	}
	a.writer, a.seen = &writer, b.seen
	return a.undo(a.stage(ctx))
}

// complete takes the staged files through to the archive, every step for all of them.
func (b *bundle) complete(ctx context.Context) error {
	if len(b.attempts) == 0 {
		return nil
	}
	defer func() {
		for _, a := range b.attempts {
			_ = a.close() // a file of scratch: the next start removes what is left
		}
		b.attempts, b.staged = nil, 0
		clear(b.seen)
	}()
	ctx = context.WithoutCancel(ctx) // all is converted: what follows is milliseconds
	err := b.publish(ctx)
	if err == nil {
		err = b.finish(ctx)
	}
	if err == nil {
		return b.archive(ctx)
	}
	why := err.Error()
	for _, a := range b.attempts {
		err = errors.Join(err, a.fail(ctx, why, false))
	}
	return err
}

// publish makes all sets visible and durable. Nothing is visible before the ledger knows of all.
func (b *bundle) publish(ctx context.Context) error {
	var writers []*outbox.Writer
	for _, a := range b.attempts {
		writers = append(writers, a.writer)
	}
	b.worker.heartbeat.beat(folder.Place(folder.Outbox, b.worker.route.Outbox))
	if err := outbox.MakeDurable(writers...); err != nil {
		for _, w := range writers {
			err = errors.Join(err, w.Reset())
		}
		return err
	}
	if err := b.disk.Flush(); err != nil {
		return err
	}
	if err := b.plan(ctx); err != nil {
		return err
	}
	for _, a := range b.attempts {
		if err := a.writer.Show(ctx, a.result.Outputs); err != nil {
			return errors.Join(err, b.disk.Flush())
		}
	}
	return b.disk.Flush()
}

// plan notes what is about to become visible. What was staged is removed if nothing was noted.
func (b *bundle) plan(ctx context.Context) error {
	err := b.worker.guard.CheckMounted(folder.Outbox, b.worker.route.Outbox)
	noted := false
	if err == nil {
		if err = b.planSets(ctx); err == nil {
			return nil
		}
		for _, a := range b.attempts {
			noted = noted || slices.ContainsFunc(a.stems(), b.worker.isNoted)
		}
	}
	for _, a := range b.attempts {
		if noted {
			err = errors.Join(err, a.writer.Leave(b.worker.isNoted))
			continue
		}
		err = errors.Join(err, a.writer.Reset())
	}
	return err
}

func (b *bundle) planSets(ctx context.Context) error {
	last := make([][]ledger.Set, len(b.attempts))
	for i, a := range b.attempts {
		var err error
		if last[i], err = a.plan(ctx); err != nil {
			return fmt.Errorf("%s: %w", a.work.File.Name, err)
		}
	}
	return b.doStep(ctx, func(t *ledger.Tx, i int) error { return t.Plan(b.attempts[i].work, last[i]) })
}

// finish ends the works: what they published and found out is in the ledger.
func (b *bundle) finish(ctx context.Context) error {
	for _, a := range b.attempts {
		if a.rerun() {
			continue // it was joined already
		}
		if err := b.worker.requestJoin(ctx, a); err != nil {
			return err
		}
	}
	if err := b.recordOrigins(ctx); err != nil {
		return err
	}
	last := make([]ledger.Result, len(b.attempts))
	for i, a := range b.attempts {
		var err error
		if last[i], err = a.noteParts(ctx); err != nil {
			return fmt.Errorf("%s: %w", a.work.File.Name, err)
		}
	}
	if err := b.doStep(ctx, func(t *ledger.Tx, i int) error { return t.Finish(b.attempts[i].work, last[i]) }); err != nil {
		return err
	}
	for _, a := range b.attempts {
		if err := errors.Join(a.dropReceipts(ctx), a.resend(ctx)); err != nil {
			return err
		}
	}
	return nil
}

// recordOrigins records the route beside the kept copies of files with held orders: when the archive has the files no
// more and the ledger is lost, nothing else tells it.
func (b *bundle) recordOrigins(ctx context.Context) error {
	w := b.worker.watcher
	if len(w.Routes) == 1 {
		return nil
	}
	for _, a := range b.attempts {
		if a.rerun() || a.found.holds.isEmpty() {
			continue
		}
		if err := w.Store().RecordOrigin(ctx, a.work.File.SHA256, store.Origin{Route: b.worker.route.Name, Account: b.worker.route.Account}); err != nil {
			return err
		}
	}
	return nil
}

// doStep does one step of all works in one transaction.
func (b *bundle) doStep(ctx context.Context, step func(t *ledger.Tx, i int) error) error {
	return b.worker.watcher.Ledger.Group(ctx, func(t *ledger.Tx) error {
		for i, a := range b.attempts {
			if err := step(t, i); err != nil {
				return fmt.Errorf("%s: %w", a.work.File.Name, err)
			}
		}
		return nil
	})
}

// archive takes the files, which are done, out of the inbox; those of a re-run lie there already.
func (b *bundle) archive(ctx context.Context) error {
	places := make([]string, len(b.attempts))
	var err error
	for i, a := range b.attempts {
		if a.rerun() {
			continue
		}
		if places[i], err = b.worker.archive(ctx, b.disk, a.claim, a.work.File.SHA256, folder.Archive); err != nil {
			return errors.Join(err, b.disk.Flush())
		}
	}
	if err := b.disk.Flush(); err != nil {
		return err
	}
	for i, a := range b.attempts {
		if !a.rerun() {
			b.worker.report(Event{Kind: Converted, File: a.work.File.Name, Place: places[i], Result: a.result})
		}
	}
	return b.worker.listsChanged(ctx)
}
