package watch

import (
	"context"
	"time"

	"obmen/convert"
	"obmen/convert/money"
	"obmen/convert/order"
	"obmen/watch/ledger"
	"obmen/watch/outbox"
)

// lists notes whether the lists for people, of held and of dismissed orders, are what the ledger says.
type lists struct {
	stale bool
	due   time.Time // monotonic: until then they are not written after every file
}

// listShare bounds the time that goes into the list of held orders: with a hundred thousand of them, to write it
// after every file would take all of it.
const listShare = 10

// listsChanged writes the lists, or leaves that to the end of the round when they were written a short while
// ago, measured by how long that took.
func (k *worker) listsChanged(ctx context.Context) error {
	k.lists.stale = true
	if time.Now().Before(k.lists.due) {
		return nil
	}
	return k.writeStaleLists(ctx)
}

// writeStaleLists writes the lists if they have changed.
func (k *worker) writeStaleLists(ctx context.Context) error {
	if !k.lists.stale {
		return nil
	}
	start := time.Now()
	err := k.writeLists(context.WithoutCancel(ctx))
	k.lists.stale = err != nil
	k.lists.due = time.Now().Add(listShare * time.Since(start))
	return err
}

// writeLists replaces the lists of held and of dismissed orders; one without orders is removed.
func (k *worker) writeLists(ctx context.Context) error {
	holds, err := k.watcher.Ledger.Holds(ctx, ledger.HoldFilter{Route: k.route.Name})
	if err != nil {
		return err
	}
	if err := outbox.WriteHeld(k.watcher.fs(), k.route.HeldPath(), Outcomes(holds)); err != nil {
		return err
	}
	return k.writeDismissed(ctx)
}

// Outcomes are holds of the ledger as outcomes of a conversion, to be listed.
func Outcomes(holds []ledger.Hold) []convert.Outcome {
	list := make([]convert.Outcome, len(holds))
	for i := range holds {
		list[i] = outcomeOf(&holds[i])
	}
	return list
}

func outcomeOf(h *ledger.Hold) convert.Outcome {
	return convert.Outcome{
		Order: h.Order, Scope: h.Scope, Account: h.Account, Origin: order.Origin{File: h.Origin}, Currency: money.Currency(h.Currency),
		Hold: &convert.Hold{Code: convert.Code(h.Code), Sentence: h.Sentence, Cure: h.Cure, File: h.File, Add: h.Add},
	}
}

// FileOf is the name of the file that a hold came in.
func FileOf(h *ledger.Hold) string { return fileOfOrigin(h.Origin) }
