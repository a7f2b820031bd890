package generate

import (
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
