package convert

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"obmen/convert/catalog"
	"obmen/convert/document"
	"obmen/convert/money"
	"obmen/convert/order"
	"obmen/convert/source"
)

// DefaultBatchSize is how many orders go into one output file: few enough to open in Excel and to
// load into 1C within a minute, many enough to keep a day of a usual shop in one file.
const DefaultBatchSize = 500

// Options say how orders are matched and grouped. The zero value works: unknown customers are
// created, unknown products held.
type Options struct {
	Accounts  []Account
	Account   string         // name of the account of every order that does not name its own
	Currency  money.Currency // of orders whose currency neither the source, the account nor the marketplace names; without it they are held
	Match     MatchOptions
	BatchSize int // orders in one output file; 0 means DefaultBatchSize

	// Sources recognises files beside the native formats: those of mapped sources. Nil for none.
	Sources source.Recognizer

	// Readers returns what reads the files that the documents of an account go out in; nil for none. A
	// document that one of them cannot take is held, and what one of them will not keep is noted.
	Readers func(account string) []*document.Reader

	// Known returns what an earlier run exported of an order; nil without a memory. It is asked once for
	// each order that goes on.
	Known func(Key) (*Known, error)

	// Number returns the number under which 1C finds an order: it is given once and for ever. It is asked for
	// each order that is exported, in the order of the input, one at a time. Nil leaves them to
	// the files, which make numbers of at most 11 characters of the marketplace's. An order is held where the
	// account has none left (document.NumbersUsedUpError).
	Number func(account string, k Key) (string, error)

	// Dismissed tells that a person has dealt with an order, and in which words. It is asked of each outcome
	// but repetitions, one at a time; nil without a memory.
	Dismissed func(*Outcome) (why string, dismissed bool)

	// Scratch makes a temporary file for what a run must remember of very many orders; without it that
	// stays in memory.
	Scratch  func() (Scratch, error)
	inMemory int // orders that are remembered without it; 0 means seenInMemory
}

// Account is one seller account and what 1C calls its things.
type Account struct {
	Name         string
	Marketplaces []string          // country codes, marketplace ids or domains; empty means any
	Zone         *time.Location    // of document dates; nil means the marketplace's own
	Currency     money.Currency    // where the source states none
	Organisation string            // name in 1C
	Warehouses   map[string]string // channel ("amazon", "merchant", "" for any) → name in 1C
	TaxRules
	Customer    string            // code or id of the customer for buyers that nothing else finds
	BuyerCancel Handling          // of orders that the buyer asked to cancel; empty means HoldOrder
	Undelivered Handling          // of orders that came back, or were lost on their way; empty means HoldOrder
	ProductBy   []ProductKey      // further ways to find a product, after the SKU
	Constants   map[string]string // free values for the layouts
	Pulled      bool              // its orders are pulled, and name it: orders of marketplaces are never its own
}

// TaxRules are how the tax of an account's orders is read and booked.
type TaxRules struct {
	VCS     bool             // enrolled in Amazon's VAT calculation: a stated tax of 0 is 0 %, not "unknown"
	Tax     order.TaxReading // overrides the marketplace's usual reading of prices
	TaxBy   TaxBy            // overrides who pays the sales tax
	Country string           // of the organisation; empty means RU
	VAT     VATSource        // where rates come from that vat.csv lacks; empty means by the marketplace's country
}

// TaxBy is who pays the tax of a sale to the tax office.
type TaxBy string

// Who pays; empty means what the source and the marketplace's law say.
const (
	BySeller      TaxBy = "seller"
	ByMarketplace TaxBy = "marketplace"
)

// VATSource is where the rate of a line comes from when vat.csv has none for the country of delivery.
type VATSource string

// The sources of rates; empty means VATStated on marketplaces of other countries than the organisation's.
const (
	VATStated  VATSource = "stated"  // the rate that explains the tax which the source states, else the product's
	VATCatalog VATSource = "catalog" // the product's rate
)

// takesStatedVAT reports whether rates may follow from the stated tax on a marketplace.
func (a *Account) takesStatedVAT(marketplace string) bool {
	if a.VAT == "" {
		return marketplace != "" && marketplace != cmp.Or(a.Country, homeCountry)
	}
	return a.VAT == VATStated
}

// Handling is what an account wants done with orders of a kind that may or may not be sales.
type Handling string

// What can be done with them.
const (
	ExportOrder Handling = "export"
	HoldOrder   Handling = "hold"
	SkipOrder   Handling = "skip" // undelivered orders only
)

// ProductKey is a way to find a product when its SKU is unknown.
type ProductKey string

// The further product keys.
const (
	ByBarcode ProductKey = "barcode"
	ByASIN    ProductKey = "asin"
)

// MatchOptions say how products and customers are found.
type MatchOptions struct {
	Customer        []catalog.CustomerKey // in this order; nil means DefaultCustomerKeys
	UnknownCustomer Policy                // empty means Create
	UnknownProduct  Policy                // empty means HoldIt
	DefaultCustomer string                // code or id, for Policy Default and for orders that name no buyer
}

// Policy is what happens to an order whose customer or product no catalog has.
type Policy string

// The policies.
const (
	HoldIt  Policy = "hold"
	Default Policy = "default" // customers only
	Create  Policy = "create"
)

// DefaultCustomerKeys go from the surest key to the weakest.
var DefaultCustomerKeys = []catalog.CustomerKey{"tax_id", "email", "phone", "name", "first_name"}

func (m MatchOptions) customerKeys() []catalog.CustomerKey {
	if m.Customer == nil {
		return DefaultCustomerKeys
	}
	return m.Customer
}

func (m MatchOptions) customerPolicy() Policy { return cmp.Or(m.UnknownCustomer, Create) }

func (m MatchOptions) productPolicy() Policy { return cmp.Or(m.UnknownProduct, HoldIt) }

// accountOf finds the account of an order: the one that the file names, else the one that the caller
// named (see contradictedSeller), else the only one that sells on the order's marketplace, else the one that names no
// marketplaces. Without any, an account stands in that is named after the marketplace, so that orders
// of two marketplaces never share a file.
func (opt *Options) accountOf(o *order.Order) Account {
	if name := cmp.Or(o.Account, opt.Account); name != "" {
		for _, a := range opt.Accounts {
			if strings.EqualFold(a.Name, name) {
				return a
			}
		}
		return Account{Name: name}
	}
	if a, ok := opt.onlySeller(o.Marketplace); ok {
		return a
	}
	switch {
	case o.Marketplace != "":
		return Account{Name: "amazon-" + strings.ToLower(o.Marketplace)}
	case fromAmazon(o):
		return Account{Name: "amazon"}
	}
	return Account{Name: "shop"}
}

// doubtfulSeller holds an order that more than one account could have sold, and one that an account is named for
// which does not sell where it was sold: a guess would put it into the books of the wrong organisation.
func (opt *Options) doubtfulSeller(o *order.Order) *Hold {
	if o.Account != "" {
		return nil
	}
	if opt.Account != "" {
		return opt.contradictedSeller(o)
	}
	named, open := opt.sellersOn(o.Marketplace)
	if len(named) == 0 {
		named = open
	}
	if len(named) < 2 {
		return nil
	}
	where := "sell on " + o.Marketplace
	if o.Marketplace == "" {
		where = "could have sold this"
	}
	return &Hold{
		Code:     AccountUnknown,
		Sentence: fmt.Sprintf("%d accounts %s (%s), and the file does not say whose order it is", len(named), where, namesOf(named)),
		Cure:     "convert the file with --account NAME, or leave the marketplace to one account in obmen.toml",
		File:     "obmen.toml",
	}
}

// contradictedSeller holds an order of a marketplace that the account which the caller named leaves to others.
func (opt *Options) contradictedSeller(o *order.Order) *Hold {
	account := opt.accountOf(o)
	owners, _ := opt.sellersOn(o.Marketplace)
	if o.Marketplace == "" || account.sellsOn(o.Marketplace) || len(owners)+len(account.Marketplaces) == 0 {
		return nil
	}
	hold := &Hold{
		Code:     AccountUnknown,
		Sentence: fmt.Sprintf("the order came in for the account %s, which does not sell on %s", account.Name, o.Marketplace),
		Cure:     fmt.Sprintf("add %s to the marketplaces of %s in obmen.toml, or name no account for such files (account of the [[route]], --account)", o.Marketplace, account.Name),
		File:     "obmen.toml",
	}
	if len(owners) > 0 {
		hold.Sentence = fmt.Sprintf("the order came in for the account %s, but %s is a marketplace of %s", account.Name, o.Marketplace, namesOf(owners))
	}
	return hold
}

func namesOf(accounts []Account) string {
	names := make([]string, len(accounts))
	for i := range accounts {
		names[i] = accounts[i].Name
	}
	return strings.Join(names, ", ")
}

// onlySeller is the only account that names a marketplace, else the only one that names none.
func (opt *Options) onlySeller(marketplace string) (Account, bool) {
	named, open := opt.sellersOn(marketplace)
	switch {
	case len(named) == 1:
		return named[0], true
	case len(named) == 0 && len(open) == 1:
		return open[0], true
	}
	return Account{}, false
}

// sellersOn are the accounts that name a marketplace, and those that name none.
func (opt *Options) sellersOn(marketplace string) (named, open []Account) {
	var pulled []Account
	for _, a := range opt.Accounts {
		switch {
		case len(a.Marketplaces) == 0 && a.Pulled:
			pulled = append(pulled, a)
		case len(a.Marketplaces) == 0:
			open = append(open, a)
		case a.sellsOn(marketplace):
			named = append(named, a)
		}
	}
	if len(open) == 0 && marketplace == "" { // a shop's file that was dropped by hand
		open = pulled
	}
	return named, open
}

func (a *Account) sellsOn(marketplace string) bool {
	return slices.ContainsFunc(a.Marketplaces, func(name string) bool {
		m, ok := order.LookUp(name)
		return ok && m.Country == marketplace
	})
}

func (a *Account) warehouseOf(c order.Channel) string {
	return cmp.Or(a.Warehouses[string(c)], a.Warehouses[""])
}
