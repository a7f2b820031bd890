package inbox

import (
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"obmen/watch/drop"
	"obmen/watch/folder"
)

// mostWatched bounds the folders whose events are asked for: systems grant some thousands to a user.
const mostWatched = 1000

// notifier hears of changes in a route's folders. An event only shortens the time to the next poll; polling finds what
// makes none.
type notifier struct {
	shared *Events // of all routes, for folders on disks of this computer; nil: there are none
	apart  Events  // for the folders of other computers, whose asking may take for ever

	remote  bool        // the inbox is on a file system of another computer: its changes make no events here
	heard   atomic.Bool // an event has come: they do arrive
	folders map[string]*Events
	wake    chan struct{}
}

// openNotifier watches an inbox and further folders whose changes matter. Where the system reports no changes,
// polling does it all.
func openNotifier(shared *Events, inbox string, also ...string) *notifier {
	n := &notifier{shared: shared, folders: map[string]*Events{}, wake: make(chan struct{}, 1)}
	volume, err := drop.VolumeOf(inbox)
	n.remote = err != nil || volume.Remote()
	n.watchFolder(inbox)
	for _, dir := range also {
		if dir != "" {
			volume, err := drop.VolumeOf(dir)
			n.watch(dir, err == nil && volume.Remote())
		}
	}
	// The probe: a new time of the marker changes nothing, and must make an event.
	now := time.Now()
	_ = os.Chtimes(filepath.Join(inbox, folder.Marker), now, now) // without the right to do that: polling
	return n
}

// watchFolder asks for the events of the inbox or one of its folders, which may have been asked for before.
func (n *notifier) watchFolder(dir string) { n.watch(dir, n.remote) }

func (n *notifier) watch(dir string, remote bool) {
	real, err := filepath.EvalSymlinks(dir)
	if err != nil || len(n.folders) >= mostWatched && n.folders[real] == nil {
		return
	}
	events := n.shared
	if events == nil || remote {
		events = &n.apart
	}
	if events.listen(n, real) { // each time: one that came in the place of another is not watched yet
		n.folders[real] = events
	}
}

// trusted reports whether changes in the inbox are known to make events.
func (n *notifier) trusted() bool { return n != nil && !n.remote && n.heard.Load() }

// hear takes note of an event.
func (n *notifier) hear() {
	n.heard.Store(true)
	select {
	case n.wake <- struct{}{}:
	default:
	}
}

func (n *notifier) close() {
	if n == nil {
		return
	}
	for dir, events := range n.folders {
		events.leave(n, dir)
	}
	n.apart.Close()
}

// The pace of polling.
const (
	livelyPoll = 200 * time.Millisecond // while files arrive: what comes next comes soon
	livelyFor  = 10 * time.Second       // since the last arrival
	quietAfter = 5 * time.Minute        // without an arrival, where events would tell of one
	quietTimes = 5                      // by this factor the usual period is longer then
	wakeGap    = 50 * time.Millisecond  // between an event and the look it asks for: writes come in bursts
)

// Pace is how often an inbox is looked at.
type Pace struct {
	Poll     time.Duration // when no event reports a change
	AtLeast  time.Duration // the pause between two looks where events do report changes: of many routes each looks less often
	AtMost   time.Duration // the pause; 0: any
	Settling bool          // files are looked at although none is waiting
}

// pause is how long to sleep before the next look when no event reports a change.
func (p *Pace) pause(sinceArrival time.Duration, trusted bool) time.Duration {
	pause := p.Poll
	switch {
	case sinceArrival < livelyFor:
		pause = min(p.Poll, livelyPoll)
	case sinceArrival >= quietAfter && trusted:
		pause = p.Poll * quietTimes
	}
	if trusted {
		pause = max(pause, p.AtLeast)
	}
	if p.AtMost > 0 {
		pause = min(pause, p.AtMost)
	}
	return pause
}
