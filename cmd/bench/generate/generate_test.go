package generate

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"testing"
	"testing/fstest"

	"obmen/convert"
	"obmen/convert/catalog"
	"obmen/convert/document"
	"obmen/convert/source"
)

// Figures of two machines or two years can only be compared if the data stays what it is.
func TestBytesStayTheSame(t *testing.T) {
	want := map[string]string{
		"amazon-orders-2026-01-01": "5dc672dc28e6",
		"amazon-all-orders":        "940b888d13c8",
		"amazon-orders-v0":         "362653242008",
		"amazon-new-orders":        "064be83806c4",
		"amazon-unshipped":         "2da5b8895c1a",
		"amazon-all-orders-xml":    "66172eb44ee4",
		"amazon-order-report-xml":  "f8fe45f76124",
		"shop-orders":              "7ddec48a1d9b",
	}
	for _, f := range Formats() {
		sum := sha256.New()
		if err := f.Orders(sum, 0, 1000); err != nil {
			t.Fatal(err)
		}
		if got := hex.EncodeToString(sum.Sum(nil))[:12]; got != want[f.Name] {
			t.Errorf("1,000 orders as %s have the hash %s, not %q: every figure measured before is void", f.Name, got, want[f.Name])
		}
	}
}

// An order is the same however many there are, and in whatever file.
func TestOrdersDependOnTheirNumberOnly(t *testing.T) {
	f, err := FormatNamed("amazon-all-orders")
	if err != nil {
		t.Fatal(err)
	}
	header := len(f.make().begin(nil))
	whole, parts := orders(t, f, 0, 300), orders(t, f, 0, 100)
	for i := 100; i < 300; i += 100 {
		parts = append(parts, orders(t, f, i, i+100)[header:]...)
	}
	if !bytes.Equal(whole, parts) {
		t.Error("300 orders in one file differ from 300 in three files")
	}
}

// Every format gives the same orders: as many exported for as much money, and held only for the
// products that the catalogs lack.
func TestEveryFormatIsConverted(t *testing.T) {
	const n = 1000
	cat := catalogs(t)
	first := converted(t, cat, Formats()[0], n)
	if first.Orders() != n || first.Exported < n*95/100 || first.Held == 0 || first.created == 0 {
		t.Errorf("%d orders: %d exported, %d of them to unknown buyers, %d held", first.Orders(), first.Exported, first.created, first.Held)
	}
	for _, f := range Formats() {
		got := converted(t, cat, f, n)
		if f.Name == "amazon-unshipped" { // which has no prices
			if got.Codes[convert.NoPrices] != n {
				t.Errorf("%s: held for %v", f.Name, got.Codes)
			}
			continue
		}
		if got.Exported != first.Exported || got.Held != got.Codes[convert.UnknownSKU] || got.Held != first.Held {
			t.Errorf("%s: %d exported and held for %v; %d and %v as %s", f.Name, got.Exported, got.Codes, first.Exported, first.Codes, Formats()[0].Name)
		}
		if a, b := got.Currencies["EUR"].ExportedTotal, first.Currencies["EUR"].ExportedTotal; a != b {
			t.Errorf("%s: exported for %v, for %v as %s", f.Name, a, b, Formats()[0].Name)
		}
	}
}

// tally counts what a conversion makes of the orders.
type tally struct {
	convert.Summary
	created int // documents with a customer that 1C does not know
}

func (s *tally) Outcome(o convert.Outcome) error {
	s.Add(&o)
	if o.Document != nil && o.Document.Customer.New {
		s.created++
	}
	return nil
}

func (s *tally) Batch(context.Context, document.Batch) error { return nil }

func (s *tally) Reset() error { *s = tally{}; return nil }

func converted(t *testing.T, cat *catalog.Snapshot, f Format, n int) *tally {
	t.Helper()
	content := orders(t, f, 0, n)
	in := source.Input{Name: "orders" + f.Ext, Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil }}
	opt := convert.Options{Accounts: []convert.Account{{Name: "example-eu", TaxRules: convert.TaxRules{VCS: true}}}, Match: convert.MatchOptions{UnknownCustomer: convert.Create}}
	var got tally
	files, err := convert.Run(t.Context(), []source.Input{in}, cat, opt, &got)
	if err != nil || files[0].Err != nil || files[0].Format != f.Name {
		t.Fatalf("%s: read as %q: %v %v", f.Name, files[0].Format, files[0].Err, err)
	}
	return &got
}

func orders(t *testing.T, f Format, from, to int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := f.Orders(&b, from, to); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func catalogs(t *testing.T) *catalog.Snapshot {
	t.Helper()
	var products, customers, vat bytes.Buffer
	if err := errors.Join(ProductsCSV(&products, Products), CustomersCSV(&customers, 10_000), VATCSV(&vat)); err != nil {
		t.Fatal(err)
	}
	cat, err := catalog.Load(fstest.MapFS{
		catalog.ProductsFile: {Data: products.Bytes()}, catalog.CustomersFile: {Data: customers.Bytes()}, catalog.VATFile: {Data: vat.Bytes()},
	})
	if err != nil {
		t.Fatal(err)
	}
	return cat
}
