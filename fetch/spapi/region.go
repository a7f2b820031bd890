package spapi

import "strings"

// Region is one of Amazon's three; a refresh token is valid in one of them only.
type Region string

// The regions and their hosts: facts, amazon 2.3.
const (
	NA Region = "na"
	EU Region = "eu"
	FE Region = "fe"
)

// Valid reports whether the region is one of the three.
func (r Region) Valid() bool { return r == NA || r == EU || r == FE }

// Endpoint is where the region answers.
func (r Region) Endpoint(sandbox bool) string {
	host := "sellingpartnerapi-" + string(r) + ".amazon.com"
	if sandbox {
		host = "sandbox." + host
	}
	return "https://" + host
}

// Marketplace is one of Amazon's shops.
type Marketplace struct {
	Country string // ISO 3166, "GB" for the United Kingdom
	ID      string // as Amazon wants it in requests
	Region  Region
}

// marketplaces: facts, amazon 2.3 and 2.4.
var marketplaces = []Marketplace{
	{"CA", "A2EUQ1WTGCTBG2", NA},
	{"US", "ATVPDKIKX0DER", NA},
	{"MX", "A1AM78C64UM0Y8", NA},
	{"BR", "A2Q3Y263D00KWC", NA},
	{"IE", "A28R8C7NBKEWEA", EU},
	{"ES", "A1RKKUPIHCS9HS", EU},
	{"GB", "A1F83G8C2ARO7P", EU},
	{"FR", "A13V1IB3VIYZZH", EU},
	{"BE", "AMEN7PMS3EDWL", EU},
	{"NL", "A1805IZSGTT6HS", EU},
	{"DE", "A1PA6795UKMFR9", EU},
	{"IT", "APJ6JRA9NG5V4", EU},
	{"SE", "A2NODRKZP88ZB9", EU},
	{"ZA", "AE08WJ6YKNBMC", EU},
	{"PL", "A1C3SOZRARQ6R3", EU},
	{"EG", "ARBP9OOSHTCHU", EU},
	{"TR", "A33AVAJ2PDY3EV", EU},
	{"SA", "A17E79C6D8DWNP", EU},
	{"AE", "A2VIGQ35RCS4UG", EU},
	{"IN", "A21TJRUUN4KGV", EU},
	{"SG", "A19VAU5U5O7RUS", FE},
	{"AU", "A39IBJ37TRP1C6", FE},
	{"JP", "A1VC38T7YXB528", FE},
}

// Marketplaces lists the known ones, by region.
func Marketplaces() []Marketplace { return append([]Marketplace(nil), marketplaces...) }

// FindMarketplace takes a country code ("DE", "uk") or an id.
func FindMarketplace(name string) (Marketplace, bool) {
	name = strings.ToUpper(strings.TrimSpace(name))
	if name == "UK" {
		name = "GB"
	}
	for _, m := range marketplaces {
		if name == m.Country || name == m.ID {
			return m, true
		}
	}
	return Marketplace{}, false
}
