package catalog

import (
	"errors"
	"strconv"
	"strings"
	"time"
	"unicode"

	"obmen/convert/money"
)

var (
	errTwoMarks  = errors.New("both a comma and a point: which one is decimal?")
	errGrouping  = errors.New("a blank inside a number stands before three digits")
	errNotNumber = errors.New("not a number")
)

// parseNumber reads "1 234,5" and "1234.5": a decimal comma or point, blanks of any kind between groups of
// three digits. It is exact.
func parseNumber(s string) (money.Decimal, error) {
	if strings.Contains(s, ",") && strings.Contains(s, ".") {
		return money.Zero, errTwoMarks
	}
	s = strings.Replace(s, ",", ".", 1)
	groups := strings.FieldsFunc(s, unicode.IsSpace)
	for i, g := range groups {
		whole, _, broken := strings.Cut(g, ".")
		if i > 0 && len(whole) != 3 || broken && i < len(groups)-1 {
			return money.Zero, errGrouping
		}
	}
	d, err := money.Parse(strings.Join(groups, ""))
	switch {
	case errors.Is(err, money.ErrRange):
		return money.Zero, money.ErrRange
	case errors.Is(err, money.ErrPrecision):
		return money.Zero, money.ErrPrecision
	case err != nil:
		return money.Zero, errNotNumber
	}
	return d, nil
}

// parsePositive reads a number above zero of at most places decimal places; unsaid for an empty cell.
func (s *csvFile) parsePositive(column, value string, places int) money.Optional {
	if value == "" {
		return money.Optional{}
	}
	d, err := parseNumber(value)
	switch {
	case err != nil:
		s.reportCell(column, value, err.Error(), "write it like 1234,5")
	case d.Sign() <= 0:
		s.reportCell(column, value, "not above zero", "write a positive number")
	case d.Places() > places:
		s.reportCell(column, value, "more than "+strconv.Itoa(places)+" decimal places", "round it yourself: obmen never rounds silently")
	default:
		return money.Known(d)
	}
	return money.Optional{}
}

// mostRemembered bounds the spellings of a column that repeat from row to row.
const mostRemembered = 1000

// parseVATRate reads a VAT rate; unknown for an empty cell.
func (s *csvFile) parseVATRate(column, value string) money.VATRate {
	if rate, again := s.rates[value]; again {
		return rate
	}
	rate, err := money.ParseVATRate(value)
	if err != nil {
		s.reportCell(column, value, "not a VAT rate", "write 20, 10%, 5,5%, 0 or Без НДС")
	} else if len(s.rates) < mostRemembered {
		s.rates[strings.Clone(value)] = rate
	}
	return rate
}

// parseChoice reads one of a few words; empty for an empty cell.
func (s *csvFile) parseChoice(column, value string, words map[string]string, hint string) string {
	if value == "" {
		return ""
	}
	if word, again := s.words[word{column, value}]; again {
		return word
	}
	found, ok := words[headerKey(value)]
	if !ok {
		s.reportCell(column, value, "unknown word", hint)
	} else if len(s.words) < mostRemembered {
		s.words[word{column, strings.Clone(value)}] = found
	}
	return found
}

var kinds = map[string]string{
	"goods": "goods", "товар": "goods", "запас": "goods",
	"service": "service", "услуга": "service", "работа": "service",
}

var yesNo = map[string]string{"yes": "yes", "да": "yes", "1": "yes", "true": "yes", "no": "no", "нет": "no", "0": "no", "false": "no"}

var buyerKinds = map[string]string{
	"b2b": "b2b", "юрлицо": "b2b", "юридическоелицо": "b2b",
	"b2c": "b2c", "физлицо": "b2c", "физическоелицо": "b2c",
}

var channels = map[string]string{
	"amazon": "amazon", "fba": "amazon", "afn": "amazon",
	"merchant": "merchant", "fbm": "merchant", "mfn": "merchant",
}

// parseDay reads the day of "2026-11-23", "23.11.2026" and "20261123", a time of day behind it is dropped,
// as a number that sorts by date.
func (s *csvFile) parseDay(column, value string) (day int, ok bool) {
	text, _, _ := strings.Cut(value, "T")
	text, _, _ = strings.Cut(text, " ")
	for _, form := range []string{"2006-01-02", "02.01.2006", "20060102"} {
		if t, err := time.Parse(form, text); err == nil {
			return dayNumber(t), true
		}
	}
	if value != "" {
		s.reportCell(column, value, "not a date", "write it like 2026-11-23 or 23.11.2026")
	}
	return 0, false
}

func dayNumber(t time.Time) int {
	year, month, day := t.Date()
	return year*10000 + int(month)*100 + day
}

// isShortened is true for what Excel makes of long numbers: 4,6E+12.
func isShortened(s string) bool {
	if strings.IndexByte(s, '+') < 0 {
		return false
	}
	mantissa, exponent, ok := strings.Cut(strings.ToLower(s), "e+")
	return ok && isNumeric(strings.NewReplacer(",", "", ".", "").Replace(mantissa)) && isNumeric(exponent)
}

func isNumeric(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// reportDoubled reports a key that stands on an earlier line already.
func (s *csvFile) reportDoubled(column, value string, first int, hint string) {
	s.problems.add(s.doubledKey(column, value, s.lineOf(column, value), first, hint))
}

// doubledKey is a key on a line that stands on an earlier one already.
func (s *csvFile) doubledKey(column, value string, line, first int, hint string) Problem {
	return Problem{s.File, line, column, value, "already on line " + formatInt(first), hint}
}

func formatInt(n int) string { return strconv.Itoa(n) }
