package inbox

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"path/filepath"
	"regexp"
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

// pathInInbox is a path as people see it from the inbox.
func (r *Route) pathInInbox(path string) string {
	if rel, err := filepath.Rel(r.Inbox, path); err == nil {
		return rel
	}
	return path
}

// RegexpPrefix begins a pattern that is a regular expression and no shell pattern.
const RegexpPrefix = "re:"

// patterns choose names of files; letter case does not matter.
type patterns []func(name string) bool

// compilePatterns reads shell patterns ("*.json") and regular expressions ("re:^orders-\d+").
func compilePatterns(list []string) (all patterns, err error) {
	for _, text := range list {
		p, err := compilePattern(text)
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
}

func compilePattern(text string) (func(string) bool, error) {
	if expr, ok := strings.CutPrefix(text, RegexpPrefix); ok {
		re, err := regexp.Compile("(?i)" + expr)
		if err != nil {
			return nil, fmt.Errorf("pattern %q: %w", text, err)
		}
		return re.MatchString, nil
	}
	glob := strings.ToLower(text)
	if _, err := path.Match(glob, ""); err != nil {
		return nil, fmt.Errorf("pattern %q: %w", text, err)
	}
	return func(name string) bool {
		ok, err := path.Match(glob, strings.ToLower(name))
		return ok && err == nil
	}, nil
}

// CheckPattern returns an error that names what is wrong with a pattern of Include or Exclude, or nil.
func CheckPattern(text string) error {
	_, err := compilePattern(text)
	return err
}

func (p patterns) match(name string) bool {
	for _, is := range p {
		if is(name) {
			return true
		}
	}
	return false
}
