package notify

import (
	"fmt"
	"slices"
	"strings"
)

// Level is how urgent a problem is.
type Level int

// Levels, from what only informs to what stops work.
const (
	Info Level = iota
	Warning
	Critical
)

var levelNames = [...]string{"info", "warning", "critical"}

// String returns the level as settings spell it.
func (l Level) String() string { return levelNames[l] }

// ParseLevel reads a level as settings spell it; empty is Warning.
func ParseLevel(s string) (Level, error) {
	if s == "" {
		return Warning, nil
	}
	if i := slices.Index(levelNames[:], s); i >= 0 {
		return Level(i), nil
	}
	return 0, fmt.Errorf("level %q: none of %s", s, strings.Join(levelNames[:], ", "))
}

// Events that a problem can be of. A channel may ask for some of them only.
const (
	FileRefused   = "file-refused"
	OrdersHeld    = "orders-held"
	AnswerLate    = "ack-late"
	Rejected      = "1c-rejected"
	FetchFailed   = "fetch-failed"
	SecretAge     = "secret-age"
	ShareLost     = "share-lost"
	DiskLow       = "disk-low"
	OutboxFull    = "outbox-full"
	RouteWaits    = "route-waits" // for another cause
	CatalogWrong  = "catalog-wrong"
	SettingsWrong = "settings-wrong"
	NotPulled     = "site-not-pulled"
	Attention     = "attention" // something happened that a person should look at
	Started       = "service-started"
	DailySummary  = "daily-summary"
)

// Events lists all names of events, for settings and help.
func Events() []string {
	return []string{
		FileRefused, OrdersHeld, AnswerLate, Rejected, FetchFailed, SecretAge, ShareLost, DiskLow,
		OutboxFull, RouteWaits, CatalogWrong, SettingsWrong, NotPulled, Attention, Started, DailySummary,
	}
}

// Problem is one thing that is wrong at the moment.
type Problem struct {
	Event   string // one of Events
	Subject string // what it is about: a route, an account, a file; with Event it names the problem
	Level   Level
	Text    string // one sentence and the next step, in the reader's language
	Count   int    // how many things it is about, where it can grow: held orders
}

func (p Problem) key() string { return p.Event + "\x00" + p.Subject }

// eventOf is the event of a key.
func eventOf(key string) string {
	event, _, _ := strings.Cut(key, "\x00")
	return event
}
