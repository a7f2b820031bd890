package layout

import (
	"cmp"
	"time"
)

var batchRecord = &record{"Batch", []field{
	text("Account", "Учетная запись", "seller account of the whole file", "example-eu", func(b *Batch) string { return b.Account }),
	date("Created", "Дата формирования", "newest change among the orders: the file's own time", "2026-11-23T09:30:00", func(b *Batch) time.Time { return b.Created }),
	list("Documents", "Документы", "the documents of the file", documentRecord, func(b *Batch) []Document { return b.Documents }),
	pointers("NewCustomers", "Новые контрагенты", "counterparties of the file that 1C does not know yet, each once", customerRecord, func(b *Batch) []*Customer { return b.unknown().customers }),
	pointers("NewProducts", "Новая номенклатура", "lines with products that 1C does not know yet, each product once", lineRecord, func(b *Batch) []*Line { return b.unknown().products }),
}}

// fresh lists what 1C does not know yet, in the order in which the documents name it.
type fresh struct {
	customers []*Customer
	products  []*Line
}

// unknown looks through the documents once. The batch is the copy of the one call that writes it.
func (b *Batch) unknown() *fresh {
	if b.fresh != nil {
		return b.fresh
	}
	b.fresh = &fresh{}
	seen := map[string]bool{}
	first := func(key string) bool {
		again := seen[key]
		seen[key] = true
		return !again
	}
	for i := range b.Documents {
		d := &b.Documents[i]
		if d.Customer.New && first("customer\x1f"+d.Customer.ID) {
			b.fresh.customers = append(b.fresh.customers, &d.Customer)
		}
		for j := range d.Lines {
			if l := &d.Lines[j]; l.NewProduct && first("product\x1f"+cmp.Or(l.ProductID, l.SKU)) {
				b.fresh.products = append(b.fresh.products, l)
			}
		}
	}
	return b.fresh
}
