package watch

import (
	"context"
	"errors"
	"fmt"

	"obmen/convert/source"
	"obmen/watch/folder"
	"obmen/watch/inbox"
	"obmen/watch/ledger"
)

// convertClaimed converts the claimed files, first claimed first.
func (k *worker) convertClaimed(ctx context.Context) (worked bool, err error) {
	names, err := k.inbox.Claimed()
	if err != nil {
		return false, err
	}
	names = k.inbox.Tryable(names)
	if len(names) > 0 {
		if err := k.loadDismissed(ctx); err != nil {
			return false, err
		}
	}
	var left error // of a run that ends: it does not wait for a file to come free
	for len(names) > 0 && ctx.Err() == nil {
		files, n, err := k.inbox.Keep(ctx, names)
		if side, ok := errors.AsType[*inbox.SideError](err); ok {
			if err := k.quarantine(ctx, names[0], "side", side.Error(), side.Hint()); err != nil {
				return worked, err
			}
			names, worked = names[1:], true
			continue
		}
		if err != nil {
			if !k.inbox.Postpone(names[0], err) {
				return worked, err
			}
			names, left = names[1:], errors.Join(left, err)
			continue
		}
		names, worked = names[n:], true
		if err := k.convertKept(ctx, files); err != nil {
			return worked, err
		}
	}
	if !k.once {
		left = nil
	}
	return worked, left
}

// forgetDone makes the ledger forget that bytes were done: they are read with another charset from now on.
func (k *worker) forgetDone(ctx context.Context, sha256 string) error {
	err := k.watcher.Ledger.Requeue(ctx, sha256, k.route.Name)
	if _, unknown := errors.AsType[*ledger.UnknownError](err); unknown {
		return nil // they were never begun
	}
	return err
}

// convertKept converts claimed files whose bytes are kept.
func (k *worker) convertKept(ctx context.Context, files []inbox.Kept) error {
	for _, f := range files {
		k.inbox.Readable(f.Claim)
	}
	for len(files) > 0 && ctx.Err() == nil {
		attempts, err := k.begin(ctx, files)
		if err == nil {
			err = k.runBundle(ctx, attempts)
		}
		if err != nil {
			return err
		}
		files = files[max(1, len(attempts)):]
	}
	return nil
}

// begin begins the first files that the ledger has never seen; where the first of them was begun before, that
// one alone. No attempt comes of a file that is done or refused.
func (k *worker) begin(ctx context.Context, files []inbox.Kept) ([]*attempt, error) {
	attempts, err := k.beginNew(ctx, files)
	if err != nil || len(attempts) > 0 {
		return attempts, err
	}
	first, err := k.beginAlone(ctx, files[0])
	if err != nil {
		return nil, fmt.Errorf("%s: %w", inbox.DroppedName(files[0].Claim), err)
	}
	if first == nil {
		return nil, nil
	}
	return []*attempt{first}, nil
}

// beginNew begins the first files that the ledger has never seen, when there are more than one.
func (k *worker) beginNew(ctx context.Context, files []inbox.Kept) (attempts []*attempt, err error) {
	if len(files) < 2 {
		return nil, nil
	}
	err = k.watcher.Ledger.Group(ctx, func(t *ledger.Tx) error {
		attempts = nil
		for _, f := range files {
			work, err := t.BeginNew(k.fileOf(f))
			if err != nil || work == nil {
				return err
			}
			attempts = append(attempts, k.newClaimAttempt(work, f.Claim))
		}
		return nil
	})
	return attempts, err
}

// beginAlone begins a file. One that is done goes into the archive, one that kills the program into quarantine.
func (k *worker) beginAlone(ctx context.Context, f inbox.Kept) (*attempt, error) {
	work, err := k.watcher.Ledger.Begin(ctx, k.fileOf(f))
	if done, ok := errors.AsType[*ledger.DoneError](err); ok {
		waits, err := k.waitsForRoute(ctx, f.SHA256)
		if err != nil {
			return nil, err
		}
		if !waits {
			return nil, k.archiveRepeated(ctx, f.Claim, done)
		}
		if err := k.forgetDone(ctx, f.SHA256); err != nil { // who drops it here says which route it came through
			return nil, err
		}
		return k.beginAlone(ctx, f)
	}
	if poison, ok := errors.AsType[*ledger.PoisonError](err); ok {
		return nil, k.quarantine(ctx, f.Claim, "poison", poison.Error(), poison.Advice)
	}
	if err != nil {
		return nil, err
	}
	return k.newClaimAttempt(work, f.Claim), nil
}

func (k *worker) archiveRepeated(ctx context.Context, claim string, done *ledger.DoneError) error {
	place, err := k.archive(ctx, k.watcher.fs(), claim, done.First.SHA256, folder.Archive)
	if err != nil {
		return err
	}
	if err := k.noticeRestocked(ctx, done.First.SHA256); err != nil {
		return err
	}
	k.report(Event{Kind: Repeated, File: inbox.DroppedName(claim), Place: place, Text: "the same bytes came before as " + done.First.Name})
	return nil
}

func (k *worker) fileOf(f inbox.Kept) ledger.File {
	return ledger.File{Route: k.route.Name, SHA256: f.SHA256, Name: inbox.DroppedName(f.Claim), Size: f.Size, Seen: k.watcher.Now()}
}

func (k *worker) newClaimAttempt(work *ledger.Work, claim string) *attempt {
	a := k.newAttempt(work)
	a.claim, a.inputs = claim, []source.Input{k.inbox.Store.Input(work.File.SHA256, work.File.Name)}
	return a
}
