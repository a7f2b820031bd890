package spapi_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"obmen/fetch/spapi"
	"obmen/fetch/spapi/spapitest"

	"pgregory.net/rapid"
)

// asks maps operations to a question of each.
var asks = map[string]func(context.Context, *spapi.Client) error{
	"searchOrders": func(ctx context.Context, c *spapi.Client) error {
		_, err := c.SearchOrders(ctx, spapi.SearchParams{LastUpdatedAfter: time.Now().AddDate(0, 0, -1)})
		return err
	},
	"getOrder": func(ctx context.Context, c *spapi.Client) error {
		_, err := c.GetOrder(ctx, "900-0000000-0000000", nil)
		return err
	},
	"getMarketplaceParticipations": func(ctx context.Context, c *spapi.Client) error {
		_, err := c.MarketplaceParticipations(ctx)
		return err
	},
}

var askable = []string{"getMarketplaceParticipations", "getOrder", "searchOrders"}

// step is one request of a random program.
type step struct {
	Rest    time.Duration // before it
	Restart bool          // the program ends and starts again, before it
	Op      string
	Travel  time.Duration // until it arrives
}

func program(t *rapid.T, travels bool) []step {
	mostly := rapid.SampledFrom(askable).Draw(t, "mostly")
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) step {
		s := step{Op: mostly, Restart: rapid.IntRange(0, 9).Draw(t, "restart") == 0}
		if rapid.IntRange(0, 9).Draw(t, "other") == 0 {
			s.Op = rapid.SampledFrom(askable).Draw(t, "operation")
		}
		if rapid.IntRange(0, 9).Draw(t, "rests") == 0 {
			s.Rest = time.Duration(rapid.SampledFrom([]int{1, 60, 300, 7200}).Draw(t, "rest")) * time.Second
		}
		if travels && rapid.IntRange(0, 4).Draw(t, "travels") == 0 {
			s.Travel = time.Duration(rapid.IntRange(0, 30_000).Draw(t, "travel")) * time.Millisecond
		}
		return s
	}), 40, 120).Draw(t, "program")
}

// run asks as the program says and lists when each request was made.
func run(t *testing.T, a *spapitest.Amazon, steps []step) (made []time.Time, err error) {
	rates := &spapi.MemoryRates{}
	var c *spapi.Client
	for _, s := range steps {
		time.Sleep(s.Rest)
		if c == nil || s.Restart {
			c = client(a)
			c.Rates = rates
		}
		a.Fault = func(r spapitest.Request) *spapitest.Fault {
			if r.Operation == "token" {
				return nil
			}
			made = append(made, time.Now())
			return &spapitest.Fault{Travel: s.Travel}
		}
		if err := asks[s.Op](t.Context(), c); err != nil {
			return made, err
		}
	}
	return made, nil
}

// ideal is a bucket as Amazon describes it, written without a look at ours.
type ideal struct{ left, last float64 }

// next is the first second from at on at which the bucket has a request left, which is taken.
func (b *ideal) next(at float64, l spapitest.Limit) float64 {
	b.left = min(float64(l.Burst), b.left+(at-b.last)*l.Rate)
	if b.left < 1 {
		at += (1 - b.left) / l.Rate
		b.left = 1
	}
	b.left--
	b.last = at
	return at
}

// Whatever is asked, with rests and restarts between: every request is made at the very instant from which
// the documented rate allows it, not later and not sooner.
func TestWaitsAreWhatTheRatesForce(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		steps := program(rt, false)
		var wrong string
		synctest.Test(t, func(t *testing.T) {
			a := shop(1)
			start := time.Now()
			made, err := run(t, a, steps)
			if err != nil {
				wrong = err.Error()
				return
			}
			buckets := map[string]*ideal{}
			now := 0.0
			for i, s := range steps {
				l := spapitest.Documented()[s.Op]
				if buckets[s.Op] == nil {
					buckets[s.Op] = &ideal{left: float64(l.Burst)}
				}
				now = buckets[s.Op].next(now+s.Rest.Seconds(), l)
				if off := made[i].Sub(start).Seconds() - now; off > 1e-5 || off < -1e-5 {
					wrong = fmt.Sprintf("request %d (%s) was made %g s after the ideal", i, s.Op, off)
				}
			}
			if a.Count("searchOrders")+a.Count("getOrder")+a.Count("getMarketplaceParticipations") != len(steps) {
				wrong = "more requests than were asked for"
			}
		})
		if wrong != "" {
			rt.Fatal(wrong)
		}
	})
}

// However long requests are on their way, Amazon never has to refuse one.
func TestNoRequestComesTooEarly(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		steps := program(rt, true)
		var wrong string
		synctest.Test(t, func(t *testing.T) {
			a := shop(1)
			if _, err := run(t, a, steps); err != nil {
				wrong = err.Error()
			}
			for _, call := range a.Calls() {
				if call.Status != 200 {
					wrong = fmt.Sprintf("%+v", call)
				}
			}
		})
		if wrong != "" {
			rt.Fatal(wrong)
		}
	})
}

// Many at once share one bucket, across Clients that share a store.
func TestOneBucketForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := shop(1)
		rates := &spapi.MemoryRates{}
		start := time.Now()
		var group sync.WaitGroup
		for i := range 3 {
			c := client(a)
			c.Rates = rates
			for range 10 + i {
				group.Go(func() {
					if err := asks["searchOrders"](t.Context(), c); err != nil {
						t.Error(err)
					}
				})
			}
		}
		group.Wait()
		// 33 requests, of which 20 are the burst.
		if took := time.Since(start).Seconds(); took < 13/0.0056 || took > 13/0.0056+0.001 {
			t.Errorf("took %v s, expected %v s", took, 13/0.0056)
		}
		for _, call := range a.Calls() {
			if call.Status != 200 {
				t.Errorf("%+v", call)
			}
		}
	})
}

// The rate that Amazon tells counts, faster or slower; what is no number does not.
func TestRateIsLearned(t *testing.T) {
	for header, tt := range map[string]struct {
		limit spapitest.Limit // Amazon's true one
		want  float64         // seconds for 40 requests
	}{
		"0.0056": {spapitest.Limit{Rate: 0.0056, Burst: 20}, 20 / 0.0056},
		"5.0":    {spapitest.Limit{Rate: 5, Burst: 20}, 20 / 5.0},
		"0.0028": {spapitest.Limit{Rate: 0.0028, Burst: 20}, 20 / 0.0028},
		"string": {spapitest.Limit{Rate: 5, Burst: 20}, 20 / 0.0056},
		"NaN":    {spapitest.Limit{Rate: 5, Burst: 20}, 20 / 0.0056},
		"-1":     {spapitest.Limit{Rate: 5, Burst: 20}, 20 / 0.0056},
		"0":      {spapitest.Limit{Rate: 5, Burst: 20}, 20 / 0.0056},
		"Inf":    {spapitest.Limit{Rate: 5, Burst: 20}, 20 / 0.0056},
		"1e99":   {spapitest.Limit{Rate: 5, Burst: 20}, 20 / 0.0056},
		"":       {spapitest.Limit{Rate: 5, Burst: 20}, 20 / 0.0056},
	} {
		t.Run("told "+header, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := shop(1)
				a.Limits = map[string]spapitest.Limit{"searchOrders": tt.limit}
				a.RateHeader = func(string) string { return header }
				rates := &spapi.MemoryRates{}
				start := time.Now()
				for range 40 {
					c := client(a) // what was learned outlives the run
					c.Rates = rates
					if err := asks["searchOrders"](t.Context(), c); err != nil {
						t.Fatal(err)
					}
				}
				if took := time.Since(start).Seconds(); took < tt.want-0.001 || took > tt.want+0.001 || a.Count("searchOrders") != 40 {
					t.Errorf("took %v s for %d requests, expected %v s", took, a.Count("searchOrders"), tt.want)
				}
			})
		})
	}
}

// A storm of refusals is met by waiting a request's time each, and ends.
func TestStorm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := shop(1)
		slow := spapitest.Quota()
		slow.Delay = 10 * time.Second
		a.Fault = fault("searchOrders", 5, slow)
		var waits []spapi.Wait
		c := client(a)
		c.OnWait = func(w spapi.Wait) { waits = append(waits, w) }
		start := time.Now()
		if err := asks["searchOrders"](t.Context(), c); err != nil {
			t.Fatal(err)
		}
		var sum time.Duration
		for _, w := range waits {
			sum += w.For
			if w.Account != "shop-de" || w.Operation != spapi.OpSearchOrders || w.For <= 0 || !slices.Contains([]spapi.WaitReason{spapi.WaitRate, spapi.WaitRetry}, w.Reason) {
				t.Errorf("%+v", w)
			}
		}
		took := time.Since(start)
		if interval := 178571428572 * time.Nanosecond; took != sum+5*slow.Delay || sum < 5*interval || sum > 5*interval+time.Second {
			t.Errorf("took %v, told of %v; 5 requests' time are %v", took, sum, 5*interval)
		}
	})
}

// Retry-After is kept to, and one that is too long is left to the next run.
func TestRetryAfter(t *testing.T) {
	for _, tt := range []struct {
		after time.Duration
		gives bool
	}{{10 * time.Minute, false}, {3 * time.Hour, false}, {13 * time.Hour, true}} {
		synctest.Test(t, func(t *testing.T) {
			a := shop(1)
			a.Fault = fault("getOrder", 1, spapitest.Internal(503).After(tt.after))
			c := client(a)
			start := time.Now()
			err := asks["getOrder"](t.Context(), c)
			took := time.Since(start)
			switch {
			case tt.gives && (spapi.KindOf(err) != spapi.KindServer || took > time.Minute):
				t.Errorf("%v after %v", err, took)
			case !tt.gives && (err != nil || took < tt.after):
				t.Errorf("%v after %v, expected after %v", err, took, tt.after)
			}
		})
	}
}

// Pauses between attempts grow, stay below a minute, and are not the same twice.
func TestBackoff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := shop(1)
		a.Fault = fault("getOrder", 999, spapitest.Internal(500))
		seen := map[time.Duration]bool{}
		for range 20 {
			var waits []time.Duration
			c := client(a)
			c.OnWait = func(w spapi.Wait) { waits = append(waits, w.For) }
			if err := asks["getOrder"](t.Context(), c); spapi.KindOf(err) != spapi.KindServer {
				t.Fatal(err)
			}
			if len(waits) != 7 {
				t.Fatalf("%d pauses", len(waits))
			}
			for i, w := range waits {
				most := min(time.Second<<i, time.Minute)
				if w < most/2 || w > most {
					t.Errorf("pause %d is %v, expected within %v and %v", i+1, w, most/2, most)
				}
			}
			seen[waits[6]] = true
			time.Sleep(time.Hour)
		}
		if len(seen) < 2 {
			t.Error("pauses are the same every time")
		}
	})
}

// Who gives up while waiting takes nothing, and is told at once.
func TestGivingUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := shop(1)
		c := client(a)
		for range 20 {
			if err := asks["searchOrders"](t.Context(), c); err != nil {
				t.Fatal(err)
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		if err := asks["searchOrders"](ctx, c); err == nil || time.Since(start) != time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}
		if wait, err := c.WaitFor(t.Context(), spapi.OpSearchOrders, 1); err != nil || wait > 178*time.Second || wait < 177*time.Second {
			t.Errorf("one more request waits %v (%v)", wait, err)
		}
		if err := asks["searchOrders"](t.Context(), c); err != nil || a.Count("searchOrders") != 21 {
			t.Errorf("%v, %d requests", err, a.Count("searchOrders"))
		}
	})
}

// What is said beforehand about waits is what they are.
func TestWaitFor(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		before, n := rapid.IntRange(0, 30).Draw(rt, "before"), rapid.IntRange(1, 60).Draw(rt, "n")
		rest := time.Duration(rapid.IntRange(0, 2000).Draw(rt, "rest")) * time.Second
		var said, was time.Duration
		synctest.Test(t, func(t *testing.T) {
			c := client(shop(1))
			for range before {
				_ = asks["searchOrders"](t.Context(), c)
			}
			time.Sleep(rest)
			said, _ = c.WaitFor(t.Context(), spapi.OpSearchOrders, n)
			start := time.Now()
			for range n {
				_ = asks["searchOrders"](t.Context(), c)
			}
			was = time.Since(start)
		})
		if said != was {
			rt.Fatalf("said %v, was %v", said, was)
		}
	})
}

// A kept rate that cannot be read is taken for an empty bucket: Amazon is never asked too early.
func TestUnreadableRate(t *testing.T) {
	for _, text := range []string{"{", "x", `{"full":"yesterday","every":"1s"}`, `{"full":"2026-11-23T12:00:00Z","every":"-1s"}`} {
		synctest.Test(t, func(t *testing.T) {
			a := shop(1)
			rates := &spapi.MemoryRates{}
			if err := rates.UpdateRate(t.Context(), "shop-de/eu/getOrder", func(string) string { return text }); err != nil {
				t.Fatal(err)
			}
			c := client(a)
			c.Rates = rates
			start := time.Now()
			if err := asks["getOrder"](t.Context(), c); err != nil || time.Since(start) != 2*time.Second {
				t.Errorf("%q: %v after %v, expected after 2 s", text, err, time.Since(start))
			}
		})
	}
}

// A clock that was set back does not make the next run wait for ever.
func TestClockSetBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := client(shop(1))
		rates := &spapi.MemoryRates{}
		c.Rates = rates
		text := `{"full":"2036-11-23T12:00:00Z","every":"0s"}`
		if err := rates.UpdateRate(t.Context(), "shop-de/eu/getOrder", func(string) string { return text }); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		if err := asks["getOrder"](t.Context(), c); err != nil || time.Since(start) != 2*time.Second {
			t.Errorf("%v after %v, expected after 2 s", err, time.Since(start))
		}
	})
}
