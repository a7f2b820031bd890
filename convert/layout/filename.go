package layout

import (
	"regexp"
	"strings"
)

// FileName is what a layout's files are called, without the extension: a pattern with words in braces.
// The zero value is the name of the set.
type FileName struct{ pattern string }

// FileWords are the words of a file name's pattern.
type FileWords struct {
	Set     string // all three, as files are called where no pattern is set
	Account string
	Date    string // day of the newest order: "20261123"
	Hash    string // follows from the bytes of the set's files
	Layout  string
}

// The words, as a pattern spells them. One of the first two keeps names apart: a name never stands for
// two contents.
var fileWords = []string{"set", "hash", "account", "date", "layout"}

var (
	braced   = regexp.MustCompile(`\{([^{}]*)\}`)
	safeName = regexp.MustCompile(`^[A-Za-z0-9._-]*$`)
)

// longestPattern keeps names within 100 characters, with what the words stand for.
const longestPattern = 40

// Of is the name of a set's files.
func (n FileName) Of(w FileWords) string {
	if n.pattern == "" {
		return w.Set
	}
	return strings.NewReplacer("{set}", w.Set, "{hash}", w.Hash, "{account}", w.Account, "{date}", w.Date, "{layout}", w.Layout).Replace(n.pattern)
}

// Names reports whether the pattern has a word.
func (n FileName) Names(word string) bool { return strings.Contains(n.pattern, "{"+word+"}") }
