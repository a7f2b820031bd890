package bsltest_test

import (
	"bytes"
	"fmt"
	"math/big"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"obmen/convert/document"
	"obmen/convert/layout"
	"obmen/convert/money"
	"obmen/templates"
)

// made is an order as a generator draws it: quantities of its lines, and what becomes of it later.
type made struct {
	quantities         []int
	changed, cancelled bool
}

var madeOrders = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) made {
	return made{
		rapid.SliceOfN(rapid.IntRange(1, 9), 1, 4).Draw(t, "quantities"), rapid.Bool().Draw(t, "changed"), rapid.Bool().Draw(t, "cancelled"),
	}
}), 1, 6)

// generatedRuns is how many sets of orders go through the loader, in turn as files of each layout that it takes: each
// is read four times.
const generatedRuns = 8

// document is the order as obmen sends it, at first or later.
func (m *made) document(n int, later bool) document.Document {
	d := document.Document{
		Identity: document.Identity{ID: madeID(n), Number: fmt.Sprint("302-", n), Number1C: fmt.Sprintf("%06d", n+1)}, Dates: document.Dates{Date: madeDay, Updated: madeDay}, Stage: document.Stage{Action: "new"}, Sale: document.Sale{Account: "shop"},
		Amounts:  document.Amounts{Currency: "EUR", CurrencyNumeric: "978", Rate: money.Int(94), Nominal: money.One, VATIncluded: true, VATStated: true},
		Customer: document.Customer{ID: buyerID, IDFrom1C: true, Name: "Розничный покупатель"},
	}
	if later {
		d.Action, d.Cancelled = "update", m.cancelled
	}
	if d.Cancelled {
		d.Action = "cancel"
	}
	for i, q := range m.quantities {
		if later && m.changed {
			q++
		}
		quantity, price := money.Int(int64(q)), money.Int(12)
		l := document.Line{
			Number: i + 1, Kind: "goods", Product: document.Product{ProductID: productID(i), SKU: fmt.Sprint("AB-", i), Name: fmt.Sprint("Товар ", i), Unit: "шт"},
			LineAmounts: document.LineAmounts{Quantity: quantity, Price: price, Amount: price.Times(quantity), VATRate: money.NoVAT},
		}
		d.Lines, d.Total = append(d.Lines, l), d.Total.Plus(l.Amount)
	}
	return d
}

var madeDay = time.Date(2026, 11, 6, 12, 0, 0, 0, time.UTC)

// writeMade is a file of a layout with orders.
func writeMade(t *testing.T, l *layout.Layout, orders []document.Document) string {
	t.Helper()
	var file bytes.Buffer
	b := document.Batch{Account: "shop", Created: madeDay, Documents: orders}
	if _, err := l.Parts()[0].Write(t.Context(), &file, b); err != nil {
		t.Fatal(err)
	}
	return file.String()
}

// Whatever the orders, 1C has one draft for each, with its lines, however often a file is read; a change changes it,
// a cancellation marks it.
func TestLoaderKeepsGeneratedOrders(t *testing.T) {
	var layouts []*layout.Layout
	for _, name := range []string{"commerceml", "salesorder"} {
		l, err := layout.Compile(templates.FS, name, nil)
		if err != nil {
			t.Fatal(err)
		}
		layouts = append(layouts, l)
	}
	for run := range generatedRuns {
		orders := madeOrders.Example(run)
		o := typical(t)
		for i := range 4 {
			o.base.stores["Справочник.Номенклатура"].put(productID(i), fmt.Sprintf("Наименование=Товар %d", i), fmt.Sprintf("Артикул=AB-%d", i)).values["этогруппа"] = false
		}
		file := func(later bool) string {
			var list []document.Document
			for n, m := range orders {
				if !later || m.changed || m.cancelled {
					list = append(list, m.document(n, later))
				}
			}
			if list == nil { // a file has an order
				return ""
			}
			return writeMade(t, layouts[run%len(layouts)], list)
		}
		for i, text := range []string{file(false), file(false), file(true), file(true)} {
			if text != "" {
				o.drop(fmt.Sprint(i, ".xml"), text)
				o.load()
			}
		}
		documents := o.base.stores["Документ.ЗаказКлиента"].items
		if len(documents) != len(orders) {
			t.Fatalf("run %d: %d documents for %d orders", run, len(documents), len(orders))
		}
		for n, m := range orders {
			it := documents[madeID(n)]
			if it == nil || it.values["пометкаудаления"] != m.cancelled || len(it.rows["товары"]) != len(m.quantities) {
				t.Fatalf("run %d, order %d of %+v: the document is %+v", run, n, m, it)
			}
			for i, row := range it.rows["товары"] {
				want := int64(m.quantities[i])
				if m.changed && !m.cancelled {
					want++
				}
				if got := row.values["количество"].(*big.Rat); got.Cmp(big.NewRat(want, 1)) != 0 || row.values["номенклатура"] != (ref{o.base.stores["Справочник.Номенклатура"], productID(i)}) {
					t.Fatalf("run %d, order %d: line %d is %v, want %d of product %d", run, n, i, row.values, want, i)
				}
			}
		}
	}
}

func madeID(n int) string {
	return uuid.NewSHA1(uuid.NameSpaceOID, fmt.Append(nil, "order", n)).String()
}

func productID(n int) string {
	return uuid.NewSHA1(uuid.NameSpaceOID, fmt.Append(nil, "product", n)).String()
}
