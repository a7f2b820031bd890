package tmpl

import (
	"crypto/sha1"
	"encoding/hex"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
	"golang.org/x/text/unicode/norm"

	"obmen/convert/document"
	"obmen/convert/money"
)

// idSpace is the root of the ids that templates make. It never changes: 1C knows objects by them.
var idSpace = uuid.MustParse("0c7d5f0a-52f1-5c37-8a35-0b9a4e6d7f21")

// compileUUID is the UUIDv5 of the texts, made without a garbage of its own.
func (c *call) compileUUID() Expr {
	for i := range c.args {
		c.argument(i, KindText)
	}
	return c.madeText(func(b []byte, s *State) []byte {
		start := len(b)
		b = append(b, idSpace[:]...)
		for i, a := range c.args {
			if i > 0 {
				b = append(b, '\x1f')
			}
			b = a.append(b, s)
		}
		sum := sha1.Sum(b[start:])
		id := uuid.UUID(sum[:16])
		id[6], id[8] = id[6]&0x0f|5<<4, id[8]&0x3f|0x80
		var text [36]byte
		hex.Encode(text[:], id[:4])
		for i, at := range []int{8, 13, 18, 23} {
			text[at] = '-'
			hex.Encode(text[at+1:], id[4+2*i:6+2*i])
		}
		hex.Encode(text[24:], id[10:])
		return append(b[:start], text[:]...)
	})
}

func (c *call) compileShort() Expr {
	most, t := c.fixedCount(0), c.argument(1, KindText)
	return c.madeText(func(b []byte, s *State) []byte { return append(b, document.ShortNumber(t.textValue(s), most)...) })
}

func (c *call) compileAdd() Expr {
	a, b := c.numericArgument(0), c.numericArgument(1)
	return Expr{Kind: kindNumber, Number: func(s *State) money.Decimal { return a.Number(s).Plus(b.Number(s)) }}
}

func (c *call) compileRound() Expr {
	places, n := c.fixedCount(0), c.numericArgument(1)
	if places > money.Scale {
		c.addMistake("write at most 6", "round: %d decimal places", places)
		places = money.Scale
	}
	return Expr{Kind: kindNumber, Number: func(s *State) money.Decimal { return n.Number(s).MulDiv(money.One, money.One, places) }}
}

func (c *call) compilePercent() Expr {
	r := c.argument(0, kindVAT)
	return Expr{Kind: kindNumber, Number: func(s *State) money.Decimal {
		if rate := r.vat(s); rate.Kind == money.Rated {
			return rate.Percent
		}
		return money.Zero
	}}
}

// latin spells the letters of Russian and its neighbours as passports do.
var latin = map[rune]string{
	'а': "a", 'б': "b", 'в': "v", 'г': "g", 'д': "d", 'е': "e", 'ё': "e", 'ж': "zh", 'з': "z", 'и': "i", 'й': "i",
	'к': "k", 'л': "l", 'м': "m", 'н': "n", 'о': "o", 'п': "p", 'р': "r", 'с': "s", 'т': "t", 'у': "u", 'ф': "f",
	'х': "kh", 'ц': "ts", 'ч': "ch", 'ш': "sh", 'щ': "shch", 'ъ': "ie", 'ы': "y", 'ь': "", 'э': "e", 'ю': "iu",
	'я': "ia", 'є': "ie", 'і': "i", 'ї': "i", 'ґ': "g", 'ў': "u", 'қ': "q", 'ғ': "g", 'ң': "n", 'ө': "o", 'ұ': "u",
	'ү': "u", 'һ': "h", 'ә': "a", 'ß': "ss", 'æ': "ae", 'œ': "oe", 'ø': "o", 'ł': "l", 'đ': "d", 'ı': "i", 'þ': "th",
	'№': "No", '«': `"`, '»': `"`, '“': `"`, '”': `"`, '„': `"`, '’': "'", '‘': "'", '–': "-", '—': "-", '…': "...", '€': "EUR", '₽': "RUB",
}

func (c *call) compileTranslit() Expr {
	t := c.argument(0, KindText)
	return c.madeText(func(b []byte, s *State) []byte { return appendLatin(b, t.textValue(s)) })
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
			b = append(b, capitalize(spelt, unicode.IsUpper(next))...)
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

// capitalize is Shch in a word, SHCH among capital letters.
func capitalize(spelt string, all bool) string {
	if spelt == "" || all {
		return strings.ToUpper(spelt)
	}
	return strings.ToUpper(spelt[:1]) + spelt[1:]
}
