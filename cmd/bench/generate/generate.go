// Package generate makes orders and catalogs for benchmarks. Order number i is the same in every
// format and on every machine, however many there are: nothing comes from a clock or from chance.
//
// The data is invented and shaped like a year of a European seller: two lines an order
// on average, 200,000 products and 100,000 customers in the catalogs, two lines in a hundred with a SKU
// that the catalogs lack, five buyers in a hundred unknown.
package generate

import (
	"bufio"
	"fmt"
	"io"
	"slices"
)

// format writes orders one after another. Its methods append to b.
type format interface {
	begin(b []byte) []byte
	order(b []byte, o *Order) []byte
	end(b []byte) []byte
}

// Format is a way to write orders down.
type Format struct {
	Name string // as obmen names the source format
	Ext  string // of its files, ".json"
	make func() format
}

// Formats are all that Orders can write.
func Formats() []Format { return slices.Clone(formats) }

var formats = []Format{
	{"amazon-orders-2026-01-01", ".json", func() format { return new(orders2026) }},
	{"amazon-all-orders", ".txt", func() format { return allOrders{} }},
	{"amazon-orders-v0", ".json", func() format { return new(ordersV0) }},
	{"amazon-new-orders", ".txt", func() format { return newOrders{} }},
	{"amazon-unshipped", ".txt", func() format { return unshipped{} }},
	{"amazon-all-orders-xml", ".xml", func() format { return allOrdersXML{} }},
	{"amazon-order-report-xml", ".xml", func() format { return orderReport{} }},
	{"shop-orders", ".json", func() format { return new(shop) }},
}

// FormatNamed finds a format by its name.
func FormatNamed(name string) (Format, error) {
	for _, f := range formats {
		if f.Name == name {
			return f, nil
		}
	}
	var names []string
	for _, f := range formats {
		names = append(names, f.Name)
	}
	return Format{}, fmt.Errorf("no format %q; there are %q", name, names)
}

// bufferSize is how much is written at once.
const bufferSize = 1 << 20

// Orders writes the orders with the numbers from up to, and without, to as one file.
func (f Format) Orders(w io.Writer, from, to int) error {
	as := f.make()
	buf := as.begin(make([]byte, 0, bufferSize+bufferSize/8))
	var memory [8]item
	for i := from; i < to; i++ {
		o := Number(i, memory[:])
		if buf = as.order(buf, &o); len(buf) < bufferSize {
			continue
		}
		if _, err := w.Write(buf); err != nil {
			return err
		}
		buf = buf[:0]
	}
	_, err := w.Write(as.end(buf))
	return err
}

// Version is another one when the data is not what it was.
const Version = "2"

// ProductsCSV writes the first n products as 1C exports them.
func ProductsCSV(w io.Writer, n int) error {
	b := bufio.NewWriter(w)
	fmt.Fprintln(b, "sku;id;characteristic;code;name;unit;vat;barcode;kind;group")
	for i := range n {
		fmt.Fprintf(b, "%s;%s;;НФ-%08d;%s;шт;22;460%010d;Товар;Посуда\n", sku(i), guid(1, i), i, товар(i), i)
	}
	return b.Flush()
}

// CustomersCSV writes the first n customers.
func CustomersCSV(w io.Writer, n int) error {
	b := bufio.NewWriter(w)
	fmt.Fprintln(b, "id;code;name;first_name;email;phone;tax_id;country")
	for i := range n {
		m := markets[i%len(markets)]
		fmt.Fprintf(b, "%s;К-%07d;%s;%s;%s;;;%s\n", guid(2, i), i, lastName(i), firstName(i), email(i), m.country)
	}
	return b.Flush()
}

// VATCSV writes the rates of all countries that the orders come from.
func VATCSV(w io.Writer) error {
	b := bufio.NewWriter(w)
	fmt.Fprintln(b, "country;group;rate;regime")
	for _, m := range markets {
		fmt.Fprintf(b, "%s;;%d;%s\n", m.country, m.rate, m.country)
	}
	return b.Flush()
}

// Settings are those of the seller whose orders these are, for obmen.toml.
const Settings = `[match]
unknown_customer = "create"
unknown_product  = "hold"

[layouts]
use = ["commerceml", "sheet"]

[[account]]
name         = "example-eu"
marketplaces = ["DE", "FR", "IT", "ES"]
organisation = "ООО «Северный берег»"
warehouses   = { amazon = "Склад Amazon Европа", merchant = "Основной склад" }
vcs_enrolled = true
`
