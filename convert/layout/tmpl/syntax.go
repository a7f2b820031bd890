package tmpl

import (
	"slices"
	"strconv"
	"strings"
)

// parserMistake takes the line out of what the parser says, "12: unexpected EOF": it gives it in its text only.
func parserMistake(message string) (line int, m Mistake) {
	number, rest, _ := strings.Cut(message, ": ")
	line, err := strconv.Atoi(number)
	if err != nil {
		line, rest = 1, message
	}
	return line, Mistake{Text: rest, Advice: "compare the action with the examples in README.md"}
}

func lineAt(text string, at int) int { return 1 + strings.Count(text[:at], "\n") }

// actions are the {{if}} and the like of a text that are open at its end, and the first action that never ends.
type actions struct {
	open []opener
	at   int // of the one that never ends
	text string

	advice string
}

type opener struct {
	word string
	at   int
}

// scanActions goes over a template's actions as far as they can be told apart.
func scanActions(text string) (a actions) {
	for at := 0; a.text == ""; {
		start := strings.Index(text[at:], "{{")
		if start < 0 {
			return a
		}
		start += at
		at = a.scanAction(text, start)
	}
	return a
}

// scanAction reads the action that begins at start, and returns where the text behind it begins.
func (a *actions) scanAction(text string, start int) (next int) {
	body := start + len("{{")
	inner := strings.TrimLeft(strings.TrimPrefix(text[body:], "-"), " \t\r\n")
	if strings.HasPrefix(inner, "/*") {
		end := strings.Index(text[body:], "*/")
		if end < 0 {
			a.fail(start, "the comment that begins here has no */", "end it: {{/* … */}}")
			return len(text)
		}
		body += end
	}
	for at := body; at < len(text); at++ {
		switch rest := text[at:]; {
		case strings.HasPrefix(rest, "}}"):
			a.count(inner, start)
			return at + len("}}")
		case strings.HasPrefix(rest, "{{"):
			a.fail(start, "the {{ of this line has no }}", "end the action: {{.Number}}")
			return len(text)
		case text[at] == '"' || text[at] == '`':
			length := quoteLength(rest)
			if length == 0 {
				a.fail(start, "a quote in the action of this line is not closed", `write texts in quotes on both sides: {{date "02.01.2006" .Date}}`)
				return len(text)
			}
			at += length - 1
		}
	}
	a.fail(start, "the {{ of this line has no }}", "end the action: {{.Number}}")
	return len(text)
}

func (a *actions) fail(at int, text, advice string) { a.at, a.text, a.advice = at, text, advice }

// quoteLength returns the length of the quoted text that s begins with, 0 for one that never ends.
func quoteLength(s string) int {
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == s[0]:
			return i + 1
		case s[0] == '"' && s[i] == '\\':
			i++
		case s[0] == '"' && s[i] == '\n':
			return 0
		}
	}
	return 0
}

// count keeps the actions that want an {{end}}.
func (a *actions) count(inner string, at int) {
	word := inner
	if end := strings.IndexAny(inner, " \t\r\n(.$}-"); end >= 0 {
		word = inner[:end]
	}
	switch {
	case slices.Contains([]string{"if", "with", "range", "define", "block"}, word):
		a.open = append(a.open, opener{word, at})
	case word == "end" && len(a.open) > 0:
		a.open = a.open[:len(a.open)-1]
	}
}
