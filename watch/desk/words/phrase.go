package words

import (
	_ "embed"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// phraseBook is the book of sentences that are made in English: those of errors, remarks and options. The packages
// of the engine know no language, and programs compare these texts, so the English sentence is the key here, as in
// gettext. A line has the English sentence, with {names} where values stand; the indented line below it the Russian
// one, with the same names in any order. {n} is a number: of three forms apart by ¦ it chooses one. Values that are
// sentences of the book themselves become Russian as well.
//
//go:embed phrases.ru.txt
var phraseBook string

// fromElsewhere is the line of the book behind which stand sentences that no one text of the program has: they are
// put together of several, or other programs make them.
const fromElsewhere = "# from elsewhere"

// A PhrasePair is a sentence in both languages.
type PhrasePair struct {
	English, Russian string
	Elsewhere        bool // put together of several texts, or made by Go, the system or the parser of options
}

// Phrases returns the book of sentences, in its order.
func Phrases() (book []PhrasePair) {
	elsewhere, english := false, ""
	for line := range strings.Lines(phraseBook) {
		line = strings.TrimRight(line, "\r\n")
		switch russian, indented := strings.CutPrefix(line, "  "); {
		case line == fromElsewhere:
			elsewhere = true
		case line == "" || strings.HasPrefix(line, "# "):
		case indented:
			book = append(book, PhrasePair{english, russian, elsewhere})
		default:
			english = line
		}
	}
	return book
}

func russianPhrase(text string) string {
	if len(text) > mostOfPhrase {
		return text
	}
	if question, rest, more := strings.Cut(text, "?; "); more { // a question ends a sentence, whatever values it has
		return russianPhrase(question+"?") + "; " + russianPhrase(rest)
	}
	if item, rest, more := strings.Cut(text, `); "`); more { // so does what stands in brackets before the next thing
		return russianPhrase(item+")") + "; " + russianPhrase(`"`+rest)
	}
	if russian, found := findPhrase(text); found {
		return russian
	}
	for at := 0; ; {
		next := strings.Index(text[at:], ": ")
		if next < 0 {
			return russianParts(text)
		}
		at += next + len(": ")
		if russian, found := findPhrase(text[at:]); found {
			return russianValue(text[:at-len(": ")]) + ": " + russian
		}
	}
}

// russianParts is text of several sentences that semicolons part, each in Russian where the book has it.
func russianParts(text string) string {
	parts := strings.Split(text, "; ")
	if len(parts) == 1 {
		return text
	}
	for i := range parts {
		parts[i] = russianPhrase(parts[i])
	}
	return strings.Join(parts, "; ")
}

// mostOfPhrase bounds what is looked up: no sentence of the program is longer.
const mostOfPhrase = 8 << 10

// phrasePattern is a sentence with values.
type phrasePattern struct {
	longest string // the longest part without values: a quick test
	own     int    // length of all that is no value
	pattern func() *regexp.Regexp
	names   []string
	russian string
}

type phraseIndex struct {
	whole    map[string]string
	patterns []phrasePattern // those with more of their own text first
}

var placeOfValue = regexp.MustCompile(`\{[a-z0-9]+\}`)

var phrases = sync.OnceValue(func() *phraseIndex {
	index := &phraseIndex{whole: map[string]string{}}
	for _, p := range Phrases() {
		for _, english := range strings.Split(p.English, "¦") {
			if placeOfValue.MatchString(english) {
				index.patterns = append(index.patterns, newPattern(english, p.Russian))
			} else {
				index.whole[english] = p.Russian
			}
		}
	}
	slices.SortStableFunc(index.patterns, func(a, b phrasePattern) int { return b.own - a.own })
	return index
})

func newPattern(english, russian string) phrasePattern {
	p := phrasePattern{russian: russian}
	pattern, last := "(?s)^", 0
	for _, at := range placeOfValue.FindAllStringIndex(english, -1) {
		name := english[at[0]+1 : at[1]-1]
		p.addText(english[last:at[0]])
		pattern += regexp.QuoteMeta(english[last:at[0]])
		if name == "n" {
			pattern += `(\d+)`
		} else {
			pattern += "(.+?)"
		}
		p.names, last = append(p.names, name), at[1]
	}
	p.addText(english[last:])
	pattern += regexp.QuoteMeta(english[last:]) + "$"
	p.own = len(pattern) - len(p.names)*len("(.+?)")
	p.pattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) }) // few of them are asked for
	return p
}

func (p *phrasePattern) addText(text string) {
	if len(text) > len(p.longest) {
		p.longest = text
	}
}

func findPhrase(text string) (russian string, found bool) {
	index := phrases()
	if russian, found := index.whole[text]; found {
		return russian, true
	}
	for i := range index.patterns {
		p := &index.patterns[i]
		if !strings.Contains(text, p.longest) {
			continue
		}
		if values := p.pattern().FindStringSubmatch(text); values != nil {
			return p.fill(values[1:]), true
		}
	}
	return text, false
}

// fill is the Russian sentence with the values of the English one.
func (p *phrasePattern) fill(values []string) string {
	russian := p.russian
	if forms := strings.Split(russian, "¦"); len(forms) == 3 {
		n := 0
		if i := slices.Index(p.names, "n"); i >= 0 {
			n, _ = strconv.Atoi(values[i]) // a number larger than an int takes the form of none
		}
		russian = forms[pluralForm(n)]
	}
	pairs := make([]string, 0, 2*len(values))
	for i, name := range p.names {
		pairs = append(pairs, "{"+name+"}", russianValue(values[i]))
	}
	return strings.NewReplacer(pairs...).Replace(russian)
}

// pluralForm is which of the three Russian forms a number takes: one, few, many.
func pluralForm(n int) int {
	switch {
	case n%10 == 1 && n%100 != 11:
		return 0
	case n%10 >= 2 && n%10 <= 4 && (n%100 < 12 || n%100 > 14):
		return 1
	}
	return 2
}

// russianValue is a value in Russian: a day, a time, or a sentence of the book.
func russianValue(value string) string {
	for _, form := range [][2]string{{time.DateTime, "02.01.2006 15:04:05"}, {"2006-01-02 15:04", "02.01.2006 15:04"}, {time.DateOnly, "02.01.2006"}} {
		if t, err := time.Parse(form[0], value); err == nil {
			return t.Format(form[1])
		}
	}
	if percent, found := strings.CutSuffix(value, "%"); found {
		return strings.Replace(percent, ".", ",", 1) + "%"
	}
	return russianPhrase(value)
}
