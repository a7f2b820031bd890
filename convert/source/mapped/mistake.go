package mapped

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Mistake is something wrong in a mapping.
type Mistake struct {
	File   string
	Line   int // 1-based; 0 for the file as a whole
	Column int // 1-based, in bytes
	Text   string
	Advice string // one line: what the user does next
}

func (m Mistake) Error() string { return m.Place() + ": " + m.Text }

// Place is the file with line and column, as far as they are known.
func (m Mistake) Place() string {
	if m.Line > 0 {
		return fmt.Sprintf("%s:%d:%d", m.File, m.Line, m.Column)
	}
	return m.File
}

// Hint is the user's next step.
func (m Mistake) Hint() string { return m.Advice }

// Mistakes are all that is wrong in a mapping, in the order of its lines.
type Mistakes []Mistake

func (m Mistakes) Error() string {
	lines := make([]string, len(m))
	for i := range m {
		lines[i] = m[i].Error()
	}
	return strings.Join(lines, "\n")
}

// Hint is the next step for the first mistake.
func (m Mistakes) Hint() string {
	if len(m) == 0 {
		return ""
	}
	return m[0].Advice
}

// position is a place in a mapping; lines and columns are 1-based, columns count bytes.
type position struct{ line, column int }

func (m *Mistakes) add(file string, at position, cure, format string, args ...any) {
	*m = append(*m, Mistake{file, at.line, at.column, fmt.Sprintf(format, args...), cure})
}

func (m Mistakes) sorted() Mistakes {
	slices.SortStableFunc(m, func(a, b Mistake) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return slices.Compact(m)
}
