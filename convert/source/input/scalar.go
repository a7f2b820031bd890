package input

import (
	"fmt"
	"strings"
	"time"
)

var timeLayouts = []string{
	time.RFC3339Nano,           // "2026-11-18T09:12:44+00:00", "…Z"
	"2006-01-02T15:04:05-0700", // zone without a colon
	"2006-01-02T15:04:05",      // no zone: UTC, as Amazon's documents have it
	"2006-01-02 15:04:05 MST",  // "2023-01-01 00:00:00 UTC"
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
	for _, layout := range timeLayouts {
		if t, err := time.Parse(layout, s); err == nil && t.Year() >= 1970 && t.Year() < 2200 {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("not a date and time such as 2026-11-18T09:12:44Z")
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

// IsAbsent says whether a cell says nothing. Nothing is not zero (facts, amazon 3).
func IsAbsent(s string) bool {
	switch strings.TrimSpace(s) {
	case "", "-", "--", "N/A", "n/a": // but not "NA": Naples and Namibia
		return true
	}
	return false
}
