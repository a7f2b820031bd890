package desk

import (
	"time"

	"obmen/watch/drop"
	"obmen/watch/inbox"
)

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
