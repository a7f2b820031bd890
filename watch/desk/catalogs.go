package desk

import (
	"sync"
	"time"

	"obmen/convert/catalog"
	"obmen/watch/drop"
	"obmen/watch/inbox"
)

// Catalogs are the newest good snapshot of a folder. A file that was saved with a mistake is reported once and
// leaves the snapshot before it in force.
type Catalogs struct {
	Dir     string
	Settle  time.Duration                     // how long files must stay unchanged; 0: what is there counts
	Load    func() (*catalog.Snapshot, error) // reads the folder
	Broken  func(error)                       // reports a mistake that leaves the snapshot before it in force
	Changed func()                            // another snapshot is in force; may be nil

	mu     sync.Mutex // every route asks
	state  string     // names, sizes and times of the files as last read
	wrong  error      // with those files, while no snapshot was good yet
	good   *catalog.Snapshot
	saving saving
}

// Current returns the newest good snapshot; nil while there is none yet and the files are being saved.
func (c *Catalogs) Current() (*catalog.Snapshot, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.saving.settle = c.Settle
	state := folderState(c.Dir)
	if c.good != nil && state == c.state {
		c.saving.stopWaiting()
		return c.good, nil
	}
	if !c.saving.hasSettled(state) {
		if state == c.state { // nothing is being saved
			return c.good, c.wrong
		}
		return c.good, nil
	}
	cat, err := c.Load()
	if after := folderState(c.Dir); c.Settle > 0 && after != state { // saved while it was read
		c.saving.hasSettled(after)
		return c.good, nil
	}
	c.state = state
	lookedInto.noteLoaded(c.Dir, state, cat, err)
	c.wrong = nil
	switch {
	case err == nil:
		if c.good = cat; c.Changed != nil {
			c.Changed()
		}
	case c.good == nil:
		c.wrong = err
		return nil, err
	default:
		c.Broken(err)
	}
	return c.good, nil
}

// Changing returns for how long the files have been changing.
func (c *Catalogs) Changing() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.saving.waitedFor()
}

// saving keeps catalogs and templates from being read while they are written in their place: half of a list
// of customers may be a whole one to all appearance. They settle as dropped files do.
type saving struct {
	settle time.Duration // 0: what is there counts at once
	steady drop.Steady[string]
	looked time.Time // monotonic: every route asks, and a look right after another shows nothing
	since  time.Time // monotonic: when the change was first seen; zero when nothing changes
}

// hasSettled reports whether a new state of a folder counts now. One that never stops changing counts in the end.
func (s *saving) hasSettled(state string) bool {
	const pause = 4 // looks in a settle time, at most
	switch now := time.Now(); {
	case s.settle == 0:
		return true
	case s.since.IsZero():
		s.since = now
	case now.Sub(s.looked) < s.settle/pause:
		return false
	}
	s.looked = time.Now()
	s.steady.Look(state)
	if !s.steady.For(s.settle) && time.Since(s.since) < inbox.DefaultPatience {
		return false
	}
	s.stopWaiting()
	return true
}

// stopWaiting ends the wait: nothing changes.
func (s *saving) stopWaiting() { *s = saving{settle: s.settle} }

// waitedFor is for how long it has been changing; 0 when it is not.
func (s *saving) waitedFor() time.Duration {
	if s.since.IsZero() {
		return 0
	}
	return time.Since(s.since)
}
