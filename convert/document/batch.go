package document

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"obmen/convert/money"
)

// Batch is the documents of one output set. Its name and bytes follow from its content.
type Batch struct {
	Account   string
	Constants map[string]string // the account's
	Created   time.Time         // newest change among its orders: the file's own time, never the clock's
	Documents []Document
	Message   Message // of a file that goes out in an exchange; zero for any other
}

// Message is a place in the exchange between two nodes: a series of files under one name, of which 1C
// reads the newest.
type Message struct {
	Sent     bool // the batch goes out as a message
	Number   int  // from 1
	Received int  // number of 1C's last message that was read
}

// Sum is a control total: what the documents of one currency come to.
type Sum struct {
	Currency string
	Count    int
	Total    money.Amount
}

// Constant is one of an account's free settings.
type Constant struct{ Name, Value string }

// Sums returns the control totals, sorted by currency.
func (b *Batch) Sums() []Sum {
	var sums []Sum
	for i := range b.Documents {
		d := &b.Documents[i]
		at, found := slices.BinarySearchFunc(sums, d.Currency, func(s Sum, c string) int { return strings.Compare(s.Currency, c) })
		if !found {
			sums = slices.Insert(sums, at, Sum{Currency: d.Currency})
		}
		s := &sums[at]
		s.Count, s.Total = s.Count+1, s.Total.Plus(d.Total)
	}
	return sums
}

// SortedConstants returns the constants by name.
func (b *Batch) SortedConstants() []Constant {
	var list []Constant
	for _, name := range slices.Sorted(maps.Keys(b.Constants)) {
		list = append(list, Constant{name, b.Constants[name]})
	}
	return list
}

// Unknown lists what 1C does not know yet, or obmen does not know 1C's id of: each once, in the order in
// which the documents name it.
type Unknown struct {
	Customers, CustomersWithoutID []*Customer
	Products, ProductsWithoutID   []*Line // a line for each product
}

// Unknown looks through the documents. What it returns points into them.
func (b *Batch) Unknown() *Unknown {
	u := &Unknown{}
	seen := map[string]bool{}
	first := func(key string) bool {
		again := seen[key]
		seen[key] = true
		return !again
	}
	for i := range b.Documents {
		d := &b.Documents[i]
		if c := &d.Customer; !c.IDFrom1C && c.ID != "" && first("customer\x1f"+c.ID) {
			u.CustomersWithoutID = append(u.CustomersWithoutID, c)
			if c.New {
				u.Customers = append(u.Customers, c)
			}
		}
		for j := range d.Lines {
			l := &d.Lines[j]
			if !l.NewProduct && l.ProductID != "" || !first("product\x1f"+cmp.Or(l.ProductID, l.SKU)) {
				continue
			}
			u.ProductsWithoutID = append(u.ProductsWithoutID, l)
			if l.NewProduct {
				u.Products = append(u.Products, l)
			}
		}
	}
	return u
}
