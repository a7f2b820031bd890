package mapped

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"obmen/convert/money"
)

func TestWrittenAmounts(t *testing.T) {
	for _, c := range []struct {
		text string
		mark decimalMark
		want string // empty: refused
	}{
		{"$1,234.50", markAuto, "1234.5"},
		{"1 234,50 €", markAuto, "1234.5"},
		{"EUR 90,00", markAuto, "90"},
		{"-$4.00", markAuto, "-4"},
		{"1.234.567", markAuto, "1234567"},
		{"1,234", markAuto, ""},
		{"0,125", markAuto, "0.125"},
		{"1,234", markPoint, "1234"},
		{"1,234", markComma, "1.234"},
		{"12,34,5", markPoint, ""},
		{"--1", markAuto, ""},
		{"abc", markAuto, ""},
		{"1.2.3,4.5", markAuto, ""},
	} {
		got, err := parseWritten(c.text, c.mark, 2)
		if (err != nil) != (c.want == "") || err == nil && got.String() != c.want {
			t.Errorf("%q by %q is %s, %v; want %q", c.text, c.mark, got, err, c.want)
		}
	}
}

// An amount that is written in any of the usual ways is read as what it is.
func TestAmountsAreReadAsWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cents := rapid.Int64Range(-1e12, 1e12).Draw(t, "cents")
		d := money.Int(cents).MulDiv(money.One, money.Int(100), 2)
		group, mark := rapid.SampledFrom([][2]string{{",", "."}, {".", ","}, {" ", ","}, {"\u00a0", ","}, {"'", "."}, {"", "."}, {"", ","}}).Draw(t, "marks")[0], ""
		mark = map[string]string{",": ".", ".": ",", " ": ",", "\u00a0": ",", "'": ".", "": "."}[group]
		text := grouped(d.Text(2), group, mark)
		text = rapid.SampledFrom([]string{"", "€ ", "EUR ", "$"}).Draw(t, "sign") + text
		got, err := parseWritten(text, markAuto, 2)
		if err != nil || got != d {
			t.Fatalf("%q is %s, %v; want %s", text, got, err, d)
		}
	})
}

func grouped(plain, group, mark string) string {
	minus := strings.HasPrefix(plain, "-")
	whole, frac, _ := strings.Cut(strings.TrimPrefix(plain, "-"), ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + group + whole[i:]
	}
	if minus {
		whole = "-" + whole
	}
	return whole + mark + frac
}

// FuzzExactNumber holds the reading of numbers with exponents against the digits that they stand for.
func FuzzExactNumber(f *testing.F) {
	for _, s := range []string{"1001", "1.001e3", "-1.5E-2", "1e99", "e5", "1e", "0.000001"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := parseNumber(s)
		if err != nil {
			return
		}
		if again, err := parseNumber(d.String()); err != nil || again != d {
			t.Errorf("%q is %s, and that is %s, %v", s, d, again, err)
		}
	})
}
