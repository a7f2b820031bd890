package flatfile

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"obmen/convert/money"
	"obmen/convert/source/input"
)

// ParseAmount reads an amount as reports and spreadsheet programs write it: "10.0", "1.210,50", "1 210,50 €",
// "-4.00", "4,00-", "US$ 12". It never guesses: three digits after the only separator may be thousands
// or decimals and are refused, unless the currency has no decimal places (then they are thousands) or
// three (then they are decimals). Bytes in messages are 1-based.
func ParseAmount(s string, cur money.Currency) (money.Amount, error) {
	if d, ok := parsePlain(s); ok {
		return d, nil
	}
	places := 2
	if cur != "" {
		places = cur.Places()
	}
	n, err := peelNumeral(s)
	if err != nil {
		return money.Zero, err
	}
	if n.currency != "" && cur != "" && n.currency != cur {
		return money.Zero, input.WithHint(
			fmt.Errorf("an amount in %s, but the order is in %s", n.currency, cur),
			"one order has one currency: correct the cell or the currency column",
		)
	}
	return n.toDecimal(places)
}

// parsePlain reads what nearly every cell of a report is: digits, and at most one point before one or
// two more. Nothing about it can be doubtful; anything else is for the rules of ParseAmount.
func parsePlain(s string) (money.Amount, bool) {
	point := strings.IndexByte(s, '.')
	if point == 0 || point > 0 && (point < len(s)-3 || point == len(s)-1) {
		return money.Zero, false
	}
	for i := range len(s) {
		if i != point && (s[i] < '0' || s[i] > '9') {
			return money.Zero, false
		}
	}
	d, err := money.Parse(s)
	return d, err == nil
}

// ParseQuantity reads a whole number of pieces: "2", "2.0", "1,000".
func ParseQuantity(s string) (money.Quantity, error) {
	if q, ok := parsePlain(s); ok && q.Places() == 0 {
		return q, nil
	}
	n, err := peelNumeral(s)
	if err != nil {
		return money.Zero, err
	}
	q, err := n.toDecimal(0)
	if err == nil && (q.Sign() < 0 || q.Places() > 0 || n.currency != "") {
		err = errors.New("not a number of pieces")
	}
	return q, err
}

// numeral is what is left of an amount when sign and currency are taken off.
type numeral struct {
	body     string
	at       int // 0-based byte of body in the cell
	negative bool
	currency money.Currency
}

// The marks that name a currency, and those that several share.
var currencyMarks = []struct {
	mark string
	cur  money.Currency
}{
	{"US$", "USD"},
	{"CA$", "CAD"},
	{"CDN$", "CAD"},
	{"AU$", "AUD"},
	{"MX$", "MXN"},
	{"R$", "BRL"},
	{"S$", ""},
	{"C$", ""},
	{"A$", ""},
	{"€", "EUR"},
	{"£", ""},
	{"¥", ""},
	{"￥", ""},
	{"円", "JPY"},
	{"$", ""},
	{"₹", "INR"},
	{"Rs.", ""},
	{"Rs", ""},
	{"kr.", ""},
	{"kr", ""},
	{"zł", "PLN"},
	{"TL", "TRY"},
	{"₺", "TRY"},
	{"₽", "RUB"},
}

// peelNumeral takes signs, blanks and currency marks off both ends.
func peelNumeral(s string) (numeral, error) {
	n := numeral{body: s}
	signs := 0
	for before := -1; before != len(n.body) && !n.isBare(); {
		before = len(n.body)
		n.trimBlanks()
		for _, sign := range []string{"-", "−", "+"} {
			if n.cutPrefix(sign) || sign != "+" && n.cutSuffix(sign) {
				signs++
				n.negative = n.negative || sign != "+"
			}
		}
		n.cutCurrency()
	}
	if signs > 1 {
		return n, fmt.Errorf("%w (more than one sign)", money.ErrSyntax)
	}
	if n.body == "" {
		return n, fmt.Errorf("%w (no digits)", money.ErrSyntax)
	}
	return n, nil
}

// isBare reports whether digits stand at both ends: there is nothing to take off.
func (n *numeral) isBare() bool {
	isDigit := func(c byte) bool { return c >= '0' && c <= '9' }
	return n.body != "" && isDigit(n.body[0]) && isDigit(n.body[len(n.body)-1])
}

func (n *numeral) trimBlanks() {
	body := strings.TrimLeftFunc(n.body, unicode.IsSpace)
	n.at += len(n.body) - len(body)
	n.body = strings.TrimRightFunc(body, unicode.IsSpace)
}

func (n *numeral) cutPrefix(p string) (ok bool) {
	if n.body, ok = strings.CutPrefix(n.body, p); ok {
		n.at += len(p)
	}
	return ok
}

func (n *numeral) cutSuffix(p string) (ok bool) {
	n.body, ok = strings.CutSuffix(n.body, p)
	return ok
}

func (n *numeral) cutCurrency() {
	for _, m := range currencyMarks {
		if n.cutPrefix(m.mark) || n.cutSuffix(m.mark) {
			n.setCurrency(m.cur)
			return
		}
	}
	for _, code := range []string{n.body[:min(3, len(n.body))], n.body[max(0, len(n.body)-3):]} {
		if cur, err := money.ParseCurrency(code); err == nil && string(cur) == code && (n.cutPrefix(code) || n.cutSuffix(code)) {
			n.setCurrency(cur)
			return
		}
	}
}

func (n *numeral) setCurrency(cur money.Currency) {
	if n.currency == "" {
		n.currency = cur
	}
}

// toDecimal reads the digits with their separators.
func (n numeral) toDecimal(places int) (money.Decimal, error) {
	groups, seps, err := n.cutGroups()
	if err != nil {
		return money.Zero, err
	}
	frac := ""
	point, err := hasDecimalPoint(groups, seps, places)
	if err != nil {
		return money.Zero, err
	}
	if point {
		frac = "." + groups[len(groups)-1]
		groups, seps = groups[:len(groups)-1], seps[:len(seps)-1]
	}
	if !isGrouped(groups, seps) {
		return money.Zero, fmt.Errorf("%w (digits are not grouped by thousands)", money.ErrSyntax)
	}
	text := strings.Join(groups, "") + frac
	if n.negative {
		text = "-" + text
	}
	return money.Parse(text)
}

// cutGroups divides the body into runs of digits and the separators between them; all blanks are one kind of
// separator, and so are all apostrophes.
func (n numeral) cutGroups() (groups []string, seps []rune, err error) {
	from := 0
	for i, r := range n.body {
		switch {
		case r >= '0' && r <= '9':
			continue
		case unicode.IsSpace(r):
			r = ' '
		case r == '\'' || r == '’':
			r = '\''
		case r != '.' && r != ',':
			return nil, nil, fmt.Errorf("%w (%s at byte %d)", money.ErrSyntax, describeRune(r), n.at+i+1)
		}
		if i == from && i > 0 {
			return nil, nil, fmt.Errorf("%w (two separators at byte %d)", money.ErrSyntax, n.at+i+1)
		}
		groups, seps = append(groups, n.body[from:i]), append(seps, r)
		_, size := utf8.DecodeRuneInString(n.body[i:])
		from = i + size
	}
	if from == len(n.body) {
		return nil, nil, fmt.Errorf("%w (no digit after the separator at byte %d)", money.ErrSyntax, n.at+from)
	}
	return append(groups, n.body[from:]), seps, nil
}

func describeRune(r rune) string {
	if unicode.IsLetter(r) {
		return "letter " + string(r)
	}
	return fmt.Sprintf("%q", r)
}

// hasDecimalPoint reports whether the last separator is the decimal one.
func hasDecimalPoint(groups []string, seps []rune, places int) (bool, error) {
	if len(seps) == 0 {
		return false, nil
	}
	last := seps[len(seps)-1]
	if last != '.' && last != ',' {
		return false, nil
	}
	same := 0
	for _, s := range seps {
		if s == last {
			same++
		}
	}
	switch whole, frac := groups[0], groups[len(groups)-1]; {
	case same > 1:
		return false, nil
	case len(seps) > 1, len(frac) != 3, len(whole) == 0, len(whole) > 3, whole[0] == '0':
		return true, nil
	case places == 0:
		return false, nil
	case places == 3:
		return true, nil
	default:
		return false, input.WithHint(
			fmt.Errorf("may be %s%s or %s.%s", whole, frac, whole, frac),
			"three digits after the only separator: write the amount with two decimals",
		)
	}
}

// isGrouped checks thousands: one separator throughout, one to three digits before the first, three after
// each; or two but for the last, as India groups.
func isGrouped(groups []string, seps []rune) bool {
	if len(seps) == 0 {
		return true
	}
	last := len(groups) - 1
	width := len(groups[1])
	if last == 1 {
		width = 3
	}
	for i, g := range groups[1:] {
		if i+1 < last && len(g) != width || seps[i] != seps[0] {
			return false
		}
	}
	first := len(groups[0])
	return first >= 1 && first <= width && (width == 2 || width == 3) && len(groups[last]) == 3
}
