package parallel_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"pgregory.net/rapid"

	"obmen/convert/parallel"
)

// count emits the numbers below n.
func count(n int) func(context.Context, func(int) bool) error {
	return func(_ context.Context, emit func(int) bool) error {
		for i := range n {
			if !emit(i) {
				return nil
			}
		}
		return nil
	}
}

func double() func(int) int { return func(i int) int { return 2 * i } }

// Whatever the number of jobs and however long each takes, the results come in the order of the jobs.
func TestMapKeepsOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		spins := rapid.SliceOfN(rapid.IntRange(0, 2000), 0, 200).Draw(t, "spins")
		var got []int
		worker := func() func(int) int {
			return func(i int) int {
				x := 0
				for range spins[i] {
					x++
				}
				return i + x - spins[i]
			}
		}
		if err := parallel.Map(context.Background(), count(len(spins)), worker, func(i int) error {
			got = append(got, i)
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if len(got) != len(spins) || !slices.IsSorted(got) {
			t.Fatalf("results %v of %d jobs", got, len(spins))
		}
	})
}

// A worker's own state is never used by two at a time.
func TestMapWorkersOwnTheirState(t *testing.T) {
	var mu sync.Mutex
	busy := map[int]bool{}
	workers := 0
	worker := func() func(int) int {
		mu.Lock()
		self := workers
		workers++
		mu.Unlock()
		return func(i int) int {
			mu.Lock()
			if busy[self] {
				t.Errorf("worker %d was called while it worked", self)
			}
			busy[self] = true
			mu.Unlock()
			mu.Lock()
			busy[self] = false
			mu.Unlock()
			return i
		}
	}
	if err := parallel.Map(context.Background(), count(1000), worker, func(int) error { return nil }); err != nil {
		t.Fatal(err)
	}
}

func TestMapStopsWhereDeliverFails(t *testing.T) {
	full := errors.New("disk full")
	var emitted atomic.Int64
	endless := func(_ context.Context, emit func(int) bool) error {
		for emit(int(emitted.Load())) {
			emitted.Add(1)
		}
		return errors.New("not wanted any more")
	}
	var got []int
	err := parallel.Map(context.Background(), endless, double, func(i int) error {
		got = append(got, i)
		if i == 20 {
			return full
		}
		return nil
	})
	if err != full || len(got) != 11 {
		t.Errorf("error %v after %v", err, got)
	}
	if n := emitted.Load(); n > 100 {
		t.Errorf("%d jobs were emitted for %d results", n, len(got))
	}
}

// What came before an error of the producer is delivered.
func TestMapDeliversBeforeProducersError(t *testing.T) {
	broken := errors.New("broken")
	produce := func(ctx context.Context, emit func(int) bool) error {
		_ = count(30)(ctx, emit)
		return broken
	}
	n := 0
	err := parallel.Map(context.Background(), produce, double, func(int) error { n++; return nil })
	if err != broken || n != 30 {
		t.Errorf("error %v after %d", err, n)
	}
}

// The producer sees a cancelled context, and a stop of the delivery as well.
func TestMapCancels(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	produce := func(ctx context.Context, emit func(int) bool) error {
		emit(1)
		<-ctx.Done()
		return ctx.Err()
	}
	if err := parallel.Map(ctx, produce, double, func(int) error { cancel(); return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	stop := fmt.Errorf("stop")
	if err := parallel.Map(context.Background(), produce, double, func(int) error { return stop }); err != stop {
		t.Errorf("stopped: %v", err)
	}
}

// A panic where the results are taken leaves no goroutine behind that still works.
func TestMapEndsAfterPanic(t *testing.T) {
	var ended atomic.Bool
	func() {
		defer func() { _ = recover() }()
		_ = parallel.Map(context.Background(), func(_ context.Context, emit func(int) bool) error {
			for emit(1) {
			}
			ended.Store(true)
			return nil
		}, double, func(int) error { panic("no more") })
	}()
	if !ended.Load() {
		t.Error("the producer goes on")
	}
}
