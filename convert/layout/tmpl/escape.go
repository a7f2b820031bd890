package tmpl

import "unicode/utf8"

// escaping is where a value stands, and so what must not appear in it as it is.
type escaping uint8

const (
	rawText   escaping = iota // what is escaped later, as a whole
	inElement                 // between tags
	inQuotes                  // an attribute's value
	InCell                    // a text cell of a workbook
)

// What a byte needs: nothing, an entity everywhere, an entity inside quotes only, a guard in cells, or a
// look at the character it begins: one of two or three bytes, or of any other length.
const (
	plain = iota
	entity
	entityInQuotes
	guard
	twoBytes
	threeBytes
	look
)

var need = func() (t [256]uint8) {
	for c := range t {
		switch {
		case c == '&', c == '<', c == '>', c == '\r':
			t[c] = entity
		case c == '"', c == '\'', c == '\t', c == '\n':
			t[c] = entityInQuotes
		case c == '_':
			t[c] = guard
		case c >= 0xC2 && c <= 0xDF:
			t[c] = twoBytes
		case c >= 0xE1 && c <= 0xEC:
			t[c] = threeBytes
		case c < ' ', c >= utf8.RuneSelf:
			t[c] = look
		}
	}
	return t
}()

var entities = map[byte]string{
	'&': "&amp;", '<': "&lt;", '>': "&gt;", '\r': "&#13;",
	'"': "&#34;", '\'': "&#39;", '\t': "&#9;", '\n': "&#10;",
}

// Escape appends text as XML 1.0 can carry it there. Characters that XML cannot carry become U+FFFD;
// replaced counts them. Most characters are ASCII or of the common alphabets, whose bytes alone say that
// XML carries them.
func Escape[S string | []byte](b []byte, text S, where escaping) (out []byte, replaced int) {
	done := 0
	for i := 0; i < len(text); {
		size := 1
		switch kind := need[text[i]]; {
		case kind == plain, kind == entityInQuotes && where != inQuotes:
		case kind == twoBytes && i+1 < len(text) && isContinuation(text[i+1]):
			size = 2
		case kind == threeBytes && i+2 < len(text) && isContinuation(text[i+1]) && isContinuation(text[i+2]):
			size = 3
		case kind == guard:
			if where == InCell && codeLike(text[i:]) {
				b = append(append(b, text[done:i]...), "_x005F_"...)
				done = i + 1
			}
		case kind >= twoBytes:
			var ok bool
			if size, ok = Character(text[i:]); !ok {
				b = append(append(b, text[done:i]...), "\uFFFD"...)
				done = i + size
				replaced++
			}
		default:
			b = append(append(b, text[done:i]...), entities[text[i]]...)
			done = i + 1
		}
		i += size
	}
	return append(b, text[done:]...), replaced
}

// isContinuation reports whether a byte continues a character of UTF-8.
func isContinuation(c byte) bool { return c&0xC0 == 0x80 }

// codeLike reports whether text begins like "_x0041_": Excel would read it as the character of that code, so
// its underscore is written as a code itself.
func codeLike[S string | []byte](text S) bool {
	if len(text) < 7 || text[0] != '_' || text[1] != 'x' || text[6] != '_' {
		return false
	}
	for i := 2; i < 6; i++ {
		if c := text[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') && (c < 'A' || c > 'F') {
			return false
		}
	}
	return true
}

// Character is the length of the first character of text, and whether XML 1.0 can carry it.
func Character[S string | []byte](text S) (size int, ok bool) {
	head := text[:min(len(text), utf8.UTFMax)]
	r, size := utf8.DecodeRuneInString(string(head))
	return size, xmlChar(r) && (r != utf8.RuneError || size > 1)
}

// xmlChar is the production Char of XML 1.0.
func xmlChar(r rune) bool {
	switch {
	case r < ' ':
		return r == '\t' || r == '\n' || r == '\r'
	case r == 0xFFFE, r == 0xFFFF:
		return false
	}
	return r <= utf8.MaxRune && (r < 0xD800 || r > 0xDFFF)
}
