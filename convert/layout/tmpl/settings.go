package tmpl

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Settings are a layout's settings, and which of them something has asked for.
type Settings struct {
	values map[string]string
	Asked  map[string]bool

	Constants map[string]bool     // of the account, that templates name
	Choices   map[string][]string // the values a setting may have, where they are a list
}

func NewSettings(values map[string]string) *Settings {
	return &Settings{maps.Clone(values), map[string]bool{}, map[string]bool{}, map[string][]string{}}
}

func (s *Settings) Get(name string) string {
	s.Asked[name] = true
	return s.values[name]
}

// Set gives a setting that the user has not given the value that holds by default.
func (s *Settings) Set(name, value string) {
	if s.values == nil {
		s.values = map[string]string{}
	}
	s.values[name] = value
}

// Under returns the settings of a table: those whose names begin with its name and a point, by what follows.
func (s *Settings) Under(table string) map[string]string {
	var found map[string]string
	for key := range s.values {
		name, ok := strings.CutPrefix(key, table+".")
		if !ok {
			continue
		}
		if found == nil {
			found = map[string]string{}
		}
		found[name] = s.Get(key)
	}
	return found
}

func (s *Settings) Clone() *Settings {
	return &Settings{maps.Clone(s.values), maps.Clone(s.Asked), s.Constants, s.Choices}
}

// Unused makes a mistake of every setting that nothing asked for: a misspelt one must not pass.
func (s *Settings) Unused(layout string) Mistakes {
	var found Mistakes
	known := slices.Sorted(maps.Keys(s.Asked))
	for _, name := range slices.Sorted(maps.Keys(s.values)) {
		if s.Asked[name] {
			continue
		}
		m := Mistake{File: layout, Text: fmt.Sprintf("the layout has no setting %q", name), Advice: "its settings are " + strings.Join(known, ", ")}
		if near := Nearest(name, known); near != "" {
			m.Advice = "did you mean " + near + "?"
		}
		found = append(found, m)
	}
	return found
}
