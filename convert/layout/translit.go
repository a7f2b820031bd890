package layout

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// latin spells the letters of Russian and its neighbours as passports do.
var latin = map[rune]string{
	'а': "a", 'б': "b", 'в': "v", 'г': "g", 'д': "d", 'е': "e", 'ё': "e", 'ж': "zh", 'з': "z", 'и': "i", 'й': "i",
	'к': "k", 'л': "l", 'м': "m", 'н': "n", 'о': "o", 'п': "p", 'р': "r", 'с': "s", 'т': "t", 'у': "u", 'ф': "f",
	'х': "kh", 'ц': "ts", 'ч': "ch", 'ш': "sh", 'щ': "shch", 'ъ': "ie", 'ы': "y", 'ь': "", 'э': "e", 'ю': "iu",
	'я': "ia", 'є': "ie", 'і': "i", 'ї': "i", 'ґ': "g", 'ў': "u", 'қ': "q", 'ғ': "g", 'ң': "n", 'ө': "o", 'ұ': "u",
	'ү': "u", 'һ': "h", 'ә': "a", 'ß': "ss", 'æ': "ae", 'œ': "oe", 'ø': "o", 'ł': "l", 'đ': "d", 'ı': "i", 'þ': "th",
	'№': "No", '«': `"`, '»': `"`, '“': `"`, '”': `"`, '„': `"`, '’': "'", '‘': "'", '–': "-", '—': "-", '…': "...", '€': "EUR", '₽': "RUB",
}

func (c *call) translit() expr {
	t := c.arg(0, kindText)
	return c.making(func(b []byte, s *state) []byte { return appendLatin(b, t.value(s)) })
}

// appendLatin appends text in characters of ASCII.
func appendLatin(b []byte, text string) []byte {
	for i, r := range text {
		lower := unicode.ToLower(r)
		spelt, known := latin[lower]
		switch {
		case r < utf8.RuneSelf:
			b = append(b, byte(r))
		case known && lower != r:
			next, _ := utf8.DecodeRuneInString(text[i+utf8.RuneLen(r):])
			b = append(b, capital(spelt, unicode.IsUpper(next))...)
		case known:
			b = append(b, spelt...)
		case unicode.IsSpace(r):
			b = append(b, ' ')
		default: // é is e and a mark
			for _, d := range norm.NFKD.String(string(r)) {
				if d < utf8.RuneSelf {
					b = append(b, byte(d))
				}
			}
		}
	}
	return b
}

// capital is Shch in a word, SHCH among capital letters.
func capital(spelt string, all bool) string {
	if spelt == "" || all {
		return strings.ToUpper(spelt)
	}
	return strings.ToUpper(spelt[:1]) + spelt[1:]
}
