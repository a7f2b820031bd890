package watch

import (
	"cmp"
	"path/filepath"
	"strings"
	"time"

	"obmen/watch/drop"
)

// Route is one inbox with all that belongs to it.
type Route struct {
	Name    string // stands in the ledger: renaming a route forgets what it has seen
	Account string // seller account of orders that name none

	Inbox, Outbox, Archive, Quarantine, Ack string

	Settle   time.Duration // a file must stay unchanged for so long before it is read
	Patience time.Duration // a file that ends in the middle may still grow for so long; 0 means DefaultPatience
	Depth    int           // how many levels of sub-folders are looked into
	Include  []string      // patterns of names to take, see CheckPattern; empty takes all
	Exclude  []string      // patterns of names to leave alone
	Done     string        // suffix of a marker that says "complete": with ".done" x.json waits for x.json.done
	Ready    string        // suffix of an empty marker that is published behind the XML; empty for none

	Limits    Limits
	AckWithin time.Duration // 1C should answer within; 0 never alerts

	Lists string // ends the names of its lists in Quarantine: held-north.csv with "-north"; default none
}

// Limits pause claiming while the outbox holds too much: the inbox is the queue. Zero means no limit.
type Limits struct {
	Files int
	Bytes int64
	Age   time.Duration // of the oldest file
}

// DefaultPatience is how long a file that ends in the middle may still grow: longer than any copy over
// a slow line pauses.
const DefaultPatience = 10 * time.Minute

// DefaultFree is the free space, in bytes, that the volumes of state and outbox must have.
const DefaultFree = 64 << 20

// HeldPath is the list of the route's held orders; routes with one quarantine keep lists of their own.
func (r *Route) HeldPath() string { return r.list(HeldFile) }

// DismissedPath is the list of orders of the route that people have dismissed.
func (r *Route) DismissedPath() string { return r.list(DismissedFile) }

func (r *Route) list(file string) string {
	ext := filepath.Ext(file)
	return filepath.Join(r.Quarantine, strings.TrimSuffix(file, ext)+r.Lists+ext)
}

// remote says whether the outbox is another computer's.
func (r *Route) remote() bool {
	volume, err := drop.VolumeOf(r.Outbox)
	return err == nil && volume.Remote()
}

func (r *Route) patience() time.Duration { return cmp.Or(r.Patience, DefaultPatience) }
