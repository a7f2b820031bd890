package catalog

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Normal is the form in which texts are compared: no blanks around, inner runs of blanks (no-break
// spaces too) single, no zero-width characters, Unicode NFKC, letter case folded. It is idempotent.
func Normal(s string) string {
	if isNormal(s) {
		return s
	}
	if t, ok := foldSimple(s); ok {
		return t
	}
	// Folding can undo NFKC and the other way round for a handful of characters: repeat until nothing
	// changes, five rounds for safety. ToLower settles Cherokee, whose case Fold swaps each time.
	for range 5 {
		t := strings.ToLower(cases.Fold().String(norm.NFKC.String(strings.Map(dropInvisible, s))))
		t = strings.Join(strings.Fields(t), " ")
		if t == s {
			break
		}
		s = t
	}
	return s
}

// isNormal is true for what is normal already: printable ASCII without capitals and doubled or outer blanks.
func isNormal(s string) bool {
	blank := true
	for i := range len(s) {
		c := s[i]
		if c < ' ' || c > '~' || 'A' <= c && c <= 'Z' || c == ' ' && blank {
			return false
		}
		blank = c == ' '
	}
	return s == "" || !blank
}

// appendNormal appends Normal(s) to a buffer.
func appendNormal(b []byte, s string) []byte {
	if out, ok := appendSimple(b, s); ok {
		return out
	}
	return append(b, Normal(s)...)
}

// foldSimple folds ASCII and Russian letters, which need no tables; ok is false for anything else.
func foldSimple(s string) (folded string, ok bool) {
	var room [64]byte
	b, ok := appendSimple(room[:0], s)
	return string(b), ok
}

// appendSimple is simple, behind what is in a buffer.
func appendSimple(b []byte, s string) (folded []byte, ok bool) {
	start := len(b)
	for _, r := range s {
		if r == ' ' || r == '\t' || r == '\n' || r == '\r' || r == '\u00a0' {
			if len(b) > start && b[len(b)-1] != ' ' {
				b = append(b, ' ')
			}
			continue
		}
		if r = simpleFold(r); r < 0 {
			return b[:start], false
		}
		b = utf8.AppendRune(b, r)
	}
	if len(b) > start && b[len(b)-1] == ' ' {
		b = b[:len(b)-1]
	}
	return b, true
}

// simpleFold is the small letter of an ASCII or Russian one, the character itself where it has no
// case, and -1 for all that Unicode's tables must decide.
func simpleFold(r rune) rune {
	switch {
	case 'A' <= r && r <= 'Z':
		return r + 'a' - 'A'
	case '!' <= r && r <= '~', 'а' <= r && r <= 'я', r == 'ё':
		return r
	case 'А' <= r && r <= 'Я':
		return r + 'а' - 'А'
	case r == 'Ё':
		return 'ё'
	}
	return -1
}

// dropInvisible drops characters that have no width: zero-width spaces and joiners, byte order marks, soft
// hyphens, marks of writing direction and of variants.
func dropInvisible(r rune) rune {
	switch {
	case r == '\u00ad', r == '\u034f', r == '\u061c', r == '\u180e', r == '\ufeff',
		'\u200b' <= r && r <= '\u200f', '\u202a' <= r && r <= '\u202e',
		'\u2060' <= r && r <= '\u206f', '\ufe00' <= r && r <= '\ufe0f':
		return -1
	}
	return r
}

// trimInvisible drops what no one sees around a cell: blanks, no-break spaces, zero-width characters.
func trimInvisible(s string) string {
	if s == "" || isPlainEnd(s[0], s) && isPlainEnd(s[len(s)-1], s[max(0, len(s)-2):]) {
		return s
	}
	return strings.TrimFunc(s, func(r rune) bool { return unicode.IsSpace(r) || dropInvisible(r) < 0 })
}

// isPlainEnd knows at an end of a text the letters, digits and signs of ASCII and the Cyrillic letters, which
// are bytes D0 and D1 with one more: nothing of them is left off.
func isPlainEnd(end byte, around string) bool {
	return '!' <= end && end <= '~' || len(around) > 1 && (around[0] == 0xd0 || around[0] == 0xd1) && around[1] >= 0x80
}

// appendPhoneKey appends the digits of a telephone number. 8 and +7 at the start stay what they are: only
// the owner of the list knows which country its numbers belong to.
func appendPhoneKey(b []byte, s string) []byte {
	for _, r := range compatibleForm(s) {
		if '0' <= r && r <= '9' {
			b = append(b, byte(r))
		}
	}
	return b
}

// appendTaxKey appends the letters and digits of a tax number in upper case, its country prefix included.
func appendTaxKey(b []byte, s string) []byte {
	for _, r := range compatibleForm(s) {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			b = utf8.AppendRune(b, unicode.ToUpper(r))
		}
	}
	return b
}

// compatibleForm is Unicode's NFKC, which ASCII is already.
func compatibleForm(s string) string {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return norm.NFKC.String(s)
		}
	}
	return s
}

// placeCode is a country or marketplace: the code in upper case, GB for UK, and the country of an Amazon
// domain ("amazon.de" is DE, "Amazon.com" is US). Anything else stays as it is, in upper case.
func placeCode(s string) string {
	if len(s) == 2 && 'A' <= s[0] && s[0] <= 'Z' && 'A' <= s[1] && s[1] <= 'Z' && s != "UK" {
		return s
	}
	text := strings.ToUpper(Normal(s))
	text = strings.TrimPrefix(strings.TrimPrefix(text, "HTTPS://"), "WWW.")
	domain, amazon := strings.CutPrefix(strings.TrimSuffix(text, "/"), "AMAZON.")
	switch {
	case amazon && domain == "COM":
		return "US"
	case amazon:
		text = domain[strings.LastIndexByte(domain, '.')+1:]
	}
	if text == "UK" {
		return "GB"
	}
	return text
}
