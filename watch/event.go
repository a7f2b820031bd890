package watch

import "obmen/watch/outbox"

// Event is something that people should know.
type Event struct {
	Route  string
	Kind   EventKind
	File   string         // name of the dropped file, if it is about one
	Place  string         // where that file lies now
	Text   string         // one line
	Hint   string         // what to do next
	Result *outbox.Result // of Converted and Cured
}

// EventKind says what happened.
type EventKind string

// The kinds of events.
const (
	Converted   EventKind = "converted"   // a file was read and put into the archive
	Repeated    EventKind = "repeated"    // a file whose bytes were done before
	Quarantined EventKind = "quarantined" // a file that nobody can read
	Cured       EventKind = "cured"       // held orders were tried again
	Waiting     EventKind = "waiting"     // nothing is claimed for now
	Going       EventKind = "going"       // the reason for waiting is gone
	Alert       EventKind = "alert"       // somebody has to look
	Renewed     EventKind = "renewed"     // a template was changed: it counts from now on
	Removed     EventKind = "removed"     // what was kept for long enough
)

// tell reports an event of a route.
func (k *worker) tell(e Event) {
	e.Route = k.r.Name
	if k.w.Report != nil {
		k.w.Report(e)
	}
}

// wait tells why nothing is claimed, once for each reason.
func (k *worker) wait(reason, hint string) {
	if k.waiting == reason {
		return
	}
	if reason == "" {
		k.tell(Event{Kind: Going, Text: "goes on"})
	} else {
		k.tell(Event{Kind: Waiting, Text: reason, Hint: hint})
	}
	k.waiting = reason
	k.note()
}
