package mapped

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

// epochs are the formats of times that are counted instead of written.
var epochs = []string{"unix", "unix-ms"}

// usualLayouts are tried where a mapping states no format.
var usualLayouts = []string{
	time.RFC3339Nano, "2006-01-02T15:04:05-0700", "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05 -0700",
	"2006-01-02 15:04:05", "2006-01-02T15:04Z07:00", "2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02",
}

var errTime = errors.New("not a date and time in the format of the mapping")

// moment reads a time as UTC, and the offset that it was written with, nil for UTC.
func (f *form) moment(s string) (time.Time, *time.Location, error) {
	layouts, zone := f.layouts, f.zone
	if len(layouts) == 0 {
		layouts = usualLayouts
	}
	if zone == nil {
		zone = time.UTC
	}
	for _, layout := range layouts {
		if t, ok := readTime(layout, s, zone); ok && t.Year() >= 1970 && t.Year() < 2200 {
			return t.UTC(), offsetOf(t, zone), nil
		}
	}
	return time.Time{}, nil, errTime
}

func readTime(layout, s string, zone *time.Location) (time.Time, bool) {
	switch layout {
	case "unix", "unix-ms":
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return time.Time{}, false
		}
		if layout == "unix" {
			return time.Unix(n, 0).In(zone), true
		}
		return time.UnixMilli(n).In(zone), true
	}
	t, err := time.ParseInLocation(layout, s, zone)
	if err != nil && strings.Contains(layout, "Jan") {
		t, err = time.ParseInLocation(layout, englishMonth(s), zone)
	}
	return t, err == nil
}

// offsetOf is the zone that an order's times are written in; nil for UTC.
func offsetOf(t time.Time, zone *time.Location) *time.Location {
	_, offset := t.Zone()
	switch {
	case zone != time.UTC:
		return zone
	case offset != 0:
		return time.FixedZone("", offset)
	}
	return nil
}

// months are short names of months in exports of other languages, without dots.
var months = map[string]string{
	"janv": "Jan", "févr": "Feb", "mars": "Mar", "avr": "Apr", "mai": "May", "juin": "Jun", "juil": "Jul", "août": "Aug",
	"sept": "Sep", "déc": "Dec", "mär": "Mar", "mrz": "Mar", "okt": "Oct", "dez": "Dec", "ene": "Jan", "abr": "Apr",
	"ago": "Aug", "dic": "Dec", "gen": "Jan", "mag": "May", "giu": "Jun", "lug": "Jul", "set": "Sep", "ott": "Oct",
	"янв": "Jan", "фев": "Feb", "мар": "Mar", "апр": "Apr", "май": "May", "мая": "May", "июн": "Jun", "июл": "Jul",
	"авг": "Aug", "сен": "Sep", "окт": "Oct", "ноя": "Nov", "дек": "Dec",
}

// englishMonth spells the month of a date as time.Parse reads it: "05-oct.-26" becomes "05-Oct-26".
func englishMonth(s string) string {
	isPart := func(r rune) bool { return r == '-' || r == ' ' || r == '/' }
	for word := range strings.FieldsFuncSeq(s, isPart) {
		plain := strings.ToLower(strings.Trim(word, ".,"))
		english, known := months[plain]
		if !known && len(plain) == 3 && plain[0] >= 'a' && plain[0] <= 'z' {
			english, known = strings.ToUpper(plain[:1])+plain[1:], true
		}
		if known {
			return strings.Replace(s, word, english, 1)
		}
	}
	return s
}
