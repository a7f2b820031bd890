package convert

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"obmen/convert/catalog"
)

// manyOrders are orders of every outcome: exported, held and skipped.
func manyOrders(n int) string {
	list := make([]string, n)
	for i := range list {
		switch {
		case i%7 == 3:
			list[i] = `{"order_number":` + fmt.Sprint(i) + `,"colour":"red"}` // unreadable: no date
		case i%11 == 5:
			list[i] = shopOrder(i-1, day, "1.00") // a repetition, or the first of its number
		default:
			list[i] = shopOrder(i, day, fmt.Sprintf("%d.50", i))
		}
	}
	return shop(list...)
}

// stopper is a sink that fails at the n-th outcome, or stops its run there.
type stopper struct {
	tape
	at   int
	stop func() error
}

func (s *stopper) Outcome(o Outcome) error {
	_ = s.tape.Outcome(o)
	if len(s.outcomes) == s.at {
		return s.stop()
	}
	return nil
}

func shopRun(ctx context.Context, sink Sink, opt Options, text string) error {
	opt.Match.UnknownProduct = Create
	_, err := Run(ctx, files(text), catalog.Empty(), opt, sink)
	return err
}

// The number of cores changes nothing: neither the order of the outcomes nor a batch.
func TestRunOnAnyNumberOfCores(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	text := manyOrders(400)
	one, opt := &tape{}, Options{BatchSize: 50}
	if err := shopRun(context.Background(), one, opt, text); err != nil {
		t.Fatal(err)
	}
	if len(one.outcomes) != 400 || len(one.batches) < 5 {
		t.Fatalf("%d outcomes, %d batches", len(one.outcomes), len(one.batches))
	}
	for _, cores := range []int{2, 16} {
		runtime.GOMAXPROCS(cores)
		many := &tape{}
		if err := shopRun(context.Background(), many, opt, text); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(one.states(), many.states()) || !reflect.DeepEqual(one.batches, many.batches) {
			t.Errorf("%d cores give other results", cores)
		}
	}
}

// A sink that fails ends the run there: nothing more is delivered, and nothing goes on beside it.
func TestRunEndsWhereItsSinkFails(t *testing.T) {
	before := runtime.NumGoroutine()
	full := errors.New("disk full")
	for _, at := range []int{1, 31, 32, 33, 200} {
		s := &stopper{at: at, stop: func() error { return full }}
		if err := shopRun(context.Background(), s, Options{}, manyOrders(400)); err != full || len(s.outcomes) != at {
			t.Errorf("at %d: error %v after %d outcomes", at, err, len(s.outcomes))
		}
	}
	b := &tape{fail: full}
	if err := shopRun(context.Background(), b, Options{BatchSize: 40}, manyOrders(400)); err != full || len(b.batches) != 1 {
		t.Errorf("error %v after %d batches", err, len(b.batches))
	}
	for runtime.NumGoroutine() > before { // for ever, if one does not end
		runtime.Gosched()
	}
}

func TestRunStopsWhenCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	s := &stopper{at: 40, stop: func() error { cancel(); return nil }}
	if err := shopRun(ctx, s, Options{}, manyOrders(6_000)); !errors.Is(err, context.Canceled) || len(s.outcomes) == 6_000 {
		t.Errorf("error %v after %d outcomes", err, len(s.outcomes))
	}
}

// An error of the caller's memory is the run's error.
func TestRunEndsWhereItsMemoryFails(t *testing.T) {
	lost := errors.New("the ledger is gone")
	asked := 0
	opt := Options{Known: func(k Key) (*Known, error) {
		if asked++; asked == 50 {
			return nil, lost
		}
		return nil, nil
	}}
	s := &tape{}
	if err := shopRun(context.Background(), s, opt, manyOrders(400)); err != lost || len(s.batches) > 0 {
		t.Errorf("error %v, %d batches", err, len(s.batches))
	}
	if strings.Join(s.states(), "") == "" {
		t.Error("nothing of what came before was told")
	}
}
