package order

import (
	"strings"

	"obmen/convert/money"
)

// Marketplace is one of Amazon's sites.
type Marketplace struct {
	Country  string // two-letter code, as Amazon's documentation spells it ("GB")
	ID       string // marketplace id of the Selling Partner API
	Domain   string // sales channel in reports, "Amazon.co.uk"
	Currency money.Currency
	Zone     string     // IANA time zone of its business day
	Tax      TaxReading // how its order data states prices; unstated where no source is sure
	Remits   bool       // it collects and pays sales tax itself (marketplace facilitator)
	Shares   bool       // it pays the tax of some sellers and not of others; its orders may leave out which
	VAT      bool       // a European VAT marketplace
}

// The marketplaces with the usual reading of their prices (on top in the US and
// Canada, inside in Europe and Japan, unsure elsewhere).
var marketplaces = []Marketplace{
	{Country: "US", ID: "ATVPDKIKX0DER", Domain: "Amazon.com", Currency: "USD", Zone: "America/Los_Angeles", Tax: TaxOnTop, Remits: true},
	{Country: "CA", ID: "A2EUQ1WTGCTBG2", Domain: "Amazon.ca", Currency: "CAD", Zone: "America/Vancouver", Tax: TaxOnTop, Shares: true},
	{Country: "MX", ID: "A1AM78C64UM0Y8", Domain: "Amazon.com.mx", Currency: "MXN", Zone: "America/Mexico_City"},
	{Country: "BR", ID: "A2Q3Y263D00KWC", Domain: "Amazon.com.br", Currency: "BRL", Zone: "America/Sao_Paulo"},
	{Country: "GB", ID: "A1F83G8C2ARO7P", Domain: "Amazon.co.uk", Currency: "GBP", Zone: "Europe/London", Tax: TaxInside, VAT: true},
	{Country: "IE", ID: "A28R8C7NBKEWEA", Domain: "Amazon.ie", Currency: "EUR", Zone: "Europe/Dublin", Tax: TaxInside, VAT: true},
	{Country: "DE", ID: "A1PA6795UKMFR9", Domain: "Amazon.de", Currency: "EUR", Zone: "Europe/Berlin", Tax: TaxInside, VAT: true},
	{Country: "FR", ID: "A13V1IB3VIYZZH", Domain: "Amazon.fr", Currency: "EUR", Zone: "Europe/Paris", Tax: TaxInside, VAT: true},
	{Country: "ES", ID: "A1RKKUPIHCS9HS", Domain: "Amazon.es", Currency: "EUR", Zone: "Europe/Madrid", Tax: TaxInside, VAT: true},
	{Country: "IT", ID: "APJ6JRA9NG5V4", Domain: "Amazon.it", Currency: "EUR", Zone: "Europe/Rome", Tax: TaxInside, VAT: true},
	{Country: "NL", ID: "A1805IZSGTT6HS", Domain: "Amazon.nl", Currency: "EUR", Zone: "Europe/Amsterdam", Tax: TaxInside, VAT: true},
	{Country: "BE", ID: "AMEN7PMS3EDWL", Domain: "Amazon.com.be", Currency: "EUR", Zone: "Europe/Brussels", Tax: TaxInside, VAT: true},
	{Country: "SE", ID: "A2NODRKZP88ZB9", Domain: "Amazon.se", Currency: "SEK", Zone: "Europe/Stockholm", Tax: TaxInside, VAT: true},
	{Country: "PL", ID: "A1C3SOZRARQ6R3", Domain: "Amazon.pl", Currency: "PLN", Zone: "Europe/Warsaw", Tax: TaxInside, VAT: true},
	{Country: "TR", ID: "A33AVAJ2PDY3EV", Domain: "Amazon.com.tr", Currency: "TRY", Zone: "Europe/Istanbul"},
	{Country: "ZA", ID: "AE08WJ6YKNBMC", Domain: "Amazon.co.za", Currency: "ZAR", Zone: "Africa/Johannesburg"},
	{Country: "EG", ID: "ARBP9OOSHTCHU", Domain: "Amazon.eg", Currency: "EGP", Zone: "Africa/Cairo"},
	{Country: "SA", ID: "A17E79C6D8DWNP", Domain: "Amazon.sa", Currency: "SAR", Zone: "Asia/Riyadh"},
	{Country: "AE", ID: "A2VIGQ35RCS4UG", Domain: "Amazon.ae", Currency: "AED", Zone: "Asia/Dubai"},
	{Country: "IN", ID: "A21TJRUUN4KGV", Domain: "Amazon.in", Currency: "INR", Zone: "Asia/Kolkata"},
	{Country: "SG", ID: "A19VAU5U5O7RUS", Domain: "Amazon.sg", Currency: "SGD", Zone: "Asia/Singapore"},
	{Country: "AU", ID: "A39IBJ37TRP1C6", Domain: "Amazon.com.au", Currency: "AUD", Zone: "Australia/Sydney"},
	{Country: "JP", ID: "A1VC38T7YXB528", Domain: "Amazon.co.jp", Currency: "JPY", Zone: "Asia/Tokyo", Tax: TaxInside},
}

// spelled finds the marketplaces by their names as Amazon spells them.
var spelled = func() map[string]int {
	names := map[string]int{}
	for i, m := range marketplaces {
		names[m.Country], names[m.ID], names[m.Domain] = i, i, i
	}
	return names
}()

// Ids of orders that Amazon only ships: sold on another site (multi-channel fulfilment).
var nonAmazon = map[string]string{"A38D8NSA03LJTC": "DE", "AFQLKURYRPEL8": "ES", "A2ZV50J4W1RKNI": "US"}

// LookUp finds a marketplace by country code ("GB", "UK"), marketplace id or domain, in any letter case.
func LookUp(name string) (Marketplace, bool) {
	if i, ok := spelled[name]; ok {
		return marketplaces[i], true
	}
	name = strings.TrimSpace(name)
	if strings.EqualFold(name, "UK") {
		name = "GB"
	}
	for i := range marketplaces {
		m := &marketplaces[i]
		if strings.EqualFold(name, m.Country) || strings.EqualFold(name, m.ID) || strings.EqualFold(name, m.Domain) {
			return *m, true
		}
	}
	return Marketplace{}, false
}

// Infer finds the marketplace of an order whose source names none, by its currency: the only one that
// sells in it, else the one of the country it ships to.
func Infer(c money.Currency, country string) (Marketplace, bool) {
	var found []Marketplace
	for _, m := range marketplaces {
		if m.Currency == c && c != "" {
			if m.Country == country {
				return m, true
			}
			found = append(found, m)
		}
	}
	if len(found) == 1 {
		return found[0], true
	}
	return Marketplace{}, false
}

// Marketplaces lists them all, by region as Amazon does.
func Marketplaces() []Marketplace { return append([]Marketplace(nil), marketplaces...) }

// IsNonAmazon reports whether a marketplace id or sales channel names a sale outside Amazon that Amazon
// only fulfils.
func IsNonAmazon(name string) bool {
	if _, amazon := spelled[name]; amazon {
		return false
	}
	_, id := nonAmazon[strings.ToUpper(strings.TrimSpace(name))]
	return id || strings.HasPrefix(separators.Replace(strings.ToLower(name)), "nonamazon")
}
