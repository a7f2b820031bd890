package serving

import (
	"cmp"
	"encoding/json"
	"io"
	"path/filepath"
	"sync"
	"time"

	"obmen/cmd/obmen/config"
	"obmen/cmd/obmen/report"
	"obmen/cmd/obmen/ui"
	"obmen/convert"
	"obmen/watch"
	"obmen/watch/desk"
)

// watchReport tells people what the watcher does, a few lines for each file.
type watchReport struct {
	cfg  *config.Config
	s    ui.Streams
	json bool // also an object a line on stdout

	changed func()            // lets open pages look again; may be nil
	count   func(watch.Event) // for monitors; may be nil
	worked  func()            // tells other nodes; may be nil
	alerts  *alerts
	reports *dayReports
	events  *eventLog // nil: events are printed

	mu      sync.Mutex
	trouble bool            // something is held or refused
	told    map[string]bool // codes of notes, which hold for many files, since the catalogs changed last
}

// notTold are the notes of a result that were not told since the catalogs changed last.
func (r *watchReport) notTold(notes []convert.Note) (list []convert.Note) {
	for _, n := range notes {
		if !r.told[n.Code] {
			list = append(list, n)
		}
		if r.told == nil {
			r.told = map[string]bool{}
		}
		r.told[n.Code] = true
	}
	return list
}

// forgetTold makes the next notes be told again: there are other catalogs.
func (r *watchReport) forgetTold() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.told = nil
}

func (r *watchReport) handleEvent(e watch.Event) {
	if r.changed != nil {
		defer r.changed()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.alerts.handleEvent(e)
	if r.worked != nil {
		r.worked()
	}
	r.reports.Changed()
	if r.count != nil {
		r.count(e)
	}
	if r.json {
		_ = printEvent(r.s.Out, &e, time.Now()) // the reader is gone: the work goes on
	}
	if e.Result != nil {
		result := *e.Result
		result.Notes = r.notTold(result.Notes)
		e.Result = &result
	}
	if r.events != nil {
		place := ""
		if e.Place != "" {
			place = r.shortPath(e.Place)
		}
		r.events.write(&e, place)
		return
	}
	e.File = ui.OneLine(e.File)
	if e.Result != nil {
		r.trouble = r.trouble || e.Result.Summary.Held > 0
		out := report.Report{Result: e.Result, HeldAt: r.heldAt(e.Route)}
		out.Text(r.s)
	}
	r.trouble = r.trouble || e.Kind == watch.Quarantined || e.Kind == watch.Waiting
	switch e.Kind {
	case watch.Converted:
		r.s.Note("watch.moved", "File", e.File, "Place", r.shortPath(e.Place))
	case watch.Cured:
		r.s.Note("watch.tried-again", "File", e.File)
	case watch.Republished:
		r.s.Note("watch.sent-again", "File", e.File)
	case watch.Waiting, watch.Going:
		r.s.PrintProblem(e.Route+": "+e.Text, e.Hint)
	default:
		r.s.PrintProblem(cmp.Or(e.File, e.Route)+": "+e.Text, e.Hint)
		if e.Place != "" {
			r.s.Note("watch.moved", "File", e.File, "Place", r.shortPath(e.Place))
		}
	}
}

// othersWorked has the page and the report of the day look again: other nodes have done something.
func (r *watchReport) othersWorked() {
	if r.changed != nil {
		r.changed()
	}
	r.reports.Changed()
	if r.alerts != nil {
		r.alerts.lookSoon()
	}
}

// brokenCatalogs tells of catalogs with mistakes, which leave those before them in force.
func (r *watchReport) brokenCatalogs(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.s.PrintError(err)
	r.s.Note("watch.catalogs-stay")
	r.alerts.setCatalogs(r.s.Words().Say("alert.catalogs", "Where", desk.FirstPlace(err)))
}

// note prints what has no event of its own.
func (r *watchReport) note(text, hint string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.s.PrintProblem(text, hint)
}

// heldAt is the list of held orders of a route.
func (r *watchReport) heldAt(name string) string {
	for _, route := range r.cfg.Routes() {
		if route.Name == name {
			return route.HeldPath()
		}
	}
	return ""
}

// shortPath is a path as seen from obmen.toml.
func (r *watchReport) shortPath(place string) string {
	if rel, err := filepath.Rel(filepath.Dir(r.cfg.Path), place); err == nil && filepath.IsLocal(rel) {
		place = rel
	}
	return ui.OneLine(place)
}

// The objects that watch --json prints, one a line, as things happen.
type (
	jsonEvent struct {
		Event   string          `json:"event"` // converted, cured, repeated, quarantined, waiting, going, alert, renewed, removed, fetched or replied
		Time    string          `json:"time"`
		Route   string          `json:"route,omitempty"`
		File    string          `json:"file,omitempty"`  // the dropped file, or what else it is about
		Place   string          `json:"place,omitempty"` // where that file lies now
		Text    string          `json:"text,omitempty"`  // one line, in English
		Hint    string          `json:"hint,omitempty"`
		Orders  *jsonCounts     `json:"orders,omitempty"` // of converted and cured
		Held    []report.Order  `json:"held,omitempty"`
		Outputs []report.Output `json:"outputs,omitempty"`
	}
	jsonCounts struct {
		Exported int            `json:"exported"`
		Held     int            `json:"held"`
		Skipped  map[string]int `json:"skipped,omitempty"` // by rule
	}
)

// printEvent writes an event as one line.
func printEvent(w io.Writer, e *watch.Event, at time.Time) error {
	j := jsonEvent{Event: string(e.Kind), Time: ui.Stamp(at), Route: e.Route, File: e.File, Place: e.Place, Text: e.Text, Hint: e.Hint}
	if r := e.Result; r != nil {
		j.Orders = &jsonCounts{Exported: r.Summary.Exported, Held: r.Summary.Held, Skipped: map[string]int{}}
		for rule, n := range r.Summary.Rules {
			j.Orders.Skipped[string(rule)] = n
		}
		for i := range r.Held {
			j.Held = append(j.Held, report.OrderOf(&r.Held[i], nil))
		}
		j.Outputs = (&report.Report{Result: r}).JSONOutputs()
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc.Encode(j)
}
