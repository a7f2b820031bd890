package jsontree

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math/bits"
	"unicode/utf8"
)

// JSON as RFC 8259 has it, no more: names only once in an object, texts in valid UTF-8. What these
// functions refuse is only refused here; jsontext is asked afterwards what is wrong with it and where
// (see fault), so none of them need carry a position in words.
//
// Each takes a text and the position where something begins, and gives the position behind it. A text
// may end too early because more of the file is still to come: that is errShort.
var (
	errShort  = errors.New("the text ends inside a value")
	ErrBroken = errors.New("not JSON")
)

// stringEnd reads the string at pos, and reports whether anything in it is escaped.
func stringEnd(text []byte, pos int) (end int, escaped bool, err error) {
	if text[pos] != '"' {
		return 0, false, ErrBroken
	}
	for pos++; ; {
		if pos = skipPlain(text, pos); pos >= len(text) {
			return 0, false, errShort
		}
		switch c := text[pos]; {
		case c == '"':
			return pos + 1, escaped, nil
		case c == '\\':
			escaped = true
			if pos, err = escapeEnd(text, pos); err != nil {
				return 0, false, err
			}
		case c < ' ':
			return 0, false, ErrBroken
		default:
			r, size := utf8.DecodeRune(text[pos:])
			if r == utf8.RuneError && size <= 1 {
				return 0, false, shortOr(!utf8.FullRune(text[pos:]))
			}
			pos += size
		}
	}
}

// skipPlain passes over what a string holds most of all: ASCII that is no quote, backslash or control
// character. It looks at eight bytes at a time: a bit of special is set where one of them is anything
// else, and the lowest such bit is exact.
func skipPlain(text []byte, pos int) int {
	const (
		ones = 0x0101010101010101
		tops = 0x8080808080808080
	)
	for ; pos+8 <= len(text); pos += 8 {
		w := binary.LittleEndian.Uint64(text[pos:])
		quote, slash := w^'"'*ones, w^'\\'*ones
		special := (w | (w-' '*ones)&^w | (quote-ones)&^quote | (slash-ones)&^slash) & tops
		if special != 0 {
			return pos + bits.TrailingZeros64(special)/8
		}
	}
	for pos < len(text) && text[pos] >= ' ' && text[pos] < utf8.RuneSelf && text[pos] != '"' && text[pos] != '\\' {
		pos++
	}
	return pos
}

// escapeEnd reads the escape at pos. Half of a surrogate pair is let through: it is half an emoji that a
// shop cut off, and stands for U+FFFD.
func escapeEnd(text []byte, pos int) (int, error) {
	if pos+1 >= len(text) {
		return 0, errShort
	}
	switch text[pos+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return pos + 2, nil
	}
	_, err := hexRune(text, pos)
	return pos + 6, err
}

// hexRune reads an escape such as \u00e9.
func hexRune(text []byte, pos int) (r rune, err error) {
	for i, want := range []byte(`\uXXXX`) {
		if pos+i >= len(text) {
			return 0, errShort
		}
		c := text[pos+i]
		switch {
		case want != 'X' && c == want:
		case want == 'X' && '0' <= c && c <= '9':
			r = r<<4 | rune(c-'0')
		case want == 'X' && 'a' <= c|0x20 && c|0x20 <= 'f':
			r = r<<4 | rune(c|0x20-'a'+10)
		default:
			return 0, ErrBroken
		}
	}
	return r, nil
}

// scalarEnd reads the number, true, false or null at pos. A number ends with what comes behind it.
func scalarEnd(text []byte, pos int) (int, error) {
	word := ""
	switch text[pos] {
	case 't':
		word = "true"
	case 'f':
		word = "false"
	case 'n':
		word = "null"
	default:
		return numberEnd(text, pos)
	}
	if rest := text[pos:min(len(text), pos+len(word))]; string(rest) != word {
		return 0, shortOr(bytes.HasPrefix([]byte(word), rest) && pos+len(rest) == len(text))
	}
	return pos + len(word), nil
}

func numberEnd(text []byte, pos int) (end int, err error) {
	if text[pos] == '-' {
		pos++
	}
	if pos < len(text) && text[pos] == '0' {
		pos++
	} else if pos, err = digitsEnd(text, pos); err != nil {
		return 0, err
	}
	if pos < len(text) && text[pos] == '.' {
		if pos, err = digitsEnd(text, pos+1); err != nil {
			return 0, err
		}
	}
	if pos < len(text) && text[pos]|0x20 == 'e' {
		if pos++; pos < len(text) && (text[pos] == '+' || text[pos] == '-') {
			pos++
		}
		if pos, err = digitsEnd(text, pos); err != nil {
			return 0, err
		}
	}
	if pos >= len(text) {
		return 0, errShort
	}
	return pos, nil
}

// digitsEnd reads one digit or more.
func digitsEnd(text []byte, pos int) (int, error) {
	begin := pos
	for pos < len(text) && '0' <= text[pos] && text[pos] <= '9' {
		pos++
	}
	if pos == begin {
		return 0, shortOr(pos == len(text))
	}
	return pos, nil
}

func shortOr(short bool) error {
	if short {
		return errShort
	}
	return ErrBroken
}
