package convert

import (
	"bytes"
	"io"
	"testing"
	"testing/fstest"

	"obmen/cmd/bench/generate"
	"obmen/convert/catalog"
	"obmen/convert/order"
	"obmen/convert/source"
)

// benchOrders reads generated orders.
func benchOrders(b *testing.B, n int) (list []*order.Order) {
	b.Helper()
	f := generate.Formats()[0]
	var text bytes.Buffer
	if err := f.Orders(&text, 0, n); err != nil {
		b.Fatal(err)
	}
	in := source.Input{Name: "orders" + f.Ext, Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(text.Bytes())), nil }}
	format, err := source.Detect(in, nil)
	if err != nil {
		b.Fatal(err)
	}
	for o, err := range format.Read(b.Context(), in) {
		if err != nil {
			b.Fatal(err)
		}
		list = append(list, &o)
	}
	return list
}

const benchCount = 10_000

// BenchmarkProve finds the reading of each order's amounts that gives its total.
func BenchmarkProve(b *testing.B) {
	orders := benchOrders(b, benchCount)
	b.ReportAllocs()
	for b.Loop() {
		for _, o := range orders {
			if _, hold := proveTotal(o, order.TaxInside); hold != nil {
				b.Fatal(hold.Sentence)
			}
		}
	}
	b.ReportMetric(float64(benchCount*b.N)/b.Elapsed().Seconds(), "orders/s")
}

// BenchmarkMatch takes each order through the proof, the catalogs and the rules of its document.
func BenchmarkMatch(b *testing.B) {
	orders := benchOrders(b, benchCount)
	m := &matcher{cat: benchCatalog(b), opt: &Options{}, account: Account{Name: "example-eu", TaxRules: TaxRules{VCS: true}}}
	documents := 0
	b.ReportAllocs()
	for b.Loop() {
		documents = 0
		for _, o := range orders {
			if out := m.decideOutcome(readOrder{order: o}, nil); out.Document != nil {
				documents++
			}
		}
	}
	if documents < benchCount*9/10 {
		b.Fatalf("%d documents", documents)
	}
	b.ReportMetric(float64(benchCount*b.N)/b.Elapsed().Seconds(), "orders/s")
}

func benchCatalog(b *testing.B) *catalog.Snapshot {
	b.Helper()
	fsys := fstest.MapFS{}
	for name, write := range map[string]func(io.Writer) error{
		catalog.ProductsFile:  func(w io.Writer) error { return generate.ProductsCSV(w, generate.Products) },
		catalog.CustomersFile: func(w io.Writer) error { return generate.CustomersCSV(w, generate.Customers) },
		catalog.VATFile:       generate.VATCSV,
	} {
		var text bytes.Buffer
		if err := write(&text); err != nil {
			b.Fatal(err)
		}
		fsys[name] = &fstest.MapFile{Data: text.Bytes()}
	}
	cat, err := catalog.Load(fsys)
	if err != nil {
		b.Fatal(err)
	}
	return cat
}
