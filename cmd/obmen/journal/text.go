package journal

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"
)

// Keys of attributes that readable lines show in a place of their own.
const (
	Route = "route"
	File  = "file"
	Hint  = "hint"
)

// textHandler writes a record as a readable line: time, level, route, file, what happened, what to do next.
type textHandler struct {
	w       io.Writer
	level   slog.Level
	journal bool
	attrs   []slog.Attr
}

func (h *textHandler) Enabled(_ context.Context, level slog.Level) bool { return level >= h.level }

func (h *textHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	next := *h
	next.attrs = append(h.attrs[:len(h.attrs):len(h.attrs)], attrs...)
	return &next
}

// WithGroup changes nothing: a readable line has no groups.
func (h *textHandler) WithGroup(string) slog.Handler { return h }

func (h *textHandler) Handle(_ context.Context, r slog.Record) error {
	var about, rest strings.Builder
	hint := ""
	add := func(a slog.Attr) bool {
		switch value := a.Value.String(); {
		case value == "":
		case a.Key == Hint:
			hint = value
		case a.Key == Route, a.Key == File:
			about.WriteString(value + ": ")
		default:
			fmt.Fprintf(&rest, "  %s=%s", a.Key, value)
		}
		return true
	}
	for _, a := range h.attrs {
		add(a)
	}
	r.Attrs(add)
	if hint != "" {
		rest.WriteString("  → " + hint)
	}
	line := h.prefix(r) + strings.ReplaceAll(about.String()+r.Message+rest.String(), "\n", " ")
	_, err := io.WriteString(h.w, line+"\n")
	return err
}

// prefix is the time and level, or the priority of syslog that the journal reads.
func (h *textHandler) prefix(r slog.Record) string {
	if !h.journal {
		return fmt.Sprintf("%s %-5s ", r.Time.Format(time.DateTime), strings.ToLower(r.Level.String()))
	}
	switch {
	case r.Level >= slog.LevelError:
		return "<3>"
	case r.Level >= slog.LevelWarn:
		return "<4>"
	case r.Level >= slog.LevelInfo:
		return "<6>"
	}
	return "<7>"
}
