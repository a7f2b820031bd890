package money

import (
	"fmt"
	"strings"
)

var hundred = Int(100)

// VATInside is the tax contained in a gross amount at rate percent, half up: gross × rate / (100 + rate).
// The rule is that of 1C's own documents with "price includes VAT".
func VATInside(gross Amount, rate Decimal, places int) Amount {
	return gross.MulDiv(rate, hundred.Plus(rate), places)
}

// VATOnTop is the tax to be added to a net amount at rate percent, half up: net × rate / 100.
func VATOnTop(net Amount, rate Decimal, places int) Amount {
	return net.MulDiv(rate, hundred, places)
}

// VATRate is a rate of value added tax. The zero value is "not known": 1C then takes the rate from
// the product's own card.
type VATRate struct {
	Kind    VATKind
	Percent Decimal // 20 for 20 %; meaningful for Rated
}

// VATKind tells a rate of 0 % from "without VAT" and from "not known".
type VATKind uint8

// The kinds of VAT rates.
const (
	RateUnknown VATKind = iota
	WithoutVAT          // Без НДС
	Rated               // Percent applies; 0 % is a rate
)

// NoVAT is "without VAT".
var NoVAT = VATRate{Kind: WithoutVAT}

// PercentVAT is a rate in percent.
func PercentVAT(percent Decimal) VATRate { return VATRate{Rated, percent} }

// ParseVATRate reads what 1C and people write: "20", "20%", "20.0 %", "НДС20", "20/120", "0", "none",
// "Без НДС", "Без налога". Empty is the unknown rate.
func ParseVATRate(s string) (VATRate, error) {
	text := strings.ToLower(strings.Join(strings.Fields(strings.ReplaceAll(s, "\u00a0", " ")), ""))
	switch text {
	case "":
		return VATRate{}, nil
	case "none", "безндс", "безналога", "необлагается", "novat", "withoutvat":
		return NoVAT, nil
	}
	text = strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(text, "ндс"), "vat"), "%")
	text, _, _ = strings.Cut(text, "/")
	percent, err := Parse(strings.Replace(text, ",", ".", 1))
	if err != nil || percent.Sign() < 0 || hundred.Less(percent) {
		return VATRate{}, fmt.Errorf("%q is not a VAT rate", clip(s))
	}
	return PercentVAT(percent), nil
}

// String prints "20%", "none" or nothing.
func (r VATRate) String() string {
	switch r.Kind {
	case WithoutVAT:
		return "none"
	case Rated:
		return r.Percent.String() + "%"
	}
	return ""
}
