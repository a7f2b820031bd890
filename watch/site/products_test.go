package site_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"obmen/convert/catalog"
	"obmen/watch/drop"
	"obmen/watch/site"
)

// What 1C sends is in products.csv, and the catalog loads with it.
func TestCatalogFile(t *testing.T) {
	p := start(t, newMemory(0))
	dir := t.TempDir()
	merged := 0
	file := &site.CatalogFile{
		Path: filepath.Join(dir, catalog.ProductsFile), FS: drop.OS{},
		Merged: func(_, _ string, m catalog.Merge) { merged += m.Added + m.Changed },
	}
	p.server.Products = file
	sent, err := os.ReadFile("testdata/import.xml")
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := p.Upload(t.Context(), "catalog", "import.xml", sent, true); err != nil {
			t.Fatal(err)
		}
	}
	snapshot, err := catalog.Load(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	if product, found := snapshot.Product("AB-100"); !found || product.Name != `Кофе "Утро"` || merged != 1 {
		t.Errorf("%+v, %d merged", product, merged)
	}
	if err := os.WriteFile(file.Path, []byte("sku;name\n\"broken"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := p.Upload(t.Context(), "catalog", "import.xml", sent, true); err == nil {
		t.Error("a products.csv that cannot be read was replaced")
	}
	left, err := os.ReadFile(file.Path)
	if err != nil || !strings.HasSuffix(string(left), "broken") {
		t.Errorf("it is now %q, %v", left, err)
	}
}
