package words

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Unsafe reports whether a character is escaped wherever text is written: a control character other than line
// break and tab, or one of Unicode's format characters (turns of direction, zero width, tags), or a separator of
// lines. A terminal, Excel or a reader's eye would obey them.
func Unsafe(r rune) bool {
	switch {
	case r == '\n' || r == '\t':
		return false
	case r < 0x80:
		return r < 0x20 || r == 0x7f
	case r == '\u2028' || r == '\u2029' || r == '\u115f' || r == '\u1160' || r == '\u3164' || r == '\uffa0':
		return true // line separators; letters of Hangul that are seen as nothing
	case r == '\u00ad':
		return false // a soft hyphen is shown where a line breaks
	}
	return unicode.In(r, unicode.Cc, unicode.Cf)
}

// AppendEscape appends a character as JSON escapes it: \u202e.
func AppendEscape(b []byte, r rune) []byte {
	if r > 0xffff {
		high, low := utf16.EncodeRune(r)
		return fmt.Appendf(b, `\u%04x\u%04x`, high, low)
	}
	return fmt.Appendf(b, `\u%04x`, r)
}

// EscapeUnsafe escapes the unsafe characters of a text that is only looked at.
func EscapeUnsafe(text string) string {
	if !strings.ContainsFunc(text, Unsafe) {
		return text
	}
	out := make([]byte, 0, len(text)+16)
	for _, r := range text {
		if Unsafe(r) {
			out = AppendEscape(out, r)
		} else {
			out = utf8.AppendRune(out, r)
		}
	}
	return string(out)
}

// EscapeReversibly is EscapeUnsafe that escapes the backslash of what would pass for an escape, too: UnescapeUnsafe
// returns the same text.
func EscapeReversibly(text string) string {
	if !strings.ContainsFunc(text, Unsafe) && !strings.Contains(text, `\u`) {
		return text
	}
	out := make([]byte, 0, len(text)+16)
	for i, r := range text {
		switch _, isEscape := readEscape(text[i:]); {
		case isEscape, Unsafe(r):
			out = AppendEscape(out, r)
		default:
			out = utf8.AppendRune(out, r)
		}
	}
	return string(out)
}

// UnescapeUnsafe reads a text that EscapeReversibly wrote.
func UnescapeUnsafe(text string) string {
	var out strings.Builder
	for {
		plain, _, found := strings.Cut(text, `\u`)
		out.WriteString(plain)
		if !found {
			return out.String()
		}
		text = text[len(plain):]
		r, isEscape := readEscape(text)
		if !isEscape {
			out.WriteString(`\u`)
			text = text[len(`\u`):]
			continue
		}
		text = text[escapeLen:]
		if low, ok := readEscape(text); ok && utf16.IsSurrogate(r) {
			r, text = utf16.DecodeRune(r, low), text[escapeLen:]
		}
		out.WriteRune(r)
	}
}

const escapeLen = len(`\u202e`)

// readEscape reads the escape that a text begins with.
func readEscape(text string) (r rune, ok bool) {
	if len(text) < escapeLen || text[:2] != `\u` {
		return 0, false
	}
	n, err := strconv.ParseUint(text[2:escapeLen], 16, 16)
	return rune(n), err == nil
}
