package layout

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Mistake is one thing that is wrong with a template.
type Mistake struct {
	File   string // "commerceml/document.xml"
	Line   int    // from 1; 0 where a file has no lines
	Cell   string // "B2" in a workbook
	Text   string
	Advice string // one line: what to do about it
}

func (m Mistake) Error() string {
	switch {
	case m.Cell != "":
		return fmt.Sprintf("%s:%s: %s", m.File, m.Cell, m.Text)
	case m.Line > 0:
		return fmt.Sprintf("%s:%d: %s", m.File, m.Line, m.Text)
	}
	return m.File + ": " + m.Text
}

// Hint returns the next step, one line; empty when there is none.
func (m Mistake) Hint() string { return m.Advice }

// Mistakes is everything that is wrong with a layout, in the order of files and lines.
type Mistakes []Mistake

func (ms Mistakes) Error() string {
	lines := make([]string, len(ms))
	for i, m := range ms {
		lines[i] = m.Error()
		if m.Advice != "" {
			lines[i] += "\n  hint: " + m.Advice
		}
	}
	return strings.Join(lines, "\n")
}

// err is nil without mistakes. A mistake that a template met twice is told once.
func (ms Mistakes) err() error {
	if len(ms) == 0 {
		return nil
	}
	slices.SortStableFunc(ms, func(a, b Mistake) int {
		return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	return slices.Compact(ms)
}

// place is where a template is being compiled, and collects its mistakes.
type place struct {
	file  string
	cell  string // of a workbook; empty for text with lines
	text  string
	found *Mistakes
}

// mistake adds one at a byte offset of the text.
func (p place) mistake(offset int, hint, format string, args ...any) {
	m := Mistake{File: p.file, Cell: p.cell, Text: fmt.Sprintf(format, args...), Advice: hint}
	if p.cell == "" {
		m.Line = p.line(offset)
	}
	*p.found = append(*p.found, m)
}

func (p place) line(offset int) int {
	return 1 + strings.Count(p.text[:min(max(offset, 0), len(p.text))], "\n")
}
