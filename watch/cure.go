package watch

import (
	"context"
	"errors"
	"time"

	"obmen/convert"
	"obmen/convert/money"
	"obmen/convert/order"
	"obmen/convert/source"
	"obmen/watch/ledger"
	"obmen/watch/outbox"
)

// HeldFile lists the orders that are held now, for people without a shell; it lies in quarantine.
const HeldFile = "held.csv"

// uncured says that held orders have not all been tried with the newest catalogs.
type uncured struct {
	yes   bool
	tries int
	due   time.Time // monotonic: not before, for what failed once may fail again and must not stop the rest
}

// cureDue tries them when catalogs have changed, and again after a while where that failed.
func (k *worker) cureDue(ctx context.Context) (worked bool, err error) {
	if !k.uncured.yes || time.Now().Before(k.uncured.due) {
		return false, nil
	}
	if worked, err = k.cure(ctx); err == nil {
		k.uncured = uncured{}
		return worked, nil
	}
	k.uncured.tries++
	k.uncured.due = time.Now().Add(min(firstPause<<min(k.uncured.tries, 16), lastPause))
	return worked, err
}

// cure tries the orders again that a catalog may cure: the kept files they came in are read once more,
// and everything that was exported before is left out.
func (k *worker) cure(ctx context.Context) (worked bool, err error) {
	holds, err := k.w.Ledger.Holds(ctx, ledger.HoldFilter{Route: k.r.Name})
	if err != nil {
		return false, err
	}
	var files []ledger.File
	for _, h := range holds {
		if curable(convert.Code(h.Code)) {
			files = appendFile(files, ledger.File{Route: k.r.Name, SHA256: h.SHA256, Name: originFile(h.Origin)})
		}
	}
	for _, f := range files {
		if err := k.again(ctx, f, nil, false); err != nil {
			return worked, err
		}
		worked = true
	}
	return worked, k.writeHeld(ctx) // a program that was killed may not have come to it
}

// curable says whether a catalog or a setting can end a hold.
func curable(c convert.Code) bool {
	switch c {
	case convert.UnknownSKU, convert.UnknownCustomer, convert.AmbiguousCustomer, convert.VATDiffers, convert.VATRateMissing,
		convert.TaxReadingUnknown, convert.TaxMixed, convert.WithheldTaxUnknown:
		return true
	}
	return false
}

// again converts a kept file once more, together with others that may have the rest of its orders. Where
// somebody waits for an answer it tells also what did not go out.
func (k *worker) again(ctx context.Context, f ledger.File, others []ledger.File, answer bool) error {
	parts, err := k.w.Ledger.Beside(ctx, k.r.Name, f.SHA256)
	if err != nil {
		return err
	}
	if len(others) > 0 && len(parts) == 0 {
		return nil // the rest came with another file meanwhile, and no order of this one waits any more
	}
	for _, part := range parts {
		if part.SHA256 != f.SHA256 {
			others = appendFile(others, part)
		}
	}
	for _, part := range append([]ledger.File{f}, others...) {
		if err := k.w.readable(part.SHA256); err != nil {
			k.tell(Event{Kind: Alert, File: part.Name, Text: "its kept bytes cannot be read again: " + err.Error(), Hint: "give [watch] identity the file with the key that they were encrypted to, or drop the file again"})
			return nil
		}
	}
	f.Seen = k.w.Now()
	work, err := k.w.Ledger.Rerun(ctx, f)
	if errors.Is(err, ledger.ErrBusy) {
		return nil
	}
	if poison, ok := errors.AsType[*ledger.PoisonError](err); ok {
		k.tell(Event{Kind: Alert, File: f.Name, Text: poison.Error(), Hint: poison.Advice})
		return nil
	}
	if err != nil {
		return err
	}
	p := k.newPass(work)
	defer p.close()
	ins := []source.Input{k.w.rawInput(f.SHA256, f.Name)}
	for _, other := range others {
		ins = append(ins, k.w.rawInput(other.SHA256, other.Name))
	}
	if err := p.convert(ctx, ins...); err != nil {
		return errors.Join(err, p.fail(ctx, err.Error(), false))
	}
	if disk := unreadNow(p.result.Files); disk != nil {
		return errors.Join(disk, p.fail(ctx, disk.Error(), false))
	}
	if err := p.finish(ctx); err != nil {
		return err
	}
	if err := p.resend(ctx); err != nil {
		return err
	}
	if answer || p.counts.Exported > 0 {
		k.tell(Event{Kind: Cured, File: f.Name, Result: p.result})
	}
	return k.heldChanged(ctx)
}

// heldShare bounds the time that goes into the list of held orders: with a hundred thousand of them, to
// write it after every file would take all of it.
const heldShare = 10

// heldChanged writes the list of held orders, or leaves that to the end of the round when it was written a
// short while ago, measured by how long that took.
func (k *worker) heldChanged(ctx context.Context) error {
	k.stale = true
	if time.Now().Before(k.heldDue) {
		return nil
	}
	return k.heldNow(ctx)
}

// heldNow writes the list of held orders if it has changed.
func (k *worker) heldNow(ctx context.Context) error {
	if !k.stale {
		return nil
	}
	start := time.Now()
	err := k.writeHeld(context.WithoutCancel(ctx))
	k.stale = err != nil
	k.heldDue = time.Now().Add(heldShare * time.Since(start))
	return err
}

// writeHeld replaces the lists of held and of dismissed orders; without any, a list goes.
func (k *worker) writeHeld(ctx context.Context) error {
	holds, err := k.w.Ledger.Holds(ctx, ledger.HoldFilter{Route: k.r.Name})
	if err != nil {
		return err
	}
	if err := outbox.WriteHeld(k.w.fs(), k.r.HeldPath(), Outcomes(holds)); err != nil {
		return err
	}
	return k.writeDismissed(ctx)
}

func outcomeOf(h *ledger.Hold) convert.Outcome {
	return convert.Outcome{
		Order: h.Order, Scope: h.Scope, Account: h.Account, Origin: order.Origin{File: h.Origin}, Currency: money.Currency(h.Currency),
		Hold: &convert.Hold{Code: convert.Code(h.Code), Sentence: h.Sentence, Cure: h.Cure, File: h.File, Add: h.Add},
	}
}
