package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"obmen/cmd/obmen/config"
	"obmen/convert/catalog"
	"obmen/convert/layout"
	"obmen/convert/source"
	"obmen/fetch/spapi"
	"obmen/watch"
	"obmen/watch/drop"
)

// settingsError marks mistakes in what obmen was set up with: catalogs and layouts.
type settingsError struct{ error }

func (e settingsError) Unwrap() error { return e.error }

// printError writes an error for people: each problem on a line of its own, its hint below.
func printError(w io.Writer, err error) {
	var settings config.Problems
	var cats catalog.Problems
	var mistakes layout.Mistakes
	var list problems
	switch {
	case errors.As(err, &list):
		for _, err := range list {
			printError(w, err)
		}
	case errors.As(err, &settings):
		for _, p := range settings {
			printProblem(w, p.Error(), p.Hint)
		}
	case errors.As(err, &cats):
		where, _, _ := strings.Cut(err.Error(), ": ")
		fmt.Fprintln(w, where+":")
		for _, p := range cats {
			hint := p.Hint
			p.Hint = "" // on a line of its own
			printProblem(w, p.Error(), hint)
		}
	case errors.As(err, &mistakes):
		for _, m := range mistakes {
			printProblem(w, m.Error(), m.Hint)
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

func hintOf(err error) string {
	var h hinted
	var file *source.FileError
	var remote *spapi.Error
	var folder *watch.FolderError
	var locked *drop.LockedError
	var hinting interface {
		error
		Hint() string
	}
	switch {
	case errors.As(err, &h):
		return h.hint
	case errors.As(err, &file):
		return file.Hint
	case errors.As(err, &remote):
		return remote.Hint
	case errors.As(err, &folder):
		return folder.Hint
	case errors.As(err, &locked):
		return locked.Hint
	case errors.As(err, &hinting):
		return hinting.Hint()
	}
	return ""
}
