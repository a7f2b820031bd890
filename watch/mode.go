package watch

import (
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/fsnotify/fsnotify"

	"obmen/watch/drop"
)

// mostWatched bounds the folders whose events are asked for: systems grant some thousands to a user.
const mostWatched = 1000

// eyes tell that something changed in the folders of a route. An event is only a hint to look sooner;
// what is not seen is found by polling.
type eyes struct {
	watcher *fsnotify.Watcher
	remote  bool        // a file system of another computer: its changes make no events here
	heard   atomic.Bool // an event has come: they do arrive
	folders map[string]bool
	wake    chan struct{}
	done    chan struct{}
}

// openEyes looks at an inbox and at further folders whose changes matter. Where the system cannot tell of
// changes, the eyes stay shut and polling does it all.
func openEyes(inbox string, also ...string) *eyes {
	e := &eyes{folders: map[string]bool{}, wake: make(chan struct{}, 1), done: make(chan struct{})}
	volume, err := drop.VolumeOf(inbox)
	e.remote = err != nil || volume.Remote()
	if e.watcher, err = fsnotify.NewWatcher(); err != nil {
		close(e.done)
		return e
	}
	go e.listen()
	for _, dir := range append([]string{inbox}, also...) {
		e.add(dir)
	}
	// The probe: a new time of the marker changes nothing for anybody, and must make an event.
	now := time.Now()
	_ = os.Chtimes(filepath.Join(inbox, Marker), now, now) // without the right to do that: polling
	return e
}

// add asks for the events of one more folder, or of one that was added before.
func (e *eyes) add(dir string) {
	if e == nil || e.watcher == nil || dir == "" || len(e.folders) >= mostWatched && !e.folders[dir] {
		return
	}
	if e.watcher.Add(dir) == nil { // each time: one that came in the place of another is not watched yet
		e.folders[dir] = true
	}
}

// trusted says whether changes in the inbox are known to make events.
func (e *eyes) trusted() bool { return e != nil && !e.remote && e.heard.Load() }

func (e *eyes) listen() {
	defer close(e.done)
	for {
		select {
		case _, ok := <-e.watcher.Events:
			if !ok {
				return
			}
			e.heard.Store(true)
		case _, ok := <-e.watcher.Errors: // an overflow too means: look again
			if !ok {
				return
			}
		}
		select {
		case e.wake <- struct{}{}:
		default:
		}
	}
}

func (e *eyes) close() {
	if e == nil || e.watcher == nil {
		return
	}
	e.watcher.Close()
	<-e.done
}

// The pace of polling.
const (
	livelyPoll = 200 * time.Millisecond // while files arrive: what comes next comes soon
	livelyFor  = 10 * time.Second       // since the last arrival
	quietAfter = 5 * time.Minute        // without an arrival, where events would tell of one
	quietTimes = 5                      // the usual period is then so many times as long
	wakeGap    = 50 * time.Millisecond  // between an event and the look it asks for: writes come in bursts
)

// pace is how long to sleep before the next look when nothing tells of a change.
func pace(poll, sinceArrival time.Duration, trusted bool) time.Duration {
	switch {
	case sinceArrival < livelyFor:
		return min(poll, livelyPoll)
	case sinceArrival >= quietAfter && trusted:
		return poll * quietTimes
	}
	return poll
}
