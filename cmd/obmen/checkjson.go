package main

import (
	"bytes"
	"context"
	"log/slog"
	"strings"

	"obmen/cmd/obmen/ui"
)

// The object that check --json prints.
type (
	jsonCheck struct {
		Good     bool        `json:"good"`
		Problems []jsonFault `json:"problems"`
		Notes    []jsonFault `json:"notes"`
	}
	jsonFault struct {
		Text string `json:"text"`
		Hint string `json:"hint,omitempty"`
	}
)

// runCheckJSON prints what runCheck finds as one object. The exit code is the same.
func runCheckJSON(path string, s ui.Streams) error {
	var printed bytes.Buffer
	found := &faults{}
	quiet := ui.Streams{In: s.In, Out: s.Out, Err: &printed, Voice: s.Voice, Log: slog.New(found)}
	err := runCheck(path, quiet)
	if err != nil && len(found.list) == 0 {
		quiet.PrintError(err)
	}
	result := jsonCheck{Good: err == nil, Problems: []jsonFault{}, Notes: []jsonFault{}}
	for _, f := range found.list {
		if note, isNote := strings.CutPrefix(f.Text, "note: "); isNote {
			result.Notes = append(result.Notes, jsonFault{note, f.Hint})
		} else {
			result.Problems = append(result.Problems, f)
		}
	}
	for line := range strings.Lines(printed.String()) {
		if note, isNote := strings.CutPrefix(line, "note: "); isNote {
			result.Notes = append(result.Notes, jsonFault{Text: strings.TrimSpace(note)})
		}
	}
	if printErr := ui.PrintJSON(s.Out, result); printErr != nil {
		return printErr
	}
	return err
}

// faults gathers what is reported as a problem.
type faults struct{ list []jsonFault }

// Enabled reports that everything is gathered.
func (f *faults) Enabled(context.Context, slog.Level) bool { return true }

// WithAttrs changes nothing: problems have no common attributes.
func (f *faults) WithAttrs([]slog.Attr) slog.Handler { return f }

// WithGroup changes nothing.
func (f *faults) WithGroup(string) slog.Handler { return f }

// Handle takes a problem in.
func (f *faults) Handle(_ context.Context, r slog.Record) error {
	fault := jsonFault{Text: r.Message}
	r.Attrs(func(a slog.Attr) bool {
		if a.Key == "hint" {
			fault.Hint = a.Value.String()
		}
		return true
	})
	f.list = append(f.list, fault)
	return nil
}
