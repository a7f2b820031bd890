// Package onec is the side of the exchange that 1C sees: the numbered messages of its synchronisation, and the
// answers with which it says what became of the sets in the outbox.
package onec

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"obmen/convert/layout"
	"obmen/watch/drop"
	"obmen/watch/folder"
	"obmen/watch/ledger"
)

// Connection is the exchange with 1C over the folders of one route. Its exported fields are set before it is
// used; it belongs to one goroutine.
type Connection struct {
	Route    Route
	FS       drop.FS
	Ledger   *ledger.Ledger
	Registry *folder.Registry
	Layouts  []*layout.Layout // those in force
	Now      func() time.Time
	Monitor  Monitor
	FileAway func(ctx context.Context, path, name string, reason string) error // moves an answer out of ack: into quarantine with a reason

	Once bool // the run ends when nothing is left to do

	pending    map[string]*pendingAnswer   // in ack, by name
	look       look                        // at the outbox
	overdue    map[string]bool             // sets that were reported as not answered
	read       map[string]drop.Observation // messages of 1C as they were read
	unreadable map[string]drop.Observation // those that could not be
}

// look is a comparison of the outbox with the ledger.
type look struct {
	at       time.Time // monotonic: when the last one began
	outbox   time.Time // of the outbox's last change before that
	takenDue time.Time // monotonic: when it is looked for sets that were taken
}

// Route are the settings of a route that concern 1C.
type Route struct {
	Name        string
	Outbox, Ack string
	AckWithin   time.Duration // 1C should answer within; 0 never alerts
	Settle      time.Duration // an answer must stay unchanged for so long before it is read
	Verify      bool          // messages are read back: the outbox is on another computer
}

// Monitor hears how the work goes on.
type Monitor struct {
	Beat     func(what string)             // before a folder is looked at
	Progress func()                        // for each file
	Alert    func(file, text, hint string) // what people should know
	Lasting  func(file, text, hint string) // the same, about what the ledger shows until it is mended
	Answered func(file, text string)       // what 1C has loaded
}

// New makes a connection ready for use.
func New(c Connection) *Connection {
	c.pending = map[string]*pendingAnswer{}
	c.overdue, c.read, c.unreadable = map[string]bool{}, map[string]drop.Observation{}, map[string]drop.Observation{}
	return &c
}

// ExchangeOf is the exchange to which 1C's message of that name belongs; nil for any other name.
func ExchangeOf(layouts []*layout.Layout, name string) *layout.Exchange {
	for _, l := range layouts {
		if x := l.Exchange(); x != nil && x.Answer(name) {
			return x
		}
	}
	return nil
}

// IsMessage reports whether a file of the outbox is a message, obmen's or 1C's: those stay there for ever.
func IsMessage(layouts []*layout.Layout, name string) bool {
	for _, l := range layouts {
		if x := l.Exchange(); x != nil && (name == x.Name() || x.Answer(name)) {
			return true
		}
	}
	return false
}

// Visible reports whether any file of a set is in the outbox. What goes out in messages is never taken away:
// only 1C's own message confirms that it has it.
func Visible(disk drop.FS, outbox string, set *ledger.Set) bool {
	for _, o := range set.Outputs {
		if o.Message() {
			return true
		}
		if _, err := disk.Lstat(filepath.Join(outbox, o.Name)); !errors.Is(err, os.ErrNotExist) {
			return true
		}
	}
	return false
}
