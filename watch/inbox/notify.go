package inbox

import (
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/fsnotify/fsnotify"

	"obmen/watch/drop"
	"obmen/watch/folder"
)

// mostWatched bounds the folders whose events are asked for: systems grant some thousands to a user.
const mostWatched = 1000

// notifier watches a route's folders with fsnotify. An event only shortens the time to the next poll; polling
// finds what makes none.
type notifier struct {
	watcher *fsnotify.Watcher
	remote  bool        // a file system of another computer: its changes make no events here
	heard   atomic.Bool // an event has come: they do arrive
	folders map[string]bool
	wake    chan struct{}
	done    chan struct{}
}

// openNotifier watches an inbox and further folders whose changes matter. Where the system reports no changes,
// polling does it all.
func openNotifier(inbox string, also ...string) *notifier {
	n := &notifier{folders: map[string]bool{}, wake: make(chan struct{}, 1), done: make(chan struct{})}
	volume, err := drop.VolumeOf(inbox)
	n.remote = err != nil || volume.Remote()
	if n.watcher, err = fsnotify.NewWatcher(); err != nil {
		close(n.done)
		return n
	}
	go n.listen()
	for _, dir := range append([]string{inbox}, also...) {
		n.watchFolder(dir)
	}
	// The probe: a new time of the marker changes nothing, and must make an event.
	now := time.Now()
	_ = os.Chtimes(filepath.Join(inbox, folder.Marker), now, now) // without the right to do that: polling
	return n
}

// watchFolder asks for the events of one more folder, or of one that was added before.
func (n *notifier) watchFolder(dir string) {
	if n == nil || n.watcher == nil || dir == "" || len(n.folders) >= mostWatched && !n.folders[dir] {
		return
	}
	if n.watcher.Add(dir) == nil { // each time: one that came in the place of another is not watched yet
		n.folders[dir] = true
	}
}

// trusted reports whether changes in the inbox are known to make events.
func (n *notifier) trusted() bool { return n != nil && !n.remote && n.heard.Load() }

func (n *notifier) listen() {
	defer close(n.done)
	for {
		select {
		case _, ok := <-n.watcher.Events:
			if !ok {
				return
			}
			n.heard.Store(true)
		case _, ok := <-n.watcher.Errors: // an overflow too means: look again
			if !ok {
				return
			}
		}
		select {
		case n.wake <- struct{}{}:
		default:
		}
	}
}

func (n *notifier) close() {
	if n == nil || n.watcher == nil {
		return
	}
	n.watcher.Close()
	<-n.done
}

// The pace of polling.
const (
	livelyPoll = 200 * time.Millisecond // while files arrive: what comes next comes soon
	livelyFor  = 10 * time.Second       // since the last arrival
	quietAfter = 5 * time.Minute        // without an arrival, where events would tell of one
	quietTimes = 5                      // by this factor the usual period is longer then
	wakeGap    = 50 * time.Millisecond  // between an event and the look it asks for: writes come in bursts
)

// pollPause is how long to sleep before the next look when no event reports a change.
func pollPause(poll, sinceArrival time.Duration, trusted bool) time.Duration {
	switch {
	case sinceArrival < livelyFor:
		return min(poll, livelyPoll)
	case sinceArrival >= quietAfter && trusted:
		return poll * quietTimes
	}
	return poll
}
