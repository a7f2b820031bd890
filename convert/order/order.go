// Package order is the neutral, marketplace-side record of an order: what the source said, exactly,
// and where it said so. Readers fill it, everything later only reads it. Nothing here is computed:
// an amount the source left out stays unknown, a sign stays as it was found.
//
// Amounts are per order line, for its whole quantity, never per unit. Times are UTC.
package order

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"obmen/convert/money"
)

// Order is one marketplace order as one source told it.
type Order struct {
	Format string // source format, "amazon-orders-2026-01-01"
	Origin Origin // where the order stands in its file

	// Fragment is true for a record that holds only items of an order told elsewhere
	// (a getOrderItems body of Orders v0): ID and Lines are set, nothing else.
	Fragment bool
	Missing  Missing // what this source never tells, or has not told yet

	Identifiers
	Sale
	Stage

	Buyer  Buyer
	ShipTo Address

	Amounts

	Lines []Line
}

// Identifiers are the names under which an order is known, and whose it is.
type Identifiers struct {
	ID            string   // the marketplace's order id, "171-2000001-1000001"
	Aliases       []string // the seller's own ids for it
	PurchaseOrder string   // the business buyer's purchase order number
	Replaces      string   // the order that this one replaces
	Account       string   // the seller account, when the file names it
}

// Sale is where and how an order was sold.
type Sale struct {
	Marketplace   string  // country code of the Amazon marketplace, "ES"; empty for an own shop
	SalesChannel  string  // as the source spells it, "Amazon.es"
	MultiChannel  bool    // sold elsewhere, only fulfilled by Amazon ("Non-Amazon")
	Channel       Channel // who ships
	ServiceLevel  string  // "Expedited"
	Payment       string  // method as the source spells it
	Programs      []Program
	BusinessOrder bool // an Amazon Business order
	Test          bool // placed to try the shop out: no sale
	// CancelRequested is true where the buyer asked to cancel what is not shipped yet.
	CancelRequested bool
}

// Stage is how far an order has come, and when.
type Stage struct {
	Status     Status
	StatusText string // as the source spells it

	Created time.Time // when the buyer ordered
	Updated time.Time // last change that the source knows; zero when it does not say
	// DeliverBy is the end of the time in which the order was promised to arrive; zero when the source does
	// not say.
	DeliverBy time.Time
	Zone      *time.Location // offset that the source writes its times with; nil when it writes UTC
}

// Amounts are the money of an order as a whole, and how it may be read.
type Amounts struct {
	Currency money.Currency // empty when the source named none
	Total    money.Optional // the order total as stated, the control sum of the proof
	Tip      money.Optional // a tip that the total contains and the lines do not
	Tax      TaxReading     // what the source says of its own prices
	Shipping Charge         // shipping of the order as a whole (shops); Amazon states it by line
	// ShippingRemitter is who collects and pays the tax of that shipping, as found: empty where the source
	// says it by line only, RemitterSeller where it says that the seller does.
	ShippingRemitter string
	Discount         money.Optional // discount of the order as a whole, beside those of the lines
	// DiscountWithin says that the source documents the lines' ShippingDiscount as a part of Discount;
	// the proof tries both and begins with this.
	DiscountWithin bool
	Readings       Readings // what the proof may try
}

// RemitterSeller is the ShippingRemitter of tax that is the seller's to pay.
const RemitterSeller = "seller"

// Line is one order item.
type Line struct {
	Origin Origin
	Item
	Ordered    money.Quantity
	Shipped    money.Optional
	Cancelled  bool     // the item was cancelled while the order goes on
	Promotions []string // promotion ids

	Charges
	Discounts
	Taxation
	Total money.Optional // total of the line, when stated
}

// Item is what a line sells, as the source spells it.
type Item struct {
	ID      string // order item id
	SKU     string // the seller's SKU, exactly as found
	ASIN    string
	Barcode string
	Title   string
}

// Charges are what the buyer pays for a line, before discounts.
type Charges struct {
	Price    Charge // of the goods, for the whole quantity
	Shipping Charge
	GiftWrap Charge
	COD      Charge // fee for cash on delivery
	Other    Charge
}

// Discounts are what is taken off the charges of a line.
type Discounts struct {
	Discount         Charge // on the goods, sign as found
	ShippingDiscount Charge // sign as found; may or may not be part of Discount, the proof finds out
	CODDiscount      Charge
}

// Taxation is the tax of a line beside that of its charges.
type Taxation struct {
	Tax         money.Optional // tax of the whole line, when stated apart from the charges' own
	TaxRemitter string         // who collects and pays the tax instead of the seller, as found
	Deemed      string         // deemed reseller category, "IOSS" or "UOSS"
}

// Charge is one amount of a line with the tax that the source states for it.
type Charge struct {
	Amount money.Optional
	Tax    money.Optional
}

// Known reports whether the source stated the amount.
func (c Charge) Known() bool { return c.Amount.Known }

// Channel is who ships the order.
type Channel string

// The two channels; empty when the source does not say.
const (
	ByAmazon   Channel = "amazon"
	ByMerchant Channel = "merchant"
)

// Status is the state of an order in the spelling that all sources share.
type Status string

// The states of an order; Unknown for a word we have never seen, which stays in StatusText.
const (
	Unknown            Status = ""
	Pending            Status = "pending" // also pending availability
	Unshipped          Status = "unshipped"
	PartiallyShipped   Status = "partially-shipped"
	Shipped            Status = "shipped"
	Cancelled          Status = "cancelled"
	Unfulfillable      Status = "unfulfillable"
	Undelivered        Status = "undelivered" // shipped, and on its way back, rejected, lost or damaged
	InvoiceUnconfirmed Status = "invoice-unconfirmed"
)

// Missing is what a source left out of an order that cannot be exported without it.
type Missing string

// What may be missing.
const (
	NothingMissing Missing = ""
	ItemsMissing   Missing = "items"  // Orders v0 keeps items in a body of their own
	PricesMissing  Missing = "prices" // the unshipped report has none
)

// TaxReading is what a source says of the tax in its prices.
type TaxReading string

// The readings; Amazon's sources state none and are proven instead.
const (
	TaxUnstated TaxReading = ""
	TaxInside   TaxReading = "inside"
	TaxOnTop    TaxReading = "on-top"
)

// Program is a marketplace programme in the spelling of Orders 2026-01-01.
type Program string

// The programmes that change what an order means; others are kept as found.
const (
	Prime           Program = "PRIME"
	AmazonBusiness  Program = "AMAZON_BUSINESS"
	Replacement     Program = "REPLACEMENT"
	Vine            Program = "VINE"
	InvoiceByAmazon Program = "INVOICE_BY_AMAZON"
)

// Has reports whether the order belongs to a programme.
func (o *Order) Has(p Program) bool { return slices.Contains(o.Programs, p) }

// Buyer is who ordered, as far as the source tells: often nothing at all.
type Buyer struct {
	Name      string // as one string
	FirstName string
	LastName  string
	Company   string
	Email     string
	Phone     string
	TaxID     string
	Address   Address // billing address
}

// Named reports whether the source has anything that distinguishes the buyer.
func (b *Buyer) Named() bool {
	return b.Name != "" || b.FirstName != "" || b.LastName != "" || b.Company != "" ||
		b.Email != "" || b.Phone != "" || b.TaxID != ""
}

// Address is a postal address.
type Address struct {
	Name     string
	Company  string
	Street   []string // address lines, empty ones left out
	City     string
	District string // county or district
	State    string // state or region
	Postcode string
	Country  string // ISO 3166 two-letter code
	Phone    string
}

// IsZero reports whether nothing is known of the address.
func (a *Address) IsZero() bool {
	return a.Name == "" && a.Company == "" && len(a.Street) == 0 && a.City == "" && a.District == "" &&
		a.State == "" && a.Postcode == "" && a.Country == "" && a.Phone == ""
}

// Origin is a place in a source: a file with a 1-based physical line and byte column, or with a JSON
// pointer. Zero parts are unknown.
type Origin struct {
	File    string
	Line    int
	Column  int
	Pointer string
}

// String prints "orders.txt:12", "orders.txt:12:5" or "orders.json#/orders/3".
func (o Origin) String() string {
	s := o.File
	if o.Line > 0 {
		s += ":" + strconv.Itoa(o.Line)
		if o.Column > 0 {
			s += ":" + strconv.Itoa(o.Column)
		}
	}
	if o.Pointer != "" {
		s += "#" + o.Pointer
	}
	return s
}

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

var statuses = map[string]Status{
	"pending":             Pending,
	"pendingavailability": Pending,
	"unshipped":           Unshipped,
	"shipping":            PartiallyShipped, // the reports' word while some of it is on its way
	"partiallyshipped":    PartiallyShipped,
	"shipped":             Shipped,
	"complete":            Shipped,
	"canceled":            Cancelled,
	"cancelled":           Cancelled,
	"unfulfillable":       Unfulfillable,
	"invoiceunconfirmed":  InvoiceUnconfirmed,
}

// undelivered are the words of parcels that do not reach their buyer: "Shipped - Returned to Seller".
var undelivered = []string{"return", "reject", "lost", "damage", "undeliver"}

// separators are what the spellings of one word differ in, beside letter case.
var separators = strings.NewReplacer("_", "", "-", "", " ", "")

// ParseStatus reads the three spellings of one state: report "Cancelled", Orders v0 "Canceled",
// Orders 2026-01-01 "CANCELLED" ("PARTIALLY_SHIPPED", "PartiallyShipped"). A new word is Unknown.
func ParseStatus(s string) Status {
	flat := separators.Replace(strings.ToLower(s))
	status, ok := statuses[flat]
	if rest, shipped := strings.CutPrefix(flat, "shipped"); !ok && shipped { // "Shipped - Delivered to Buyer", in India's reports
		if slices.ContainsFunc(undelivered, func(word string) bool { return strings.Contains(rest, word) }) {
			return Undelivered
		}
		return Shipped
	}
	return status
}

// ParseChannel reads "AFN", "AMAZON", "Amazon" and "MFN", "MERCHANT", "Merchant".
func ParseChannel(s string) Channel {
	switch strings.ToUpper(strings.TrimSpace(s)) {
	case "AFN", "AMAZON":
		return ByAmazon
	case "MFN", "MERCHANT", "SELLER":
		return ByMerchant
	}
	return ""
}
