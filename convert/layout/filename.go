package layout

import (
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"obmen/convert/layout/tmpl"
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

// readFileName reads the setting of that name. Every layout has it.
func (c *folder) readFileName() FileName {
	pattern := c.settings.Get("file_name")
	if pattern == "" {
		return FileName{}
	}
	wrong := func(text, hint string) FileName {
		c.found = append(c.found, tmpl.Mistake{File: c.name, Text: "the layout's setting file_name is " + strconv.Quote(pattern) + ": " + text, Advice: hint})
		return FileName{}
	}
	for _, m := range braced.FindAllStringSubmatch(pattern, -1) {
		if slices.Contains(fileWords, m[1]) {
			continue
		}
		hint := "the words are {" + strings.Join(fileWords, "}, {") + "}"
		if near := tmpl.Nearest(m[1], fileWords); near != "" {
			hint = "did you mean {" + near + "}?"
		}
		return wrong("there is no word "+m[0], hint)
	}
	n, literal := FileName{pattern}, braced.ReplaceAllString(pattern, "")
	switch {
	case !safeName.MatchString(literal) || strings.HasPrefix(pattern, ".") || strings.HasPrefix(pattern, "-"):
		return wrong("not every share and system can hold such a name", "use letters and digits of ASCII, point, hyphen and underscore")
	case slices.Contains([]string{".xml", ".xlsx", ".xls", ".csv"}, strings.ToLower(path.Ext(literal))):
		return wrong("the extension is added by itself", "leave it out")
	case len(pattern) > longestPattern:
		return wrong("more than "+strconv.Itoa(longestPattern)+" characters", "shorten it")
	case literal == pattern && c.has(documentFile):
		c.fixed = pattern
		return FileName{}
	case !n.Names("hash") && !n.Names("set"):
		return wrong("two files of other contents would have one name", "add {hash}: orders-{hash}")
	}
	return n
}
