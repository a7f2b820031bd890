package catalog

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Problem is one mistake in a catalog file, or one remark on it.
type Problem struct {
	File   string
	Line   int    // physical, 1-based; 0 when it is about the whole file
	Column string // canonical header; empty when it is about the whole line
	Value  string // as found, shortened to 80 bytes
	Text   string // what is wrong
	Advice string // what to do next, one line
}

// Error prints the problem on one line, its hint included.
func (p Problem) Error() string {
	var b strings.Builder
	if p.File != "" {
		b.WriteString(p.File)
		if p.Line > 0 {
			fmt.Fprintf(&b, ":%d", p.Line)
		}
		b.WriteString(": ")
	}
	switch {
	case p.Column != "" && p.Value != "":
		fmt.Fprintf(&b, "%s %q: ", p.Column, p.Value)
	case p.Column != "":
		b.WriteString(p.Column + ": ")
	case p.Value != "":
		fmt.Fprintf(&b, "%q: ", p.Value)
	}
	b.WriteString(p.Text)
	if p.Advice != "" {
		b.WriteString("; hint: " + p.Advice)
	}
	return b.String()
}

// Hint returns the next step, one line; empty when there is none.
func (p Problem) Hint() string { return p.Advice }

// Problems is every mistake of a folder, in the order of the files and their lines. After MaxProblems
// of them the last one only says how many more there are.
type Problems []Problem

// MaxProblems is how many mistakes are listed: more than anybody mends before the next try.
const MaxProblems = 1000

// Error prints one line for each problem.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}

// report collects problems without growing beyond what is shown.
type report struct {
	list []Problem
	more int
}

func (r *report) add(p Problem) {
	if r.isFull() {
		r.more++
		return
	}
	p.Value = shortenText(p.Value)
	r.list = append(r.list, p)
}

// addLater adds the problems of a later report.
func (r *report) addLater(other *report) {
	for _, p := range other.list {
		r.add(p)
	}
	r.more += other.more
}

// mergeLines adds another report on the rows of the same file, in the order of their lines.
func (r *report) mergeLines(other *report) {
	all := append(r.list, other.list...)
	slices.SortStableFunc(all, func(a, b Problem) int { return cmp.Compare(a.Line, b.Line) })
	shown := min(len(all), MaxProblems)
	r.list = all[:shown]
	r.more += other.more + len(all) - shown
}

func (r *report) isFull() bool { return len(r.list) >= MaxProblems }

func (r *report) problems() []Problem {
	if r.more == 0 {
		return r.list
	}
	return append(r.list, Problem{Text: fmt.Sprintf("and %d more like these", r.more)})
}

// shortenText cuts a value to 80 bytes without breaking a character.
func shortenText(s string) string {
	const most = 80
	return shortenTo(s, most)
}

// shortenTo cuts a text to a number of bytes without breaking a character.
func shortenTo(s string, most int) string {
	if len(s) <= most {
		return strings.Clone(s)
	}
	end := most - len("…")
	for !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + "…"
}
