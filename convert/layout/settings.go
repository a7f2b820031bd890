package layout

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// settings are a layout's settings, and which of them something has asked for.
type settings struct {
	values map[string]string
	asked  map[string]bool

	constants map[string]bool // of the account, that templates name
}

func newSettings(values map[string]string) *settings {
	return &settings{maps.Clone(values), map[string]bool{}, map[string]bool{}}
}

func (s *settings) get(name string) string {
	s.asked[name] = true
	return s.values[name]
}

func (s *settings) clone() *settings {
	return &settings{maps.Clone(s.values), maps.Clone(s.asked), s.constants}
}

// unused makes a mistake of every setting that nothing asked for: a misspelt one must not pass.
func (s *settings) unused(layout string) Mistakes {
	var found Mistakes
	known := slices.Sorted(maps.Keys(s.asked))
	for _, name := range slices.Sorted(maps.Keys(s.values)) {
		if s.asked[name] {
			continue
		}
		m := Mistake{File: layout, Text: fmt.Sprintf("the layout has no setting %q", name), Advice: "its settings are " + strings.Join(known, ", ")}
		if near := nearest(name, known); near != "" {
			m.Advice = "did you mean " + near + "?"
		}
		found = append(found, m)
	}
	return found
}
