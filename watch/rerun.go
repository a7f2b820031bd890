package watch

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"time"

	"obmen/convert"
	"obmen/watch/drop"
	"obmen/watch/inbox"
	"obmen/watch/ledger"
)

// cures notes that held orders have not all been tried with the newest catalogs.
type cures struct {
	needed bool
	tries  int
	due    time.Time // monotonic: not before, for what failed once may fail again and must not stop the rest
	left   bool      // some could not be tried
	tried  string    // with what all were tried; see triedWith
}

// cureWhenDue tries held orders when catalogs have changed, and again after a while where that failed.
func (k *worker) cureWhenDue(ctx context.Context) (worked bool, err error) {
	if !k.cures.needed || time.Now().Before(k.cures.due) {
		return false, nil
	}
	k.cures.left = false
	if worked, err = k.cure(ctx); err == nil {
		left := k.cures.left
		k.cures = cures{tried: k.cures.tried}
		if with := k.triedWith(k.current.catalog); with != "" && !left {
			err = k.noteTried(ctx, with)
		}
		return worked, err
	}
	k.cures.tries++
	k.cures.due = time.Now().Add(inbox.BackOff(k.cures.tries + 1))
	return worked, err
}

// cure tries the orders again that a catalog may cure: the kept files they came in are read once more, and
// everything that was exported before is left out.
func (k *worker) cure(ctx context.Context) (worked bool, err error) {
	var files []ledger.File
	listed := map[string]bool{}
	err = k.watcher.Ledger.HeldOrigins(ctx, k.route.Name, func(sha256, origin, code string) {
		if !listed[sha256] && isCurable(convert.Code(code)) {
			listed[sha256] = true
			files = append(files, ledger.File{Route: k.route.Name, SHA256: sha256, Name: fileOfOrigin(origin)})
		}
	})
	if err != nil {
		return false, err
	}
	if err := k.loadDismissed(ctx); err != nil {
		return false, err
	}
	var failed error // of single files: the others are tried all the same
	for _, f := range files {
		err := k.rerun(ctx, rerun{file: f})
		if err != nil && stopsRound(ctx, err) {
			return worked, err
		}
		failed, worked = errors.Join(failed, err), worked || err == nil
	}
	k.lists.stale = true // a program that was killed may not have come to it
	return worked, errors.Join(failed, k.writeStaleLists(ctx))
}

// isCurable reports whether a catalog or a setting can end a hold.
func isCurable(c convert.Code) bool {
	switch c {
	case convert.UnknownSKU, convert.UnknownCustomer, convert.AmbiguousCustomer, convert.VATDiffers, convert.VATRateMissing,
		convert.TaxReadingUnknown, convert.TaxMixed, convert.WithheldTaxUnknown,
		convert.BuyerCancel, convert.Undelivered, CopyDamaged:
		return true
	}
	return false
}

// rerun is a kept file that is converted once more.
type rerun struct {
	file      ledger.File
	why       string                       // the command that asks; empty for a cure
	others    []ledger.File                // that may have the rest of its orders
	republish map[ledger.Key]*ledger.Order // see attempt
	answer    bool                         // a person waits for an answer: report it even when nothing went out
}

// rerun converts a kept file once more, together with others that may have the rest of its orders.
func (k *worker) rerun(ctx context.Context, r rerun) error {
	parts, err := k.watcher.Ledger.Beside(ctx, k.route.Name, r.file.SHA256)
	if err != nil {
		return err
	}
	if len(r.others) > 0 && len(parts) == 0 {
		return nil // the rest came with another file meanwhile, and no order of this one waits any more
	}
	for _, part := range parts {
		if part.SHA256 != r.file.SHA256 {
			r.others = appendFile(r.others, part)
		}
	}
	if unknown, err := k.isRouteUnknown(ctx, r); err != nil || unknown {
		return err
	}
	if !k.canRead(r) {
		k.cures.left = true
		return nil
	}
	if whole, err := k.restock(ctx, &r); err != nil || !whole {
		k.cures.left = true
		return err
	}
	a, err := k.beginRerun(ctx, r)
	if err != nil || a == nil {
		k.cures.left = true
		return err
	}
	if err := k.runBundle(ctx, []*attempt{a}); err != nil {
		return err
	}
	kind := Cured
	if r.republish != nil {
		kind = Republished
	}
	if r.answer || a.result.Summary.Exported > 0 {
		k.report(Event{Kind: kind, File: r.file.Name, Result: a.result})
	}
	return nil
}

// waitsForRoute reports whether a rebuild holds orders of a file since its route is not known.
func (k *worker) waitsForRoute(ctx context.Context, sha256 string) (bool, error) {
	holds, err := k.watcher.Ledger.Holds(ctx, ledger.HoldFilter{Route: k.route.Name, SHA256: sha256, Code: string(RouteUnknown), Limit: 1})
	return len(holds) > 0, err
}

// isRouteUnknown reports whether a rebuild holds orders of the file since its route is not known, and alerts: under
// this route's account they could go out once more.
func (k *worker) isRouteUnknown(ctx context.Context, r rerun) (bool, error) {
	if waits, err := k.waitsForRoute(ctx, r.file.SHA256); err != nil || !waits {
		return false, err
	}
	k.report(Event{
		Kind: Alert, File: r.file.Name, Text: "it is not tried again: it is not known which route it came through",
		Hint: "look whether 1C has its orders: then obmen dismiss, else drop the file into the inbox of its route again",
	})
	return true, nil
}

// canRead reports whether the kept bytes are encrypted to a key that is at hand, and alerts otherwise.
func (k *worker) canRead(r rerun) bool {
	for _, f := range append([]ledger.File{r.file}, r.others...) {
		if err := k.inbox.Store.CheckKey(f.SHA256); err != nil {
			k.report(Event{Kind: Alert, File: f.Name, Text: "its kept bytes cannot be read again: " + err.Error(), Hint: "give [watch] identity the file with the key that they were encrypted to, or drop the file again"})
			return false
		}
	}
	return true
}

// beginRerun begins an attempt; none comes of a file that is busy or kills the program.
func (k *worker) beginRerun(ctx context.Context, r rerun) (*attempt, error) {
	r.file.Seen = k.watcher.Now()
	work, err := k.watcher.Ledger.Rerun(ctx, r.file)
	if errors.Is(err, ledger.ErrBusy) {
		return nil, nil
	}
	if poison, ok := errors.AsType[*ledger.PoisonError](err); ok {
		k.report(Event{Kind: Alert, File: r.file.Name, Text: poison.Error(), Hint: poison.Advice})
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	a := k.newAttempt(work)
	a.republish = r.republish
	for _, f := range append([]ledger.File{r.file}, r.others...) {
		a.inputs = append(a.inputs, k.inbox.Store.Input(f.SHA256, f.Name))
	}
	return a, nil
}

// resend notes that failed sets are in the outbox once more: their name, and so their content, is the one that
// failed.
func (a *attempt) resend(ctx context.Context) error {
	if a.republish == nil {
		return nil
	}
	for _, stem := range a.stems() {
		err := a.worker.watcher.Ledger.Resend(ctx, stem, a.now())
		if _, other := errors.AsType[*ledger.StateError](err); other { // it did not fail: nothing is to be noted
			continue
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// diskError is the disk's refusal to give the bytes of a kept file: not the file's fault, and to be tried again.
// Half of what was asked for may be missing then, so nothing of it counts.
func diskError(files []convert.File) error {
	for i := range files {
		if files[i].Err == nil {
			continue
		}
		if disk, ok := errors.AsType[*fs.PathError](files[i].Err); ok {
			return disk
		}
	}
	return nil
}

// requestJoin asks for the file to be converted together with those that have the rest of its orders.
func (k *worker) requestJoin(ctx context.Context, a *attempt) error {
	parts, err := k.otherParts(ctx, a)
	if err != nil || len(parts) == 0 {
		return err
	}
	f := a.work.File
	r := Request{
		Route: k.route.Name, Why: "the rest of an order came", Quiet: true,
		Files: []RequestFile{{SHA256: f.SHA256, Name: f.Name, Others: parts}},
	}
	kept := k.watcher.Store().Folder() // its temps are swept at every start; those of requests may be a command's
	return r.put(ctx, drop.Folder{Dir: k.watcher.requestFolder(), Temp: filepath.Join(kept.Dir, drop.TempDir), Mode: kept.Mode, FS: kept.FS})
}

// otherParts finds the kept files that have the rest of held orders: items without their order, an order
// without its items, other pages of its items.
func (k *worker) otherParts(ctx context.Context, a *attempt) (files []ledger.File, err error) {
	if !a.found.partial {
		return nil, nil
	}
	err = a.found.holds.each(&a.spill, func(h *ledger.Hold) error {
		if h.Part == "" {
			return nil
		}
		parts, err := k.watcher.Ledger.Parts(ctx, k.route.Name, h.Key)
		for _, part := range parts {
			if part.SHA256 != h.SHA256 {
				files = appendFile(files, part)
			}
		}
		return err
	})
	return files, err
}

func appendFile(files []ledger.File, f ledger.File) []ledger.File {
	for _, g := range files {
		if g.SHA256 == f.SHA256 {
			return files
		}
	}
	return append(files, f)
}
