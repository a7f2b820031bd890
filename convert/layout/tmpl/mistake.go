package tmpl

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// ValueError refuses a batch for a number that overflowed while it was computed.
type ValueError struct {
	Document string
	Field    string
}

func (e *ValueError) Error() string {
	return fmt.Sprintf("document %q, %s: the number is larger than 9,223,372,036,854", e.Document, e.Field)
}

// Hint returns what the user does next.
func (e *ValueError) Hint() string { return "correct the amount in the source file and drop it again" }

// SizeError refuses more rows than a sheet of Excel has: the lines of one document, which are not torn,
// or a plain sheet.
type SizeError struct {
	Document   string // its number; empty where a plain sheet is too long
	Sheet      string // the name of the plain sheet
	Rows, Most int    // of a document without the header
}

func (e *SizeError) Error() string {
	if e.Document == "" {
		return fmt.Sprintf("sheet %q: its %d rows are more than the %d that Excel has", e.Sheet, e.Rows, e.Most)
	}
	return fmt.Sprintf("document %q: %d lines do not fit into a sheet's %d rows", e.Document, e.Rows, e.Most)
}

// Hint returns what the user does next.
func (e *SizeError) Hint() string {
	switch {
	case e.Document == "":
		return "convert fewer files at once"
	case e.Rows < RowLimit:
		return `set format = "xlsx" for the layout in obmen.toml: its sheets have more rows`
	}
	return `set format = "csv" for the layout in obmen.toml: it has no limit`
}

// RowLimit is how many rows a sheet of Excel has.
const RowLimit = 1 << 20

// Mistake is one thing that is wrong with a template.
type Mistake struct {
	File   string // "commerceml/document.xml"
	Line   int    // from 1; 0 where a file has no lines
	Cell   string // "B2" in a workbook
	Text   string
	Advice string // one line: what to do about it
}

// Hint returns the next step, one line; empty when there is none.
func (m Mistake) Hint() string { return m.Advice }

func (m Mistake) Error() string {
	switch {
	case m.Cell != "":
		return fmt.Sprintf("%s:%s: %s", m.File, m.Cell, m.Text)
	case m.Line > 0:
		return fmt.Sprintf("%s:%d: %s", m.File, m.Line, m.Text)
	}
	return m.File + ": " + m.Text
}

// Mistakes is everything that is wrong with a layout, in the order of files and lines.
type Mistakes []Mistake

// Each returns the mistakes one by one.
func (ms Mistakes) Each() []error {
	list := make([]error, len(ms))
	for i := range ms {
		list[i] = ms[i]
	}
	return list
}

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

// Err is nil without mistakes. A mistake that a template met twice is told once.
func (ms Mistakes) Err() error {
	if len(ms) == 0 {
		return nil
	}
	slices.SortStableFunc(ms, func(a, b Mistake) int {
		return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	return slices.Compact(ms)
}

// Place is where a template is being compiled, and collects its mistakes.
type Place struct {
	File  string
	Cell  string // of a workbook; empty for text with lines
	Text  string
	Found *Mistakes
}

// AddMistake adds one at a byte offset of the text.
func (p Place) AddMistake(offset int, hint, format string, args ...any) {
	m := Mistake{File: p.File, Cell: p.Cell, Text: fmt.Sprintf(format, args...), Advice: hint}
	if p.Cell == "" {
		m.Line = p.lineAt(offset)
	}
	*p.Found = append(*p.Found, m)
}

func (p Place) lineAt(offset int) int {
	return 1 + strings.Count(p.Text[:min(max(offset, 0), len(p.Text))], "\n")
}
