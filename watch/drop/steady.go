package drop

import "time"

// Observations is how many equal looks at a thing, spread over the settle time, call it complete.
const Observations = 3

// Steady reports when something has stopped changing. Only what is seen counts: the times of files come from
// other clocks, and a copy may keep an old one.
type Steady[T comparable] struct {
	last  T
	since time.Time // monotonic: when last was first seen
	looks int
}

// Look notes one more look, and reports whether it differs from the one before.
func (s *Steady[T]) Look(now T) (changed bool) {
	if s.looks > 0 && s.last == now {
		s.looks++
		return false
	}
	s.last, s.since, s.looks = now, time.Now(), 1
	return true
}

// New reports whether the last look was the first of its kind.
func (s *Steady[T]) New() bool { return s.looks == 1 }

// For reports whether enough looks were equal, and spread over that time.
func (s *Steady[T]) For(settle time.Duration) bool {
	return s.looks >= Observations && time.Since(s.since) >= settle
}
