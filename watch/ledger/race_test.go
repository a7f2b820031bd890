package ledger_test

import (
	"context"
	"fmt"
	"testing"

	"obmen/watch/ledger"

	"golang.org/x/sync/errgroup"
)

// Writers and readers at once: a reader sees a finished file with all its orders or with none.
func TestReadsDuringWrites(t *testing.T) {
	l := fresh(t)
	const writers, files, orders = 3, 15, 4
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var write, read errgroup.Group
	for w := range writers {
		write.Go(func() error {
			for i := range files {
				if err := writeOne(ctx, l, fmt.Sprintf("%d-%d", w, i), orders); err != nil {
					return err
				}
			}
			return nil
		})
	}
	for range 3 {
		read.Go(func() error {
			for ctx.Err() == nil {
				if err := readAll(ctx, l, orders); err != nil && ctx.Err() == nil {
					return err
				}
			}
			return nil
		})
	}
	ok(t, write.Wait())
	cancel()
	ok(t, read.Wait())
	stats, err := l.Stats(t.Context())
	ok(t, err)
	want(t, "files", stats.Files[ledger.Done], writers*files)
	want(t, "orders", stats.Orders[ledger.Exported], writers*files*orders)
}

func writeOne(ctx context.Context, l *ledger.Ledger, name string, orders int) error {
	w, err := l.Begin(ctx, file(name))
	if err != nil {
		return err
	}
	s := set(name)
	for i := range orders {
		id := fmt.Sprint(name, " ", i)
		s.Orders = append(s.Orders, member(id, revision(1, id)))
	}
	if err := w.Plan(ctx, []ledger.Set{s}); err != nil {
		return err
	}
	return w.Finish(ctx, ledger.Result{Sets: []ledger.Set{s}, At: at(1)})
}

func readAll(ctx context.Context, l *ledger.Ledger, orders int) error {
	sets, err := l.Sets(ctx, ledger.SetFilter{})
	if err != nil {
		return err
	}
	for _, s := range sets {
		if len(s.Orders) != orders || len(s.Outputs) != 2 {
			return fmt.Errorf("set %s: %d orders, %d outputs", s.Stem, len(s.Orders), len(s.Outputs))
		}
	}
	stats, err := l.Stats(ctx)
	if err != nil {
		return err
	}
	if done, got := stats.Files[ledger.Done], stats.Orders[ledger.Exported]; got != done*orders {
		return fmt.Errorf("%d files done with %d orders", done, got)
	}
	_, err = l.Unfinished(ctx)
	return err
}
