package bsltest_test

import (
	"fmt"
	"math/big"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"
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

// generatedRuns is how many sets of orders go through the loader: each is read four times.
const generatedRuns = 8

// Whatever the orders, 1C has one draft for each, with its lines, however often a file is read; a change changes it,
// a cancellation marks it.
func TestLoaderKeepsGeneratedOrders(t *testing.T) {
	for run := range generatedRuns {
		orders := madeOrders.Example(run)
		o := typical(t)
		for i := range 4 {
			o.base.stores["Справочник.Номенклатура"].put(productID(i), fmt.Sprintf("Наименование=Товар %d", i), fmt.Sprintf("Артикул=AB-%d", i)).values["этогруппа"] = false
		}
		file := func(later bool) string {
			var texts []string
			for n, m := range orders {
				if later && !m.changed && !m.cancelled {
					continue
				}
				var lines []line
				total := 0
				for i, q := range m.quantities {
					if later && m.changed {
						q++
					}
					total += q * 12
					lines = append(lines, line{productID(i), fmt.Sprint("AB-", i), fmt.Sprint("Товар ", i), fmt.Sprint(q), "12.00", fmt.Sprintf("%d.00", q*12)})
				}
				texts = append(texts, cml(madeID(n), fmt.Sprint("302-", n), fmt.Sprintf("%d.00", total), fmt.Sprint(later && m.cancelled), lines...))
			}
			if texts == nil { // a file has an order
				return ""
			}
			return cmlFile(texts...)
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
