package money

import (
	"errors"
	"math"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestParse(t *testing.T) {
	for _, c := range []struct {
		in, want string
		err      error
	}{
		{in: "0", want: "0"},
		{in: "12", want: "12"},
		{in: "12.50", want: "12.5"},
		{in: "-0.01", want: "-0.01"},
		{in: "+7", want: "7"},
		{in: ".5", want: "0.5"},
		{in: "5.", want: "5"},
		{in: "0.000001", want: "0.000001"},
		{in: "1.1000000000", want: "1.1"},
		{in: "9223372036854.775807", want: "9223372036854.775807"},
		{in: "9223372036854.775808", err: ErrRange},
		{in: "0.0000001", err: ErrPrecision},
		{in: "", err: ErrSyntax},
		{in: ".", err: ErrSyntax},
		{in: "-", err: ErrSyntax},
		{in: "1e2", err: ErrSyntax},
		{in: "1,5", err: ErrSyntax},
		{in: " 1", err: ErrSyntax},
		{in: "12,3O", err: ErrSyntax},
		{in: "1.2.3", err: ErrSyntax},
		{in: "--1", err: ErrSyntax},
		{in: "١", err: ErrSyntax},
	} {
		d, err := Parse(c.in)
		if !errors.Is(err, c.err) || err == nil && d.String() != c.want {
			t.Errorf("Parse(%q) = %s, %v; want %s, %v", c.in, d, err, c.want, c.err)
		}
	}
}

func TestText(t *testing.T) {
	for _, c := range []struct {
		in     string
		places int
		want   string
	}{
		{"12.5", 2, "12.50"},
		{"12.5", 0, "12.5"},
		{"0.125", 2, "0.125"},
		{"-0.5", 2, "-0.50"},
		{"100", 3, "100.000"},
		{"0", 2, "0.00"},
		{"1.000001", 2, "1.000001"},
	} {
		if got := MustParse(c.in).Text(c.places); got != c.want {
			t.Errorf("%s with %d places is %q, want %q", c.in, c.places, got, c.want)
		}
	}
	if got := Invalid.Text(2); got != "invalid" {
		t.Errorf("Invalid prints %q", got)
	}
}

// anyDecimal draws over the whole range, small numbers more often.
func anyDecimal(t *rapid.T, name string) Decimal {
	if rapid.Bool().Draw(t, name+" small") {
		return Decimal{rapid.Int64Range(-1_000_000_000, 1_000_000_000).Draw(t, name)}
	}
	return Decimal{rapid.Int64Range(-1<<63+1, 1<<63-1).Draw(t, name)}
}

func rat(d Decimal) *big.Rat { return big.NewRat(d.micros, micro) }

// same checks a result against exact arithmetic: equal where it fits, Invalid where it does not.
func same(t *rapid.T, what string, got Decimal, want *big.Rat) {
	scaled := new(big.Rat).Mul(want, big.NewRat(micro, 1))
	fits := scaled.IsInt() && scaled.Num().IsInt64() && scaled.Num().Int64() != -1<<63
	switch {
	case fits && rat(got).Cmp(want) != 0:
		t.Fatalf("%s is %s, want %s", what, got, want.FloatString(6))
	case !fits && got.Valid():
		t.Fatalf("%s is %s, want invalid", what, got)
	}
}

func TestArithmeticIsExactOrInvalid(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyDecimal(t, "a"), anyDecimal(t, "b")
		same(t, "a+b", a.Plus(b), new(big.Rat).Add(rat(a), rat(b)))
		same(t, "a-b", a.Minus(b), new(big.Rat).Sub(rat(a), rat(b)))
		same(t, "a*b", a.Times(b), new(big.Rat).Mul(rat(a), rat(b)))
	})
}

func TestMulDivRoundsHalfUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := anyDecimal(t, "a"), anyDecimal(t, "b"), anyDecimal(t, "c")
		places := rapid.IntRange(0, Scale).Draw(t, "places")
		got := a.MulDiv(b, c, places)
		if c.IsZero() {
			if got.Valid() {
				t.Fatalf("division by zero gives %s", got)
			}
			return
		}
		exact := new(big.Rat).Quo(new(big.Rat).Mul(rat(a), rat(b)), rat(c))
		if !got.Valid() {
			return // an overflow on the way: allowed, never wrong
		}
		// FloatString rounds half away from zero, in exact arithmetic.
		want, _ := new(big.Rat).SetString(exact.FloatString(places))
		if rat(got).Cmp(want) != 0 {
			t.Fatalf("%s × %s / %s to %d places is %s, want %s", a, b, c, places, got, want.FloatString(places))
		}
	})
}

// Amounts of real documents must never come out invalid: the range is what obmen promises.
func TestMulDivReachesEveryRealAmount(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		gross := Decimal{rapid.Int64Range(-1e17, 1e17).Draw(t, "gross") / 10_000 * 10_000}
		rate := Decimal{rapid.Int64Range(0, 40).Draw(t, "rate") * 500_000}
		if !VATInside(gross, rate, 2).Valid() || !VATOnTop(gross, rate, 2).Valid() {
			t.Fatalf("VAT of %s at %s %% is invalid", gross, rate)
		}
	})
}

func TestInvalidStays(t *testing.T) {
	top := MustParse("9223372036854.775807")
	over := top.Plus(One)
	for name, d := range map[string]Decimal{
		"sum": over, "sum with it": Zero.Plus(over), "difference": One.Minus(over), "negation": over.Neg(),
		"product": over.Times(Zero), "quotient": One.MulDiv(over, One, 2), "divisor": One.MulDiv(One, over, 2),
		"absolute value": over.Abs(), "whole number": Int(1 << 62),
	} {
		if d.Valid() {
			t.Errorf("%s of an overflow is %s", name, d)
		}
	}
}

func TestVAT(t *testing.T) {
	for _, c := range []struct{ gross, rate, inside, onTop string }{
		{"25.99", "19", "4.15", "4.94"},
		{"1210.00", "21", "210", "254.1"},
		{"0.03", "20", "0.01", "0.01"},
		{"-25.99", "19", "-4.15", "-4.94"},
		{"100", "0", "0", "0"},
	} {
		gross, rate := MustParse(c.gross), MustParse(c.rate)
		if got := VATInside(gross, rate, 2); got != MustParse(c.inside) {
			t.Errorf("VAT inside %s at %s is %s, want %s", c.gross, c.rate, got, c.inside)
		}
		if got := VATOnTop(gross, rate, 2); got != MustParse(c.onTop) {
			t.Errorf("VAT on top of %s at %s is %s, want %s", c.gross, c.rate, got, c.onTop)
		}
	}
	if got := VATInside(MustParse("1000"), MustParse("10"), 0); got != MustParse("91") {
		t.Errorf("VAT of 1000 yen is %s", got)
	}
}

func TestParseVATRate(t *testing.T) {
	for in, want := range map[string]VATRate{
		"": {}, "20": PercentVAT(Int(20)), "20%": PercentVAT(Int(20)), "20,0 %": PercentVAT(Int(20)), "НДС20": PercentVAT(Int(20)),
		"20/120": PercentVAT(Int(20)), "0": PercentVAT(Zero), "Без НДС": NoVAT, "без\u00a0ндс": NoVAT, "Без налога": NoVAT, "none": NoVAT,
		"5.5": PercentVAT(MustParse("5.5")),
	} {
		if got, err := ParseVATRate(in); err != nil || got != want {
			t.Errorf("ParseVATRate(%q) = %v, %v; want %v", in, got, err, want)
		}
	}
	for _, in := range []string{"x", "-1", "101", "twenty"} {
		if got, err := ParseVATRate(in); err == nil {
			t.Errorf("ParseVATRate(%q) = %v, want an error", in, got)
		}
	}
}

func TestCurrency(t *testing.T) {
	for code, places := range map[string]int{"USD": 2, "JPY": 0, "KWD": 3, " eur ": 2} {
		c, err := ParseCurrency(code)
		if err != nil || c.Places() != places {
			t.Errorf("%q is %q with %d places, %v; want %d", code, c, c.Places(), err, places)
		}
	}
	if _, err := ParseCurrency("XXZ"); err == nil {
		t.Error("XXZ is a currency")
	}
	if n := Currency("RUB").Numeric(); n != "643" {
		t.Errorf("RUB has number %q", n)
	}
}

// Short and long spellings are read alike: math/big has the last word on what a text means.
func TestParseAgainstBig(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[-+]?[0-9]{0,14}(\.[0-9]{0,8})?`).Draw(t, "text")
		got, err := Parse(text)
		want, ok := new(big.Rat).SetString(strings.TrimSuffix(text, "."))
		if !ok || !strings.ContainsAny(text, "0123456789") {
			if err == nil {
				t.Fatalf("%q is no number and gives %s", text, got)
			}
			return
		}
		micros := new(big.Rat).Mul(want, big.NewRat(micro, 1))
		if !micros.IsInt() {
			if !errors.Is(err, ErrPrecision) {
				t.Fatalf("%q: %s, %v; want too many places", text, got, err)
			}
			return
		}
		if !micros.Num().IsInt64() || micros.Num().Int64() == math.MinInt64 {
			if !errors.Is(err, ErrRange) {
				t.Fatalf("%q: %s, %v; want too large", text, got, err)
			}
			return
		}
		if err != nil || rat(got).Cmp(want) != 0 {
			t.Fatalf("%q: %s, %v", text, got, err)
		}
	})
}
