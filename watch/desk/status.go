package desk

import (
	"cmp"
	"context"
	"slices"
	"time"

	"obmen/convert"
	"obmen/watch"
	"obmen/watch/desk/words"
	"obmen/watch/inbox"
	"obmen/watch/ledger"
)

// Status is how an exchange stands.
type Status struct {
	Running  bool         `json:"running"` // a watcher holds the state folder
	Process  int          `json:"process,omitempty"`
	Nodes    []NodeStatus `json:"nodes,omitempty"` // where several may have one ledger
	Waiting  []Wait       `json:"waiting"`         // routes that claim nothing for now
	Stale    []string     `json:"stale,omitempty"` // places of mistakes in saved catalogs, layouts and mappings: those before stay in force
	Files    []FileStatus `json:"files"`           // not done first, then the newest
	Earlier  int          `json:"earlier"`         // finished files that are not listed
	Totals   Totals       `json:"totals"`
	Messages []Exchange   `json:"messages"` // of exchanges with 1C through messages
}

// Exchange is a numbered exchange of messages with 1C.
type Exchange struct {
	Name     string `json:"name"`
	Number   int    `json:"number"`         // of the message in the outbox
	Received int    `json:"received"`       // of 1C's last message
	Waiting  int    `json:"waiting"`        // orders that 1C has not confirmed
	Since    Moment `json:"since,omitzero"` // the oldest of them
}

// Wait is a route that claims nothing for now.
type Wait struct {
	Route string `json:"route"`
	Why   string `json:"why"`
	Tries int    `json:"tries,omitempty"` // failures in a row of what is tried again
}

// FileStatus is how a dropped file stands.
type FileStatus struct {
	Sum       string      `json:"-"` // SHA-256; empty for what is not read yet
	Route     string      `json:"route"`
	Name      string      `json:"name"`
	State     string      `json:"state"` // inbox, left (never read as it is), claimed, converting, waiting, refused or done
	Why       string      `json:"why,omitempty"`
	Seen      Moment      `json:"seen,omitzero"`
	Converted Moment      `json:"converted,omitzero"`
	Exported  int         `json:"exported"`
	Held      int         `json:"held"`
	Known     int         `json:"known"`
	Older     int         `json:"older"`
	Skipped   int         `json:"skipped"`
	Sets      []SetStatus `json:"sets,omitempty"`
}

// LeftOut is the number of orders that were neither exported nor held.
func (f *FileStatus) LeftOut() int { return f.Known + f.Older + f.Skipped }

// SetStatus is how a set of outputs stands.
type SetStatus struct {
	Set       string `json:"set"`
	State     string `json:"state"` // planned, published, taken, failed or loaded
	Published Moment `json:"published,omitzero"`
	Changed   Moment `json:"changed,omitzero"` // when 1C took or answered it
	Text      string `json:"text,omitempty"`   // 1C's words
}

// Totals count the orders, sets and files of all time.
type Totals struct {
	Exported  int            `json:"exported"`  // orders
	Held      map[string]int `json:"held"`      // orders, by code
	Sets      map[string]int `json:"sets"`      // by state
	Dismissed int            `json:"dismissed"` // orders
	Files     map[string]int `json:"files"`     // by state

	unanswered time.Time // when the oldest set without 1C's answer was published; zero without one
}

// HeldOrders is the number of held orders of all codes.
func (t *Totals) HeldOrders() (n int) {
	for _, of := range t.Held {
		n += of
	}
	return n
}

// NodeStatus is a process that works with a ledger on a server.
type NodeStatus struct {
	Name   string   `json:"name"`
	Since  Moment   `json:"since"`
	Leads  bool     `json:"leads"`  // the page, alerts and reports are there
	Routes []string `json:"routes"` // on which it works
}

// StatusOptions choose what Status lists.
type StatusOptions struct {
	Finished int // how many of the newest files that are done, and of those that were refused
}

// Status puts together what the ledger, the folders and the running watcher know.
func (d *Desk) Status(ctx context.Context, opt StatusOptions) (*Status, error) {
	st := &Status{Waiting: []Wait{}, Files: []FileStatus{}, Messages: []Exchange{}}
	if err := st.addWatchers(ctx, d); err != nil {
		return nil, err
	}
	live, err := watch.ReadStatus(d.State)
	if err != nil {
		live = watch.Status{} // of another version: the rest is worth showing
	}
	for i := range d.Routes {
		if err := st.addPending(&d.Routes[i], live); err != nil {
			return nil, err
		}
	}
	if err := d.addSeen(ctx, st, opt.Finished); err != nil {
		return nil, err
	}
	if st.Totals, err = d.totals(ctx); err != nil {
		return nil, err
	}
	for _, state := range []ledger.FileState{ledger.Refused, ledger.Done} {
		st.Earlier += max(0, st.Totals.Files[string(state)]-opt.Finished)
	}
	return st, d.addExchanges(ctx, st)
}

// addWatchers notes who works.
func (st *Status) addWatchers(ctx context.Context, d *Desk) (err error) {
	if !d.isOnServer() {
		st.Running, st.Process, err = lockHolder(d.State)
		return err
	}
	st.Nodes, err = d.nodes(ctx)
	st.Running = len(st.Nodes) > 0
	return err
}

// addPending lists the files that lie in the inbox or are claimed, with the watcher's reasons.
func (st *Status) addPending(r *inbox.Route, live watch.Status) error {
	why := map[string]string{}
	reason := "no watcher runs"
	for _, route := range live.Routes {
		if route.Name != r.Name || !st.Running {
			continue
		}
		if reason = route.Waiting; reason != "" {
			st.Waiting = append(st.Waiting, Wait{r.Name, reason, route.Tries})
		}
		for _, place := range route.Stale { // most often the same in all routes
			if !slices.Contains(st.Stale, place) {
				st.Stale = append(st.Stale, place)
			}
		}
		for _, f := range route.Files {
			why[f.Path] = f.Why
		}
	}
	lie, err := r.Pending()
	if err != nil { // a share that is not there; the watcher waits for it
		st.Waiting = append(st.Waiting, Wait{Route: r.Name, Why: err.Error()})
	}
	for _, name := range lie.Claimed {
		st.Files = append(st.Files, FileStatus{Route: r.Name, Name: name, State: "claimed", Why: cmp.Or(why[name], reason)})
	}
	for _, f := range lie.Inbox {
		st.Files = append(st.Files, FileStatus{Route: r.Name, Name: f.Path, State: "inbox", Why: cmp.Or(f.Why, why[f.Path], reason)})
	}
	for _, f := range lie.Left {
		st.Files = append(st.Files, FileStatus{Route: r.Name, Name: f.Path, State: "left", Why: f.Why})
	}
	return nil
}

// addSeen lists what the ledger knows: all that is not done, and the newest of what is.
func (d *Desk) addSeen(ctx context.Context, st *Status, finished int) error {
	filters := []ledger.FileFilter{{State: ledger.Waiting}}
	if finished > 0 {
		filters = append(filters, ledger.FileFilter{State: ledger.Refused, Limit: finished, Newest: true}, ledger.FileFilter{State: ledger.Done, Limit: finished, Newest: true})
	}
	for _, filter := range filters {
		files, err := d.Ledger.Files(ctx, filter)
		if err != nil {
			return err
		}
		for i := range files {
			f, err := d.fileWithSets(ctx, &files[i])
			if err != nil {
				return err
			}
			st.Files = append(st.Files, f)
		}
	}
	return nil
}

// fileWithSets returns how a file stands, with the sets that its orders went out in.
func (d *Desk) fileWithSets(ctx context.Context, r *ledger.FileRecord) (FileStatus, error) {
	f := fileStatus(r)
	sets, err := d.Ledger.Sets(ctx, ledger.SetFilter{Route: r.Route, SHA256: r.SHA256, NoOrders: true})
	for _, set := range sets {
		s := SetStatus{Set: set.Stem, State: string(set.State), Published: Moment{set.Published}, Text: set.Text}
		if set.State != ledger.Published && set.State != ledger.Planned {
			s.Changed = Moment{set.Changed}
		}
		f.Sets = append(f.Sets, s)
	}
	return f, err
}

// fileStatus returns how a file stands, without its sets.
func fileStatus(r *ledger.FileRecord) FileStatus {
	c := r.Counts
	f := FileStatus{
		Sum: r.SHA256, Route: r.Route, Name: r.Name, State: string(r.State), Why: r.Reason, Seen: Moment{r.Seen},
		Exported: c.Exported, Held: c.Held, Known: c.Known, Older: c.Older, Skipped: c.Skipped,
	}
	if r.State == ledger.Done {
		f.Converted = Moment{r.Ended}
	}
	if r.Running {
		f.State = "converting"
	}
	return f
}

func (d *Desk) totals(ctx context.Context) (Totals, error) {
	t := Totals{Held: map[string]int{}, Sets: map[string]int{}, Files: map[string]int{}}
	stats, err := d.Ledger.Stats(ctx)
	if err != nil {
		return t, err
	}
	t.Dismissed, t.unanswered = stats.Dismissed, stats.Waiting
	for _, n := range stats.Orders {
		t.Exported += n
	}
	for code, n := range stats.Holds {
		t.Held[code] = n
	}
	for state, n := range stats.Sets {
		t.Sets[string(state)] = n
	}
	for state, n := range stats.Files {
		t.Files[string(state)] = n
	}
	return t, nil
}

func (d *Desk) addExchanges(ctx context.Context, st *Status) error {
	exchanges, err := d.Ledger.Exchanges(ctx)
	for _, e := range exchanges {
		st.Messages = append(st.Messages, Exchange{e.Name, e.Number, e.Received, e.Waiting, Moment{e.Since}})
	}
	return err
}

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
func (d *Desk) Health(st *Status) Health { return healthOf(st, d.refusedFiles()) }

// healthOf judges a status and the number of files in quarantine.
func healthOf(st *Status, refused int) Health {
	var broken, waits []words.Text
	if !st.Running {
		broken = append(broken, words.New("health.not-running"))
	}
	for _, wait := range st.Waiting {
		broken = append(broken, words.New("health.claims-nothing", "Route", wait.Route, "Why", words.Plain(wait.Why)))
	}
	for _, place := range st.Stale {
		waits = append(waits, words.New("health.stale", "Place", place))
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
