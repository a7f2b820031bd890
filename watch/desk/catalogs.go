package desk

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"obmen/convert/catalog"
	"obmen/convert/source"
	"obmen/convert/source/mapped"
	"obmen/watch"
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
	wrong  error      // with those files
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
		if state == c.state && c.good == nil { // nothing is being saved
			return nil, c.wrong
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
	c.wrong = err
	switch {
	case err == nil:
		if c.good = cat; c.Changed != nil {
			c.Changed()
		}
	case c.good == nil:
		return nil, err
	default:
		c.Broken(err)
	}
	return c.good, nil
}

// Stale returns the places of mistakes that leave the snapshot before them in force.
func (c *Catalogs) Stale() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.good == nil || c.wrong == nil {
		return nil
	}
	return []string{FirstPlace(c.wrong)}
}

// FirstPlace is where the first mistake of catalogs stands: its file and line. The value there may be a buyer's.
func FirstPlace(err error) string {
	if problems, ok := errors.AsType[catalog.Problems](err); ok && len(problems) > 0 {
		return fmt.Sprintf("%s:%d", problems[0].File, problems[0].Line)
	}
	return "obmen check"
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

// Sources are the mappings in force for a watcher: one's own that is saved counts for the next file. One with
// mistakes is reported once and leaves those before it in force.
type Sources struct {
	Dir    string        // folder of one's own mappings; it need not be there
	Settle time.Duration // how long files must stay unchanged; 0: what is there counts
	Tell   func(watch.Event)

	mu     sync.Mutex // every route asks
	state  string
	good   *mapped.Set
	wrong  []string // places of mistakes in the files as last read
	saving saving
}

var _ source.Recognizer = (*Sources)(nil)

// OpenSources begins with the mappings that were loaded at the start.
func OpenSources(s *Sources, loaded *mapped.Set) *Sources {
	s.good, s.state, s.saving.settle = loaded, folderState(s.Dir), s.Settle
	return s
}

// Current returns the newest good mappings.
func (s *Sources) Current() *mapped.Set {
	set, events := s.loadNewest()
	for _, e := range events { // whoever is told may ask for the mappings
		s.Tell(e)
	}
	return set
}

// loadNewest returns the newest good mappings and what there is to tell.
func (s *Sources) loadNewest() (*mapped.Set, []watch.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	state := folderState(s.Dir)
	if state == s.state {
		s.saving.stopWaiting()
		return s.good, nil
	}
	if !s.saving.hasSettled(state) {
		return s.good, nil
	}
	own, err := mapped.Load(os.DirFS(s.Dir), s.Dir)
	if after := folderState(s.Dir); s.Settle > 0 && after != state { // saved while it was read
		s.saving.hasSettled(after)
		return s.good, nil
	}
	s.state, s.wrong = state, nil
	if err != nil {
		events := s.brokenEvents(err)
		s.wrong = []string{events[0].File}
		return s.good, events
	}
	s.good = mapped.NewSet(own...)
	return s.good, []watch.Event{{
		Kind: watch.Renewed, File: s.Dir, Text: "mappings have changed",
		Hint: "files that come now are read by them; `obmen requeue` brings back those that were refused",
	}}
}

// brokenEvents tell every mistake, and what happens meanwhile.
func (s *Sources) brokenEvents(err error) (list []watch.Event) {
	var mistakes mapped.Mistakes
	if !errors.As(err, &mistakes) {
		mistakes = mapped.Mistakes{{File: s.Dir, Text: err.Error(), Advice: "look at the rights of the folder"}}
	}
	for _, m := range mistakes {
		list = append(list, watch.Event{Kind: watch.Alert, File: m.Place(), Text: m.Text, Hint: m.Advice})
	}
	return append(list, watch.Event{Kind: watch.Alert, File: s.Dir, Text: "the mappings as they were before stay in force", Hint: "mend the file and save it: obmen notices"})
}

// Stale returns the places of mistakes that leave the mappings before them in force.
func (s *Sources) Stale() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.wrong
}

// Changing returns for how long the files have been changing.
func (s *Sources) Changing() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.saving.waitedFor()
}

// Claims is that of source.Recognizer.
func (s *Sources) Claims(head []byte) []source.Claim { return s.Current().Claims(head) }

// Formats is that of source.Recognizer.
func (s *Sources) Formats() []source.Format { return s.Current().Formats() }
