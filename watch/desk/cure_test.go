package desk

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"obmen/convert/catalog"
	"obmen/watch/desk/words"
	"obmen/watch/ledger"
)

// deskWith is a desk over catalogs, with held orders that wait for S and T.
func deskWith(t *testing.T, files map[string]string) *Desk {
	t.Helper()
	state, dir := t.TempDir(), t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	book, err := ledger.Open(t.Context(), filepath.Join(state, LedgerFile), ledger.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { book.Close() })
	return &Desk{
		State: state, Ledger: book, Catalogs: dir,
		Lookups: Lookups{
			Catalog: func() (*catalog.Snapshot, error) { return catalog.Load(os.DirFS(dir)) },
			Command: func(name string, args ...string) string { return name },
		},
	}
}

func (d *Desk) textOf(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(d.Catalogs, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func refusedAs(t *testing.T, err error, code string) {
	t.Helper()
	var refused *words.Error
	if !errors.As(err, &refused) || refused.Text.Code != code || refused.Hint() == "" {
		t.Errorf("refused as %v, want %s", err, code)
	}
}

const twoProducts = "sku;name\nA;Thing\nB;Other\n"

// A cure writes what a preview shows, and only into the file that was shown.
func TestCure(t *testing.T) {
	d := deskWith(t, map[string]string{"products.csv": twoProducts, "SKUs.csv": "mine,sku,product\nnote,X,A"})
	holdOrders(t, d.Ledger, "1", "2")
	opt := CureOptions{SKU: "S", Parts: []KitPart{{Product: "b"}}, Preview: true}
	shown, err := d.Cure(t.Context(), opt)
	if err != nil || shown.Orders != 2 || len(shown.Lines) != 1 || shown.Lines[0] != ",S,B" || d.textOf(t, "SKUs.csv") != "mine,sku,product\nnote,X,A" {
		t.Fatalf("the preview is %+v (%v)", shown, err)
	}
	opt.Preview, opt.Hash = false, shown.Hash
	if _, err := d.Cure(t.Context(), opt); err != nil {
		t.Fatal(err)
	}
	if got, want := d.textOf(t, "SKUs.csv"), "mine,sku,product\nnote,X,A\n,S,B\n"; got != want {
		t.Errorf("the file is %q, want %q", got, want)
	}
	_, err = d.Cure(t.Context(), CureOptions{SKU: "T", Parts: opt.Parts, Hash: shown.Hash})
	refusedAs(t, err, "cure.changed")
	_, err = d.Cure(t.Context(), CureOptions{SKU: "S", Parts: opt.Parts})
	refusedAs(t, err, "cure.sku-there")
	_, err = d.Cure(t.Context(), CureOptions{SKU: "T", Parts: []KitPart{{Product: "Z"}}})
	refusedAs(t, err, "cure.unknown-product")
	_, err = d.Cure(t.Context(), CureOptions{SKU: "U", Parts: opt.Parts})
	refusedAs(t, err, "cure.not-waited-for")
	d = deskWith(t, map[string]string{"products.csv": twoProducts})
	holdOrders(t, d.Ledger, "1", "2")
	_, err = d.Cure(t.Context(), CureOptions{SKU: "T", Parts: []KitPart{{Product: "A", Quantity: "many"}}})
	refusedAs(t, err, "cure.mistake")
}

// A file that is not there yet is made; one that came meanwhile is not touched.
func TestCureMakesTheFile(t *testing.T) {
	d := deskWith(t, map[string]string{"products.csv": twoProducts})
	hash, err := d.CatalogHash("vat.csv")
	if err != nil || hash != "" {
		t.Fatalf("no file has the hash %q (%v)", hash, err)
	}
	add := AddOptions{File: "vat.csv", Lines: []map[string]string{{"country": "DE", "rate": "19"}}, Hash: noFile}
	if _, err := d.AddLines(t.Context(), add); err != nil {
		t.Fatal(err)
	}
	if got := d.textOf(t, "vat.csv"); got != "\ufeffcountry;group;rate;regime\r\nDE;;19;\r\n" {
		t.Errorf("the file is %q", got)
	}
	_, err = d.AddLines(t.Context(), add)
	refusedAs(t, err, "cure.changed")
}

// Many who add at the same time lose no line of each other.
func TestNoLineIsLost(t *testing.T) {
	d := deskWith(t, map[string]string{"products.csv": twoProducts, "skus.csv": "sku;product\n"})
	const people = 12
	var all sync.WaitGroup
	errs := make([]error, people)
	for i := range people {
		all.Go(func() {
			_, errs[i] = d.AddLines(t.Context(), AddOptions{File: "skus.csv", Lines: []map[string]string{{"sku": fmt.Sprint("S", i), "product": "A"}}})
		})
	}
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	text := d.textOf(t, "skus.csv")
	for i := range people {
		if strings.Count(text, fmt.Sprintf("S%d;A\n", i)) != 1 {
			t.Errorf("S%d is not there once:\n%s", i, text)
		}
	}
}

// What a killed program left half written goes at the next start, whatever the folders are called; the rest stays.
func TestRemoveUnfinished(t *testing.T) {
	d := deskWith(t, map[string]string{"products.csv": twoProducts, "skus.csv.tmp": "half"})
	d.Sources = filepath.Join(t.TempDir(), "[sources]")
	left := []string{filepath.Join(d.Catalogs, "skus.csv.tmp")}
	for _, dir := range []string{d.Sources, filepath.Join(d.State, UploadsDir), filepath.Join(d.State, replacedDir)} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		left = append(left, filepath.Join(dir, "20260102-150405-products.csv.tmp"))
	}
	kept := filepath.Join(d.State, replacedDir, "products.csv")
	for _, path := range append(left, kept) {
		if err := os.WriteFile(path, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	d.RemoveUnfinished(t.Context())
	for _, path := range left {
		if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("left behind: %s (%v)", path, err)
		}
	}
	if _, err := os.Stat(kept); err != nil || d.textOf(t, "products.csv") != twoProducts {
		t.Errorf("a whole file is gone: %v", err)
	}
}
