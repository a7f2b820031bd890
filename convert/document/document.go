// Package document holds what goes to 1C: documents, their lines and buyers, and the batch of one output set.
package document

import (
	"strings"
	"time"

	"obmen/convert/money"
)

// Document is an order matched against a catalog and ready for 1C. Everything is decided here; a
// layout only writes it down. Times are wall clock in the account's zone, as 1C keeps them.
//
// On every line Price × Quantity = Amount. Total = the sum of Amount, plus VAT where it is on top.
type Document struct {
	Identity
	Dates
	Stage
	Sale
	Assignment
	Amounts

	Customer Customer
	ShipTo   Address
	Lines    []Line
	Comment  string
	Proof    Proof
}

// Identity is how a document and its order are found again.
type Identity struct {
	ID     string // UUIDv5 of account and order id: the same order is the same object for ever
	Number string // the marketplace's order id
	// Number1C is the number under which 1C finds the order again; see NumberOfSite. Empty in documents that
	// went out before there were such numbers, and where none are counted.
	Number1C string
}

// Dates are wall clock in the account's zone.
type Dates struct {
	Date time.Time
	// Updated is the last change the source knew, or Date.
	Updated   time.Time
	DeliverBy time.Time // the last day on which it was promised to arrive; zero when not known
}

// Stage is how far the order has come, and what 1C should do with its document.
type Stage struct {
	Cancelled bool
	// Action is new, update or cancel: what 1C should do with its document. Changes say what an update
	// changes.
	Action  string
	Changes []Change

	Status     string // pending, unshipped, partially-shipped, shipped, cancelled, unfulfillable or empty
	StatusText string // as the source spells it
}

// Sale is where and how the order was sold, and where it was read.
type Sale struct {
	Format       string // source format
	Origin       string // file and place the order was read from
	Account      string // seller account
	Marketplace  string // country code; empty for an own shop
	SalesChannel string // "Amazon.de"
	Channel      string // who ships: amazon, merchant or empty
	ServiceLevel string
	Payment      string
	Programs     string // joined with ", "
	Business     bool
	// PurchaseOrder is the business buyer's own order number; SellerOrder the seller's.
	PurchaseOrder string
	SellerOrder   string
	Replaces      string
}

// Assignment is what the settings of the account give a document.
type Assignment struct {
	Organisation string // name of the organisation in 1C
	Warehouse    string // name of the warehouse in 1C, by channel
	Constants    map[string]string
}

// Amounts are the money of a document as a whole, and its currency.
type Amounts struct {
	Currency        string        // ISO letters
	CurrencyName    string        // what 1C calls the currency; set by Reader.Fit
	CurrencyNumeric string        // ISO number, the key of 1C's currencies
	Rate            money.Decimal // of Nominal units of Currency in 1C's own currency; 1 when not known
	Nominal         money.Decimal

	Total       money.Amount
	VAT         money.Amount
	VATIncluded bool // amounts contain the VAT
	VATStated   bool // rates are known; false leaves them to 1C's product cards
}

// Line is one row of the document's goods and services.
type Line struct {
	Number  int    // from 1
	Kind    string // goods, shipping, gift-wrap, cod or other: all but goods are services
	Service bool
	Product
	LineAmounts
	SourceItem
}

// Product is what a line sells, as 1C knows it.
type Product struct {
	ProductID      string // 1C's GUID, or ours for a product that 1C shall create
	Characteristic string // 1C's GUID of the characteristic; empty without one
	Code           string
	SKU            string // article in 1C
	Name           string
	Unit           string // "шт"
	Barcode        string
	NewProduct     bool // 1C does not know it yet
}

// LineAmounts are the quantity and the money of a line.
type LineAmounts struct {
	Quantity money.Quantity
	Price    money.Amount
	Amount   money.Amount
	VATRate  money.VATRate
	VAT      money.Amount // inside Amount or on top of it, see Document.VATIncluded
}

// SourceItem is what a line sells, as the source spells it.
type SourceItem struct {
	SourceSKU string // as the marketplace spells it
	ASIN      string
	ItemID    string // the marketplace's order item id
	Title     string // the marketplace's title
}

// Change is one difference between a document and the one that 1C got before.
type Change struct {
	What string // "Total", "ShipTo", "AB-100 Quantity"
	Was  string
	Now  string
}

// Customer is 1C's counterparty of a document.
type Customer struct {
	ID        string // 1C's GUID, or ours for one that 1C shall create
	Code      string
	Name      string
	FirstName string
	LastName  string
	Email     string
	Phone     string
	TaxNumbers
	Country  string
	Company  bool // a legal entity
	IDFrom1C bool // ID is 1C's own; false where it is ours
	New      bool // 1C does not know it yet
	Retail   bool // one collective buyer stands for people the source does not name
	Address  Address
}

// TaxNumbers are those of a buyer who has any.
type TaxNumbers struct {
	TaxID string
	KPP   string // of a legal entity of Russia, beside its TaxID
}

// Lengths of the Russian tax number.
const (
	companyINN = 10
	personINN  = 12
)

// INN returns the tax number where it is a Russian one: of ten or twelve digits, and of a buyer from nowhere else. A
// number of another country that stood in its place would join strangers, or make a person an entrepreneur.
func (c *Customer) INN() string {
	if c.Country != "" && c.Country != "RU" || strings.Trim(c.TaxID, "0123456789") != "" {
		return ""
	}
	if n := len(c.TaxID); n != companyINN && n != personINN {
		return ""
	}
	return c.TaxID
}

// Address is a postal address.
type Address struct {
	Full     string // on one line, postcode first
	Name     string
	Street   string
	City     string
	State    string
	Postcode string
	Country  string
	Phone    string
}

// Proof shows how the amounts of the document follow from those of the source.
type Proof struct {
	Name     string       // the reading that reproduces the order total: "tax on top", "tax inside, …"
	Wording  string       // Name in Russian, as a document shows it
	Stated   bool         // the source stated a total that Total reproduces
	Total    money.Amount // the order total
	Excluded money.Amount // part of Total that is not the seller's: Total − Excluded = Document.Total
	Reason   string       // why it is excluded: "налог, который удержал и платит маркетплейс"
	Tax      money.Amount // tax the source states
}

// Country is a country as 1C's classifier (ОКСМ) has it.
type Country struct{ Numeric, Name string }

// countries are those of marketplaces and of most of their buyers, by ISO letters.
var countries = map[string]Country{
	"AE": {"784", "ОБЪЕДИНЕННЫЕ АРАБСКИЕ ЭМИРАТЫ"}, "AM": {"051", "АРМЕНИЯ"}, "AT": {"040", "АВСТРИЯ"}, "AU": {"036", "АВСТРАЛИЯ"},
	"AZ": {"031", "АЗЕРБАЙДЖАН"}, "BE": {"056", "БЕЛЬГИЯ"}, "BG": {"100", "БОЛГАРИЯ"}, "BR": {"076", "БРАЗИЛИЯ"}, "BY": {"112", "БЕЛАРУСЬ"},
	"CA": {"124", "КАНАДА"}, "CH": {"756", "ШВЕЙЦАРИЯ"}, "CN": {"156", "КИТАЙ"}, "CY": {"196", "КИПР"}, "CZ": {"203", "ЧЕХИЯ"},
	"DE": {"276", "ГЕРМАНИЯ"}, "DK": {"208", "ДАНИЯ"}, "EE": {"233", "ЭСТОНИЯ"}, "EG": {"818", "ЕГИПЕТ"}, "ES": {"724", "ИСПАНИЯ"},
	"FI": {"246", "ФИНЛЯНДИЯ"}, "FR": {"250", "ФРАНЦИЯ"}, "GB": {"826", "СОЕДИНЕННОЕ КОРОЛЕВСТВО"}, "GE": {"268", "ГРУЗИЯ"},
	"GR": {"300", "ГРЕЦИЯ"}, "HR": {"191", "ХОРВАТИЯ"}, "HU": {"348", "ВЕНГРИЯ"}, "IE": {"372", "ИРЛАНДИЯ"}, "IL": {"376", "ИЗРАИЛЬ"},
	"IN": {"356", "ИНДИЯ"}, "IT": {"380", "ИТАЛИЯ"}, "JP": {"392", "ЯПОНИЯ"}, "KG": {"417", "КИРГИЗИЯ"}, "KW": {"414", "КУВЕЙТ"},
	"KZ": {"398", "КАЗАХСТАН"}, "LT": {"440", "ЛИТВА"}, "LU": {"442", "ЛЮКСЕМБУРГ"}, "LV": {"428", "ЛАТВИЯ"}, "MC": {"492", "МОНАКО"},
	"MD": {"498", "МОЛДОВА"}, "MT": {"470", "МАЛЬТА"}, "MX": {"484", "МЕКСИКА"}, "NL": {"528", "НИДЕРЛАНДЫ"}, "NO": {"578", "НОРВЕГИЯ"},
	"PL": {"616", "ПОЛЬША"}, "PT": {"620", "ПОРТУГАЛИЯ"}, "RO": {"642", "РУМЫНИЯ"}, "RS": {"688", "СЕРБИЯ"}, "RU": {"643", "РОССИЯ"},
	"SA": {"682", "САУДОВСКАЯ АРАВИЯ"}, "SE": {"752", "ШВЕЦИЯ"}, "SG": {"702", "СИНГАПУР"}, "SI": {"705", "СЛОВЕНИЯ"},
	"SK": {"703", "СЛОВАКИЯ"}, "TJ": {"762", "ТАДЖИКИСТАН"}, "TR": {"792", "ТУРЦИЯ"}, "US": {"840", "СОЕДИНЕННЫЕ ШТАТЫ"},
	"UZ": {"860", "УЗБЕКИСТАН"}, "ZA": {"710", "ЮЖНАЯ АФРИКА"},
}

// CountryOf returns the country of ISO letters; empty for one that the table lacks.
func CountryOf(letters string) Country { return countries[letters] }
