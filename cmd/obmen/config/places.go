package config

import (
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// placeIndex finds places by where they lie: each of very many need not be compared with all others.
type placeIndex struct {
	list  []Place
	at    map[string]map[string][]int // by path and role
	below map[string][]int            // by path of a folder around them
}

func newPlaceIndex(places ...Place) *placeIndex {
	x := &placeIndex{at: map[string]map[string][]int{}, below: map[string][]int{}}
	for _, p := range places {
		x.add(p)
	}
	return x
}

func (x *placeIndex) add(p Place) {
	n, path := len(x.list), pathKey(p.Path)
	x.list = append(x.list, p)
	if x.at[path] == nil {
		x.at[path] = map[string][]int{}
	}
	x.at[path][p.Role] = append(x.at[path][p.Role], n)
	for around := range foldersAround(path) {
		x.below[around] = append(x.below[around], n)
	}
}

// clashesWith lists the places that may not be used beside one, in the order in which they were added.
func (x *placeIndex) clashesWith(p Place) (list []Place) {
	path := pathKey(p.Path)
	found := slices.Clone(x.below[path])
	addAt := func(path string) {
		for _, same := range x.at[path] {
			if x.list[same[0]].clashesWith(p) { // all of them have one path and one role
				found = append(found, same...)
			}
		}
	}
	addAt(path)
	for around := range foldersAround(path) {
		addAt(around)
	}
	slices.Sort(found)
	for _, n := range slices.Compact(found) {
		if x.list[n].clashesWith(p) {
			list = append(list, x.list[n])
		}
	}
	return list
}

// pathKey is the same for two paths of one folder.
func pathKey(path string) string {
	path = filepath.Clean(path)
	if runtime.GOOS == "windows" {
		path = strings.ToLower(path)
	}
	return path
}

// foldersAround are those in which a path lies, from the inside out.
func foldersAround(path string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for {
			around := filepath.Dir(path)
			if around == path || !yield(around) {
				return
			}
			path = around
		}
	}
}
