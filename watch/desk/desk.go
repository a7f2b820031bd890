// Package desk is what a person can do with a running exchange: see how it stands, look orders up, cure,
// dismiss, retry, replay and requeue, compare, clean and rebuild. Each operation is one function with options and
// a result that is data; the command line and the page print the same results. None needs the watcher to stop
// but Rebuild; what the watcher has to do is handed to it as a request.
//
// Texts are messages of package words. Results carry JSON tags: their fields are a promise, they are added, never
// renamed or removed.
package desk

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"time"

	"obmen/convert"
	"obmen/convert/catalog"
	"obmen/convert/document"
	"obmen/convert/layout"
	"obmen/watch"
	"obmen/watch/desk/roles"
	"obmen/watch/desk/words"
	"obmen/watch/drop"
	"obmen/watch/inbox"
	"obmen/watch/ledger"
	"obmen/watch/store"
)

// Desk is a running exchange. The ledger belongs to the caller, who closes it.
type Desk struct {
	State    string // obmen's own memory
	Routes   []inbox.Route
	Ledger   *ledger.Ledger
	Options  convert.Options
	Settings string // the file of the settings, for messages
	Catalogs string // the folder of the catalogs; empty for none
	Sources  string // the folder of one's own mappings; it need not be there
	// Numbering is how a ledger that is rebuilt counts numbers.
	Numbering document.Numbering

	Lookups
	// FetchAtOnce is how many orders Amazon gives one by one before each waits.
	FetchAtOnce int

	actor *Actor // for whom it acts; nil for the command line
}

// Lookups are what the desk asks of the settings.
type Lookups struct {
	Catalog    func() (*catalog.Snapshot, error)
	Encryption func() (*store.Encryption, error) // nil of both where kept files are plain
	Remote     func() (store.Place, error)       // where kept copies lie instead of the state folder; may be nil, or give nil

	// Command returns the command line of an operation, for hints.
	Command func(name string, args ...string) string
	// Fetched returns the name under which an account is fetched; false when it is not.
	Fetched func(account string) (string, bool)
	// BySite is Watcher.Fetched; nil when 1C fetches no orders itself.
	BySite func(route, account string) (*layout.Layout, string)
	// InboxOf returns the inbox of an account's orders; false when it is not known.
	InboxOf func(account string) (string, bool)
}

// Moment is a time in a result: a second of UTC in RFC 3339, empty when it is not known.
type Moment struct{ time.Time }

// MarshalJSON writes a moment as text.
func (m Moment) MarshalJSON() ([]byte, error) { return json.Marshal(m.Stamp()) }

// UnmarshalJSON reads what MarshalJSON wrote.
func (m *Moment) UnmarshalJSON(b []byte) error {
	var text string
	if err := json.Unmarshal(b, &text); err != nil || text == "" {
		m.Time = time.Time{}
		return err
	}
	at, err := time.Parse(time.RFC3339, text)
	m.Time = at
	return err
}

// Stamp is the moment as text.
func (m Moment) Stamp() string {
	if m.IsZero() {
		return ""
	}
	return m.UTC().Format(time.RFC3339)
}

// Page limits a list that may be long. Its zero value is the whole list.
type Page struct {
	Offset int // entries that are left out at the beginning
	Limit  int // most entries; 0 for no limit
}

// Watcher reports whether a watcher runs, and its process: it holds the lock of the state folder. Of a ledger on a server
// it reports whether a node works, whose process may be another machine's: 0.
func (d *Desk) Watcher() (running bool, process int, err error) {
	if d.isOnServer() {
		nodes, err := d.nodes(context.Background())
		return len(nodes) > 0, 0, err
	}
	return lockHolder(d.State)
}

func (d *Desk) isOnServer() bool { return d.Ledger != nil && d.Ledger.Server() != nil }

// lockHolder reports whether a process holds the lock of a state folder, and which.
func lockHolder(state string) (running bool, process int, err error) {
	lock, err := drop.LockDir(state)
	if locked, ok := errors.AsType[*drop.LockedError](err); ok {
		return true, locked.PID, nil
	}
	if err != nil {
		return false, 0, err
	}
	return false, 0, lock.Release()
}

// nodes are the processes that work with a ledger on a server now.
func (d *Desk) nodes(ctx context.Context) (list []NodeStatus, err error) {
	nodes, err := d.Ledger.Server().Nodes(ctx)
	groups := map[string][]string{}
	for _, g := range watch.Groups(d.Routes) {
		for _, r := range g.Routes {
			groups[g.Name] = append(groups[g.Name], r.Name)
		}
	}
	for i := range nodes {
		if nodes[i].Left <= 0 {
			continue
		}
		n := NodeStatus{Name: nodes[i].Name, Since: Moment{nodes[i].Since}, Leads: nodes[i].Leads(), Routes: []string{}}
		for _, share := range nodes[i].Shares {
			n.Routes = append(n.Routes, groups[share]...)
		}
		list = append(list, n)
	}
	return list, err
}

// checkNotDismissed refuses an operation on an order that a person has dealt with.
func (d *Desk) checkNotDismissed(ctx context.Context, operation, id string) error {
	list, err := d.Ledger.Dismissals(ctx, ledger.HoldFilter{Order: id})
	if err != nil || len(list) == 0 {
		return err
	}
	return words.Refuse(
		words.New("desk.was-dismissed", "Operation", operation, "Order", id, "At", list[0].At, "Why", list[0].Why),
		words.New("desk.bring-back", "Command", d.Command("dismiss", "--undo", id)))
}

// Actor is the person for whom a desk acts.
type Actor struct {
	Name string
	Role roles.Role
}

// As returns the desk as it acts for a person: it refuses what the person may not do, and keeps a trail of what
// was done. A desk that acts for no one in particular is that of the command line, which may do all.
func (d *Desk) As(a Actor) *Desk {
	other := *d
	other.actor = &a
	return &other
}

// allow refuses an operation to a person whose role is too low.
func (d *Desk) allow(least roles.Role) error {
	if d.actor == nil || d.actor.Role >= least {
		return nil
	}
	return words.Refuse(words.New("desk.not-allowed"), words.New("desk.ask-for-role", "Role", least.String()))
}

// DefaultPurgeDays is how long buyers' data are kept where the settings keep them for ever: Amazon's Data Protection
// Policy lets a seller keep them for 30 days after the delivery.
const DefaultPurgeDays = 30

// PurgeOptions choose what is removed.
type PurgeOptions struct {
	Before time.Time // zero for as long ago as the settings keep buyers' data
	Keep   int       // days of the settings; 0 for DefaultPurgeDays
	DryRun bool      // only counts
}

// Purged counts what was removed, or would be.
type Purged struct {
	Before  Moment `json:"before"`
	DryRun  bool   `json:"dry_run"`
	Orders  int    `json:"orders"`  // documents of exported orders
	Holds   int    `json:"holds"`   // sentences and cures of held orders
	Answers int    `json:"answers"` // 1C's words
	Reasons int    `json:"reasons"` // why files were refused
	Files   int    `json:"files"`   // kept copies of dropped files
	Bytes   int64  `json:"bytes"`   // of those copies
	Letters int    `json:"letters"` // documents in messages that 1C has not confirmed
}

// Purge removes what obmen's memory has about buyers. What was exported stays known.
func (d *Desk) Purge(ctx context.Context, opt PurgeOptions) (*Purged, error) {
	if err := d.allow(roles.Admin); err != nil {
		return nil, err
	}
	if opt.Before.IsZero() {
		opt.Before = time.Now().AddDate(0, 0, -cmp.Or(opt.Keep, DefaultPurgeDays))
	}
	kept, err := d.keptPlain()
	if err != nil {
		return nil, err
	}
	p, err := watch.Purge(ctx, kept, d.Ledger, opt.Before, opt.DryRun)
	if err != nil {
		return nil, err
	}
	return &Purged{Moment{opt.Before}, opt.DryRun, p.Orders, p.Holds, p.Answers, p.Reasons, p.Files, p.Bytes, p.Letters}, nil
}

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
