package web

import (
	"cmp"
	"slices"

	"obmen/watch/desk"
)

// page is one page of the menu.
type page struct {
	Name  string    // of its address, its template and its words
	Place int       // in the menu, from the left; 0 for a page that is not in it
	Role  desk.Role // who may see it
	Fill  func(*visit) (any, error)
}

// action answers a form or a link to a file.
type action struct {
	Path string    // below /
	Role desk.Role // who may do it
	Do   func(*visit) (next string, err error)
}

var (
	pages   []page
	actions []action
	files   []action
)

// addPage adds a page, from its own file.
func addPage(p page) bool {
	if slices.ContainsFunc(pages, func(other page) bool { return other.Name == p.Name }) {
		panic("two pages " + p.Name)
	}
	pages = append(pages, p)
	slices.SortStableFunc(pages, func(a, b page) int { return cmp.Compare(a.Place, b.Place) })
	return true
}

// addAction adds what a form does. Do returns the page to show next.
func addAction(a action) bool {
	if slices.ContainsFunc(actions, func(other action) bool { return other.Path == a.Path }) {
		panic("two actions " + a.Path)
	}
	actions = append(actions, a)
	return true
}

// addFile adds a download: a GET whose Do writes the answer itself. An error is shown as a page.
func addFile(a action) bool {
	files = append(files, a)
	return true
}
