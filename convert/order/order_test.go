package order

import (
	"testing"
	"time"

	"github.com/bojanz/currency"

	"obmen/convert/money"
)

func TestParseStatus(t *testing.T) {
	for in, want := range map[string]Status{
		"Cancelled": Cancelled, "Canceled": Cancelled, "CANCELLED": Cancelled,
		"PARTIALLY_SHIPPED": PartiallyShipped, "PartiallyShipped": PartiallyShipped, "Shipping": PartiallyShipped,
		"PENDING_AVAILABILITY": Pending, "Pending": Pending, "Shipped - Delivered to Buyer": Shipped,
		"INVOICE_UNCONFIRMED": InvoiceUnconfirmed, "": Unknown, "Teleported": Unknown,
	} {
		if got := ParseStatus(in); got != want {
			t.Errorf("%q is %q, want %q", in, got, want)
		}
	}
}

func TestMarketplacesAreFoundByEveryName(t *testing.T) {
	for _, m := range Marketplaces() {
		for _, name := range []string{m.Country, m.ID, m.Domain, " " + m.Domain + " "} {
			if got, ok := LookUp(name); !ok || got.Country != m.Country {
				t.Errorf("%q is %q", name, got.Country)
			}
		}
		if !currency.IsValid(string(m.Currency)) {
			t.Errorf("%s has no currency: %q", m.Country, m.Currency)
		}
		if _, err := time.LoadLocation(m.Zone); err != nil {
			t.Errorf("%s: %v", m.Country, err)
		}
	}
	if m, ok := LookUp("UK"); !ok || m.Country != "GB" {
		t.Error("UK is not found")
	}
	if _, ok := LookUp(""); ok {
		t.Error("nothing is a marketplace")
	}
}

func TestNonAmazon(t *testing.T) {
	for name, want := range map[string]bool{
		"Non-Amazon": true, "NON_AMAZON": true, "Non-Amazon US": true, "A38D8NSA03LJTC": true, "Amazon.de": false, "": false,
	} {
		if IsNonAmazon(name) != want {
			t.Errorf("%q: %v", name, !want)
		}
	}
}

func TestOrigin(t *testing.T) {
	for want, o := range map[string]Origin{
		"a.txt": {File: "a.txt"}, "a.txt:3": {File: "a.txt", Line: 3}, "a.txt:3:7": {File: "a.txt", Line: 3, Column: 7},
		"a.json#/orders/0": {File: "a.json", Pointer: "/orders/0"},
	} {
		if got := o.String(); got != want {
			t.Errorf("%+v prints %q, want %q", o, got, want)
		}
	}
}

func TestInfer(t *testing.T) {
	for _, c := range []struct {
		currency money.Currency
		country  string
		want     string
	}{
		{"USD", "", "US"},
		{"USD", "CA", "US"},
		{"JPY", "JP", "JP"},
		{"EUR", "DE", "DE"},
		{"EUR", "AT", ""},
		{"RUB", "RU", ""},
		{"", "DE", ""},
	} {
		if m, ok := Infer(c.currency, c.country); m.Country != c.want || ok != (c.want != "") {
			t.Errorf("%s to %q: %q", c.currency, c.country, m.Country)
		}
	}
}
