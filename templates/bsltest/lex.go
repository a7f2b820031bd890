package bsltest

import (
	"fmt"
	"strings"
	"unicode"
)

type kind int

const (
	end kind = iota
	word
	text
	number
	sign
	region // #Область NAME
)

type token struct {
	kind kind
	text string // of a word as it is written; of a text without quotes
	line int
}

// is reports whether a token is this keyword or sign. Letter case does not matter.
func (t token) is(s string) bool {
	return (t.kind == word || t.kind == sign) && strings.EqualFold(t.text, s)
}

func (t token) String() string {
	if t.kind == end {
		return "the end of the file"
	}
	return fmt.Sprintf("%q", t.text)
}

// SyntaxError is a module that is not written in the language.
type SyntaxError struct {
	Line int
	Text string
}

func (e *SyntaxError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Text) }

type lexer struct {
	src  []rune
	line int
	out  []token
}

// signs with two characters stand before those with one.
var signs = []string{"<>", "<=", ">=", "=", "<", ">", "+", "-", "*", "/", "%", "(", ")", "[", "]", ".", ",", ";", "?"}

func lex(src string) ([]token, error) {
	l := &lexer{src: []rune(strings.TrimPrefix(src, "\ufeff")), line: 1}
	for len(l.src) > 0 {
		if err := l.next(); err != nil {
			return nil, err
		}
	}
	return append(l.out, token{end, "", l.line}), nil
}

func (l *lexer) next() error {
	switch c := l.src[0]; {
	case c == '\n':
		l.line++
		l.src = l.src[1:]
	case unicode.IsSpace(c):
		l.src = l.src[1:]
	case l.at("//"):
		l.rest()
	case c == '#':
		l.directive()
	case c == '"':
		return l.text()
	case unicode.IsLetter(c) || c == '_':
		l.add(word, l.take(func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' }))
	case unicode.IsDigit(c):
		l.add(number, l.take(func(r rune) bool { return unicode.IsDigit(r) || r == '.' }))
	default:
		for _, s := range signs {
			if l.at(s) {
				l.add(sign, s)
				l.src = l.src[len(s):]
				return nil
			}
		}
		return &SyntaxError{l.line, fmt.Sprintf("%q means nothing here", c)}
	}
	return nil
}

func (l *lexer) at(s string) bool {
	return strings.HasPrefix(string(l.src[:min(len(l.src), len(s))]), s)
}

func (l *lexer) add(k kind, s string) { l.out = append(l.out, token{k, s, l.line}) }

func (l *lexer) take(want func(rune) bool) string {
	n := 0
	for n < len(l.src) && want(l.src[n]) {
		n++
	}
	s := string(l.src[:n])
	l.src = l.src[n:]
	return s
}

func (l *lexer) rest() string { return l.take(func(r rune) bool { return r != '\n' }) }

func (l *lexer) directive() {
	words := strings.Fields(l.rest())
	name := ""
	if len(words) > 1 && strings.EqualFold(words[0], "#Область") {
		name = words[1]
	}
	l.add(region, name)
}

// text reads a literal; a quote inside is doubled, and a next line begins with "|".
func (l *lexer) text() error {
	start, b := l.line, strings.Builder{}
	for i := 1; i < len(l.src); i++ {
		switch c := l.src[i]; c {
		case '"':
			if i+1 < len(l.src) && l.src[i+1] == '"' {
				b.WriteRune('"')
				i++
				continue
			}
			l.out = append(l.out, token{text, b.String(), start})
			l.src = l.src[i+1:]
			return nil
		case '\n':
			l.line++
			for i++; i < len(l.src) && (l.src[i] == ' ' || l.src[i] == '\t'); i++ {
			}
			if i == len(l.src) || l.src[i] != '|' {
				return &SyntaxError{l.line, `a text goes on without "|"`}
			}
			b.WriteRune('\n')
		case '\r':
		default:
			b.WriteRune(c)
		}
	}
	return &SyntaxError{start, "a text without its closing quote"}
}
