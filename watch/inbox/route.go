package inbox

import (
	"cmp"
	"context"
	"path/filepath"
	"strings"
	"time"

	"obmen/watch/drop"
	"obmen/watch/folder"
)

// Route is one inbox with all that belongs to it.
type Route struct {
	Name    string // stands in the ledger: renaming a route forgets what it has seen
	Account string // seller account of orders that name none

	Places

	Settle   time.Duration // a file must stay unchanged for so long before it is read
	Patience time.Duration // a file that ends in the middle may still grow for so long; 0 means DefaultPatience
	Selection

	Limits    Limits
	AckWithin time.Duration // 1C should answer within; 0 never alerts

	Lists string // ends the names of its lists in Quarantine: held-north.csv with "-north"; default none
}

// Places are the folders of a route.
type Places struct {
	Inbox, Outbox, Archive, Quarantine, Ack string
}

// Selection is which files are taken, and when they are complete.
type Selection struct {
	Depth   int      // how many levels of sub-folders are looked into
	Include []string // patterns of names to take, see CheckPattern; empty takes all
	Exclude []string // patterns of names to leave alone
	Done    string   // suffix of a marker that says "complete": with ".done" x.json waits for x.json.done
	Ready   string   // suffix of an empty marker that is published behind the XML; empty for none
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

// Lists in the quarantine of a route, which people read.
const (
	HeldFile      = "held.csv"      // the orders that are held now
	DismissedFile = "dismissed.csv" // the orders that people have dismissed
)

// HeldPath is the list of the route's held orders; routes that share a quarantine keep lists of their own.
func (r *Route) HeldPath() string { return r.listPath(HeldFile) }

// DismissedPath is the list of orders of the route that people have dismissed.
func (r *Route) DismissedPath() string { return r.listPath(DismissedFile) }

func (r *Route) listPath(file string) string {
	ext := filepath.Ext(file)
	return filepath.Join(r.Quarantine, strings.TrimSuffix(file, ext)+r.Lists+ext)
}

// RemoteOutbox reports whether the outbox is on another computer.
func (r *Route) RemoteOutbox() bool {
	volume, err := drop.VolumeOf(r.Outbox)
	return err == nil && volume.Remote()
}

func (r *Route) patienceOrDefault() time.Duration { return cmp.Or(r.Patience, DefaultPatience) }

// CheckConnected reports whether the route's inbox is the folder that the watcher knows: see folder.CheckConnected.
func (r *Route) CheckConnected(ctx context.Context, book folder.Cursors) error {
	return folder.CheckConnected(ctx, book, r.Name, r.Inbox)
}

// Folders are the folders of the route that bear a marker.
func (r *Route) Folders() []folder.Folder {
	return []folder.Folder{
		{Role: folder.Inbox, Dir: r.Inbox},
		{Role: folder.Outbox, Dir: r.Outbox},
		{Role: folder.Archive, Dir: r.Archive},
		{Role: folder.Quarantine, Dir: r.Quarantine},
	}
}

// below is a path as people see it from the inbox.
func (r *Route) below(path string) string {
	if rel, err := filepath.Rel(r.Inbox, path); err == nil {
		return rel
	}
	return path
}
