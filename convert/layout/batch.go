package layout

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
	Message   Message // of a file that is one of a numbered series; zero for any other

	made struct { // what templates ask for, computed once for a file
		sums      []Sum
		constants []Constant
		fresh     *fresh
		template  string
	}
}

// Message is a place in a series of files under one name, of which 1C reads the newest.
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

// sums are the control totals by currency.
func (b *Batch) sums() []Sum {
	if b.made.sums != nil {
		return b.made.sums
	}
	for i := range b.Documents {
		d := &b.Documents[i]
		at, found := slices.BinarySearchFunc(b.made.sums, d.Currency, func(s Sum, c string) int { return strings.Compare(s.Currency, c) })
		if !found {
			b.made.sums = slices.Insert(b.made.sums, at, Sum{Currency: d.Currency})
		}
		s := &b.made.sums[at]
		s.Count, s.Total = s.Count+1, s.Total.Plus(d.Total)
	}
	return b.made.sums
}

func (b *Batch) constants() []Constant {
	if b.made.constants == nil {
		for _, name := range slices.Sorted(maps.Keys(b.Constants)) {
			b.made.constants = append(b.made.constants, Constant{name, b.Constants[name]})
		}
	}
	return b.made.constants
}

// fresh lists what 1C does not know yet, or obmen does not know 1C's id of, in the order in which the
// documents name it.
type fresh struct {
	customers, customersWithoutID []*Customer
	products, productsWithoutID   []*Line
}

// unknown looks through the documents once. The batch is the copy of the one call that writes it.
func (b *Batch) unknown() *fresh {
	if b.made.fresh != nil {
		return b.made.fresh
	}
	f := &fresh{}
	seen := map[string]bool{}
	first := func(key string) bool {
		again := seen[key]
		seen[key] = true
		return !again
	}
	for i := range b.Documents {
		d := &b.Documents[i]
		if c := &d.Customer; !c.IDFrom1C && c.ID != "" && first("customer\x1f"+c.ID) {
			f.customersWithoutID = append(f.customersWithoutID, c)
			if c.New {
				f.customers = append(f.customers, c)
			}
		}
		for j := range d.Lines {
			l := &d.Lines[j]
			if !l.NewProduct && l.ProductID != "" || !first("product\x1f"+cmp.Or(l.ProductID, l.SKU)) {
				continue
			}
			f.productsWithoutID = append(f.productsWithoutID, l)
			if l.NewProduct {
				f.products = append(f.products, l)
			}
		}
	}
	b.made.fresh = f
	return f
}
