package input

import (
	"testing"
	"time"
)

// A time means the same on every machine, whatever zone that is in.
func TestTimesDoNotDependOnTheMachine(t *testing.T) {
	local := time.Local
	defer func() { time.Local = local }()
	for _, zone := range []*time.Location{time.UTC, time.FixedZone("JST", 9*3600), time.FixedZone("BST", 6*3600)} {
		time.Local = zone
		for s, want := range map[string]string{
			"2026-11-20 00:30:00 JST":  "2026-11-19T15:30:00Z",
			"2026-11-19 18:30:00 PST":  "2026-11-20T02:30:00Z",
			"2026-07-19 18:30:00 PDT":  "2026-07-20T01:30:00Z",
			"2026-07-20 00:30:00 BST":  "2026-07-19T23:30:00Z",
			"2026-11-20 02:30:00 UTC":  "2026-11-20T02:30:00Z",
			"2026-11-20 02:30:00":      "2026-11-20T02:30:00Z",
			"2026-11-20T02:30:00+0100": "2026-11-20T01:30:00Z",
		} {
			if got, err := ParseTime(s); err != nil || got.Format(time.RFC3339) != want {
				t.Errorf("%s in %s: %v, %v", s, zone, got, err)
			}
		}
		for _, s := range []string{"2026-11-20 00:30:00 XYZT", "2026-11-20 00:30:00 jst", "2026-11-20 00:30:00 " + "J", "20.11.2026", "noon UTC"} {
			if got, err := ParseTime(s); err == nil {
				t.Errorf("%s is %v", s, got)
			}
		}
	}
}

func TestCleanID(t *testing.T) {
	for s, want := range map[string]string{
		"302-1": "302-1", " 5 ": "5", "5\u200b": "5", "\ufeff302-1": "302-1", "\u00a05\u2060": "5", "3\u00ad02": "302", "": "",
	} {
		if got := CleanID(s); got != want {
			t.Errorf("%q is %q, not %q", s, got, want)
		}
	}
}
