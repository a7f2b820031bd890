package convert

import (
	"cmp"
	"fmt"
	"slices"

	"obmen/convert/document"
	"obmen/convert/money"
)

// What 1C counts in and where its product cards' VAT rates hold, unless it is set up otherwise: neither
// needs a line in rates.csv or vat.csv.
const (
	homeCurrency = "RUB"
	homeCountry  = "RU"
)

// notesOn remarks on what 1C will have to find out by itself.
func (m *matcher) notesOn(d *document.Document) (list []Note) {
	if _, _, ok := m.cat.Rate(money.Currency(d.Currency), d.Date); !ok && m.cat.HasRates() && d.Currency != homeCurrency {
		list = append(list, Note{"no-rate-" + d.Currency, fmt.Sprintf("rates.csv has no rate of %s on %s or before: Курс is 1 in such documents", d.Currency, d.Date.Format("2006-01-02"))})
	}
	if country := cmp.Or(d.ShipTo.Country, d.Marketplace); country != "" && country != homeCountry && hasRatedVAT(d) && m.cat.LacksVAT(country) {
		list = append(list, Note{"no-vat-rule-" + country, fmt.Sprintf("vat.csv has no rate for deliveries to %s: the rates of products.csv stand in such documents", country)})
	}
	for i := range d.Lines {
		if l := &d.Lines[i]; !l.Service && l.ProductID == "" {
			return append(list, Note{"no-product-id", fmt.Sprintf("%s (and maybe others) has no id of 1C in products.csv: 1C finds such products by SKU or creates them anew", l.SKU)})
		}
	}
	return list
}

// hasRatedVAT reports whether a line has VAT by a rate.
func hasRatedVAT(d *document.Document) bool {
	return slices.ContainsFunc(d.Lines, func(l document.Line) bool {
		return l.VATRate.Kind == money.Rated && !l.VATRate.Percent.IsZero()
	})
}
