package watch

import "obmen/watch/outbox"

// Event is something that people should know.
type Event struct {
	Route string
	Kind  EventKind
	File  string // name of the dropped file, if it is about one
	Place string // where that file lies now
	Text  string // one line
	Hint  string // what to do next
	// Lasting marks an Alert about what the ledger or a folder shows until it is mended.
	Lasting bool
	Result  *outbox.Result // of Converted and Cured
}

// EventKind is the kind of an event.
type EventKind string

// The kinds of events.
const (
	Converted   EventKind = "converted"   // a file was read and put into the archive
	Repeated    EventKind = "repeated"    // a file whose bytes were done before
	Quarantined EventKind = "quarantined" // a file that cannot be read
	Cured       EventKind = "cured"       // held orders were tried again
	Waiting     EventKind = "waiting"     // nothing is claimed for now
	Going       EventKind = "going"       // the reason for waiting is gone
	Alert       EventKind = "alert"       // a person has to look
	Renewed     EventKind = "renewed"     // a template was changed: it counts from now on
	Answered    EventKind = "answered"    // 1C has loaded what it was sent
	Republished EventKind = "republished" // orders were sent once more, on request
	Removed     EventKind = "removed"     // what was kept for long enough
	Fetched     EventKind = "fetched"     // 1C fetched orders itself, and confirmed them
	Replied     EventKind = "replied"     // 1C sent the states of orders, or its products, to the site
)

// report reports an event of the route.
func (k *worker) report(e Event) {
	e.Route = k.route.Name
	if k.watcher.Report != nil {
		k.watcher.Report(e)
	}
}

func (k *worker) reportAnswered(file, text string) {
	k.report(Event{Kind: Answered, File: file, Text: text})
}
