package mapped

import (
	"errors"
	"strings"
	"unicode"

	"obmen/convert/money"
	"obmen/convert/source/jsontree"
)

// decimalMark is how a source writes amounts as texts.
type decimalMark string

const (
	markPoint decimalMark = "."
	markComma decimalMark = ","
	markAuto  decimalMark = "auto" // by each amount; what may be read two ways is refused
)

// parseNumber reads a number of JSON: 12, -1.50, 1.5e3.
func parseNumber(s string) (money.Decimal, error) {
	if plain, ok := jsontree.ExpandNumber(s); ok {
		s = plain
	}
	return money.Parse(s)
}

// signs are the currency signs that mean one currency; those that several share mean none.
var signs = []struct{ sign, currency string }{
	{"US $", "USD"},
	{"US$", "USD"},
	{"AU $", "AUD"},
	{"AU$", "AUD"},
	{"A $", "AUD"},
	{"C $", "CAD"},
	{"C$", "CAD"},
	{"CA$", "CAD"},
	{"R$", "BRL"},
	{"€", "EUR"},
	{"£", "GBP"},
	{"zł", "PLN"},
	{"₽", "RUB"},
	{"руб.", "RUB"},
	{"₸", "KZT"},
	{"₹", "INR"},
	{"$", ""},
	{"¥", "?"},
	{"kr", "?"},
}

// cutSign takes a sign or a code of a currency off an amount. The currency is empty for a bare "$", and
// "?" for a sign that does not tell.
func cutSign(s string) (rest, currency string) {
	for _, c := range signs {
		before, hasPrefix := strings.CutPrefix(s, c.sign)
		after, hasSuffix := strings.CutSuffix(s, c.sign)
		switch {
		case hasPrefix:
			return before, c.currency
		case hasSuffix:
			return after, c.currency
		}
	}
	if len(s) > 3 {
		if cur, err := money.ParseCurrency(s[:3]); err == nil && string(cur) == s[:3] {
			return s[3:], string(cur)
		}
		if code := s[len(s)-3:]; true {
			if cur, err := money.ParseCurrency(code); err == nil && string(cur) == code {
				return s[:len(s)-3], string(cur)
			}
		}
	}
	return s, ""
}

func trimBlanks(s string) string { return strings.TrimFunc(s, unicode.IsSpace) }

// parseWritten reads an amount as people and shops write it: "1,234.50", "1 234,50 €", "-$4.00".
func parseWritten(s string, mark decimalMark, places int) (money.Decimal, error) {
	if d, ok := money.ParseShort(s); ok && mark != markComma && (mark == markPoint || !doubtful(s, places)) {
		return d, nil
	}
	s = trimBlanks(s)
	negative := false
	for range 3 {
		for _, minus := range []string{"-", "−"} {
			var cut bool
			if s, cut = strings.CutPrefix(s, minus); cut {
				if negative {
					return money.Zero, money.ErrSyntax
				}
				negative = true
			}
		}
		s, _ = cutSign(s)
		s = trimBlanks(s)
	}
	plain, err := plainDigits(s, mark, places)
	if err != nil {
		return money.Zero, err
	}
	d, err := money.Parse(plain)
	if negative {
		d = d.Neg()
	}
	return d, err
}

var errDoubtful = errors.New("three digits behind the only separator: thousands or decimals?")

// doubtful reports whether an amount's only separator has three digits behind it, where a currency has
// fewer decimals.
func doubtful(s string, places int) bool {
	i := strings.IndexAny(s, ".,")
	return i > 0 && i <= 3 && s[0] != '0' && len(s)-i-1 == 3 && places != 3
}

// plainDigits makes "1234.50" of an amount without sign and currency.
func plainDigits(s string, mark decimalMark, places int) (string, error) {
	s = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '\'' || r == '’' {
			return -1
		}
		return r
	}, s)
	if mark == markAuto {
		last := strings.LastIndexAny(s, ".,")
		switch {
		case last < 0:
			mark = markPoint
		case strings.Count(s, ".")+strings.Count(s, ",") == 1 && doubtful(s, places):
			return "", errDoubtful
		case strings.Count(s, s[last:last+1]) > 1: // 1.234.567
			mark = markPoint
			if s[last] == '.' {
				mark = markComma
			}
		default:
			mark = decimalMark(s[last : last+1])
		}
	}
	group := ","
	if mark == markComma {
		group = "."
	}
	whole, frac, has := strings.Cut(s, string(mark))
	if !groupedByThree(strings.Split(whole, group)) || strings.ContainsAny(frac, ".,") {
		return "", money.ErrSyntax
	}
	whole = strings.ReplaceAll(whole, group, "")
	if has {
		return whole + "." + frac, nil
	}
	return whole, nil
}

func groupedByThree(groups []string) bool {
	for i, g := range groups {
		if i > 0 && len(g) != 3 {
			return false
		}
	}
	return true
}
