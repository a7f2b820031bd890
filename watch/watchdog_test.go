package watch

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"obmen/convert/catalog"
	"obmen/watch/drop"
	"obmen/watch/folder"
	"obmen/watch/inbox"
)

func TestClockJumps(t *testing.T) {
	start := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	c := newClock(start)
	at := func(wall, passed time.Duration) time.Duration { return c.jumpedBy(start.Add(wall), c.mono.Add(passed)) }
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
func (p *place) second() *inbox.Route {
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

// hangingDisk is a disk on which one folder does not answer.
type hangingDisk struct {
	drop.FS
	dir  string
	hang chan struct{}
}

func (d hangingDisk) ReadDir(path string) ([]fs.DirEntry, error) {
	if path == d.dir {
		<-d.hang
	}
	return d.FS.ReadDir(path)
}

// A worker that hangs is reported once, holds no other up, and the run ends without it.
func TestAHungFolder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlace(t)
		second := p.second()
		p.w.blind, p.w.Poll, p.w.Hang, p.w.Grace = true, 10*time.Second, time.Minute, time.Second
		p.w.Now = time.Now
		disk := hangingDisk{drop.OS{}, p.r.Inbox, make(chan struct{})}
		p.w.FS = disk
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- p.w.Run(ctx, false) }()
		p.put(second.Inbox, "good.json", shopFile(2, "02", "A", "5.00"))
		time.Sleep(10 * p.w.Hang)
		p.expect("archive of the other route", p.names(p.r.Archive), []string{"good.json"})
		got := p.alerts("main")
		if len(got) != 1 || !strings.Contains(got[0], p.r.Inbox) || !strings.Contains(got[0], "has not answered for 1m0s") {
			t.Errorf("alerts %q", got)
		}
		if got := p.alerts("second"); len(got) != 0 {
			t.Errorf("alerts of the other route: %q", got)
		}
		stop()
		var hung *HungError
		if err := <-done; !errors.As(err, &hung) || len(hung.Waiting) != 1 || hung.Hint() == "" {
			t.Errorf("the run ended with %v", err)
		}
		close(disk.hang)
		synctest.Wait()
	})
}

func TestHeartbeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var h heartbeat
		h.beat("the inbox")
		time.Sleep(20 * time.Millisecond)
		what, _ := h.hung(10 * time.Millisecond)
		again, _ := h.hung(10 * time.Millisecond)
		if what != "the inbox" || again != "" {
			t.Errorf("reported %q, then %q", what, again)
		}
		h.progress()
		if _, over := h.hung(10 * time.Second); !over {
			t.Error("its end is not reported")
		}
		h.beat("")
		time.Sleep(20 * time.Millisecond)
		if what, _ := h.hung(10 * time.Millisecond); what != "" {
			t.Errorf("rest is reported as %q", what)
		}
	})
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
	if err := os.Remove(filepath.Join(second.Outbox, folder.Marker)); err != nil {
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
	gate := p.w.folders.Lock("catalog")
	gate()
	p.w.Catalog = func() (*catalog.Snapshot, error) {
		defer p.w.folders.Lock("catalog")()
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
