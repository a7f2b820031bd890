package flatfile

import (
	"testing"

	"pgregory.net/rapid"

	"obmen/convert/money"
)

// The short way gives what the rules give, whatever the currency.
func TestPlainAmounts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cell := rapid.StringMatching(`[-+]?[0-9]{0,14}[.,]?[0-9]{0,4}`).Draw(t, "cell")
		cur := rapid.SampledFrom([]money.Currency{"", "EUR", "JPY", "KWD"}).Draw(t, "currency")
		got, plain := parsePlain(cell)
		if !plain {
			return
		}
		n, err := peelNumeral(cell)
		if err != nil {
			t.Fatalf("%q: %v", cell, err)
		}
		places := 2
		if cur != "" {
			places = cur.Places()
		}
		if want, err := n.toDecimal(places); err != nil || want != got {
			t.Fatalf("%q in %q: %s, by the rules %s, %v", cell, cur, got, want, err)
		}
	})
}
