package main

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"
)

// tables writes all results as Markdown.
func (b *bench) tables(w io.Writer, list []*result) error {
	var text strings.Builder
	fmt.Fprintf(&text, "# Measured\n\n%s\n\n", machine())
	text.WriteString("Whole processes, in turns, each round on freshly synced disks; medians of the rounds. Ratios are medians of the\n" +
		"ratios within each round, to the first program of the table. How it is done, and what \"limit\" means: the end of this page.\n")
	for _, r := range list {
		text.WriteString("\n" + r.table())
	}
	if goals := goals(list, b.stageFigures()); goals != "" {
		text.WriteString("\n## Against the goals\n\n" + goals)
	}
	text.WriteString(b.longTable)
	stages, err := b.stageTable()
	if err != nil {
		return err
	}
	text.WriteString(stages + method)
	_, err = io.WriteString(w, text.String())
	return err
}

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

func machine() string {
	name := runtime.GOARCH
	if text, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(text)) {
			if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == "model name" {
				name = strings.TrimSpace(value)
				break
			}
		}
	}
	return fmt.Sprintf("%d cores %s, %s, %s, %s.", runtime.NumCPU(), name, runtime.GOOS, runtime.Version(), time.Now().Format(time.DateOnly))
}

// table is a job's results.
func (r *result) table() string {
	var b strings.Builder
	rounds := 0
	for _, runs := range r.runs {
		rounds = max(rounds, len(runs))
	}
	fmt.Fprintf(&b, "## %s\n\n%.1f MB in; %d rounds.\n\n", r.name, float64(r.input)/1e6, rounds)
	b.WriteString("| program | wall s | CPU s | peak MB | orders/s | in MB/s | wall ratio | CPU ratio |\n| --- | --: | --: | --: | --: | --: | --: | --: |\n")
	for i, p := range r.programs {
		if len(r.runs[i]) == 0 {
			fmt.Fprintf(&b, "| %s | %s | | | | | | |\n", p.name, p.missing)
			continue
		}
		wall := median(r.runs[i], wallOf)
		fmt.Fprintf(&b, "| %s | %.2f | %.2f | %.0f | %s | %.0f | %.2f | %.2f |\n", p.name, wall, median(r.runs[i], cpuOf), median(r.runs[i], peakOf),
			number(int(float64(r.orders)/wall)), float64(r.input)/1e6/wall, r.ratio(i, 0, wallOf), r.ratio(i, 0, cpuOf))
	}
	return b.String()
}

func wallOf(s sample) float64 { return s.wall.Seconds() }

func cpuOf(s sample) float64 { return s.cpu.Seconds() }

func peakOf(s sample) float64 { return float64(s.peak) / 1e6 }

// ratio compares two programs round by round; 0 when one of them did not run.
func (r *result) ratio(i, to int, of func(sample) float64) float64 {
	var list []float64
	for round := range min(len(r.runs[i]), len(r.runs[to])) {
		list = append(list, of(r.runs[i][round])/of(r.runs[to][round]))
	}
	return middle(list)
}

func median(runs []sample, of func(sample) float64) float64 {
	list := make([]float64, len(runs))
	for i := range runs {
		list[i] = of(runs[i])
	}
	return middle(list)
}

func middle(list []float64) float64 {
	if len(list) == 0 {
		return 0
	}
	slices.Sort(list)
	if n := len(list); n%2 == 0 {
		return (list[n/2-1] + list[n/2]) / 2
	}
	return list[len(list)/2]
}

// find is the place of a program in a job; -1 when it did not run.
func (r *result) find(program string) int {
	for i, p := range r.programs {
		if strings.HasPrefix(p.name, program) && len(r.runs[i]) > 0 {
			return i
		}
	}
	return -1
}

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

// method ends the page of results.
const method = `
## How

- ` + "`make bench`" + ` makes these tables; ` + "`make bench BENCH=quick`" + ` only shows that everything runs. Data and outputs lie in the user's
  cache folder (` + "`BENCH_DIR`" + ` elsewhere): it is the disk of that folder that is measured.
- The data is made by cmd/bench/generate and is the same everywhere: two lines an order, catalogs of 200,000 products and
  100,000 customers, two lines in a hundred with an unknown SKU, five buyers in a hundred unknown. Every job writes
  CommerceML and a workbook of 36 columns, and reads its catalogs anew.
- **limit** reads and hashes (SHA-256) the input, deflates the sheets at level 1, writes exactly as many bytes in as many files
  as obmen does, syncs them and gives them their names, on all cores. It parses nothing.
- **Python** and **Node** are cmd/bench/peers: the same documents and columns in one file each, for these orders only. They must
  agree with obmen on how many orders were exported and for how much; a test compares them.
- **watched** is ` + "`watch --once`" + `: inbox, claim, copy, ledger, outbox, archive. "without fsync" is the same program built with the tag
  nosync, which waits for no disk.
- Peak memory is what the kernel says of the process (ru_maxrss).
- Before and after a change: ` + "`go test -run '^$' -bench . -count 10 ./convert/layout >old.txt`" + `, the same into new.txt, then
  ` + "`go run golang.org/x/perf/cmd/benchstat@latest old.txt new.txt`" + `.
`
