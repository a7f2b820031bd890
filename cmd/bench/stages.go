package main

import (
	"bufio"
	"fmt"
	"os"
	"path"
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
	name := strings.TrimPrefix(cells[0], "Benchmark")
	if i := strings.LastIndexByte(name, '-'); i > 0 && strings.Trim(name[i+1:], "0123456789") == "" {
		name = name[:i]
	}
	return fmt.Sprintf("| %s %s | %.4g | %s | %s | %s | %s | %s |\n", pkg, name, ns/1e6, units["MB/s"], units["orders/s"], units["B/op"], units["allocs/op"], strings.Join(other, ", ")), true
}
