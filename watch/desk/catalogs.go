package desk

import (
	"sync"
	"time"

	"obmen/convert/catalog"
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
	lookedInto.learn(c.Dir, state, cat, err)
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
