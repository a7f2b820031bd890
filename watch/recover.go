package watch

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"obmen/watch/drop"
	"obmen/watch/ledger"
	"obmen/watch/outbox"
)

// recover completes what was planned and not finished, before anything is swept: the staged files of a
// planned set are all that is left of it. Where that fails nothing is swept, and each file's own attempt
// tries again. It comes behind guard, for in the empty place of a share that is not mounted everything
// would look as if 1C had taken it.
//
// Routes may share an outbox: the first of them recovers it for all, before any works there.
func (k *worker) recover(ctx context.Context) error {
	if k.recovered {
		return nil
	}
	defer k.w.lock(k.r.Outbox)()
	if _, done := k.w.recovered.Load(k.r.Outbox); !done {
		if err := k.recoverOutbox(ctx); err != nil {
			return err
		}
		k.w.recovered.Store(k.r.Outbox, true)
	}
	for _, dir := range []string{k.r.Archive, k.r.Quarantine} {
		if err := k.sweep(ctx, dir); err != nil {
			return err
		}
	}
	k.recovered = true
	return nil
}

// sweep removes what a killed program was writing in a folder that routes may share.
func (k *worker) sweep(ctx context.Context, dir string) error {
	defer k.w.lock(dir)()
	if _, done := k.w.recovered.Load(dir); done {
		return nil
	}
	_, err := drop.Folder{Dir: dir, FS: k.w.FS}.Sweep(ctx, time.Now())
	if err == nil {
		k.w.recovered.Store(dir, true)
	}
	return err
}

func (k *worker) recoverOutbox(ctx context.Context) error {
	k.pulse.beat(k.place("outbox", k.r.Outbox))
	sets, err := k.w.Ledger.Sets(ctx, ledger.SetFilter{States: []ledger.SetState{ledger.Planned}})
	if err != nil {
		return err
	}
	all, err := k.completeAll(ctx, sets)
	if err != nil {
		k.tell(Event{Kind: Alert, File: k.r.Outbox, Text: "what was planned before cannot be published: " + err.Error(), Hint: "look at the folder; it is tried again by itself"})
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

// completeAll publishes what is staged, and says whether something is known of all sets.
func (k *worker) completeAll(ctx context.Context, sets []ledger.Set) (all bool, err error) {
	all = true
	for _, set := range sets {
		r, writer := k.w.route(set.Route), k.writer
		switch {
		case r == nil: // of a route that is no more: its staged files are where they are
			writer.Ready = ""
		case r.Outbox == k.r.Outbox:
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

// complete is the writer's, looked at twice where nothing is found: between the two looks the outbox was
// in its place.
func (k *worker) complete(ctx context.Context, outputs []outbox.Output) (known bool, err error) {
	for range 2 {
		known, err = k.writer.Complete(ctx, outputs)
		if err != nil || known {
			return known, err
		}
		if err := k.still("outbox", k.r.Outbox); err != nil {
			return false, err
		}
	}
	return false, nil
}

// noted says whether the ledger knows of any of the sets, or cannot tell.
func (k *worker) noted(ctx context.Context, sets []ledger.Set) bool {
	for i := range sets {
		list, err := k.w.Ledger.Sets(context.WithoutCancel(ctx), ledger.SetFilter{Stem: sets[i].Stem, NoOrders: true})
		if err != nil || len(list) > 0 {
			return true
		}
	}
	return false
}

// Pauses between tries of what may pass by itself.
const (
	firstPause = time.Second
	lastPause  = 5 * time.Minute
)

// backOff tells of a failure that may pass by itself, and waits: longer each time, with jitter so that
// routes do not all come back at once.
func (k *worker) backOff(ctx context.Context, err error) {
	k.tries++
	pause := min(firstPause<<min(k.tries-1, 16), lastPause)
	pause = pause/2 + rand.N(pause/2+1)
	k.wait(err.Error(), fmt.Sprintf("tried again by itself, try %d", k.tries+1))
	k.pulse.beat("")
	doze(ctx, pause, nil)
}

// permanent says whether trying again cannot help: the ledger itself is unusable.
func permanent(err error) bool {
	var broken interface{ Corrupt() bool }
	return errors.As(err, &broken) && broken.Corrupt()
}
