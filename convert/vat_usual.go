package convert

import (
	"strings"
	"sync"

	"obmen/convert/money"
)

// usualRates are the rates of value added tax, in percent, that sales to consumers have in a country: the
// standard one first. Sources: the European Commission's database "Taxes in Europe", and the tax offices of
// the other countries, in 2026.
var usualRates = map[string]string{
	"AE": "5", "AT": "20 13 10", "AU": "10", "BE": "21 12 6", "BG": "20 9", "BY": "20 10", "CH": "8.1 3.8 2.6",
	"CY": "19 9 5 3", "CZ": "21 12", "DE": "19 7", "DK": "25", "EE": "24 13 9", "ES": "21 10 4",
	"FI": "25.5 13.5 10", "FR": "20 10 5.5 2.1", "GB": "20 5", "GR": "24 13 6", "HR": "25 13 5", "HU": "27 18 5",
	"IE": "23 13.5 9 4.8", "IT": "22 10 5 4", "JP": "10 8", "KZ": "16", "LT": "21 12 5", "LU": "17 14 8 3",
	"LV": "21 12 5", "MC": "20 10 5.5 2.1", "MT": "18 12 7 5", "MX": "16 8", "NL": "21 9", "NO": "25 15 12",
	"PL": "23 8 5", "PT": "23 13 6", "RO": "21 11", "RU": "22 20 10", "SA": "15", "SE": "25 12 6", "SG": "9",
	"SI": "22 9.5 5", "SK": "23 19 5", "TR": "20 10 1", "UA": "20 14 7",
}

var parsedRates = sync.OnceValue(func() map[string][]money.Decimal {
	all := make(map[string][]money.Decimal, len(usualRates))
	for country, list := range usualRates {
		for _, text := range strings.Fields(list) {
			all[country] = append(all[country], money.MustParse(text))
		}
	}
	return all
})

// rateOfTax returns the one usual rate of a country that explains the tax stated for an amount, to the
// coin that rounding may cost; ok is false for none and for several.
func rateOfTax(country string, c charge, inside bool, places int) (rate money.VATRate, ok bool) {
	if c.unstated || c.tax.Sign() <= 0 || c.amount.Sign() <= 0 {
		return rate, false
	}
	for _, percent := range parsedRates()[country] {
		computed := money.VATOnTop(c.amount, percent, places)
		if inside {
			computed = money.VATInside(c.amount, percent, places)
		}
		if money.Unit(places).Less(c.tax.Minus(computed).Abs()) {
			continue
		}
		if ok {
			return money.VATRate{}, false
		}
		rate, ok = money.PercentVAT(percent), true
	}
	return rate, ok
}
