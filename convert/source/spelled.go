package source

import "slices"

// Charge is an amount that a source may state, by the name that messages use.
type Charge string

// The charges of a line, and of an order as a whole.
const (
	Price            Charge = "price"
	Discount         Charge = "discount"
	Shipping         Charge = "shipping"
	ShippingDiscount Charge = "shipping discount"
	GiftWrap         Charge = "gift wrap"
	COD              Charge = "cod"
	CODDiscount      Charge = "cod discount"
	Other            Charge = "other"
	LineTax          Charge = "line tax"
	LineTotal        Charge = "line total"
	OrderShipping    Charge = "order shipping"
	OrderDiscount    Charge = "order discount"
	Tip              Charge = "tip"
)

// Spelled is the source's own names for a charge and its tax; empty where it has none.
type Spelled struct{ Amount, Tax string }

// Speller is a Format that knows how its source spells the charges. It serves whoever looks for a number in
// the file.
type Speller interface {
	Spelled() map[Charge]Spelled
}

// SpelledIn returns how a format's source spells the charges, also for one of a recognizer; nil where that is not
// known.
func SpelledIn(format string, more Recognizer) map[Charge]Spelled {
	list := formats
	if more != nil {
		list = slices.Concat(more.Formats(), formats) // a mapping may stand for a native format
	}
	for _, f := range list {
		if s, ok := f.(Speller); ok && f.Name() == format {
			return s.Spelled()
		}
	}
	return nil
}

// The order reports in XML give each amount as a component with a type.
func spelledInXML() map[Charge]Spelled {
	return map[Charge]Spelled{
		Price:            {"ItemPrice/Principal", "ItemPrice/Tax"},
		Shipping:         {"ItemPrice/Shipping", "ItemPrice/ShippingTax"},
		GiftWrap:         {"ItemPrice/GiftWrap", "ItemPrice/GiftWrapTax"},
		COD:              {"ItemPrice/COD", "ItemPrice/CODTax"},
		Discount:         {"Promotion/Principal", "Promotion/Tax"},
		ShippingDiscount: {"Promotion/Shipping", "Promotion/ShippingTax"},
		CODDiscount:      {"Promotion/COD", ""},
	}
}

// The flat reports have a column for each.
func spelledInRows() map[Charge]Spelled {
	return map[Charge]Spelled{
		Price:            {"item-price", "item-tax"},
		Shipping:         {"shipping-price", "shipping-tax"},
		GiftWrap:         {"gift-wrap-price", "gift-wrap-tax"},
		COD:              {"payment-method-fee", ""},
		Discount:         {"item-promotion-discount", ""},
		ShippingDiscount: {"ship-promotion-discount", ""},
	}
}
