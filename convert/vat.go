package convert

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"

	"obmen/convert/catalog"
	"obmen/convert/document"
	"obmen/convert/money"
	"obmen/convert/order"
)

// The VAT area of the European Union with Monaco. A delivery out of a marketplace's area is an export at
// 0 %.
var unionVAT = map[string]bool{
	"AT": true, "BE": true, "BG": true, "CY": true, "CZ": true, "DE": true, "DK": true, "EE": true, "ES": true,
	"FI": true, "FR": true, "GR": true, "HR": true, "HU": true, "IE": true, "IT": true, "LT": true, "LU": true,
	"LV": true, "MC": true, "MT": true, "NL": true, "PL": true, "PT": true, "RO": true, "SE": true, "SI": true,
	"SK": true,
}

// isExport reports whether a European marketplace's order leaves its VAT area: the Union, or the United
// Kingdom with the Isle of Man. Northern Ireland (postcodes BT) is in both for goods.
func isExport(market string, to *order.Address) bool {
	kingdom := to.Country == "GB" || to.Country == "IM"
	switch {
	case to.Country == "":
		return false
	case market == "GB":
		return !kingdom
	case kingdom:
		return !strings.HasPrefix(strings.ToUpper(to.Postcode), "BT")
	}
	return !unionVAT[to.Country]
}

// setRates returns every piece its VAT rate: none where the marketplace keeps the tax, 0 % for an export and
// for a stated tax of 0 under Amazon's VAT calculation, else vat.csv by country and group, else the
// one that explains the stated tax, else the product's own. A product with a fixed rate keeps it. Services
// without a rate go with the goods they belong to. Nothing found stays unknown.
func (m *matcher) setRates(o *order.Order, p *proven, r *taxTreatment, list []chargeLine) {
	zero := m.zeroRated(o, p)
	main, mainStated := money.VATRate{}, false
	most := money.Zero
	for i := range list {
		pc := &list[i]
		switch {
		case r.withheld:
			pc.rate = money.NoVAT
		case zero:
			pc.rate = money.PercentVAT(money.Zero)
		default:
			pc.rate = m.rateOf(o, pc, r.inside)
		}
		if pc.kind == goods && (main.Kind == money.RateUnknown || most.Less(pc.share.amount)) {
			main, mainStated, most = pc.rate, pc.rateStated, pc.share.amount
		}
	}
	for i := range list {
		if pc := &list[i]; pc.kind != goods && pc.rate.Kind == money.RateUnknown {
			if pc.rate, pc.rateStated = main, mainStated; main.Kind == money.RateUnknown {
				rule, _ := m.cat.VAT(cmp.Or(o.ShipTo.Country, o.Marketplace), pc.product.Group)
				pc.rate = rule.Rate
			}
		}
	}
	dropPartlyStated(list)
}

// dropPartlyStated takes back the rates that follow from the stated tax where they explain only a part of the order:
// the tax then goes out as it is stated. With a rate of the catalogs beside them, what is missing can be filled in there.
func dropPartlyStated(list []chargeLine) {
	missing := false
	for i := range list {
		unknown := list[i].rate.Kind == money.RateUnknown
		if !unknown && !list[i].rateStated {
			return
		}
		missing = missing || unknown
	}
	if missing {
		for i := range list {
			list[i].rate, list[i].rateStated = money.VATRate{}, false
		}
	}
}

func (m *matcher) rateOf(o *order.Order, pc *chargeLine, inside bool) money.VATRate {
	country := cmp.Or(o.ShipTo.Country, o.Marketplace)
	switch rule, ok := m.cat.VAT(country, pc.product.Group); {
	case pc.product.VATFixed:
		return pc.product.VAT
	case ok && pc.kind != goods && !m.hasOwnRule(country, pc.product.Group, &rule):
		return money.VATRate{} // that of the goods
	case ok:
		return rule.Rate
	case m.account.takesStatedVAT(o.Marketplace) && !m.cat.HasVAT(country):
		if rate, ok := rateOfTax(country, pc.share, inside, documentPlaces(o.Currency)); ok {
			pc.rateStated = true
			return rate
		}
	}
	return pc.product.VAT
}

// hasOwnRule reports whether a rule of vat.csv names the product's group: the delivery of books goes with
// the books, unless vat.csv has a line for deliveries.
func (m *matcher) hasOwnRule(country, group string, rule *catalog.VATRule) bool {
	general, ok := m.cat.VAT(country, "")
	return group != "" && (!ok || general.Line != rule.Line)
}

// noteStatedRates names in the proof the rates that follow from the stated tax.
func noteStatedRates(proof *document.Proof, list []chargeLine) {
	var rates []string
	for i := range list {
		if rate := list[i].rate.Percent.String() + " %"; list[i].rateStated && !slices.Contains(rates, rate) {
			rates = append(rates, rate)
		}
	}
	if rates != nil {
		proof.Name += "; rate " + strings.Join(rates, ", ") + statedRate
		proof.Wording += "; ставка " + strings.Join(rates, ", ") + " по налогу из источника"
	}
}

// statedRate ends the name of a proof whose rates follow from the stated tax.
const statedRate = " from the stated tax"

func (m *matcher) zeroRated(o *order.Order, p *proven) bool {
	market, ok := order.LookUp(o.Marketplace)
	if !ok || !market.VAT || !p.proof.Tax.IsZero() {
		return false
	}
	return isExport(market.Country, &o.ShipTo) || m.account.VCS && p.taxKnown
}

// fillVAT fills the lines' VAT: by their rates, or as the source states it where no rate is known, or not
// at all: then 1C takes the rate from its product card. VAT is rounded half up on each line, as 1C
// does; a difference to the stated tax of at most one coin a line goes to the largest line.
func fillVAT(o *order.Order, list []chargeLine, lines [][]document.Line, p *proven, r *taxTreatment, places int) (total money.Amount, known bool, hold *Hold) {
	rated, unrated := countRated(list)
	switch {
	case r.withheld:
		return money.Zero, true, nil
	case rated > 0 && unrated > 0:
		return money.Zero, false, missingRate(list)
	case !isExact(p.proof.Tax, places):
		return money.Zero, false, tooFine(o.Origin, taxWord, p.proof.Tax, places)
	case rated > 0:
		total, hold = byRate(list, lines, p, r, places)
		return total, hold == nil, hold
	case !p.proof.Tax.IsZero():
		total, hold = asStated(o, list, lines, places)
		return total, hold == nil, hold
	}
	return money.Zero, false, nil
}

func countRated(list []chargeLine) (rated, unrated int) {
	for i := range list {
		if list[i].rate.Kind == money.RateUnknown {
			unrated++
		} else {
			rated++
		}
	}
	return rated, unrated
}

func missingRate(list []chargeLine) *Hold {
	for i := range list {
		if pc := &list[i]; pc.rate.Kind == money.RateUnknown {
			return &Hold{
				Code:     VATRateMissing,
				Sentence: fmt.Sprintf("%q has no VAT rate, other lines of the order have one", cmp.Or(pc.product.SKU, pc.product.Name)),
				Cure:     "fill the vat column of the product in products.csv, or add a rule for its country and group to vat.csv",
				File:     "products.csv",
			}
		}
	}
	return nil
}

func byRate(list []chargeLine, lines [][]document.Line, p *proven, r *taxTreatment, places int) (money.Amount, *Hold) {
	total, alone, n := money.Zero, money.Zero, 0
	var largest *document.Line
	for i := range list {
		for j := range lines[i] {
			l := &lines[i][j]
			l.VAT = taxOf(l, r, places)
			total = total.Plus(l.VAT)
			if list[i].share.unstated && r.inside {
				alone = alone.Plus(l.VAT) // nothing to compare it with
				continue
			}
			n++
			if l.VATRate.Kind == money.Rated && !l.VATRate.Percent.IsZero() && (largest == nil || largest.Amount.Less(l.Amount)) {
				largest = l
			}
		}
	}
	difference := p.proof.Tax.Minus(total.Minus(alone))
	if difference.IsZero() || r.inside && p.proof.Tax.IsZero() {
		return total, nil
	}
	if limit := money.Unit(places).Times(money.Int(int64(n))); largest == nil || limit.Less(difference.Abs()) {
		return money.Zero, vatDiffers(list, lines, p, total.Minus(alone), places)
	}
	largest.VAT = largest.VAT.Plus(difference)
	return total.Plus(difference), nil
}

func taxOf(l *document.Line, r *taxTreatment, places int) money.Amount {
	switch {
	case l.VATRate.Kind != money.Rated:
		return money.Zero
	case r.inside:
		return money.VATInside(l.Amount, l.VATRate.Percent, places)
	}
	return money.VATOnTop(l.Amount, l.VATRate.Percent, places)
}

// asStated shares the stated tax of each piece over its lines.
func asStated(o *order.Order, list []chargeLine, lines [][]document.Line, places int) (money.Amount, *Hold) {
	total := money.Zero
	for i := range list {
		weights := make([]money.Decimal, len(lines[i]))
		for j := range lines[i] {
			weights[j] = lines[i][j].Amount
		}
		parts, ok := money.Allocate(list[i].share.tax, weights, places)
		if !ok {
			return money.Zero, tooFine(originOf(&list[i], o), taxWord, list[i].share.tax, places)
		}
		for j := range lines[i] {
			lines[i][j].VAT = parts[j]
			total = total.Plus(parts[j])
		}
	}
	return total, nil
}

// vatDiffers holds an order whose stated tax the rates do not give, and names the line that differs most.
func vatDiffers(list []chargeLine, lines [][]document.Line, p *proven, total money.Amount, places int) *Hold {
	worst, most, computed := 0, money.Zero, money.Zero
	for i := range list {
		vat := money.Zero
		for j := range lines[i] {
			vat = vat.Plus(lines[i][j].VAT)
		}
		if d := list[i].share.tax.Minus(vat).Abs(); most.Less(d) {
			worst, most, computed = i, d, vat
		}
	}
	pc := &list[worst]
	name := cmp.Or(pc.product.SKU, pc.product.Name)
	cure := fmt.Sprintf("add the rate of the country of delivery to vat.csv, or correct the rate of %s in products.csv", name)
	if pc.product.VATFixed {
		cure = fmt.Sprintf("correct the rate of %s in products.csv, or take vat_fixed out of its line", name)
	}
	return &Hold{
		Code: VATDiffers,
		Sentence: fmt.Sprintf("VAT by the catalog's rates is %s, the source states %s (%s: %s at %s, stated %s)", total.Text(places), p.proof.Tax.Text(places),
			name, computed.Text(places), cmp.Or(pc.rate.String(), "no rate"), pc.share.tax.Text(places)),
		Cure: cure,
		File: "vat.csv",
	}
}

// usualRates are the rates of value added tax, in percent, that sales to consumers have in a country: the
// standard one first. Sources: the European Commission's database "Taxes in Europe", and the tax offices of
// the other countries, in 2026.
var usualRates = map[string]string{
	"AE": "5", "AM": "20", "AT": "20 13 10", "AU": "10", "AZ": "18", "BE": "21 12 6", "BG": "20 9",
	"BY": "20 10", "CA": "13 15 14 5", "CH": "8.1 3.8 2.6", "CY": "19 9 5 3", "CZ": "21 12", "DE": "19 7",
	"DK": "25", "EE": "24 13 9", "EG": "14", "ES": "21 10 4", "FI": "25.5 13.5 10", "FR": "20 10 5.5 2.1",
	"GB": "20 5", "GE": "18", "GR": "24 13 6", "HR": "25 13 5", "HU": "27 18 5", "IE": "23 13.5 9 4.8",
	"IL": "18", "IN": "18 5 40", "IS": "24 11", "IT": "22 10 5 4", "JP": "10 8", "KG": "12", "KR": "10",
	"KZ": "16", "LT": "21 12 5", "LU": "17 14 8 3", "LV": "21 12 5", "MC": "20 10 5.5 2.1", "MT": "18 12 7 5",
	"MX": "16 8", "NL": "21 9", "NO": "25 15 12", "NZ": "15", "PL": "23 8 5", "PT": "23 13 6", "RO": "21 11",
	"RS": "20 10", "RU": "22 20 10", "SA": "15", "SE": "25 12 6", "SG": "9", "SI": "22 9.5 5", "SK": "23 19 5",
	"TR": "20 10 1", "UA": "20 14 7", "UZ": "12", "ZA": "15",
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
