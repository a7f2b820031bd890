package desk

import "obmen/watch/store"

// keptCopies is where the copies of dropped files lie.
func (d *Desk) keptCopies() (s store.Store, err error) {
	if s, err = d.keptPlain(); err != nil {
		return s, err
	}
	s.Encryption, err = d.Encryption()
	return s, err
}

// keptPlain is kept for those who read no bytes.
func (d *Desk) keptPlain() (s store.Store, err error) {
	s.State = d.State
	if d.Remote != nil {
		s.Remote, err = d.Remote()
	}
	return s, err
}
