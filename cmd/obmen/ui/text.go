package ui

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode"

	"obmen/watch/desk/words"
)

// PrintJSON prints the result of a command as one object. Its fields are a promise: they are added, never
// renamed or removed.
func PrintJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// OneLine is a name within a line. Some systems let names have line breaks: what follows one could pass for words
// of obmen's own.
func OneLine(name string) string {
	if strings.ContainsFunc(name, func(r rune) bool { return unicode.IsControl(r) || words.Unsafe(r) }) {
		return strconv.Quote(name)
	}
	return name
}

// InLine is a text within a line: its line breaks are blanks.
func InLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// Clock is a moment in the reader's own time zone; empty when it is not known.
func Clock(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Local().Format(time.DateTime)
}

// Local is a stamp as a clock.
func Local(stamp string) string {
	t, err := time.Parse(time.RFC3339, stamp)
	if err != nil {
		return stamp
	}
	return Clock(t)
}

// Stamp is a moment for programs; empty when it is not known.
func Stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// Plural is a number with its English noun.
func Plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
