package main

import (
	"fmt"
	"strings"
)

// What is to be reached, as ratios within one run on two cores.
const (
	goalLimit      = 3.0  // times the limit
	goalPython     = 30.0 // times as fast as Python
	goalPeakMB     = 150.0
	goalPeakGrowth = 1.10 // at ten times the orders
	goalTimeGrowth = 1.15 // for each order, at ten times the orders
	goalDurable    = 1.3  // times the same without fsync
	goalStart      = 0.3  // seconds
)

// goals compares what was measured with what is to be reached.
func goals(list []*result) string {
	var b strings.Builder
	row := func(what, goal, got string, reached bool) {
		mark := "no"
		if reached {
			mark = "yes"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", what, goal, got, mark)
	}
	atMost := func(what string, goal, got float64, format string) {
		row(what, "at most "+fmt.Sprintf(format, goal), fmt.Sprintf(format, got), got <= goal)
	}
	var usual *result
	for _, r := range list {
		obmen, first := r.find("obmen"), 0
		if obmen < 0 || len(r.runs[first]) == 0 {
			continue
		}
		switch {
		case r.find("limit") == 0 && r.format == formatJSON && usual != nil:
			each := func(r *result, i int) float64 { return median(r.runs[i], wallOf) / float64(r.orders) }
			i := usual.find("obmen")
			atMost("time for each order, against "+usual.name, goalTimeGrowth, each(r, obmen)/each(usual, i), "%.2f ×")
			atMost("peak memory, against "+usual.name, goalPeakGrowth, median(r.runs[obmen], peakOf)/median(usual.runs[i], peakOf), "%.2f ×")
		case r.find("limit") == 0:
			atMost(r.name, goalLimit, r.ratio(obmen, 0, wallOf), "%.2f × the limit")
			if python := r.find("Python"); python > 0 {
				got := r.ratio(python, obmen, wallOf)
				row(r.name, fmt.Sprintf("at least %.0f × as fast as Python", goalPython), fmt.Sprintf("%.0f ×", got), got >= goalPython)
			}
			atMost("peak memory, "+r.name, goalPeakMB, median(r.runs[obmen], peakOf), "%.0f MB")
			if r.format == formatJSON {
				usual = r
			}
		case r.files > 1:
			atMost(r.name+", durable against without fsync", goalDurable, r.ratio(obmen, 0, wallOf), "%.2f ×")
		default:
			atMost(r.name, goalStart, median(r.runs[obmen], wallOf), "%.2f s")
		}
	}
	if b.Len() == 0 {
		return ""
	}
	return "| what | goal | measured | reached |\n| --- | --- | --- | --- |\n" + b.String()
}
