package readers_test

import (
	"bytes"
	"context"
	"encoding/xml"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"obmen/convert/document"
	"obmen/convert/layout"
	"obmen/templates"
)

// nativeFile is a file of the layout native as the platform's own exchange takes it: each object is written under its
// reference, whatever was there.
type nativeFile struct {
	Customers []nativeObject `xml:"Data>CatalogObject.Customers"`
	Products  []nativeObject `xml:"Data>CatalogObject.Products"`
	Orders    []nativeOrder  `xml:"Data>DocumentObject.SalesOrder"`
}

type nativeObject struct {
	Ref         string
	Description string
}

type nativeOrder struct {
	Ref          string
	DeletionMark bool
	Customer     string
	Products     []struct{ Product, Quantity, Amount string }
}

// nativeBase is what the platform has: objects by their references.
type nativeBase struct {
	named  map[string]string // descriptions of customers and products
	orders map[string]nativeOrder
}

func (b *nativeBase) load(t *rapid.T, l *layout.Layout, batches []document.Batch) {
	for _, batch := range batches {
		var text bytes.Buffer
		if _, err := l.Parts()[0].Write(context.Background(), &text, batch); err != nil {
			t.Fatal(err)
		}
		var file nativeFile
		if err := xml.Unmarshal(text.Bytes(), &file); err != nil {
			t.Fatal(err)
		}
		for _, o := range append(file.Customers, file.Products...) {
			b.named[o.Ref] = o.Description
		}
		for _, o := range file.Orders {
			b.orders[o.Ref] = o
		}
	}
}

// differs says in what the base is not as the documents mean; empty when it is.
func (b *nativeBase) differs(list []*document.Document) string {
	if len(b.orders) != len(list) {
		return fmt.Sprintf("%d orders, want %d", len(b.orders), len(list))
	}
	for _, d := range list {
		o, found := b.orders[d.ID]
		if !found || o.DeletionMark != d.Cancelled || len(o.Products) != len(d.Lines) {
			return fmt.Sprintf("%s is %+v", d.Number, o)
		}
		if b.named[o.Customer] == "" {
			return fmt.Sprintf("%s: there is no customer %s", d.Number, o.Customer)
		}
		for i, line := range d.Lines {
			got := o.Products[i]
			if b.named[got.Product] == "" || line.ProductID != "" && got.Product != line.ProductID || got.Quantity != line.Quantity.String() || got.Amount != line.Amount.String() {
				return fmt.Sprintf("%s: line %d is %+v, want %s for %s", d.Number, i+1, got, line.Quantity, line.Amount)
			}
		}
	}
	return ""
}

// The platform's own exchange has every order of the layout native once, with what it refers to, however often it is
// read, changed and cancelled.
func TestNativeAgrees(t *testing.T) {
	l, err := layout.Compile(templates.FS, "native", nil)
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		shops := map[string][]object{"a": shopOrders(t, "a"), "b": shopOrders(t, "b")}
		given := numbers{}
		b := nativeBase{named: map[string]string{}, orders: map[string]nativeOrder{}}
		known := newBase()
		for i := range known.Items {
			b.named[known.Items[i].ID] = known.Items[i].Name
		}
		for i := range known.Buyers {
			b.named[known.Buyers[i].ID] = known.Buyers[i].Name
		}
		c := convertShops(t, l, shops, given)
		for range 2 {
			b.load(t, l, c.batches)
			if wrong := b.differs(c.documents()); wrong != "" {
				t.Fatal(wrong)
			}
		}
		for _, d := range c.documents() {
			d.Lines, d.Cancelled = d.Lines[:1], true
		}
		b.load(t, l, c.batches)
		if wrong := b.differs(c.documents()); wrong != "" {
			t.Fatal("cancelled: " + wrong)
		}
	})
}
