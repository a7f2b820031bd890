//go:build linux

package main

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"testing"
)

// killEvery is the stride over calls that write: there are hundreds, and most of them are the ledger's.
// Calls that change names are few, and a kill is tried at each. OBMEN_KILL_EVERY=1 tries all.
const killEvery = 9

func stride(t *testing.T) int {
	t.Helper()
	text := os.Getenv("OBMEN_KILL_EVERY")
	if text == "" {
		return killEvery
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("OBMEN_KILL_EVERY=%q: want a number from 1", text)
	}
	return n
}

// moments are those of a run that a kill is tried at.
func moments(calls map[string]int, every int) (list []moment) {
	for _, call := range slices.Sorted(maps.Keys(calls)) {
		step := every
		switch call {
		case "renameat2", "renameat", "linkat", "mkdirat":
			step = 1
		}
		for n := 1; n <= calls[call]; n += step {
			list = append(list, moment{call, n})
		}
	}
	return list
}

// momentsOf lets a run end by itself and gives the moments that a kill is tried at.
func momentsOf(t *testing.T, whole *scene) []moment {
	t.Helper()
	calls, err := killAt(whole.command(), moment{})
	if err != nil {
		t.Fatal(err)
	}
	if err := whole.atRest(); err != nil {
		t.Fatal(err)
	}
	list := moments(calls, stride(t))
	t.Logf("calls that change the disk: %v; killed at %d of them", calls, len(list))
	return list
}

// Wherever the program is killed, nothing is lost, double or half at that instant, and the next run ends
// all of it, whether 1C has taken what it saw in between or not.
func TestKilledAtAnyCall(t *testing.T) {
	for _, at := range momentsOf(t, small(t)) {
		for _, taking := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s %d taking %v", at.call, at.n, taking), func(t *testing.T) {
				t.Parallel()
				killed(t, at, taking)
			})
		}
	}
}

func killed(t *testing.T, at moment, taking bool) {
	s := small(t)
	if _, err := killAt(s.command(), at); err != nil {
		t.Fatal(err)
	}
	if err := s.always(); err != nil {
		t.Fatalf("right after the kill: %v", err)
	}
	if taking {
		s.take()
	}
	if err := s.finish(); err != nil {
		t.Fatalf("run again: %v", err)
	}
}
