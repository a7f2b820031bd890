package converting

import (
	"slices"
	"strings"

	"obmen/cmd/obmen/config"
	"obmen/convert"
	"obmen/convert/catalog"
	"obmen/convert/document"
	"obmen/convert/layout"
	"obmen/convert/order"
	"obmen/watch/desk/words"
)

// TargetNotes are what the configuration that reads a layout's files will not keep, as far as settings and
// catalogs tell before there is any order.
func TargetNotes(l *layout.Layout, cfg *config.Config, cat *catalog.Snapshot) (list []words.Text) {
	for _, m := range l.Misreads() {
		list = append(list, words.New("target.misread", "Layout", l.Name(), "Setting", m.Setting, "Value", m.Value, "What", words.New("misread."+m.Code), "Target", m.Target))
	}
	r := l.Reader()
	if r == nil {
		return list
	}
	if r.OnePath && l.Exchange() == nil && cfg.Delivered.Watch == config.ByFolder {
		list = append(list, words.New("target.one-path", "Layout", r.Layout))
	}
	list = append(list, currencyNotes(r, cfg)...)
	list = append(list, rateNotes(r, cat)...)
	if len(r.Needs) > 0 && len(cfg.Options.Accounts) == 0 {
		list = append(list, words.New("target.no-account", "Layout", r.Layout, "Needs", strings.Join(r.Needs, ", ")))
	}
	for i := range cfg.Options.Accounts {
		list = append(list, needNotes(r, &cfg.Options.Accounts[i])...)
	}
	return list
}

// currencyNotes are about the currencies that orders of the accounts come in.
func currencyNotes(r *document.Reader, cfg *config.Config) (list []words.Text) {
	if !r.ByName {
		return nil
	}
	var currencies []string
	for _, a := range cfg.Options.Accounts {
		currencies = append(currencies, string(a.Currency))
		for _, name := range a.Marketplaces {
			if m, ok := order.LookUp(name); ok {
				currencies = append(currencies, string(m.Currency))
			}
		}
	}
	slices.Sort(currencies)
	for _, c := range slices.Compact(currencies) {
		switch {
		case c == "" || c == document.HomeCurrency || r.Currencies[c] != "":
		case r.Currencies == nil:
			list = append(list, words.New("target.currency", "Layout", r.Layout, "Currency", c))
		default:
			list = append(list, words.New("target.currency-held", "Layout", r.Layout, "Currency", c))
		}
	}
	return list
}

// rateNotes are about the rates of VAT that the catalogs have.
func rateNotes(r *document.Reader, cat *catalog.Snapshot) (list []words.Text) {
	if r.Rates == nil || r.Others == document.OthersWrite {
		return nil
	}
	for _, rate := range cat.VATRates() {
		switch {
		case !slices.Contains(r.Rates, rate.Percent):
			list = append(list, words.New("target.rate-lost", "Layout", r.Layout, "Rate", rate.String()))
		case slices.Contains(r.NewRates, rate.Percent):
			list = append(list, words.New("target.rate-new", "Layout", r.Layout, "Rate", rate.String()))
		}
	}
	return list
}

// needNotes are about what an account lacks that the reader finds things by.
func needNotes(r *document.Reader, a *convert.Account) (list []words.Text) {
	for _, name := range r.Needs {
		switch {
		case name == "organisation" && a.Organisation == "":
			list = append(list, words.New("target.no-organisation", "Layout", r.Layout, "Account", a.Name))
		case name != "organisation" && a.Constants[name] == "":
			list = append(list, words.New("target.no-constant", "Layout", r.Layout, "Account", a.Name, "Name", name))
		}
	}
	return list
}
