package config

import (
	"fmt"
	"strings"
)

// Problem is one mistake in obmen.toml.
type Problem struct {
	File   string
	Line   int // 1-based; 0 when it belongs to no line
	Key    string
	Value  string
	Text   string
	Advice string
}

func (p Problem) Error() string {
	at := p.File
	if p.Line > 0 {
		at = fmt.Sprintf("%s:%d", p.File, p.Line)
	}
	switch {
	case p.Key == "":
		return at + ": " + p.Text
	case p.Value == "":
		return fmt.Sprintf("%s: %s: %s", at, p.Key, p.Text)
	}
	return fmt.Sprintf("%s: %s = %q: %s", at, p.Key, p.Value, p.Text)
}

// Hint returns the next step, one line; empty when there is none.
func (p Problem) Hint() string { return p.Advice }

// Problems is every mistake of a configuration, at least one.
type Problems []Problem

// Each returns the mistakes one by one.
func (ps Problems) Each() []error {
	list := make([]error, len(ps))
	for i := range ps {
		list[i] = ps[i]
	}
	return list
}

func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}
