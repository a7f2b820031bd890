package fetch

import (
	"encoding/json"
	"fmt"
	"time"
)

// Position is where the fetching of an account stands, as it is kept in its cursor.
type Position struct {
	Done   time.Time `json:"done"`             // all that changed before it is saved
	Asked  time.Time `json:"asked"`            // when that was asked for, by the clock that named Done
	Window *Window   `json:"window,omitempty"` // begun and not ended
	Span   Span      `json:"span,omitempty"`   // of the next windows, when the usual ones took too long; 0: the usual

	// What the ended windows held, for estimates.
	Orders  int     `json:"orders,omitempty"`
	Seconds float64 `json:"seconds,omitempty"` // their length
}

// Span is a length of time, in JSON as people write it: "84h0m0s".
type Span time.Duration

// MarshalText writes a span.
func (s Span) MarshalText() ([]byte, error) { return []byte(time.Duration(s).String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (s *Span) UnmarshalText(text []byte) error {
	d, err := time.ParseDuration(string(text))
	*s = Span(d)
	return err
}

// Window is a span of time whose orders are being fetched.
type Window struct {
	After   time.Time `json:"after"`
	Before  time.Time `json:"before,omitzero"` // as asked for; zero leaves it to Amazon
	End     time.Time `json:"end,omitzero"`    // as Amazon named it with the first page
	Asked   time.Time `json:"asked"`           // when the first page was asked for
	Pages   int       `json:"pages"`           // that are saved
	Orders  int       `json:"orders"`          // in them
	Token   string    `json:"token"`           // of the next page; empty before the first
	TokenAt time.Time `json:"token_at,omitzero"`
	Filter  string    `json:"filter"` // what else was asked for: a token belongs to it
}

// ReadPosition reads the value of a cursor; the zero Position of an empty one.
func ReadPosition(value string) (p Position, err error) {
	if value == "" {
		return p, nil
	}
	if err := json.Unmarshal([]byte(value), &p); err != nil {
		return p, fmt.Errorf("read the fetch cursor: %w", err)
	}
	return p, nil
}

func (p *Position) encode() (string, error) {
	text, err := json.Marshal(p)
	return string(text), err
}

// Begun reports whether a window has ended.
func (p *Position) Begun() bool { return p.Seconds > 0 }

// PerDay is how many orders the ended windows held for each day; false while nobody knows.
func (p *Position) PerDay() (float64, bool) {
	if p.Seconds < time.Hour.Seconds() {
		return 0, false
	}
	return float64(p.Orders) / p.Seconds * (24 * time.Hour).Seconds(), true
}

// nextStart is where the next window begins. Only what Amazon might not have known when it was asked is
// asked for again: a window that lies further back than the overlap was complete.
func (p *Position) nextStart(overlap time.Duration) time.Time {
	if late := p.Asked.Add(-overlap); late.Before(p.Done) {
		return late
	}
	return p.Done
}

// canResume reports whether the window can go on with its token.
func (w *Window) canResume(filter string, now time.Time) bool {
	age := now.Sub(w.TokenAt)
	return w.Token != "" && w.Filter == filter && age < TokenLife && age > -time.Hour
}

// outlivedToken reports whether the window was begun so long ago that a token may be refused for its age.
func (w *Window) outlivedToken(now time.Time) bool { return now.Sub(w.Asked) > TokenLife }

func (f *Fetcher) filterKey() string {
	return fmt.Sprint(f.Marketplaces, f.Included)
}
