package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"obmen/convert/catalog"
	"obmen/watch/drop"
	"obmen/watch/site"
	"obmen/watch/site/cml"
)

const (
	manyProducts = 200_000
	// productsLimit bounds how far the heap may grow while 1C sends that many products: it takes
	// products.csv as it was and what becomes of it.
	productsLimit = 250 << 20
)

// 1C sends its whole catalog, and each product has changed: what is in memory is products.csv as it was and
// as it becomes, not 1C's file.
func TestMemoryOfProducts(t *testing.T) {
	measuresMemory(t)
	var got catalog.Merge
	shelf := &site.CatalogFile{
		Path: filepath.Join(t.TempDir(), catalog.ProductsFile), FS: drop.OS{},
		Merged: func(_, _ string, m catalog.Merge) { got = m },
	}
	var old bytes.Buffer
	old.WriteString("sku;id;characteristic;code;name;unit;vat;barcode;kind\n")
	for i := range manyProducts {
		fmt.Fprintf(&old, "AB-%07d;6a248d17-0bd9-5068-bf19-%012x;;;Кружка керамическая белая с рисунком, 330 мл, серия %d;шт;20;;\n", i, i, i)
	}
	if err := os.WriteFile(shelf.Path, old.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	old = bytes.Buffer{}
	runtime.GC()
	heap := watchHeap()
	err := shelf.Take(t.Context(), "1c", site.ProductFile{
		Name: "import.xml", List: cml.Catalog{Full: true},
		Read: func(each func(cml.Product) error) (cml.Catalog, error) { return cml.ReadGoods(productsFile(), each) },
	})
	grown := heap.peak()
	if err != nil || got.Changed != manyProducts || got.Left+got.Gone > 0 {
		t.Fatalf("%v, %+v", err, got)
	}
	t.Logf("%d products: the heap grew by %d MB at most", manyProducts, grown>>20)
	if grown > productsLimit {
		t.Errorf("the heap grew by %d MB, and may by %d", grown>>20, productsLimit>>20)
	}
}

// productsFile is 1C's file of all products.
func productsFile() io.Reader {
	return &generator{
		head: `<?xml version="1.0" encoding="UTF-8"?><КоммерческаяИнформация ВерсияСхемы="2.08"><Каталог СодержитТолькоИзменения="false"><Товары>`,
		tail: `</Товары></Каталог></КоммерческаяИнформация>`, most: manyProducts, done: func(int64, int) {},
		item: func(b *bytes.Buffer, i int) {
			fmt.Fprintf(b, `<Товар><Ид>6a248d17-0bd9-5068-bf19-%012x</Ид><Штрихкод>46%011d</Штрихкод><Артикул>AB-%07d</Артикул>`+
				`<Наименование>Кружка керамическая белая с рисунком, 330 мл, серия %d, новая</Наименование><БазоваяЕдиница Код="796">шт</БазоваяЕдиница>`+
				`<СтавкиНалогов><СтавкаНалога><Наименование>НДС</Наименование><Ставка>20</Ставка></СтавкаНалога></СтавкиНалогов></Товар>`, i, i, i, i)
		},
	}
}
