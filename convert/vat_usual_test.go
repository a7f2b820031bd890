package convert

import (
	"testing"

	"obmen/convert/money"

	"pgregory.net/rapid"
)

// A stated tax gives back the usual rate that it was computed by, or none: never another one.
func TestRateOfTax(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		country := rapid.SampledFrom([]string{"DE", "FR", "IE", "GB", "JP", "CH"}).Draw(t, "country")
		percent := rapid.SampledFrom(parsedRates()[country]).Draw(t, "rate")
		amount, inside := anyAmount(t, "amount", 1_000_000, 2), rapid.Bool().Draw(t, "inside")
		tax := money.VATOnTop(amount, percent, 2)
		if inside {
			tax = money.VATInside(amount, percent, 2)
		}
		got, ok := rateOfTax(country, charge{amount: amount, tax: tax}, inside, 2)
		if ok && got != money.PercentVAT(percent) {
			t.Fatalf("%s of %s in %s is %s by %s", tax, amount, country, percent, got)
		}
		if !ok && money.Int(100).Less(amount) && tax.Sign() > 0 {
			t.Fatalf("%s of %s in %s is explained by no rate, or by several; it was %s", tax, amount, country, percent)
		}
	})
	for name, c := range map[string]charge{
		"no tax":     {amount: money.Int(10)},
		"unstated":   {amount: money.Int(119), tax: money.Int(19), unstated: true},
		"other rate": {amount: money.Int(116), tax: money.Int(16)},
		"too small":  {amount: money.MustParse("0.05"), tax: money.MustParse("0.01")},
	} {
		if rate, ok := rateOfTax("DE", c, true, 2); ok {
			t.Errorf("%s: %s", name, rate)
		}
	}
	if _, ok := rateOfTax("XX", charge{amount: money.Int(119), tax: money.Int(19)}, true, 2); ok {
		t.Error("a country without usual rates has one")
	}
}
