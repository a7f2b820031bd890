package money

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/bojanz/currency"
)

// Parse reads "12", "-12.50", ".5": an optional sign, digits, and a point with digits.
// No exponent, no grouping, no blanks: what people write is the readers' business.
func Parse(s string) (Decimal, error) {
	if d, ok := ParseShort(s); ok {
		return d, nil
	}
	body, negative := strings.CutPrefix(s, "-")
	if !negative {
		body = strings.TrimPrefix(body, "+")
	}
	whole, frac, _ := strings.Cut(body, ".")
	if whole == "" && frac == "" || !digits(whole) || !digits(frac) {
		return Zero, fmt.Errorf("%w: %q", ErrSyntax, clip(s))
	}
	frac = strings.TrimRight(frac, "0")
	if len(frac) > Scale {
		return Zero, fmt.Errorf("%w: %q", ErrPrecision, clip(s))
	}
	text := strings.TrimLeft(whole+frac+strings.Repeat("0", Scale-len(frac)), "0")
	if text == "" {
		return Zero, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return Zero, fmt.Errorf("%w: %q", ErrRange, clip(s))
	}
	if negative {
		n = -n
	}
	return Decimal{n}, nil
}

// shortest is a length in which no number overflows: 18 digits, a sign and a point.
const shortest = 12

// ParseShort reads what nearly every amount is: up to 12 bytes, digits with at most one point and six
// digits behind it. It says no to anything else, be it right or wrong, and leaves that to Parse.
func ParseShort[T string | []byte](s T) (Decimal, bool) {
	if len(s) == 0 || len(s) > shortest {
		return Zero, false
	}
	n, places := int64(0), -1
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			n = n*10 + int64(c-'0')
			if places >= 0 {
				places++
			}
		case c == '.' && places < 0 && i > 0:
			places = 0
		default:
			return Zero, false
		}
	}
	if places > Scale {
		return Zero, false
	}
	return Decimal{n * int64(pow10(Scale-max(0, places)))}, true
}

// MustParse is Parse for constants in code and tests; it panics on a bad one.
func MustParse(s string) Decimal {
	d, err := Parse(s)
	if err != nil {
		panic(err)
	}
	return d
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

func clip(s string) string {
	const most = 40
	if len(s) > most {
		return s[:most] + "…"
	}
	return s
}

// Currency is an ISO 4217 letter code in upper case: "USD". Empty when the source named none.
type Currency string

// ParseCurrency accepts a known ISO 4217 code in any letter case, with blanks around it.
func ParseCurrency(s string) (Currency, error) {
	code := strings.ToUpper(strings.TrimSpace(s))
	if !currency.IsValid(code) {
		return "", fmt.Errorf("unknown currency %q", clip(s))
	}
	return Currency(code), nil
}

// Places is the number of decimal places of the currency's smallest coin: 2 for USD, 0 for JPY, 3 for KWD.
func (c Currency) Places() int {
	n, ok := currency.GetDigits(string(c))
	if !ok {
		return 2
	}
	return int(n)
}

// Numeric is the ISO 4217 number that 1C keys its currencies by: "840". Empty for an unknown code.
func (c Currency) Numeric() string {
	n, _ := currency.GetNumericCode(string(c))
	return n
}

// UnmarshalText is Parse.
func (d *Decimal) UnmarshalText(b []byte) (err error) {
	*d, err = Parse(string(b))
	return err
}
