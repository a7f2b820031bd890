package desk

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"obmen/convert/catalog"
)

// A look at the catalogs shows what their loading has found, and loads nothing once more.
func TestCatalogsAreReadOnce(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "products.csv"), []byte("sku;name\nA;Thing\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	loads := 0
	var refused error
	cats := &Catalogs{Dir: dir, Broken: func(error) {}, Load: func() (*catalog.Snapshot, error) {
		loads++
		cat := catalog.Empty()
		cat.Notes = []catalog.Problem{{File: "products.csv", Line: 2, Text: "is new"}}
		return cat, refused
	}}
	d := &Desk{Catalogs: dir, Lookups: Lookups{Catalog: cats.Current}}
	for range 3 {
		st, err := d.ShowCatalogs()
		if err != nil || len(st.Mistakes) > 0 || len(st.Notes) != 1 || st.Notes[0].Text != "is new" || st.Notes[0].Shown != "A;Thing" {
			t.Fatalf("%+v, %v", st, err)
		}
	}
	if loads != 1 {
		t.Errorf("loaded %d times", loads)
	}

	refused = catalog.Problems{{File: "products.csv", Line: 2, Text: "is wrong"}}
	if err := os.WriteFile(filepath.Join(dir, "products.csv"), []byte("sku;name\nA;Another thing\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	st, err := d.ShowCatalogs()
	if err != nil || len(st.Mistakes) != 1 || len(st.Notes) != 0 || st.Mistakes[0].Shown != "A;Another thing" {
		t.Errorf("%+v, %v", st, errors.Join(err, refused))
	}
}

// Catalogs that cannot be read stay the reason to wait between two tries, too.
func TestBrokenCatalogsStayBroken(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		wrong := errors.New("products.csv is missing")
		cats := &Catalogs{Dir: dir, Settle: time.Second, Load: func() (*catalog.Snapshot, error) { return nil, wrong }}
		var err error
		for range 100 {
			if _, err = cats.Current(); err != nil {
				break
			}
			time.Sleep(time.Second)
		}
		for range 20 {
			if !errors.Is(err, wrong) {
				t.Fatalf("the error is %v", err)
			}
			_, err = cats.Current()
			time.Sleep(time.Second / 3)
		}
	})
}
