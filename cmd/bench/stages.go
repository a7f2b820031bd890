package main

import (
	"bufio"
	"fmt"
	"os"
	"path"
	"strconv"
	"strings"
)

// stageTable is what go test -bench has told, as a table; nothing without its output.
func (b *bench) stageTable() (string, error) {
	if b.stages == "" {
		return "", nil
	}
	f, err := os.Open(b.stages)
	if err != nil {
		return "", err
	}
	defer f.Close()
	var text strings.Builder
	text.WriteString("\n## Stages\n\nIn one process, from memory: `go test -bench`.\n\n| stage | ms | MB/s | orders/s | B/op | allocs/op | other |\n| --- | --: | --: | --: | --: | --: | --- |\n")
	pkg := ""
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if name, ok := strings.CutPrefix(lines.Text(), "pkg: "); ok {
			pkg = path.Base(name)
		}
		if row, ok := stageRow(pkg, lines.Text()); ok {
			text.WriteString(row)
		}
	}
	return text.String(), lines.Err()
}

// stageFigures are what go test -bench has told, by stage and unit: "layout Engine/obmen MB/s".
func (b *bench) stageFigures() map[string]float64 {
	text, err := os.ReadFile(b.stages)
	if err != nil {
		return nil // the table of stages tells
	}
	found, pkg := map[string]float64{}, ""
	for line := range strings.Lines(string(text)) {
		if name, ok := strings.CutPrefix(strings.TrimSpace(line), "pkg: "); ok {
			pkg = path.Base(name)
		}
		cells := strings.Fields(line)
		if len(cells) < 4 || !strings.HasPrefix(cells[0], "Benchmark") {
			continue
		}
		for i := 2; i+1 < len(cells); i += 2 {
			if value, err := strconv.ParseFloat(cells[i], 64); err == nil {
				found[pkg+" "+stageName(cells[0])+" "+cells[i+1]] = value
			}
		}
	}
	return found
}

// stageName is the name of a benchmark without the number of cores.
func stageName(cell string) string {
	name := strings.TrimPrefix(cell, "Benchmark")
	if i := strings.LastIndexByte(name, '-'); i > 0 && strings.Trim(name[i+1:], "0123456789") == "" {
		name = name[:i]
	}
	return name
}

// stageRow is a line of go test -bench as a row.
func stageRow(pkg, line string) (string, bool) {
	cells := strings.Fields(line)
	if len(cells) < 4 || !strings.HasPrefix(cells[0], "Benchmark") {
		return "", false
	}
	units, other := map[string]string{}, []string{}
	for i := 2; i+1 < len(cells); i += 2 {
		switch value, unit := cells[i], cells[i+1]; unit {
		case "ns/op", "MB/s", "orders/s", "B/op", "allocs/op":
			units[unit] = value
		default:
			other = append(other, value+" "+unit)
		}
	}
	var ns float64
	if _, err := fmt.Sscan(units["ns/op"], &ns); err != nil {
		return "", false
	}
	return fmt.Sprintf("| %s %s | %.4g | %s | %s | %s | %s | %s |\n", pkg, stageName(cells[0]), ns/1e6, units["MB/s"], units["orders/s"], units["B/op"], units["allocs/op"], strings.Join(other, ", ")), true
}
