package order

// Readings are what a source documents of its amounts beyond doubt: the proof tries no other meaning of
// them. The zero value leaves everything to the proof.
type Readings struct {
	Tax      TaxReading // the only one that may be tried; empty for both
	Discount DiscountReading
}

// DiscountReading is how the prices of lines stand to their discounts.
type DiscountReading string

// The readings of discounts.
const (
	DiscountEither   DiscountReading = ""
	DiscountApart    DiscountReading = "discount-apart"    // to be taken off the prices
	DiscountIncluded DiscountReading = "discount-included" // prices are after discount already
)

// ReadingNames are the readings by the names that mappings write.
var ReadingNames = []string{string(TaxInside), string(TaxOnTop), string(DiscountApart), string(DiscountIncluded)}

// OnlyReadings are the readings that a set of names allows. Two that contradict each other, or neither of
// them, leave the choice to the proof.
func OnlyReadings(names map[string]bool) (r Readings) {
	inside, onTop := names[string(TaxInside)], names[string(TaxOnTop)]
	switch {
	case inside && !onTop:
		r.Tax = TaxInside
	case onTop && !inside:
		r.Tax = TaxOnTop
	}
	apart, included := names[string(DiscountApart)], names[string(DiscountIncluded)]
	switch {
	case apart && !included:
		r.Discount = DiscountApart
	case included && !apart:
		r.Discount = DiscountIncluded
	}
	return r
}
