package serving

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"time"

	"obmen/watch"
	"obmen/watch/desk"
	"obmen/watch/desk/heldbook"
	"obmen/watch/desk/words"
)

// heldBooks keeps the workbooks of held orders, and takes what people type into them. That one cannot be written,
// since Excel has it open for one, stops nothing.
type heldBooks struct {
	keeper heldbook.Keeper
	poll   time.Duration
	done   sync.WaitGroup
	failed bool // and said so
}

func newHeldBooks(d *desk.Desk, w *words.Words, poll time.Duration, note func(code string, pairs ...any)) *heldBooks {
	return &heldBooks{keeper: heldbook.Keeper{Desk: d, Words: w, Note: note}, poll: cmp.Or(poll, watch.PollEvery)}
}

// start looks after the workbooks until the context ends. Lists that change all the time are written now and then:
// writing takes a small part of the time.
func (b *heldBooks) start(ctx context.Context) {
	b.done.Go(func() {
		var due time.Time
		for {
			begun := time.Now()
			b.round(ctx, begun.After(due))
			took := time.Since(begun)
			if begun.After(due) {
				due = time.Now().Add(bookShare * took)
			}
			select {
			case <-ctx.Done():
				return
			case <-time.After(max(b.poll, lookShare*took)):
			}
		}
	})
}

// lookShare bounds the time that goes into looking after the workbooks of very many routes.
const lookShare = 200

// bookShare bounds the time that goes into the workbooks, with ten thousand held orders for one.
const bookShare = 10

// finish does what start did not come to.
func (b *heldBooks) finish(ctx context.Context) {
	b.done.Wait()
	b.round(context.WithoutCancel(ctx), true)
}

// round takes what was typed, and writes what there is to see now. A failure is told once.
func (b *heldBooks) round(ctx context.Context, write bool) {
	taken, err := b.keeper.Read(ctx)
	if write || taken {
		if e := b.keeper.Write(ctx); !heldbook.IsPassing(e) {
			err = errors.Join(err, e)
		}
	}
	if err != nil && !b.failed && ctx.Err() == nil {
		b.keeper.Note("heldbook.failed", "Why", err)
	}
	b.failed = err != nil
}
