package convert

import (
	"slices"
	"time"

	"obmen/convert/document"
	"obmen/convert/money"
	"obmen/convert/order"
)

// Outcome is what became of one order: exactly one of Document, Hold and Rule is set.
type Outcome struct {
	Order    string // the marketplace's id; empty when the source's row does not even tell that
	Scope    string // where the id is unique, see Key
	Account  string
	Source   string // source format
	Origin   order.Origin
	Currency money.Currency
	Total    money.Optional // proven total; for a held or skipped order what the source stated, if it did

	Updated     time.Time   // the revision: last change that the source knows
	Fingerprint Fingerprint // only where Options.Known is set

	Document *document.Document
	Hold     *Hold
	Rule     Rule
	Why      string // with SkipDismissed: when and why a person has dealt with it
	Notes    []Note // remarks on an exported order
}

// Note is a remark that does not stop an order. One of each code is enough for a reader.
type Note struct{ Code, Text string }

// State is "exported", "held" or "skipped".
func (o *Outcome) State() string {
	switch {
	case o.Document != nil:
		return "exported"
	case o.Hold != nil:
		return "held"
	}
	return "skipped"
}

// Code is the hold's code or the rule's name; empty for an exported order.
func (o *Outcome) Code() string {
	if o.Hold != nil {
		return string(o.Hold.Code)
	}
	return string(o.Rule)
}

// Hold is an order that must wait.
type Hold struct {
	Code     Code
	Sentence string    // what is wrong, in words
	Cure     string    // what to do, one line
	File     string    // the catalog or settings file to mend, when that is the cure
	Add      []string  // lines to add to File, ready to paste
	Lines    []Missing // the lines of Add by their cells, in the same order
	About    About     // the order, for whoever decides what to do
	Since    time.Time // when the order was first held; zero where nothing remembers it
}

// Missing is a line that a catalog lacks.
type Missing struct {
	Cells map[string]string // by canonical column
	Title string            // the marketplace's name of the item; empty when the line is of none
}

// About describes a held order to a person. It names no buyer.
type About struct {
	Ordered time.Time // in the account's zone where that is known
	Country string    // of delivery, else of the marketplace
	Title   string    // of its items, shortened
}

// longestTitles bounds About.Title, in characters.
const longestTitles = 200

// Code names the reason of a hold; it is stable and may be searched for.
type Code string

// The codes.
const (
	Unreadable         Code = "unreadable"           // a value of the order cannot be read
	Pending            Code = "pending"              // the buyer's payment is not confirmed, amounts may change
	ItemsMissing       Code = "items-missing"        // Orders v0 without its items file
	OrderMissing       Code = "order-missing"        // an items file without its order
	NoPrices           Code = "no-prices"            // the source states no prices
	NoLines            Code = "no-lines"             // nothing was ordered
	TotalMismatch      Code = "total-mismatch"       // no reading reproduces the stated total
	TaxReadingUnknown  Code = "tax-reading-unknown"  // no one knows whether prices contain the tax
	TaxMixed           Code = "tax-mixed"            // some lines' tax is the marketplace's, some the seller's
	WithheldTaxUnknown Code = "withheld-tax-unknown" // the marketplace withholds a tax that it does not state
	VATDiffers         Code = "vat-differs"          // VAT by the catalog's rates is not the stated tax
	VATRateMissing     Code = "vat-rate-missing"     // some lines have a VAT rate, others none
	ZeroTotal          Code = "zero-total"           // nothing to pay, and no known reason for that
	NegativeLine       Code = "negative-line"        // a discount is larger than what it is taken from
	AmountNoQuantity   Code = "amount-without-quantity"
	NotDivisible       Code = "not-divisible"   // no price × quantity gives the line's amount
	TooManyPlaces      Code = "too-many-places" // an amount is finer than its currency's smallest coin
	TooLarge           Code = "amount-too-large"
	UnknownSKU         Code = "unknown-sku"
	UnknownCustomer    Code = "unknown-customer"
	AmbiguousCustomer  Code = "ambiguous-customer"
	SameNumber         Code = "same-number"      // two orders of one number, and nothing tells which is the newer
	SameTime           Code = "same-time"        // two states of an order with other amounts and one time of change
	AccountUnknown     Code = "account-unknown"  // several accounts sell there, and nothing tells whose order it is
	CurrencyUnknown    Code = "currency-unknown" // neither the source nor the account names the currency
	BuyerCancel        Code = "buyer-cancel"     // the buyer asked to cancel what is not shipped yet
	Undelivered        Code = "undelivered"      // shipped, and returned, rejected, lost or damaged on its way
	// What the readers of the files cannot take.
	RateUnknown         Code = document.RateUnknown         // a rate of VAT that 1C does not know
	CurrencyNameUnknown Code = document.CurrencyNameUnknown // nothing says what 1C calls the currency
	ProductWithoutID    Code = document.ProductWithoutID    // goods that 1C would find by their id alone
	NumbersUsedUp       Code = "numbers-used-up"            // the account has no number left under which 1C would find the order
	Internal            Code = "internal"                   // a check of obmen's own failed
)

// Codes are all of them.
func Codes() []Code {
	return []Code{
		Unreadable, Pending, ItemsMissing, OrderMissing, NoPrices, NoLines, TotalMismatch, TaxReadingUnknown, TaxMixed, WithheldTaxUnknown,
		VATDiffers, VATRateMissing, ZeroTotal, NegativeLine, AmountNoQuantity, NotDivisible, TooManyPlaces, TooLarge, UnknownSKU,
		UnknownCustomer, AmbiguousCustomer, SameNumber, SameTime, AccountUnknown, CurrencyUnknown, BuyerCancel, Undelivered, RateUnknown, CurrencyNameUnknown, ProductWithoutID, NumbersUsedUp, Internal,
	}
}

// Rule names a reason to leave an order out for good.
type Rule string

// The rules.
const (
	SkipCancelled     Rule = "cancelled"      // cancelled before it was ever exported
	SkipMultiChannel  Rule = "multi-channel"  // sold elsewhere, only shipped by Amazon: a stock movement, not a sale
	SkipUnfulfillable Rule = "unfulfillable"  // Amazon cannot ship it
	SkipTest          Rule = "test-order"     // placed to try the shop out
	SkipUndelivered   Rule = "undelivered"    // came back before it was delivered, and the account says to leave it out
	SkipDuplicate     Rule = "duplicate"      // the same revision came before in this run
	SkipOlder         Rule = "older-revision" // a newer revision came in this run, or was exported before
	SkipKnown         Rule = "known"          // exported before, and nothing changed
	SkipDismissed     Rule = "dismissed"      // a person has dealt with it, in 1C by hand for one
)

// Meaning says in words what a rule means.
func (r Rule) Meaning() string {
	return map[Rule]string{
		SkipCancelled:     "cancelled before it was exported",
		SkipMultiChannel:  "sold outside Amazon and only shipped by it: a stock movement, not a sale",
		SkipUnfulfillable: "cannot be shipped",
		SkipTest:          "placed to try the shop out",
		SkipUndelivered:   "came back to the seller before it was delivered",
		SkipDuplicate:     "the same order came twice",
		SkipOlder:         "a newer state of the order came too",
		SkipKnown:         "exported before, and nothing has changed",
		SkipDismissed:     "a person has dealt with it",
	}[r]
}

// What 1C counts in and where its product cards' VAT rates hold, unless it is set up otherwise: neither
// needs a line in rates.csv or vat.csv.
const (
	homeCurrency = "RUB"
	homeCountry  = "RU"
)

// hasRatedVAT reports whether a line has VAT by a rate.
func hasRatedVAT(d *document.Document) bool {
	return slices.ContainsFunc(d.Lines, func(l document.Line) bool {
		return l.VATRate.Kind == money.Rated && !l.VATRate.Percent.IsZero()
	})
}
