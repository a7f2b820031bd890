package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"obmen/convert"
	"obmen/convert/document"
	"obmen/convert/money"
	"obmen/convert/order"
)

// accountChecker checks one [[account]] section.
type accountChecker struct {
	*checker
	n   int // which of the sections, from 0
	out convert.Account
}

func (c *accountChecker) addProblem(key, value, text, hint string) {
	c.problems = append(c.problems, Problem{c.path, c.findKey("account", c.n, key), key, value, text, hint})
}

// checkNumbers reads the numbers that an account has for itself: "500000-599999".
func (c *accountChecker) checkNumbers(cfg *Config, text string) {
	if text == "" {
		return
	}
	first, last, _ := strings.Cut(text, "-")
	r := document.NumberRange{First: document.NumberValue(strings.TrimSpace(first)), Last: document.NumberValue(strings.TrimSpace(last))}
	if r.First < 1 || r.Last < r.First || r.Last > lastNumber {
		c.addProblem("numbers", text, "not a range of numbers of one to six digits", `write numbers = "500000-599999"`)
		return
	}
	for _, name := range slices.Sorted(maps.Keys(cfg.Numbers.Accounts)) {
		if other := cfg.Numbers.Accounts[name]; other.First <= r.Last && r.First <= other.Last {
			c.addProblem("numbers", text, fmt.Sprintf("the account %s has some of these numbers, %d-%d", name, other.First, other.Last), "give each account a range of its own: 1C would take the orders of one for those of the other")
		}
	}
	if cfg.Numbers.Accounts == nil {
		cfg.Numbers.Accounts = map[string]document.NumberRange{}
	}
	cfg.Numbers.Accounts[c.out.Name] = r
}

func (c *accountChecker) checkName(cfg *Config) {
	if c.out.Name == "" {
		c.addProblem("name", "", "the account has no name", `write name = "main"; it stands in file names and messages`)
	}
	for _, b := range cfg.Options.Accounts {
		if strings.EqualFold(b.Name, c.out.Name) {
			c.addProblem("name", c.out.Name, "two accounts have this name", "give each account its own")
		}
	}
}

// checkPlaces are the marketplaces, the time zone and the currency.
func (c *accountChecker) checkPlaces(a *account) {
	for _, name := range a.Marketplaces {
		if _, ok := order.LookUp(name); !ok {
			c.addProblem("marketplaces", name, "not one of Amazon's marketplaces", `write country codes: marketplaces = ["DE", "FR"]`)
		}
	}
	if a.TimeZone != "" {
		zone, err := time.LoadLocation(a.TimeZone)
		if err != nil {
			c.addProblem("time_zone", a.TimeZone, "not a time zone", `write "Europe/Moscow" or "Europe/Berlin"`)
		}
		c.out.Zone = zone
	}
	if a.Currency != "" {
		currency, err := money.ParseCurrency(a.Currency)
		if err != nil {
			c.addProblem("currency", a.Currency, "not a currency", `write its three letters: "EUR"`)
		}
		c.out.Currency = currency
	}
}

func (c *accountChecker) checkWarehouses(a *account) {
	c.out.Warehouses = map[string]string{}
	for channel, name := range a.Warehouses {
		switch channel {
		case "any":
			c.out.Warehouses[""] = name
		case string(order.ByAmazon), string(order.ByMerchant):
			c.out.Warehouses[channel] = name
		default:
			c.addProblem("warehouses", channel, "not a channel", `write warehouses = { amazon = "…", merchant = "…" }, or any = "…"`)
		}
	}
}

// checkConstants are texts for templates. A number with a point or a date would come out in another spelling
// than it was written in.
func (c *accountChecker) checkConstants(given map[string]any) {
	for _, name := range slices.Sorted(maps.Keys(given)) {
		switch v := given[name].(type) {
		case string, int64, bool:
			if c.out.Constants == nil {
				c.out.Constants = map[string]string{}
			}
			c.out.Constants[name] = fmt.Sprint(v)
		default:
			c.addProblem("constants", name, "not a text, a whole number, true or false", "write its value in quotes")
		}
	}
}

func (c *accountChecker) checkChoices(a *account) {
	c.out.Tax, c.out.TaxBy = order.TaxReading(a.Tax), convert.TaxBy(a.TaxBy)
	c.checkChoice(c.addProblem, "tax", a.Tax, "", string(order.TaxInside), string(order.TaxOnTop))
	c.checkChoice(c.addProblem, "tax_by", a.TaxBy, "", string(convert.BySeller), string(convert.ByMarketplace))
	c.out.VAT = convert.VATSource(a.VAT)
	c.checkChoice(c.addProblem, "vat", a.VAT, "", string(convert.VATStated), string(convert.VATCatalog))
	if c.out.Country = strings.ToUpper(strings.TrimSpace(a.Country)); a.Country != "" && !isCountryCode(c.out.Country) {
		c.addProblem("country", a.Country, "not the code of a country", `write its two letters: country = "RU"`)
	}
	c.out.BuyerCancel, c.out.Undelivered = convert.Handling(a.BuyerCancel), convert.Handling(a.Undelivered)
	c.checkChoice(c.addProblem, "buyer_cancel", a.BuyerCancel, "", string(convert.HoldOrder), string(convert.ExportOrder))
	c.checkChoice(c.addProblem, "undelivered", a.Undelivered, "", string(convert.HoldOrder), string(convert.ExportOrder), string(convert.SkipOrder))
	for _, key := range a.ProductBy {
		c.checkChoice(c.addProblem, "product_by", key, string(convert.ByBarcode), string(convert.ByASIN))
		c.out.ProductBy = append(c.out.ProductBy, convert.ProductKey(key))
	}
}

func isCountryCode(s string) bool {
	return len(s) == 2 && s[0] >= 'A' && s[0] <= 'Z' && s[1] >= 'A' && s[1] <= 'Z'
}
