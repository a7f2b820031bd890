package catalog_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"obmen/convert/catalog"
	"obmen/convert/money"
)

const full = `-- products.csv --
sku;id;characteristic;code;name;unit;vat;barcode;kind;group
AB-100;11111111-2222-4333-8444-555555555555;;НФ-1;Cup;шт;20%;4600000000017;Товар;Cups
SH-1;AAAAAAAA-2222-4333-8444-555555555555;;НФ-2;Shipping;;Без НДС;;услуга;
TS-S;bbbbbbbb-2222-4333-8444-555555555555;00000000-0000-4000-8000-000000000001;НФ-3;Shirt S;шт;;;;
TS-M;bbbbbbbb-2222-4333-8444-555555555555;00000000-0000-4000-8000-000000000002;НФ-3;Shirt M;шт;;;;
-- skus.csv --
sku;marketplace;product;quantity;share
set;;AB-100;2;0,7
set;;TS-M;;0,3
set;amazon.de;11111111-2222-4333-8444-555555555555;3;
two;;НФ-1;2,5;
-- customers.csv --
id;code;name;first_name;email;phone;tax_id;country
;K1;Anna  Example;Anna;Anna@Example.com;+7 (900) 000-00-01;DE 123.456-789;de
;K2;Anna Other;anna ;anna@example.com;;;uk
22222222-2222-4333-8444-555555555555;;Retail Germany;;;;;
-- buyers.csv --
marketplace;country;buyer;channel;customer
;;;;K1
DE;;;;22222222-2222-4333-8444-555555555555
;DE;b2b;;K2
DE;;;FBM;K2
-- vat.csv --
country;group;rate;regime
DE;;19;OSS
DE;cups;7;OSS reduced
-- rates.csv --
date;currency;rate;nominal
23.11.2026;USD;91,5;
2026-11-20 0:00:00;USD;90.25;
2026-11-21;JPY;60,1234;100
`

func TestProducts(t *testing.T) {
	s := load(t, folder(full))
	want := catalog.Product{
		SKU: "AB-100", ID: "11111111-2222-4333-8444-555555555555", Code: "НФ-1", Name: "Cup", Unit: "шт",
		VAT: money.PercentVAT(money.Int(20)), Barcode: "4600000000017", Group: "Cups",
	}
	for _, sku := range []string{"AB-100", " ab-100", "ａｂ-100", "\u200bAB-100\u00a0"} {
		if got, ok := s.Product(sku); !ok || got != want {
			t.Errorf("Product(%q) = %+v", sku, got)
		}
	}
	for _, ref := range []string{"ab-100", "нф-1", "11111111-2222-4333-8444-555555555555"} {
		if got, ok := s.ProductByRef(ref); !ok || got != want {
			t.Errorf("ProductByRef(%q) = %+v", ref, got)
		}
	}
	if got, ok := s.ProductByBarcode("4600000000017"); !ok || got != want {
		t.Errorf("by barcode: %+v", got)
	}
	if got, ok := s.Product("SH-1"); !ok || !got.Service || got.VAT != money.NoVAT || got.ID != "aaaaaaaa-2222-4333-8444-555555555555" {
		t.Errorf("service: %+v", got)
	}
	// A code and an id that two characteristics share name neither.
	for _, ref := range []string{"НФ-3", "bbbbbbbb-2222-4333-8444-555555555555", "", "AB-10", "АВ-100"} {
		if got, ok := s.ProductByRef(ref); ok {
			t.Errorf("ProductByRef(%q) = %+v", ref, got)
		}
	}
}

func TestSKU(t *testing.T) {
	s := load(t, folder(full))
	for _, c := range []struct{ marketplace, sku, want string }{
		{"US", " SET", "2×AB-100@0.7 1×TS-M@0.3"},
		{"", "set", "2×AB-100@0.7 1×TS-M@0.3"},
		{"de", "set", "3×AB-100"},
		{"Amazon.de", "set", "3×AB-100"},
		{"DE", "two", "2.5×AB-100"},
		{"DE", "AB-100", ""},
		{"DE", "", ""},
	} {
		var got []string
		for _, p := range s.SKU(c.marketplace, c.sku) {
			text := p.Quantity.String() + "×" + p.Product.SKU
			if p.Share.Known {
				text += "@" + p.Share.Value.String()
			}
			got = append(got, text)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("SKU(%q, %q) = %v, want %s", c.marketplace, c.sku, got, c.want)
		}
	}
}

func TestCustomers(t *testing.T) {
	s := load(t, folder(full))
	for _, c := range []struct {
		key   catalog.CustomerKey
		value string
		want  string
	}{
		{catalog.ByEmail, "ANNA@example.com ", "K1 K2"},
		{catalog.ByPhone, "7 900 000 0001", "K1"},
		{catalog.ByPhone, "8 900 000 0001", ""},
		{catalog.ByTaxID, "de123456789", "K1"},
		{catalog.ByTaxID, "123456789", ""},
		{catalog.ByName, "anna example", "K1"},
		{catalog.ByFirstName, "Anna", "K1 K2"},
		{catalog.ByFirstName, "", ""},
		{catalog.ByPhone, "none", ""},
		{"shoe_size", "Anna", ""},
	} {
		var got []string
		for _, found := range s.Customers(c.key, c.value) {
			got = append(got, found.Code)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("Customers(%s, %q) = %v, want %s", c.key, c.value, got, c.want)
		}
	}
	if c, ok := s.CustomerByRef("k2"); !ok || c.Country != "GB" {
		t.Errorf("%+v", c)
	}
	if c, ok := s.CustomerByRef("22222222-2222-4333-8444-555555555555"); !ok || c.Name != "Retail Germany" {
		t.Errorf("%+v", c)
	}
}

func TestBuyer(t *testing.T) {
	s := load(t, folder(full))
	for _, c := range []struct {
		q    catalog.BuyerQuery
		want string
	}{
		{catalog.BuyerQuery{}, "Anna  Example"},
		{catalog.BuyerQuery{Marketplace: "DE", Country: "DE"}, "Retail Germany"},
		{catalog.BuyerQuery{Marketplace: "https://www.amazon.de/", Country: "AT", Channel: "amazon"}, "Retail Germany"},
		{catalog.BuyerQuery{Marketplace: "DE", Channel: "MFN"}, "Anna Other"},
		{catalog.BuyerQuery{Marketplace: "FR", Country: "de", Business: true}, "Anna Other"},
		{catalog.BuyerQuery{Marketplace: "FR", Country: "de"}, "Anna  Example"},
	} {
		if got, ok := s.Buyer(c.q); !ok || got.Name != c.want {
			t.Errorf("Buyer(%+v) = %q, want %q", c.q, got.Name, c.want)
		}
	}
	if got, ok := catalog.Empty().Buyer(catalog.BuyerQuery{}); ok {
		t.Errorf("%+v", got)
	}
}

// Of rules with equally many conditions the marketplace weighs most, then country, then buyer.
func TestBuyerTies(t *testing.T) {
	const head = "-- products.csv --\nsku;name\n-- customers.csv --\ncode;name\n1;first\n2;second\n-- buyers.csv --\nmarketplace;country;buyer;channel;customer\n"
	q := catalog.BuyerQuery{Marketplace: "DE", Country: "AT", Channel: "amazon", Business: true}
	for _, rules := range []string{
		"DE;;;;1\n;AT;;;2\n", ";AT;;;1\n;;b2b;;2\n", ";;b2b;;1\n;;;amazon;2\n",
		"DE;;;amazon;1\n;AT;b2b;;2\n", ";AT;b2b;;1\nDE;;;;2\n",
	} {
		if got, _ := load(t, folder(head+rules)).Buyer(q); got.Name != "first" {
			t.Errorf("%q gives %q", rules, got.Name)
		}
	}
}

func TestVATAndRates(t *testing.T) {
	s := load(t, folder(full))
	for group, want := range map[string]string{"": "19% OSS 2", "CUPS": "7% OSS reduced 3", "Plates": "19% OSS 2"} {
		r, ok := s.VAT("de", group)
		if got := fmt.Sprint(r.Rate, " ", r.Regime, " ", r.Line); !ok || got != want {
			t.Errorf("VAT(de, %q) = %s, want %s", group, got, want)
		}
	}
	if _, ok := s.VAT("FR", ""); ok {
		t.Error("a rate for FR")
	}
	for _, c := range []struct{ currency, day, want string }{
		{"USD", "2026-11-19", "0 0 false"},
		{"USD", "2026-11-20", "90.25 1 true"},
		{"USD", "2026-11-22", "90.25 1 true"},
		{"USD", "2026-11-23", "91.5 1 true"},
		{"USD", "2027-01-01", "91.5 1 true"},
		{"JPY", "2026-12-01", "60.1234 100 true"},
		{"EUR", "2026-12-01", "0 0 false"},
	} {
		day, _ := time.Parse(time.DateOnly, c.day)
		rate, nominal, ok := s.Rate(money.Currency(c.currency), day)
		if got := fmt.Sprint(rate, nominal, ok); got != c.want {
			t.Errorf("Rate(%s, %s) = %s, want %s", c.currency, c.day, got, c.want)
		}
	}
}

func TestHash(t *testing.T) {
	a, b := load(t, folder(full)), load(t, folder(full))
	if a.Hash() != b.Hash() || len(a.Hash()) != 64 {
		t.Errorf("%s and %s", a.Hash(), b.Hash())
	}
	if c := load(t, folder(full+"\n")); c.Hash() == a.Hash() {
		t.Error("other bytes, same hash")
	}
	more := folder(full)
	more["skus.example.csv"] = more["skus.csv"]
	if c := load(t, more); c.Hash() != a.Hash() {
		t.Error("an example file counts")
	}
	if catalog.Empty().Hash() == a.Hash() || len(catalog.Empty().Hash()) != 64 {
		t.Error("the empty snapshot's hash")
	}
}

func TestSuggest(t *testing.T) {
	s := load(t, folder(`-- products.csv --
sku;name
AB-100;a
МХ-7;b
00123;c
4006381333931;d
"4,6E+12";e
12E5;f
LONGWORD;g
AB-1O1;h
x1;i
`))
	for _, c := range []struct{ query, want string }{
		{"АВ-100", "AB-100: same look, Latin letters; AB-1O1: one letter differs"},
		{"ab‑100", "AB-100: same look, other letters; AB-1O1: one letter differs"},
		{"MX-7", "МХ-7: same look, Cyrillic letters"},
		{"ООI23", "00123: same look, digits"},
		{"0", ""},
		{"AB-101", "AB-1O1: same look, Latin letters; AB-100: one letter differs"},
		{"123", "00123: leading zeros"},
		{"000123", "00123: leading zeros"},
		{"4,00638E+12", "4006381333931: Excel's number form"},
		{"4,00639E+12", ""},
		{"4600012345678", "4,6E+12: Excel's number form"},
		{"1,20E+06", "12E5: Excel's number form"},
		{"LONGWRD", "LONGWORD: one letter differs"},
		{"LONGWOORD", "LONGWORD: one letter differs"},
		{"LONGWROD", "LONGWORD: one letter differs"},
		{"LONGVORD", "LONGWORD: one letter differs"},
		{"LONGWORDS", "LONGWORD: one letter differs"},
		{"LONGWARDS", ""},
		{"longword", ""},
		{"x2", ""},
		{"", ""},
	} {
		var got []string
		for _, n := range s.Suggest(c.query, 3) {
			got = append(got, n.Product.SKU+": "+n.Why)
		}
		if strings.Join(got, "; ") != c.want {
			t.Errorf("Suggest(%q) = %q, want %q", c.query, strings.Join(got, "; "), c.want)
		}
	}
	if got := s.Suggest("АВ-100", 1); len(got) != 1 {
		t.Errorf("%d suggestions instead of 1", len(got))
	}
}

// The lazy index of Suggest and every look-up may be asked by many at once.
func TestConcurrentReads(t *testing.T) {
	s := load(t, folder(full))
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				if got := s.Suggest("АВ-100", 3); len(got) != 1 {
					t.Errorf("%d suggestions", len(got))
				}
				s.SKU("DE", "set")
				s.Customers(catalog.ByEmail, "anna@example.com")
				s.Buyer(catalog.BuyerQuery{Marketplace: "DE"})
			}
		})
	}
	wg.Wait()
}

func TestEmpty(t *testing.T) {
	s := catalog.Empty()
	p, c := s.Len()
	_, product := s.Product("A")
	_, ref := s.CustomerByRef("A")
	_, _, rate := s.Rate("USD", time.Time{})
	if p+c != 0 || product || ref || rate || s.SKU("DE", "A") != nil || s.Suggest("A", 3) != nil || s.Customers(catalog.ByName, "A") != nil {
		t.Error("something in an empty snapshot")
	}
}
