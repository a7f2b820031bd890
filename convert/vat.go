package convert

import (
	"cmp"
	"fmt"
	"strings"

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
// product's own. Services go with the goods they belong to. Nothing found stays unknown.
func (m *matcher) setRates(o *order.Order, p *proven, r *taxTreatment, list []chargeLine) {
	zero := m.zeroRated(o, p)
	main := money.VATRate{}
	most := money.Zero
	for i := range list {
		pc := &list[i]
		switch {
		case r.withheld:
			pc.rate = money.NoVAT
		case zero:
			pc.rate = money.PercentVAT(money.Zero)
		default:
			pc.rate = m.rateOf(o, pc)
		}
		if pc.kind == goods && (main.Kind == money.RateUnknown || most.Less(pc.share.amount)) {
			main, most = pc.rate, pc.share.amount
		}
	}
	for i := range list {
		if list[i].kind != goods && list[i].rate.Kind == money.RateUnknown {
			list[i].rate = main
		}
	}
}

func (m *matcher) rateOf(o *order.Order, pc *chargeLine) money.VATRate {
	if rule, ok := m.cat.VAT(cmp.Or(o.ShipTo.Country, o.Marketplace), pc.product.Group); ok && pc.kind == goods {
		return rule.Rate
	}
	return pc.product.VAT
}

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

func isExact(a money.Amount, places int) bool {
	_, ok := a.Units(places)
	return ok
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
		return money.Zero, vatDiffers(list, p, total.Minus(alone), places)
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

func vatDiffers(list []chargeLine, p *proven, total money.Amount, places int) *Hold {
	return &Hold{
		Code: VATDiffers,
		Sentence: fmt.Sprintf("VAT by the catalog's rates is %s, the source states %s (%s: %s)", total.Text(places), p.proof.Tax.Text(places),
			cmp.Or(list[0].product.SKU, list[0].product.Name), cmp.Or(list[0].rate.String(), "no rate")),
		Cure: "add the rate of the country of delivery to vat.csv, or correct the product's rate in products.csv",
		File: "vat.csv",
	}
}
