package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"obmen/cmd/obmen/config"
	"obmen/convert/catalog"
	"obmen/convert/layout/tmpl"
)

// settingsError marks mistakes in what obmen was set up with: catalogs and layouts.
type settingsError struct{ error }

func (e settingsError) Unwrap() error { return e.error }

// printError writes an error for people: each problem on a line of its own, its hint below.
func printError(w io.Writer, err error) {
	var settings config.Problems
	var cats catalog.Problems
	var mistakes tmpl.Mistakes
	var list problems
	switch {
	case errors.As(err, &list):
		for _, err := range list {
			printError(w, err)
		}
	case errors.As(err, &settings):
		for _, p := range settings {
			printProblem(w, p.Error(), p.Advice)
		}
	case errors.As(err, &cats):
		where, _, _ := strings.Cut(err.Error(), ": ")
		fmt.Fprintln(w, where+":")
		for _, p := range cats {
			hint := p.Hint()
			p.Advice = "" // on a line of its own
			printProblem(w, p.Error(), hint)
		}
	case errors.As(err, &mistakes):
		for _, m := range mistakes {
			printProblem(w, m.Error(), m.Advice)
		}
	default:
		printProblem(w, "obmen: "+err.Error(), hintOf(err))
	}
}

func printProblem(w io.Writer, text, hint string) {
	fmt.Fprintln(w, text)
	if hint != "" {
		fmt.Fprintln(w, "  hint: "+hint)
	}
}

// hinting is an error with its user's next step.
type hinting interface {
	error
	Hint() string
}

// hintOf returns the outermost hint in an error's chain; empty when no error in it has one.
func hintOf(err error) string {
	var found hinting
	for errors.As(err, &found) {
		if hint := found.Hint(); hint != "" {
			return hint
		}
		err = errors.Unwrap(found)
	}
	return ""
}
