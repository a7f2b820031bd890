package watch

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// DefaultHang is how long one operation on a folder may take before it is reported: longer than any
// share that works, shorter than a working day.
const DefaultHang = 2 * time.Minute

// DefaultGrace is how long the end of a run waits for workers that a disk or share keeps waiting.
const DefaultGrace = 10 * time.Second

// longestJump is how far the wall clock may part from the monotonic one unnoticed: summer time does not
// move it at all, a time server moves it by seconds.
const longestJump = 5 * time.Minute

// heartbeat notes what a worker does and since when. A file operation may hang for ever in the system, and
// nothing but another goroutine can notice.
type heartbeat struct {
	mu    sync.Mutex
	at    time.Time // monotonic
	what  string    // the folder that has to answer; empty while the worker rests
	alert bool      // it was reported
}

// beat notes that the worker is alive and turns to something else; "" means that it rests.
func (h *heartbeat) beat(what string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.at, h.what = time.Now(), what
}

// progress notes that the worker makes progress with what it does.
func (h *heartbeat) progress() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.at = time.Now()
}

// hung returns what has kept the worker waiting for so long, once; and once that it is over.
func (h *heartbeat) hung(after time.Duration) (what string, over bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	late := h.what != "" && time.Since(h.at) >= after
	switch {
	case late && !h.alert:
		h.alert = true
		return h.what, false
	case !late && h.alert:
		h.alert = false
		return "", true
	}
	return "", false
}

// busyWith is what the worker waits for at the moment.
func (h *heartbeat) busyWith() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.what
}

// crew are the workers that work now.
type crew struct {
	mu   sync.Mutex
	list []*worker
}

func (c *crew) add(workers ...*worker) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.list = append(c.list, workers...)
}

func (c *crew) remove(workers ...*worker) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.list = slices.DeleteFunc(c.list, func(k *worker) bool { return slices.Contains(workers, k) })
}

func (c *crew) size() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.list)
}

func (c *crew) all() []*worker {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.list)
}

// watchWorkers looks after the workers, and after the clock, until the context ends.
func (w *Watcher) watchWorkers(ctx context.Context) {
	after := w.hangAfter()
	tick := time.NewTicker(max(after/8, time.Millisecond))
	defer tick.Stop()
	clock := newClock(w.Now())
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		for _, k := range w.crew.all() {
			k.reportHang(after)
		}
		if jump := clock.jumpedBy(w.Now(), time.Now()); jump != 0 {
			(&worker{watcher: w, route: &w.Routes[0]}).report(Event{
				Kind: Alert,
				Text: fmt.Sprintf("the clock of this computer jumped by %s, or the computer slept", jump.Round(time.Second)),
				Hint: "look at its time and time server; waiting is not affected, but the dates of archive folders are",
			})
		}
	}
}

// reportHang reports a worker that stopped responding, and its recovery, once each.
func (k *worker) reportHang(after time.Duration) {
	what, over := k.heartbeat.hung(after)
	if what != "" {
		k.report(Event{
			Kind: Alert, Text: fmt.Sprintf("%s has not answered for %s", what, after),
			Hint: "look at the disk or share it is on; other routes continue, and this one does when it answers",
		})
	}
	if over {
		k.report(Event{Kind: Going, Text: "its folders answer again"})
	}
}

// clock notices that the wall clock moved without time passing.
type clock struct{ wall, mono time.Time }

func newClock(wall time.Time) clock { return clock{wall.Round(0), time.Now()} }

// jumpedBy is how far the wall clock has moved against the monotonic one since it was last set right; 0 when
// that is not far.
func (c *clock) jumpedBy(wall, mono time.Time) time.Duration {
	off := wall.Round(0).Sub(c.wall) - mono.Sub(c.mono)
	if off.Abs() < longestJump {
		return 0
	}
	c.wall, c.mono = wall.Round(0), mono
	return off
}

// HungError says that a run ended although workers were still waiting for a disk or share.
type HungError struct {
	Waiting []string // what they waited for
	Advice  string
}

func (e *HungError) Error() string {
	return "ended while waiting for " + strings.Join(e.Waiting, ", ")
}

// Hint returns the next step, one line; empty when there is none.
func (e *HungError) Hint() string { return e.Advice }

// await waits for the workers; when the context has ended, for no longer than the grace time.
func (w *Watcher) await(ctx context.Context, done <-chan error) error {
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	timer := time.NewTimer(w.graceTime())
	defer timer.Stop()
	select {
	case err := <-done:
		return err
	case <-timer.C:
	}
	e := &HungError{Advice: "look at the disk or share; what was begun goes on at the next start"}
	for _, k := range w.crew.all() {
		if what := k.heartbeat.busyWith(); what != "" {
			e.Waiting = append(e.Waiting, fmt.Sprintf("%s of route %s", what, k.route.Name))
		}
	}
	return e
}
