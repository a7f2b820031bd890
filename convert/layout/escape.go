package layout

import "unicode/utf8"

// escaping is where a value stands, and so what must not appear in it as it is.
type escaping uint8

const (
	rawText   escaping = iota // inside a cell, which is escaped as a whole
	inElement                 // between tags
	inQuotes                  // an attribute's value
)

// What a byte needs: nothing, an entity everywhere, an entity inside quotes only, or a look at the
// character it begins.
const (
	plain = iota
	entity
	entityInQuotes
	look
)

var need = func() (t [256]uint8) {
	for c := range t {
		switch {
		case c == '&', c == '<', c == '>', c == '\r':
			t[c] = entity
		case c == '"', c == '\'', c == '\t', c == '\n':
			t[c] = entityInQuotes
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

// escape appends text as XML 1.0 can carry it there. Characters that XML cannot carry become U+FFFD;
// replaced counts them.
func escape[S string | []byte](b []byte, text S, where escaping) (out []byte, replaced int) {
	done := 0
	for i := 0; i < len(text); {
		size := 1
		switch need[text[i]] {
		case look:
			var ok bool
			if size, ok = character(text[i:]); !ok {
				b = append(append(b, text[done:i]...), "\uFFFD"...)
				done = i + size
				replaced++
			}
		case entityInQuotes:
			if where != inQuotes {
				break
			}
			fallthrough
		case entity:
			b = append(append(b, text[done:i]...), entities[text[i]]...)
			done = i + 1
		}
		i += size
	}
	return append(b, text[done:]...), replaced
}

// character is the length of the first character of text, and whether XML 1.0 can carry it.
func character[S string | []byte](text S) (size int, ok bool) {
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
