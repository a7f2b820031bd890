package inbox

import (
	"fmt"
	"path"
	"regexp"
	"strings"
)

// RegexpPrefix begins a pattern that is a regular expression and no shell pattern.
const RegexpPrefix = "re:"

// patterns choose names of files; letter case does not matter.
type patterns []func(name string) bool

// compilePatterns reads shell patterns ("*.json") and regular expressions ("re:^orders-\d+").
func compilePatterns(list []string) (all patterns, err error) {
	for _, text := range list {
		p, err := compilePattern(text)
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
}

func compilePattern(text string) (func(string) bool, error) {
	if expr, ok := strings.CutPrefix(text, RegexpPrefix); ok {
		re, err := regexp.Compile("(?i)" + expr)
		if err != nil {
			return nil, fmt.Errorf("pattern %q: %w", text, err)
		}
		return re.MatchString, nil
	}
	glob := strings.ToLower(text)
	if _, err := path.Match(glob, ""); err != nil {
		return nil, fmt.Errorf("pattern %q: %w", text, err)
	}
	return func(name string) bool {
		ok, err := path.Match(glob, strings.ToLower(name))
		return ok && err == nil
	}, nil
}

// CheckPattern returns an error that names what is wrong with a pattern of Include or Exclude, or nil.
func CheckPattern(text string) error {
	_, err := compilePattern(text)
	return err
}

func (p patterns) match(name string) bool {
	for _, is := range p {
		if is(name) {
			return true
		}
	}
	return false
}
