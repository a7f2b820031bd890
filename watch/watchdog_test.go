package watch

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"obmen/convert/catalog"
)

func TestClockJumps(t *testing.T) {
	start := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	c := newClock(start)
	at := func(wall, passed time.Duration) time.Duration { return c.jump(start.Add(wall), c.mono.Add(passed)) }
	if got := at(time.Hour, time.Hour); got != 0 {
		t.Errorf("an hour that passes is a jump of %s", got)
	}
	if got := at(4*time.Minute, 0); got != 0 {
		t.Errorf("4 minutes are a jump of %s", got)
	}
	if got := at(-time.Hour, 0); got != -time.Hour {
		t.Errorf("an hour back is a jump of %s", got)
	}
	if got := at(-time.Hour, 0); got != 0 {
		t.Errorf("told twice: %s", got)
	}
}

// second adds a route with an inbox and an outbox of its own; the rest is shared.
func (p *place) second() *Route {
	p.t.Helper()
	r := p.w.Routes[0]
	r.Name, r.Lists = "second", "-second"
	r.Inbox, r.Outbox = p.t.TempDir(), p.t.TempDir()
	p.w.Routes = append(p.w.Routes, r)
	p.r = &p.w.Routes[0]
	return &p.w.Routes[1]
}

// alerts are the texts of the alerts so far, by route.
func (p *place) alerts(route string) (list []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, e := range p.events {
		if e.Kind == Alert && e.Route == route {
			list = append(list, e.Text)
		}
	}
	return list
}

// A worker that hangs is told of once, holds no other up, and the run ends without it.
func TestAHungFolder(t *testing.T) {
	p := newPlace(t)
	second := p.second()
	p.w.Hang, p.w.Grace = 2*time.Second, 50*time.Millisecond // the other route may have to wait for the disk
	hang := make(chan struct{})
	t.Cleanup(func() { close(hang) })
	p.put(p.r.Inbox, "stuck.json", shopFile(1, "02", "A", "5.00"))
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	unlock := p.w.lock(p.r.Inbox) // as if the first route's inbox did not answer
	t.Cleanup(unlock)
	go func() { done <- p.w.Run(ctx, false) }()
	p.put(second.Inbox, "good.json", shopFile(2, "02", "A", "5.00"))
	eventually(t, "the other route works", func() bool { return len(p.names(p.r.Archive)) == 1 })
	eventually(t, "an alert", func() bool { return len(p.alerts("main")) > 0 })
	time.Sleep(2 * p.w.Hang)
	got := p.alerts("main")
	if len(got) != 1 || !strings.Contains(got[0], p.r.Inbox) || !strings.Contains(got[0], "has not answered for 2s") {
		t.Errorf("alerts %q", got)
	}
	if got := p.alerts("second"); len(got) != 0 {
		t.Errorf("alerts of the other route: %q", got)
	}
	stop()
	var hung *HungError
	if err := <-done; !errors.As(err, &hung) || len(hung.Waiting) != 1 || hung.Advice == "" {
		t.Errorf("the run ended with %v", err)
	}
}

func TestPulse(t *testing.T) {
	var p pulse
	p.beat("the inbox")
	time.Sleep(20 * time.Millisecond)
	what, _ := p.hung(10 * time.Millisecond)
	again, _ := p.hung(10 * time.Millisecond)
	if what != "the inbox" || again != "" {
		t.Errorf("told %q, then %q", what, again)
	}
	p.touch()
	if _, over := p.hung(10 * time.Second); !over {
		t.Error("its end is not told")
	}
	p.beat("")
	time.Sleep(20 * time.Millisecond)
	if what, _ := p.hung(10 * time.Millisecond); what != "" {
		t.Errorf("rest is told as %q", what)
	}
}

func TestRoutesWorkSideBySide(t *testing.T) {
	p := newPlace(t)
	second := p.second()
	p.put(p.r.Inbox, "one.json", shopFile(1, "02", "A", "5.00"))
	p.put(second.Inbox, "two.json", shopFile(2, "02", "B", "5.00"))
	p.once()
	p.expect("archive", p.names(p.r.Archive), []string{"one.json", "two.json"})
	p.expect("quarantine", p.names(p.r.Quarantine), []string{"held-second.csv"})
	if _, n := p.exported(); n != 1 {
		t.Errorf("%d exchange files in the first outbox", n)
	}
}

// A route that has to wait, or fails, stops no other; a run with an end tells of it.
func TestARouteThatWaitsStopsNoOther(t *testing.T) {
	p := newPlace(t)
	second := p.second()
	p.once()
	p.told()
	if err := os.Remove(filepath.Join(second.Outbox, Marker)); err != nil {
		t.Fatal(err)
	}
	p.put(p.r.Inbox, "one.json", shopFile(1, "02", "A", "5.00"))
	p.put(second.Inbox, "two.json", shopFile(2, "02", "A", "5.00"))
	p.once()
	p.expect("archive", p.names(p.r.Archive), []string{"one.json"})
	p.expect("second inbox", p.names(second.Inbox), []string{"two.json"})
	if got := p.told(); !slices.Contains(got, Waiting) || !slices.Contains(got, Converted) {
		t.Errorf("told %q", got)
	}
}

func TestAFailingRouteStopsNoOther(t *testing.T) {
	p := newPlace(t)
	second := p.second()
	broken := errors.New("cannot be read")
	good := p.w.Catalog
	calls := 0
	gate := p.w.lock("catalog")
	gate()
	p.w.Catalog = func() (*catalog.Snapshot, error) {
		defer p.w.lock("catalog")()
		if calls++; calls == 1 {
			return nil, broken
		}
		return good()
	}
	p.put(p.r.Inbox, "one.json", shopFile(1, "02", "A", "5.00"))
	p.put(second.Inbox, "two.json", shopFile(2, "02", "A", "5.00"))
	if err := p.w.Run(t.Context(), true); !errors.Is(err, broken) {
		t.Errorf("the run ended with %v", err)
	}
	if got := p.names(p.r.Archive); len(got) != 1 {
		t.Errorf("archive %q: the other route did not work", got)
	}
}
