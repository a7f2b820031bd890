package fetch_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"obmen/fetch"
	"obmen/fetch/spapi"
)

// newest are the orders in all files, each with its newest change.
func (s *scene) newest(t *testing.T) map[string]string {
	t.Helper()
	got := map[string]string{}
	for name, text := range s.files {
		var file struct {
			Body struct {
				Orders []struct{ OrderID, LastUpdatedTime string }
			}
		}
		if err := json.Unmarshal([]byte(text), &file); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, o := range file.Body.Orders {
			got[o.OrderID] = max(got[o.OrderID], o.LastUpdatedTime)
		}
	}
	return got
}

// complete checks that the newest state of every order is saved.
func (s *scene) complete(t *testing.T) {
	t.Helper()
	got := s.newest(t)
	for _, o := range s.orders {
		if want := o.at.Format(time.RFC3339); got[o.id] != want {
			t.Errorf("order %s is saved as of %q, want %q", o.id, got[o.id], want)
		}
	}
}

// windows are the spans that were asked for, in their order; the end of one that had none is Amazon's.
func (s *scene) windows() (list [][2]time.Time) {
	for _, q := range s.queries {
		end := q.LastUpdatedBefore
		if end.IsZero() {
			end = s.clock.Add(-2 * time.Minute)
		}
		if q.PaginationToken == "" {
			list = append(list, [2]time.Time{q.LastUpdatedAfter, end})
		}
	}
	return list
}

// A computer that was off for a month, or for a year, asks for all of it, window by window without a gap, and
// for the overlap before: nothing is lost, not what Amazon showed late when the computer went off, not what
// changed twice meanwhile, and not when the run is killed behind every second page.
func TestALongOutage(t *testing.T) {
	for _, days := range []int{31, 365} {
		for _, killed := range []bool{false, true} {
			t.Run(fmt.Sprint(days, killed), func(t *testing.T) {
				s := newScene()
				for i := range 20 {
					s.change(fmt.Sprint("before ", i), -time.Duration(i)*time.Hour-time.Hour)
				}
				s.run(t)
				s.change("late", -5*time.Hour)
				for i := range days { // an order a day, and in the afternoon it changes once more
					at := time.Duration(i)*24*time.Hour + time.Hour
					s.change(fmt.Sprint("off ", i), at+8*time.Hour)
					s.change(fmt.Sprint("edge ", i), time.Duration(i)*24*time.Hour-2*time.Minute)
				}
				s.clock, s.queries = s.clock.Add(time.Duration(days)*24*time.Hour), nil
				s.runKilled(t, killed)
				s.complete(t)
				list := s.windows()
				if want := day0.Add(-2*time.Minute - fetch.DefaultOverlap); !list[0][0].Equal(want) {
					t.Errorf("begins at %s, want %s", list[0][0], want)
				}
				for i, w := range list[1:] {
					if w[0].After(list[i][1]) {
						t.Errorf("nobody asks for %s to %s", list[i][1], w[0])
					}
				}
				if least := days/7 + 1; !killed && len(list) > least+1 {
					t.Errorf("%d windows, %d would do", len(list), least)
				}
			})
		}
	}
}

// runKilled runs until it ends; if killed, each run ends behind its second page.
func (s *scene) runKilled(t *testing.T, killed bool) {
	t.Helper()
	kill := errors.New("killed")
	for tries := 0; ; tries++ {
		pages := 0
		s.answer = func(spapi.SearchParams, *spapi.Page) error {
			if pages++; killed && pages > 2 {
				return kill
			}
			return nil
		}
		switch _, err := s.f.Run(t.Context()); {
		case err == nil:
			return
		case !errors.Is(err, kill) || tries > 10_000:
			t.Fatal(err)
		}
		s.clock = s.clock.Add(time.Minute)
	}
}

// A window with more pages than can be read while its tokens live becomes shorter until it can be read: the
// run gets to its end, by itself or when it is started again, whether Amazon counts the life of a token from
// its own page on or from the first of the window.
func TestAWindowLongerThanItsTokens(t *testing.T) {
	s := newScene()
	s.f.First = day0.Add(-20 * 24 * time.Hour)
	for i := range 19 * 24 * 4 { // 336 pages a week, each takes ten minutes: 56 hours
		s.change(fmt.Sprint(i), -time.Duration(i)*15*time.Minute-time.Hour)
	}
	var began time.Time
	s.answer = func(q spapi.SearchParams, _ *spapi.Page) error {
		s.clock = s.clock.Add(10 * time.Minute)
		if q.PaginationToken == "" {
			began = s.clock
		}
		if s.clock.Sub(began) > 24*time.Hour {
			return &spapi.Error{Kind: spapi.KindInput}
		}
		return nil
	}
	s.run(t)
	s.complete(t)
	spans := []time.Duration{}
	for _, w := range s.windows() {
		spans = append(spans, w[1].Sub(w[0]).Round(time.Hour))
	}
	// The first half has a day without orders, and just ends in time.
	if want := []time.Duration{168 * time.Hour, 84 * time.Hour, 84 * time.Hour, 42 * time.Hour}; !slices.Equal(spans[:4], want) || len(s.queries) > 1500 {
		t.Errorf("%d requests, windows of %v", len(s.queries), spans)
	}
	pos, err := fetch.ReadPosition(s.cursors[fetch.CursorName("main")])
	if err != nil || pos.Span != 0 {
		t.Errorf("the next windows are %v, %v", time.Duration(pos.Span), err)
	}
}
