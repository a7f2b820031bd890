package convert

import (
	"cmp"
	"fmt"

	"obmen/convert/money"
	"obmen/convert/order"
)

// taxTreatment is how a document treats tax: one way for all its lines.
type taxTreatment struct {
	inside   bool         // amounts contain the VAT
	withheld bool         // the marketplace keeps the tax: amounts are without it and without VAT
	excluded money.Amount // part of the total that is not the seller's
	reason   string
}

// Reasons for an exclusion, as they stand in the document.
const (
	reasonTax = "налог, который удержал и платит маркетплейс"
	reasonTip = "чаевые курьеру"
)

// usualReading is the tax reading to try first: the source's own word, then the account's, then the
// marketplace's. Where Amazon's marketplace is not known its currency tells: euros are European. A shop
// of one's own states plain prices: what it asks is what the buyer pays.
func usualReading(o *order.Order, a *Account) order.TaxReading {
	market, ok := order.LookUp(o.Marketplace)
	if !ok && (!fromAmazon(o) || o.Currency == "EUR") {
		market.Tax = order.TaxInside
	}
	return cmp.Or(o.Readings.Tax, o.Tax, a.Tax, market.Tax)
}

// taxTreatmentOf decides who pays the tax and what of the total is therefore not the seller's:
// US and Canadian sales tax is withheld; a deemed reseller's VAT is withheld from inside the price.
func taxTreatmentOf(o *order.Order, a *Account, p *proven) (taxTreatment, *Hold) {
	byMarket, hold := isRemitted(o, a, p)
	if hold != nil {
		return taxTreatment{}, hold
	}
	r := taxTreatment{inside: !p.reading.onTop}
	if byMarket {
		if r.inside && p.proof.Tax.Sign() <= 0 && !p.proof.Total.IsZero() {
			return taxTreatment{}, &Hold{
				Code:     WithheldTaxUnknown,
				Sentence: "the marketplace withholds the VAT of this order, and the source does not say how much",
				Cure:     "export the order from a source with tax figures (Orders API 2026-01-01, or the All Orders report with VAT calculation)",
			}
		}
		r.withheld, r.excluded, r.reason = true, p.proof.Tax, reasonTax
	}
	if tip := o.Tip.Value; !tip.IsZero() && !p.reading.tipApart {
		r.excluded = r.excluded.Plus(tip)
		if r.reason != "" && !p.proof.Tax.IsZero() {
			r.reason += "; " + reasonTip
		} else {
			r.reason = reasonTip
		}
	}
	if r.excluded.IsZero() {
		r.reason = ""
	}
	return r, nil
}

// isRemitted reports whether the marketplace pays the order's tax. What the order says of all its taxed lines
// goes first, then the account, then the law of the marketplace.
func isRemitted(o *order.Order, a *Account, p *proven) (bool, *Hold) {
	market, seller := remittersOf(o, p)
	place, _ := order.LookUp(o.Marketplace)
	switch {
	case market && !seller && place.Shares:
		return true, nil
	case a.TaxBy != "":
		return a.TaxBy == ByMarketplace, nil
	case place.Remits && p.reading.onTop:
		return true, nil
	case market && seller:
		return false, &Hold{
			Code:     TaxMixed,
			Sentence: "the marketplace pays the tax of some lines and the seller that of others; one document of 1C has one way of tax",
			Cure:     `if one of them pays it all, say so in the account's section of obmen.toml: tax_by = "seller" or tax_by = "marketplace"`,
		}
	case seller && place.Shares:
		return false, &Hold{
			Code:     WithheldTaxUnknown,
			Sentence: fmt.Sprintf("%s pays the tax of some sellers, and the source does not say who pays that of this order", cmp.Or(place.Domain, o.SalesChannel)),
			Cure:     `set who pays it in the account's section of obmen.toml: tax_by = "seller" or tax_by = "marketplace"`,
			File:     "obmen.toml",
		}
	}
	return market, nil
}

// remittersOf returns who pays tax of the order, as far as its lines say: the marketplace where they name it,
// the seller where they state a tax and name nobody.
func remittersOf(o *order.Order, p *proven) (market, seller bool) {
	for i := range o.Lines {
		l := &o.Lines[i]
		taxed := !p.lines[i].total().tax.IsZero()
		market = market || l.TaxRemitter != "" || l.Deemed != ""
		seller = seller || taxed && l.TaxRemitter == "" && l.Deemed == ""
	}
	if !p.shipping.tax.IsZero() {
		seller = seller || o.ShippingRemitter == order.RemitterSeller
		market = market || o.ShippingRemitter != "" && o.ShippingRemitter != order.RemitterSeller
	}
	return market, seller
}

// withoutWithheld takes the withheld tax out of amounts that contain it.
func (r *taxTreatment) withoutWithheld(s charge) charge {
	if r.withheld && r.inside {
		s.amount = s.amount.Minus(s.tax)
	}
	if r.withheld {
		s.tax = money.Zero
	}
	return s
}
