package desk

import (
	"obmen/convert"
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
func (d *Desk) Health(st *Status) Health { return judge(st, d.refusedFiles()) }

// judge judges a status and the number of files in quarantine.
func judge(st *Status, refused int) Health {
	var broken, waits []words.Text
	if !st.Running {
		broken = append(broken, words.New("health.not-running"))
	}
	for _, wait := range st.Waiting {
		broken = append(broken, words.New("health.claims-nothing", "Route", wait.Route, "Why", words.Plain(wait.Why)))
	}
	if n := st.Totals.Sets["failed"]; n > 0 {
		waits = append(waits, words.Count("health.failed", n))
	}
	n, pending := st.Totals.HeldOrders(), st.Totals.Held[string(convert.Pending)]
	switch {
	case pending == 0 && n > 0:
		waits = append(waits, words.Count("health.held", n))
	case n > pending: // as many as obmen held lists
		waits = append(waits, words.Count("health.held-pending", n, "Pending", pending))
	}
	if refused > 0 {
		waits = append(waits, words.Count("health.refused", refused))
	}
	switch {
	case len(broken) > 0:
		return Health{Broken, append(broken, waits...)}
	case len(waits) > 0:
		return Health{Waits, waits}
	}
	return Health{State: Fine}
}

// refusedFiles counts the files in quarantine.
func (d *Desk) refusedFiles() (n int) {
	d.walkRefused(func(string) bool { n++; return true })
	return n
}
