package catalog_test

import (
	"bytes"
	"fmt"
	"runtime"
	"testing"
	"testing/fstest"
	"time"

	"obmen/convert/catalog"
)

// BenchmarkLoad loads products of a usual shape: GUID, code, Russian name, barcode.
func BenchmarkLoad(b *testing.B) {
	for _, n := range []int{200_000, 1_000_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			data := manyProducts(n)
			fsys := fstest.MapFS{catalog.ProductsFile: {Data: data}}
			before := heap()
			var s *catalog.Snapshot
			for b.Loop() {
				var err error
				if s, err = catalog.Load(fsys); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(heap()-before)/float64(n), "B/row")
			b.ReportMetric(float64(len(data))/float64(n), "csvB/row")
			b.ReportMetric(0, "B/op")
			runtime.KeepAlive(s)
			runtime.KeepAlive(fsys)
		})
	}
}

func BenchmarkProduct(b *testing.B) {
	s := load(b, fstest.MapFS{catalog.ProductsFile: {Data: manyProducts(200_000)}})
	for b.Loop() {
		if _, ok := s.Product("AB-0123456"); !ok {
			b.Fatal("not found")
		}
	}
}

func BenchmarkSuggest(b *testing.B) {
	s := load(b, fstest.MapFS{catalog.ProductsFile: {Data: manyProducts(200_000)}})
	start := time.Now()
	s.Suggest("x", 1)
	first := time.Since(start)
	for b.Loop() {
		s.Suggest("AB-0123999X", 3)
	}
	b.ReportMetric(float64(first.Milliseconds()), "ms/index")
}

func manyProducts(n int) []byte {
	var b bytes.Buffer
	b.WriteString("sku;id;characteristic;code;name;unit;vat;barcode;kind;group\n")
	for i := range n {
		fmt.Fprintf(&b, "AB-%07d;%08x-1111-4222-8333-%012x;;НФ-%08d;Кружка керамическая синяя, %d мл;шт;20%%;46%011d;Товар;Посуда\n",
			i, i, i, i, i%1000, i)
	}
	return b.Bytes()
}

func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
