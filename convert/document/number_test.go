package document_test

import (
	"testing"

	"pgregory.net/rapid"

	"obmen/convert/document"
)

// A tax number of another country is no ИНН, and none is one of another length.
func TestINN(t *testing.T) {
	for number, want := range map[document.Customer]string{
		{TaxNumbers: document.TaxNumbers{TaxID: "9900000001"}}:                  "9900000001",
		{TaxNumbers: document.TaxNumbers{TaxID: "990000000001"}, Country: "RU"}: "990000000001",
		{TaxNumbers: document.TaxNumbers{TaxID: "99000000011"}}:                 "",
		{TaxNumbers: document.TaxNumbers{TaxID: "9900000001"}, Country: "PL"}:   "",
		{TaxNumbers: document.TaxNumbers{TaxID: "DE000000000"}, Country: "DE"}:  "",
		{TaxNumbers: document.TaxNumbers{TaxID: "99 00000001"}}:                 "",
		{}: "",
	} {
		if got := number.INN(); got != want {
			t.Errorf("%q of %q: %q, want %q", number.TaxID, number.Country, got, want)
		}
	}
}

// No two counters ever give one number, each finds its own again, and its ranges have all that it gives.
func TestCountersAreApart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := document.Numbering{Start: rapid.IntRange(0, 40).Draw(t, "start"), Accounts: map[string]document.NumberRange{}}
		at := rapid.IntRange(1, 20).Draw(t, "first")
		for _, account := range []string{"a", "b", "c"}[:rapid.IntRange(0, 3).Draw(t, "accounts")] {
			r := document.NumberRange{First: at, Last: at + rapid.IntRange(0, 9).Draw(t, "length")}
			n.Accounts[account], at = r, r.Last+rapid.IntRange(1, 9).Draw(t, "gap")
		}
		given := map[int]string{}
		for _, account := range []string{"a", "b", "c", "d"} {
			counter, last := n.CounterOf(account), 0
			if account == "d" || counter == account {
				for range 30 {
					value, err := n.Next(counter, last)
					if err != nil {
						break
					}
					if owner, twice := given[value]; twice || value <= last || n.OwnerOf(value) != counter {
						t.Fatalf("%d of %q: given to %q, belongs to %q", value, counter, owner, n.OwnerOf(value))
					}
					within := false
					for _, r := range n.Ranges(counter) {
						within = within || r.Has(value)
					}
					if !within {
						t.Fatalf("%d is in no range of %q: %v", value, counter, n.Ranges(counter))
					}
					given[value], last = counter, value
				}
			}
		}
	})
}
