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
