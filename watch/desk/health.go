package desk

import (
	"io/fs"
	"path/filepath"
	"strings"

	"obmen/watch/desk/words"
)

// Health is a status in one look, for a monitor.
type Health struct {
	State HealthState
	Why   []words.Text // the most urgent first
}

// HealthState is how urgent it is.
type HealthState string

// The states of an exchange.
const (
	Fine   HealthState = "fine"
	Waits  HealthState = "waits"  // something waits for a person, everything else goes on
	Broken HealthState = "broken" // orders do not get through
)

// Health judges a status. Orders that wait for the marketplace alone ask nothing of a person.
func (d *Desk) Health(st *Status) Health {
	var broken, waits []words.Text
	if !st.Running {
		broken = append(broken, words.New("health.not-running"))
	}
	for _, wait := range st.Waiting {
		broken = append(broken, words.New("health.claims-nothing", "Route", wait.Route, "Why", wait.Why))
	}
	if n := st.Totals.Sets["failed"]; n > 0 {
		waits = append(waits, words.Count("health.failed", n))
	}
	if n := st.Totals.HeldOrders(); n > 0 {
		waits = append(waits, words.Count("health.held", n))
	}
	if n := d.refusedFiles(); n > 0 {
		waits = append(waits, words.Count("health.refused", n))
	}
	switch {
	case len(broken) > 0:
		return Health{Broken, append(broken, waits...)}
	case len(waits) > 0:
		return Health{Waits, waits}
	}
	return Health{State: Fine}
}

// refusedFiles counts the files that lie in quarantine with their reason beside them. Who has dealt with
// one takes it away, or puts it back into the inbox.
func (d *Desk) refusedFiles() (n int) {
	seen := map[string]bool{}
	for i := range d.Routes {
		dir := d.Routes[i].Quarantine
		if seen[dir] {
			continue
		}
		seen[dir] = true
		_ = filepath.WalkDir(dir, func(_ string, e fs.DirEntry, err error) error { // a folder that is away is told as a route that waits
			if err == nil && strings.HasSuffix(e.Name(), ".reason.json") {
				n++
			}
			return nil
		})
	}
	return n
}
