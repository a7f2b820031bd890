package pull

import (
	"encoding/json"
	"fmt"
	"time"
)

// Position is where the pulling of an account stands, as it is kept in its cursor.
type Position struct {
	Done   time.Time `json:"done"`             // all that changed before it is saved
	Window *Window   `json:"window,omitempty"` // begun and not ended
}

// Window is the span that one run asks for, page by page.
type Window struct {
	Since  time.Time `json:"since"`
	Until  time.Time `json:"until"`
	Date   time.Time `json:"date,omitzero"` // when the first page was given, by the shop's clock
	Begun  time.Time `json:"begun"`
	Pages  int       `json:"pages"` // that are saved
	Orders int       `json:"orders"`
	Token  string    `json:"token"`  // of the next page; empty before the first
	Filter string    `json:"filter"` // what is asked for: a token belongs to it
}

// resumeFor is how long a window is resumed: later its pages have shifted, and it begins again.
const resumeFor = time.Hour

// ReadPosition reads the value of a cursor; the zero Position of an empty one.
func ReadPosition(value string) (p Position, err error) {
	if value == "" {
		return p, nil
	}
	if err := json.Unmarshal([]byte(value), &p); err != nil {
		return p, fmt.Errorf("read the cursor of the pull: %w", err)
	}
	return p, nil
}

func (p *Position) encode() (string, error) {
	text, err := json.Marshal(p)
	return string(text), err
}

// canResume reports whether the window can go on with its token.
func (w *Window) canResume(filter string, now time.Time) bool {
	age := now.Sub(w.Begun)
	return w.Token != "" && w.Filter == filter && age < resumeFor && age > -time.Minute
}

// end is up to when the window is complete. The shop's clock counts where it is behind ours; where it is not
// known, a moment that is past by any clock does.
func (w *Window) end() time.Time {
	const recent = 15 * time.Minute
	switch {
	case w.Date.IsZero():
		return later(w.Since, w.Until.Add(-recent))
	case w.Date.Before(w.Until):
		return later(w.Since, w.Date)
	}
	return w.Until
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
