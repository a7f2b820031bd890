package input

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

var timeLayouts = []string{
	time.RFC3339Nano,           // "2026-11-18T09:12:44+00:00", "…Z"
	"2006-01-02T15:04:05-0700", // zone without a colon
	"2006-01-02T15:04:05",      // no zone: UTC, as Amazon's documents have it
	"2006-01-02 15:04:05",
	"2006-01-02T15:04Z07:00",
	"2006-01-02",
}

// ParseTime reads a source's time as UTC. Empty is the zero time and no error.
func ParseTime(s string) (time.Time, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return time.Time{}, nil
	}
	clock, ahead, ok := cutZone(s)
	if !ok {
		return time.Time{}, fmt.Errorf("a time zone that obmen does not know: %q", s[len(clock)+1:])
	}
	for _, layout := range timeLayouts {
		if t, err := time.Parse(layout, clock); err == nil && t.Year() >= 1970 && t.Year() < 2200 {
			return t.UTC().Add(-ahead), nil
		}
	}
	return time.Time{}, fmt.Errorf("not a date and time such as 2026-11-18T09:12:44Z")
}

// zones are the abbreviations that reports of Amazon's marketplaces write, with how far ahead of UTC their
// clocks are. IST is India's, BST Britain's, CST, MST and the like America's. The machine's own zone never
// decides: one file means the same everywhere.
var zones = map[string]time.Duration{
	"UTC": 0, "GMT": 0, "WET": 0,
	"BST": time.Hour, "WEST": time.Hour, "CET": time.Hour, "MET": time.Hour,
	"CEST": 2 * time.Hour, "MEST": 2 * time.Hour, "EET": 2 * time.Hour, "SAST": 2 * time.Hour,
	"EEST": 3 * time.Hour, "MSK": 3 * time.Hour, "TRT": 3 * time.Hour, "AST": 3 * time.Hour,
	"GST": 4 * time.Hour, "IST": 5*time.Hour + 30*time.Minute, "SGT": 8 * time.Hour, "AWST": 8 * time.Hour,
	"JST": 9 * time.Hour, "AEST": 10 * time.Hour, "AEDT": 11 * time.Hour,
	"BRT": -3 * time.Hour, "EDT": -4 * time.Hour, "EST": -5 * time.Hour, "CDT": -5 * time.Hour,
	"CST": -6 * time.Hour, "MDT": -6 * time.Hour, "MST": -7 * time.Hour, "PDT": -7 * time.Hour, "PST": -8 * time.Hour,
}

// cutZone cuts the abbreviation of a zone off a time, "2026-11-20 00:30:00 JST". Clocks in it are ahead of
// UTC by what is returned; ok is false for an abbreviation that is not known.
func cutZone(s string) (clock string, ahead time.Duration, ok bool) {
	at := strings.LastIndexByte(s, ' ')
	if at < 0 || s[at+1] < 'A' || s[at+1] > 'Z' {
		return s, 0, true
	}
	ahead, ok = zones[s[at+1:]]
	return s[:at], ahead, ok
}

// ZoneOf is the offset that a time is written with; nil for UTC, and where none is written.
func ZoneOf(s string) *time.Location {
	t, err := time.Parse(time.RFC3339Nano, strings.TrimSpace(s))
	if err != nil {
		return nil
	}
	if _, offset := t.Zone(); offset != 0 {
		return time.FixedZone("", offset)
	}
	return nil
}

// ParseFlag reads "true", "TRUE", "Yes", "1", and what spreadsheet programs of other languages make of
// TRUE in a re-saved report; everything else is false.
func ParseFlag(s string) bool {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "true", "yes", "y", "1", "истина", "wahr", "vrai", "vero", "verdadero", "waar", "prawda":
		return true
	}
	return false
}

// IsAbsent reports whether a cell is empty in the spelling of any report. Empty is not zero.
func IsAbsent(s string) bool {
	switch strings.TrimSpace(s) {
	case "", "-", "--", "N/A", "n/a": // but not "NA": Naples and Namibia
		return true
	}
	return false
}

// CleanID returns an id without the characters that no screen shows: byte order marks, zero-width and
// direction marks anywhere, blanks of every kind around it. Files that scripts join and cells that are
// copied from a web page have them; no id means them.
func CleanID(s string) string {
	if !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf }) {
		return strings.TrimSpace(s)
	}
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, s))
}

// Describe returns a text with the characters that cannot be seen spelled out: "12<U+200B>34".
func Describe(s string) string {
	var b strings.Builder
	for _, r := range s {
		if unicode.IsPrint(r) && r != unicode.ReplacementChar {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, "<U+%04X>", r)
		}
	}
	return b.String()
}
