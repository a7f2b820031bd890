// Package readers models how released configurations of 1C read the order files of the layouts
// commerceml and enterprisedata: what their bases hold after a file, and after the same file again.
//
// A model is no configuration. It knows the rules that decide which documents, lines, sums, buyers and
// items come of a file, and leaves everything else out. The rules were learned by reading public dumps
// of the configurations, in the words of this package; none of 1C's code is in it, and none of it was
// tried on a live base. The sources are named by letter where a rule stands:
//
//	U  УТ 11.5.20, common modules ОбменССайтом, ОбменССайтомПереопределяемый, ОбменССайтамиУТ,
//	   ОбменССайтомПовтИсп (GitHub work1cblackbird/ut11); ERP 2.5.17 has the same rules (AlexanderYekat/erp)
//	N  УНФ 3.0.8, common modules ОбменССайтом, ОбменССайтомПовтИсп (AlexanderYekat/unf)
//	D  EnterpriseData: УНФ 3.0.8, МенеджерОбменаЧерезУниверсальныйФормат and ОбменДаннымиXDTOСервер
//	   (AlexanderYekat/unf); УТ 11.4.2, the same manager (korzhishe/digit_ut11); versions registered by
//	   УТ 11.5.20 and ERP 2.5.17
//	P  what the platform does on its own: known, and not read in any source
package readers

import (
	"fmt"
	"slices"
	"strings"

	"obmen/convert/money"
)

// WithoutVAT is the rate of a line that is not taxed.
const WithoutVAT = "Без НДС"

// Base is what a configuration knows and holds. Items, Buyers and Orders only grow; lines and orders name
// them by their place in these lists.
type Base struct {
	Currency      string            // name of the base's own currency
	Currencies    []string          // names of the others that it has
	Codes         map[string]string // names of its currencies by their number
	Rates         []string          // percentages it has VAT rates for
	Organisations []Named
	Warehouses    []Named

	Items  []Item
	Buyers []Buyer
	Orders []Order
}

// Named is an organisation or a warehouse.
type Named struct{ ID, Name, TaxID, KPP string }

// Item is a product or a service.
type Item struct {
	ID, Article, Name string
	Service           bool
	Rate              string
	SiteID            string   // what УНФ remembers of a site's Ид that is no GUID
	Variants          []string // GUIDs of its characteristics
	VariantNames      []string
}

// Kind is what a buyer is before the law.
type Kind string

// The kinds of buyers.
const (
	Person       Kind = "person"
	Company      Kind = "company"
	Entrepreneur Kind = "entrepreneur"
)

// Buyer is a counterparty.
type Buyer struct {
	ID, Name, TaxID, KPP string
	Kind                 Kind
	Email, Phone         string
	Address, Country     string
}

// Order is a document of an order.
type Order struct {
	Names

	Currency, Organisation, Warehouse string
	Buyer                             int // in Base.Buyers; -1 without one
	Lines                             []Line
	VATInside                         bool
	Taxed                             bool // false where the whole document is not subject to VAT
	Total                             money.Amount

	Comment, Address, Status, Contract string

	Marks
}

// Names are those under which an order is found again.
type Names struct {
	Site   string // number on the site, by which the site exchange finds it again
	ID     string // reference, by which EnterpriseData finds it again
	Number string // number that people see in 1C
	Date   string // 2006-01-02T15:04:05
}

// Marks are what people, or a later message, did to an order.
type Marks struct {
	State     State
	Posted    bool
	Deleted   bool // marked for deletion
	Cancelled bool
}

// State is how far an order has come in 1C.
type State string

// The states that matter to a reader.
const (
	Awaiting State = ""       // nothing was done with it yet
	Agreed   State = "agreed" // a manager has agreed to it, or goods were shipped
	Finished State = "finished"
)

// Line is a row of an order.
type Line struct {
	Item     int    // in Base.Items; -1 where the line has none
	Variant  string // characteristic
	Quantity money.Quantity
	Price    money.Amount
	Sum      money.Amount
	Rate     string // percentage, WithoutVAT, or empty where the reader leaves none
	VAT      money.Amount
	NoVAT    bool         // the reader neither reads nor computes VAT, though there is a rate
	Total    money.Amount // what the buyer pays for the line
}

// clone is a copy that a transaction may spoil.
func (b *Base) clone() *Base {
	c := *b
	c.Items, c.Buyers, c.Orders = slices.Clone(b.Items), slices.Clone(b.Buyers), slices.Clone(b.Orders)
	return &c
}

// Node is the settings of the exchange in 1C.
type Node struct {
	Organisation, Warehouse string // names that stand in all its orders
	NoNumberAttribute       bool   // УТ: no additional attribute for the site's number is chosen
	BuyersByTaxID           bool   // УТ: buyers are found by ИНН and КПП, else by name
	NoVariants              bool   // characteristics of items are off
	NoCancelReasons         bool   // УТ: the option "причины отмены" is off
	NoShippingDate          bool   // УНФ: the node gives orders no date of shipping
	DeliveryServices        bool   // УНФ: the table of delivery services is filled
	TaxedByDefault          bool   // УНФ: prices contain VAT where the file does not say
	Statuses                map[string]string
	Prefix                  string // of numbers: organisation and site
}

// Report is what a reader says of one file.
type Report struct {
	OK       bool // the reader calls the load a success
	Created  int
	Updated  int
	Skipped  int
	Messages []string // what it tells a person
	Silent   []string // what it does wrong without telling
	Depends  []string // what else the settings of its exchange decide, each once
}

func (r *Report) say(format string, args ...any) {
	r.Messages = append(r.Messages, fmt.Sprintf(format, args...))
}

func (r *Report) keepSilent(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); len(r.Silent) == 0 || r.Silent[len(r.Silent)-1] != text { // lines of one order
		r.Silent = append(r.Silent, text)
	}
}

func (r *Report) dependOn(text string) {
	if !slices.Contains(r.Depends, text) {
		r.Depends = append(r.Depends, text)
	}
}

// Reader reads a file into a base.
type Reader interface {
	Read(b *Base, file []byte) Report
}

// raised is an exception in a reader: the transaction is rolled back.
type raised struct{ text string }

func (e *raised) Error() string { return e.text }

func raise(format string, args ...any) error { return &raised{fmt.Sprintf(format, args...)} }

// find returns the place of the first element that fits, or -1 as slices.IndexFunc does.
func find[T any](list []T, fits func(*T) bool) int {
	for i := range list {
		if fits(&list[i]) {
			return i
		}
	}
	return -1
}

// currency finds a currency by the beginning of its name; the base's own is taken where none is found,
// with the figures as they are (U, N, P).
func (b *Base) currency(name string) (found string, ok bool) {
	name = cut(name, 10)
	all := append([]string{b.Currency}, b.Currencies...)
	if slices.Contains(all, name) {
		return name, true
	}
	if i := slices.IndexFunc(all, func(c string) bool { return strings.HasPrefix(c, name) }); i >= 0 {
		return all[i], true
	}
	return b.Currency, false
}

// cut shortens a text to what an attribute of a fixed length keeps (P).
func cut(text string, characters int) string {
	n := 0
	for i := range text {
		if n == characters {
			return text[:i]
		}
		n++
	}
	return text
}

// number reads a decimal number; what is none is 0 (U, N).
func number(text string) money.Decimal {
	d, err := money.Parse(strings.TrimSpace(text))
	if err != nil || !d.Valid() {
		return money.Zero
	}
	return d
}
