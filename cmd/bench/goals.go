package main

import (
	"fmt"
	"strings"
)

// What is to be reached, as ratios within one run on two cores.
const (
	goalLimit      = 2.5 // times the limit, by the clock: this ratio swings with the disk
	goalJSONCPU    = 3.2 // times the limit, in time of processors
	goalReportCPU  = 3.5
	goalPython     = 18.0 // times as fast as Python
	goalPeakMB     = 150.0
	goalPeakGrowth = 1.10 // at ten times the orders
	goalTimeGrowth = 1.15 // for each order, at ten times the orders
	goalDurable    = 1.3  // times the same without fsync
	goalStart      = 0.3  // seconds
	goalEngine     = 400  // MB/s of the XML engine
	goalWorkbook   = 4.0  // times as fast as excelize's StreamWriter, and as libxlsxwriter
	goalBookSize   = 1.10 // times excelize's file
)

// goals compares what was measured with what is to be reached.
func goals(list []*result, stages map[string]float64) string {
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
		case r.find("limit") == 0 && usual != nil && r.orders > usual.orders:
			each := func(r *result, i int) float64 { return median(r.runs[i], wallOf) / float64(r.orders) }
			i := usual.find("obmen")
			atMost("time for each order, against "+usual.name, goalTimeGrowth, each(r, obmen)/each(usual, i), "%.2f ×")
			atMost("peak memory, against "+usual.name, goalPeakGrowth, median(r.runs[obmen], peakOf)/median(usual.runs[i], peakOf), "%.2f ×")
		case r.find("limit") == 0:
			if usual == nil || r.orders == usual.orders {
				atMost(r.name, goalLimit, r.ratio(obmen, 0, wallOf), "%.2f × the limit")
				processors := goalJSONCPU
				if r.format == formatReport {
					processors = goalReportCPU
				}
				atMost(r.name+", processors", processors, r.ratio(obmen, 0, cpuOf), "%.2f × the limit")
				atMost("peak memory, "+r.name, goalPeakMB, median(r.runs[obmen], peakOf), "%.0f MB")
			}
			if python := r.find("Python"); python > 0 {
				got := r.ratio(python, obmen, wallOf)
				row(r.name, fmt.Sprintf("at least %.0f × as fast as Python", goalPython), fmt.Sprintf("%.0f ×", got), got >= goalPython)
			}
			if usual == nil {
				usual = r
			}
		case r.files > 1:
			atMost(r.name+", durable against without fsync", goalDurable, r.ratio(obmen, 0, wallOf), "%.2f ×")
		default:
			atMost(r.name, goalStart, median(r.runs[obmen], wallOf), "%.2f s")
		}
	}
	atLeast := func(what string, goal, got float64, format string) {
		if got > 0 {
			row(what, "at least "+fmt.Sprintf(format, goal), fmt.Sprintf(format, got), got >= goal)
		}
	}
	atLeast("XML engine alone", goalEngine, stages["layout Engine/obmen MB/s"], "%.0f MB/s")
	rows := stages["layout Workbook/obmen rows/s"]
	if peer := stages["layout Workbook/excelize-stream rows/s"]; rows > 0 && peer > 0 {
		atLeast("workbook of 200,000 rows, against excelize's StreamWriter", goalWorkbook, rows/peer, "%.1f ×")
		atMost("its size, against excelize's", goalBookSize, stages["layout Workbook/obmen file-bytes"]/stages["layout Workbook/excelize-stream file-bytes"], "%.2f ×")
	}
	if peer := stages["layout Workbook/libxlsxwriter rows/s"]; rows > 0 && peer > 0 {
		atLeast("workbook of 200,000 rows, against libxlsxwriter", goalWorkbook, rows/peer, "%.1f ×")
	}
	if b.Len() == 0 {
		return ""
	}
	return "| what | goal | measured | reached |\n| --- | --- | --- | --- |\n" + b.String()
}
