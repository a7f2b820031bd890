package layout

import (
	"regexp"
	"strings"
	"time"
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

// Exchange is how the documents of a layout go out under one name, of which 1C reads only the newest: as
// messages of a folder synchronisation, where the template asks for the settings from and to, or as one file
// that is replaced whole and has all orders that 1C has not answered.
type Exchange struct {
	From, To string // codes of our node and of 1C's; empty for a file that is no message
	File     string // name of such a file, without its extension
	Numbered bool   // messages have numbers, and 1C's answers confirm them
	Keep     time.Duration
}

// DefaultKeep is how long a document stays in messages that no one confirms: longer than a scheduled
// exchange stands still unnoticed.
const DefaultKeep = 14 * 24 * time.Hour

// Name is the name of the one file that 1C looks for.
func (e *Exchange) Name() string {
	if e.File != "" {
		return e.File + ".xml"
	}
	return "Message_" + e.From + "_" + e.To + ".xml"
}

// Answer reports whether a file of that name is a message of 1C to us: "Message_TO_FROM.xml", with a prefix
// before the codes where TO is long, and packed where 1C is told so.
func (e *Exchange) Answer(name string) bool {
	if e.File != "" {
		return false
	}
	stem, xml := strings.CutSuffix(name, ".xml")
	if !xml {
		if stem, xml = strings.CutSuffix(name, ".zip"); !xml {
			return false
		}
	}
	return strings.HasPrefix(stem, "Message") && strings.HasSuffix(stem, "_"+e.To+"_"+e.From)
}
