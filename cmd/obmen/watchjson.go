package main

import (
	"encoding/json"
	"io"
	"time"

	"obmen/cmd/obmen/report"
	"obmen/cmd/obmen/ui"
	"obmen/watch"
)

// The objects that watch --json prints, one a line, as things happen.
type (
	jsonEvent struct {
		Event   string          `json:"event"` // converted, cured, repeated, quarantined, waiting, going, alert, renewed, removed, fetched or replied
		Time    string          `json:"time"`
		Route   string          `json:"route,omitempty"`
		File    string          `json:"file,omitempty"`  // the dropped file, or what else it is about
		Place   string          `json:"place,omitempty"` // where that file lies now
		Text    string          `json:"text,omitempty"`  // for people
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
