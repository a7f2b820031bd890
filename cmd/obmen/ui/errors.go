package ui

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"obmen/cmd/obmen/config"
	"obmen/convert/catalog"
	"obmen/convert/layout/tmpl"
	"obmen/convert/source/mapped"
	"obmen/watch/desk/words"
)

// Errors are several errors that are told one after the other.
type Errors []error

func (list Errors) Error() string {
	texts := make([]string, len(list))
	for i, err := range list {
		texts[i] = err.Error()
	}
	return strings.Join(texts, "\n")
}

func (list Errors) Unwrap() []error { return list }

// PrintError writes an error: each problem on a line of its own, its hint below.
func (s Streams) PrintError(err error) {
	var settings config.Problems
	var catalogs catalog.Problems
	var mistakes tmpl.Mistakes
	var mappings mapped.Mistakes
	var list Errors
	switch {
	case errors.As(err, &list):
		for _, err := range list {
			s.PrintError(err)
		}
	case errors.As(err, &settings):
		for _, p := range settings {
			s.PrintProblem(p.Error(), p.Advice)
		}
	case errors.As(err, &catalogs):
		where, _, _ := strings.Cut(err.Error(), ": ")
		fmt.Fprintln(s.Err, s.Words().Phrase(where)+":")
		for _, p := range catalogs {
			hint := p.Hint()
			p.Advice = "" // on a line of its own
			s.PrintProblem(p.Error(), hint)
		}
	case errors.As(err, &mappings):
		for _, m := range mappings {
			s.PrintProblem(m.Error(), m.Advice)
		}
	case errors.As(err, &mistakes):
		for _, m := range mistakes {
			s.PrintProblem(m.Error(), m.Advice)
		}
	default:
		w := s.Words()
		s.PrintProblem("obmen: "+w.Error(err), HintIn(w, err))
	}
}

// PrintProblem writes a problem to Err, its hint below.
func (s Streams) PrintProblem(text, hint string) {
	if s.Log != nil {
		s.Log.Warn(s.Words().Phrase(strings.TrimSpace(text)), "hint", s.Words().Phrase(hint))
		return
	}
	s.WriteProblem(s.Err, text, hint)
}

// WriteProblem writes a problem to one of the streams, its hint below.
func (s Streams) WriteProblem(w io.Writer, text, hint string) {
	fmt.Fprintln(w, s.Words().Phrase(text))
	if hint != "" {
		fmt.Fprintln(w, s.Words().Say("hint", "Hint", s.Words().Phrase(hint)))
	}
}

// hinting is an error with its user's next step.
type hinting interface {
	error
	Hint() string
}

// HintOf returns the outermost hint in an error's chain; empty when no error in it has one.
func HintOf(err error) string { return HintIn(words.In(words.English), err) }

// HintIn is HintOf in a language, where the hint has words in it.
func HintIn(w *words.Words, err error) string {
	var found hinting
	for errors.As(err, &found) {
		if said, ok := found.(interface{ NextStep() words.Text }); ok && !said.NextStep().IsZero() {
			return w.Text(said.NextStep())
		}
		if hint := found.Hint(); hint != "" {
			return w.Phrase(hint)
		}
		err = errors.Unwrap(found)
	}
	return ""
}
