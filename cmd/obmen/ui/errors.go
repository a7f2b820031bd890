package ui

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"obmen/convert/catalog"
	"obmen/watch/desk/words"
	"obmen/watch/drop"
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

// EachError returns the problems that an error is made of; none of a nil one.
func EachError(err error) []error {
	if err == nil {
		return nil
	}
	if list, several := errors.AsType[interface {
		error
		Unwrap() []error
	}](err); several {
		return list.Unwrap()
	}
	return []error{err}
}

// PrintError writes an error: each problem on a line of its own, its hint below.
func (s Streams) PrintError(err error) {
	var catalogs catalog.Problems
	if list, several := errors.AsType[Errors](err); several {
		for _, err := range list {
			s.PrintError(err)
		}
		return
	}
	if errors.As(err, &catalogs) {
		where, _, _ := strings.Cut(err.Error(), ": ")
		fmt.Fprintln(s.Err, s.Words().Phrase(where)+":")
	}
	for _, p := range ProblemsOf(err, s.Words()) {
		s.PrintProblem(p.Text, p.Hint)
	}
}

// Problem is one of the things that an error tells: its text and the next step, each a sentence of the book of
// phrases or in the words of a language. Hint may be empty.
type Problem struct{ Text, Hint string }

// mistakes is an error of several mistakes in one file, or in one set of them: each is told with a hint of its own.
type mistakes interface {
	error
	Each() []error
}

// ProblemsOf returns the problems that an error is made of, in its order.
func ProblemsOf(err error, w *words.Words) (found []Problem) {
	var several mistakes
	var catalogs catalog.Problems
	var list Errors
	switch {
	case errors.As(err, &list):
		for _, err := range list {
			found = append(found, ProblemsOf(err, w)...)
		}
	case errors.As(err, &several):
		for _, err := range several.Each() {
			found = append(found, Problem{err.Error(), hintAlone(err)})
		}
	case errors.As(err, &catalogs):
		for _, p := range catalogs {
			hint := p.Hint()
			p.Advice = "" // apart
			found = append(found, Problem{p.Error(), hint})
		}
	default:
		found = append(found, Problem{"obmen: " + w.Error(err), HintIn(w, err)})
	}
	return found
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

// hintAlone returns the hint of an error itself, whatever is below it.
func hintAlone(err error) string {
	if h, ok := err.(hinting); ok { //nolint:errorlint // of this error and no other
		return h.Hint()
	}
	return ""
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

// WithDiskHint gives the errors of a disk the hint they lack.
func WithDiskHint(err error) error {
	var partial *drop.PartialError
	var disk *drop.Error
	switch {
	case errors.As(err, &partial):
		return WithHint(err, "mend the disk or the folder's rights and run the same command again: files that are there already are recognised")
	case errors.As(err, &disk):
		return WithHint(err, "nothing was published; mend it and run the same command again")
	}
	return err
}
