package watch

import (
	"context"
	"slices"
	"time"

	"obmen/watch/drop"
	"obmen/watch/folder"
	"obmen/watch/ledger"
	"obmen/watch/outbox"
)

// recover completes what was planned and not finished, before anything is swept: the staged files of a
// planned set are all that is left of it. Where that fails nothing is swept, and each file's own attempt
// tries again. It comes after the guard, for in the empty place of a share that is not mounted everything
// would look as if 1C had taken it.
//
// Routes may share an outbox: the first of them recovers it for all, before any works there.
func (k *worker) recover(ctx context.Context) error {
	if k.chores.recovered {
		return nil
	}
	defer k.watcher.folders.Lock(k.route.Outbox)()
	if err := k.watcher.folders.Once(k.route.Outbox, func() error { return k.recoverOutbox(ctx) }); err != nil {
		return err
	}
	for _, dir := range []string{k.route.Archive, k.route.Quarantine} {
		if err := k.sweepOnce(ctx, dir, k.watcher.unfinishedBefore()); err != nil {
			return err
		}
	}
	if err := k.sweepOnce(ctx, k.route.Inbox, time.Now().Add(-requestTime)); err != nil { // a command may be dropping a file
		return err
	}
	k.chores.recovered = true
	return nil
}

// sweepOnce removes what a killed program was writing in a folder that routes may share.
func (k *worker) sweepOnce(ctx context.Context, dir string, before time.Time) error {
	defer k.watcher.folders.Lock(dir)()
	return k.watcher.folders.Once(dir, func() error {
		_, err := drop.Folder{Dir: dir, FS: k.watcher.FS}.Sweep(ctx, before)
		return err
	})
}

func (k *worker) recoverOutbox(ctx context.Context) error {
	k.heartbeat.beat(folder.Place(folder.Outbox, k.route.Outbox))
	sets, err := k.watcher.Ledger.Sets(ctx, ledger.SetFilter{States: []ledger.SetState{ledger.Planned}, NoOrders: true})
	if err != nil {
		return err
	}
	all, err := k.completeAll(ctx, sets)
	if err != nil {
		k.report(Event{Kind: Alert, File: k.route.Outbox, Text: "what was planned before cannot be published: " + err.Error(), Hint: "look at the folder; it is tried again automatically"})
		return nil
	}
	if !all { // perhaps they are staged here after all: the attempts at their files will tell
		return nil
	}
	if _, err = k.writer.Folder.Sweep(ctx, time.Now()); err != nil {
		return err
	}
	return k.writer.Folder.SweepReceipts(ctx, func(stem string) bool {
		return slices.ContainsFunc(sets, func(s ledger.Set) bool { return s.Stem == stem })
	})
}

// completeAll publishes what is staged, and reports whether something is known of all sets.
func (k *worker) completeAll(ctx context.Context, sets []ledger.Set) (all bool, err error) {
	all = true
	for _, set := range sets {
		r, writer := k.watcher.routeNamed(set.Route), k.writer
		switch {
		case r == nil: // of a route that is no more: its staged files are where they are
			writer.Ready = ""
		case r.Outbox == k.route.Outbox:
			writer.Ready = r.Ready
		default:
			continue
		}
		known, err := writer.Complete(ctx, outputsOf(set))
		if err != nil {
			return false, err
		}
		all = all && (known || r == nil)
	}
	return all, nil
}

// completeSet is the writer's Complete, looked at twice where nothing is found: between the two looks the outbox was
// in its place.
func (k *worker) completeSet(ctx context.Context, outputs []outbox.Output) (known bool, err error) {
	for range 2 {
		known, err = k.writer.Complete(ctx, outputs)
		if err != nil || known {
			return known, err
		}
		if err := k.guard.CheckMounted(folder.Outbox, k.route.Outbox); err != nil {
			return false, err
		}
	}
	return false, nil
}

// isNoted reports whether the ledger knows of a set, or cannot be asked.
func (k *worker) isNoted(stem string) bool {
	list, err := k.watcher.Ledger.Sets(context.Background(), ledger.SetFilter{Stem: stem, NoOrders: true})
	return err != nil || len(list) > 0
}
