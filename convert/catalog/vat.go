package catalog

import (
	"slices"

	"obmen/convert/money"
)

// VATRule is a line of vat.csv.
type VATRule struct {
	Rate   money.VATRate
	Regime string
	Line   int // physical, 1-based
}

type vatRow struct {
	Country string  `csv:"country"`
	Group   string  `csv:"group"`
	Rate    string  `csv:"rate"`
	Regime  string  `csv:"regime"`
	Surplus *string `csv:"\x00"`
}

func (r *vatRow) cells() []*string { return []*string{&r.Country, &r.Group, &r.Rate, &r.Regime} }

func (r *vatRow) surplus() *string { return r.Surplus }

func (r *vatRow) setSurplus(cell *string) { r.Surplus = cell }

type vatKey struct{ country, group string }

// vatRules is the loaded vat.csv.
type vatRules map[vatKey]VATRule

func (v vatRules) loadRows(s *csvFile) {
	readRows(s, func(r *vatRow) {
		key := vatKey{placeCode(r.Country), Normal(r.Group)}
		rule := VATRule{s.parseVATRate("rate", r.Rate), r.Regime, s.lineOfColumn("")}
		if first, again := v[key]; again {
			s.reportDoubled("country", r.Country, first.Line, "country and group are the same: keep one of the two lines")
			return
		}
		if key.country != "" {
			v[key] = rule
		}
	})
}

// LacksVAT reports whether vat.csv has rules, but none for a country.
func (s *Snapshot) LacksVAT(country string) bool { return len(s.vat) > 0 && !s.HasVAT(country) }

// HasVAT reports whether vat.csv has a rule for a country, of whatever group.
func (s *Snapshot) HasVAT(country string) bool {
	country = placeCode(country)
	for key := range s.vat {
		if key.country == country {
			return true
		}
	}
	return false
}

// VAT finds the rule for a country of delivery and a group of products: that of the group, otherwise
// the country's rule without a group.
func (s *Snapshot) VAT(country, group string) (VATRule, bool) {
	key := vatKey{placeCode(country), Normal(group)}
	rule, ok := s.vat[key]
	if !ok {
		rule, ok = s.vat[vatKey{country: key.country}]
	}
	return rule, ok
}

// VATRates lists the rates of products.csv and vat.csv, each once, the smallest first.
func (s *Snapshot) VATRates() (list []money.VATRate) {
	add := func(rate money.VATRate) {
		if rate.Kind == money.Rated && !slices.Contains(list, rate) {
			list = append(list, rate)
		}
	}
	for _, rate := range s.products.rates.values {
		add(rate)
	}
	for _, rule := range s.vat {
		add(rule.Rate)
	}
	slices.SortFunc(list, func(a, b money.VATRate) int {
		if a.Percent.Less(b.Percent) {
			return -1
		}
		return 1
	})
	return list
}

// SKU finds what a marketplace's SKU is in 1C, in the order of the lines in skus.csv. Lines for the
// marketplace (a country code or Amazon's domain) hide those for any.
func (s *Snapshot) SKU(marketplace, sku string) []Component {
	if s.skus.len() == 0 {
		return nil
	}
	if sku = Normal(sku); sku == "" {
		return nil
	}
	rows := s.skus.bySKU.allRows(skuKey(placeCode(marketplace), sku))
	if rows == nil {
		rows = s.skus.bySKU.allRows(skuKey("", sku))
	}
	var parts []Component
	for _, row := range rows {
		p := s.skus.parts[row]
		parts = append(parts, Component{s.products.productAt(p.product), p.quantity, p.share})
	}
	return parts
}
