package converting

import (
	"fmt"
	"maps"
	"slices"

	"obmen/cmd/obmen/config"
	"obmen/convert"
	"obmen/convert/layout"
	"obmen/convert/layout/tmpl"
)

// unknownConstants lists the constants that a layout asks for and no account has: left out on purpose, or
// misspelt. Without accounts there is nothing to compare with.
func unknownConstants(l *layout.Layout, cfg *config.Config) (names []string) {
	if len(cfg.Options.Accounts) == 0 {
		return nil
	}
	for _, name := range l.Constants() {
		if !slices.ContainsFunc(cfg.Options.Accounts, func(a convert.Account) bool { return a.Constants[name] != "" }) {
			names = append(names, name)
		}
	}
	return names
}

// noteUnknownConstant tells of a constant that no account has, and of the one that was probably meant.
func noteUnknownConstant(l *layout.Layout, name string, cfg *config.Config) string {
	text := fmt.Sprintf("%s asks for the constant %q, which no account in %s has", l.Name(), name, cfg.Path)
	if near := tmpl.Nearest(name, accountConstants(cfg)); near != "" {
		text += fmt.Sprintf("; did you mean %q?", near)
	}
	return text
}

func accountConstants(cfg *config.Config) []string {
	all := map[string]bool{}
	for _, a := range cfg.Options.Accounts {
		for name := range a.Constants {
			all[name] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// MisspeltConstants tells of constants whose name in a template or in the settings is probably a slip of the
// pen: the value would be missing in every file, without a word. Built-in layouts ask for constants that a user
// may leave out; of them only look-alikes count.
func MisspeltConstants(cfg *config.Config, layouts []*layout.Layout) (notes []string) {
	asked := map[string]bool{}
	for _, l := range layouts {
		for _, name := range l.Constants() {
			asked[name] = true
		}
	}
	have := accountConstants(cfg)
	unread := slices.DeleteFunc(slices.Clone(have), func(name string) bool { return asked[name] })
	for _, l := range layouts {
		own := isOwnLayout(cfg, l.Name())
		for _, name := range unknownConstants(l, cfg) {
			if own || tmpl.Nearest(name, unread) != "" {
				notes = append(notes, noteUnknownConstant(l, name, cfg))
			}
		}
	}
	return notes
}

// isOwnLayout reports whether a layout of this name comes from the folder of one's own templates.
func isOwnLayout(cfg *config.Config, name string) bool {
	return slices.ContainsFunc(allTemplates(cfg), func(t template) bool { return t.name == name && t.own != "" })
}
