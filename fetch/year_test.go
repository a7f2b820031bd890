package fetch_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"obmen/fetch"
	"obmen/fetch/spapi"
	"obmen/fetch/spapi/spapitest"
)

// year is a simulated year of an account, on a virtual clock.
type year struct {
	plan    spapitest.Plan
	every   time.Duration // between the starts of two runs, if the first is over by then
	overlap time.Duration
	skew    time.Duration // how far Amazon's clock is ahead of ours
}

// yearLog is what came of it.
type yearLog struct {
	t       *testing.T
	client  *spapi.Client
	seen    []int64 // by number of the order: the newest change that was saved, Unix seconds
	first   int     // orders that came in a state for the first time
	again   int     // that came once more
	stray   int     // once more, though they lie behind the overlap
	pages   int
	calls   int // that the page size needs for these windows
	window  int // orders in this window so far
	after   time.Time
	overlap time.Duration
	unsaved *spapi.Page // came, and is not saved yet
	ready   []time.Time // when each request could have been made
	now     time.Time   // when the next one can be
}

func (l *yearLog) SearchOrders(ctx context.Context, p spapi.SearchParams) (*spapi.Page, error) {
	if l.unsaved != nil {
		l.t.Fatal("a page was asked for before the last one was saved")
	}
	if p.PaginationToken == "" {
		l.window, l.after = 0, p.LastUpdatedAfter
	}
	l.ready = append(l.ready, l.now)
	page, err := l.client.SearchOrders(ctx, p)
	l.now = time.Now()
	if err != nil {
		return nil, err
	}
	l.pages++
	l.window += len(page.Orders)
	if page.NextToken == "" {
		l.calls += max(1, (l.window+spapi.MaxPage-1)/spapi.MaxPage)
	}
	if len(page.Orders) > 0 {
		l.unsaved = page
	}
	return page, nil
}

func (l *yearLog) GetOrder(context.Context, string, []spapi.Dataset) (*spapi.Order, error) {
	panic("nobody asks for it")
}

// Put takes the orders of a page as saved.
func (l *yearLog) Put(_ context.Context, name string, content []byte) error {
	p := l.unsaved
	if p == nil || !bytes.Contains(content, p.Body) {
		return fmt.Errorf("%s: not the page that came", name)
	}
	l.unsaved = nil
	for _, o := range p.Orders {
		number, at, err := orderOf(o)
		if err != nil {
			return err
		}
		switch {
		case l.seen[number] < at.Unix():
			l.first++
			l.seen[number] = at.Unix()
		case at.After(l.after.Add(l.overlap)):
			l.stray++
		default:
			l.again++
		}
	}
	return nil
}

func (l *yearLog) Create() (fetch.File, error) { panic("nobody asks for it") }

func orderOf(o spapi.OrderRef) (number int, at time.Time, err error) {
	parts := strings.Split(o.ID, "-")
	high, err := strconv.Atoi(parts[1])
	if err != nil {
		return 0, at, err
	}
	low, err := strconv.Atoi(parts[2])
	if err != nil {
		return 0, at, err
	}
	at, err = time.Parse(time.RFC3339, o.LastUpdated)
	return high*10_000_000 + low, at, err
}

// run lives the year through.
func (y year) run(t *testing.T) {
	started := time.Now() // of the virtual clock
	y.plan.From = started.Add(y.skew)
	y.plan.To = y.plan.From.Add(365 * 24 * time.Hour)
	shop := &spapitest.Amazon{Now: func() time.Time { return time.Now().Add(y.skew) }}
	shop.Plan(y.plan)
	log := &yearLog{t: t, seen: make([]int64, y.plan.Orders), overlap: y.overlap, client: &spapi.Client{
		Account: "main", Region: spapi.EU, Connection: spapi.Connection{
			Transport: shop.Transport(), TokenURL: "https://api.example.com" + spapitest.TokenPath,
		},
		Credentials: spapi.Credentials{ClientID: spapitest.ClientID, ClientSecret: spapitest.ClientSecret, RefreshToken: spapitest.RefreshToken},
	}}
	f := fetch.Fetcher{
		Account: "main", Source: log, Store: newMemory(), Folder: log, Overlap: &y.overlap, First: started.Add(-time.Hour), Now: time.Now,
	}
	for next := started; time.Since(started) < 370*24*time.Hour; {
		next = next.Add(y.every)
		time.Sleep(max(0, time.Until(next)))
		log.now = time.Now()
		if _, err := f.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	y.complete(t, shop, log)
	y.frugal(t, log)
	y.prompt(t, shop, log)
	t.Logf("%d orders, %d changes saved, %d once more; %d requests, %d is the least for the changes alone", y.plan.Orders, log.first, log.again, log.pages, (log.first+spapi.MaxPage-1)/spapi.MaxPage)
}

// complete checks that the newest state of every order is saved.
func (y year) complete(t *testing.T, shop *spapitest.Amazon, log *yearLog) {
	n, missed := 0, 0
	for o := range shop.All() {
		number, _, err := orderOf(spapi.OrderRef{ID: o.ID, LastUpdated: o.Updated.Format(time.RFC3339)})
		if err != nil {
			t.Fatal(err)
		}
		if n++; log.seen[number] != o.Updated.Unix() {
			missed++
		}
	}
	if n != y.plan.Orders || missed > 0 {
		t.Errorf("%d orders of %d in the shop, the newest state of %d is missing", n, y.plan.Orders, missed)
	}
}

// frugal checks that there were no more requests than the windows need, and that nothing came once more
// but for the overlap.
func (y year) frugal(t *testing.T, log *yearLog) {
	if log.pages != log.calls {
		t.Errorf("%d requests, %d are needed", log.pages, log.calls)
	}
	if log.stray > 0 {
		t.Errorf("%d orders came once more that lie behind the overlap", log.stray)
	}
}

// prompt compares the time of every request with the earliest that the documented rate allows: twenty at
// once, then one each 1/0.0056 s.
func (y year) prompt(t *testing.T, shop *spapitest.Amazon, log *yearLog) {
	const burst = 20
	rate := 0.0056
	step := time.Duration(float64(time.Second) / rate)
	var full time.Time // when the bucket is full again
	n := 0
	for _, c := range shop.Calls() {
		if c.Operation != "searchOrders" {
			continue
		}
		if c.Status != 200 {
			t.Fatalf("request %d: status %d", n, c.Status)
		}
		earliest := log.ready[n]
		if least := full.Add(-(burst - 1) * step); least.After(earliest) {
			earliest = least
		}
		at := c.At.Add(-y.skew)
		if late := at.Sub(earliest); late > time.Second || late < -time.Second {
			t.Fatalf("request %d came %s after the earliest moment", n, late)
		}
		if full.Before(at) {
			full = at
		}
		full = full.Add(step)
		n++
	}
}

// A simulated year of 2,000,000 orders: nothing is missed although changes show up late, many have one
// time, and the clocks differ; no request is made that the page size or the overlap does not need; and
// no wait is longer than the rate forces.
func TestYear(t *testing.T) {
	orders, some := 200_000, 2_000
	switch {
	case raceDetector:
		orders, some = 20_000, 500
	case os.Getenv("CI") == "true": // a minute's work
		orders, some = 2_000_000, 20_000
	}
	for name, y := range map[string]year{
		"two million":      {spapitest.Plan{Orders: orders, Seed: 1, Still: true, Late: 5 * time.Hour, Grain: time.Minute}, 24 * time.Hour, 6 * time.Hour, 0},
		"clock is slow":    {spapitest.Plan{Orders: some, Seed: 2, Late: 5 * time.Hour, Grain: time.Hour}, 7 * time.Hour, 6 * time.Hour, 5 * time.Minute},
		"clock is fast":    {spapitest.Plan{Orders: some, Seed: 3, Late: 5 * time.Hour, Grain: time.Minute}, 7 * time.Hour, 6 * time.Hour, -5 * time.Minute},
		"months of a rest": {spapitest.Plan{Orders: some, Seed: 4, Late: 5 * time.Hour}, 60 * 24 * time.Hour, 6 * time.Hour, 5 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) { synctest.Test(t, y.run) })
	}
}
