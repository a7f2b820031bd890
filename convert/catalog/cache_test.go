package catalog_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"sync"
	"testing"
	"testing/fstest"

	"obmen/convert/catalog"
)

// kept is a cache in memory that counts what it did.
type kept struct {
	mu         sync.Mutex
	files      map[string][]byte
	gets, puts int
	fail       error
}

func (k *kept) Get(name string) (io.ReadCloser, int64, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	data, ok := k.files[name]
	if !ok {
		return nil, 0, errors.New("none")
	}
	k.gets++
	return io.NopCloser(bytes.NewReader(data)), int64(len(data)), nil
}

func (k *kept) Put(name string, write func(io.Writer) error) error {
	var b bytes.Buffer
	if err := errors.Join(write(&b), k.fail); err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.puts++
	k.files[name] = b.Bytes()
	return nil
}

// large are catalogs that are worth a cache.
func large() fstest.MapFS {
	var customers bytes.Buffer
	customers.WriteString("id;code;name;email;phone;tax_id;what is this\n")
	for i := range 12_000 {
		fmt.Fprintf(&customers, "%08x-1111-4222-8333-%012x;К-%d;Buyer %d;b%d@example.com;+49 30 %06d;DE%09d;\n", i, i, i, i%7000, i, i, i)
	}
	return fstest.MapFS{
		catalog.ProductsFile:  {Data: manyProducts(9_000)},
		catalog.CustomersFile: {Data: customers.Bytes()},
		catalog.SKUsFile:      {Data: []byte("sku;product\nX-1;AB-0000007\n")},
		catalog.BuyersFile:    {Data: []byte("marketplace;customer\nDE;К-5\n")},
	}
}

func loadCached(t *testing.T, fsys fstest.MapFS, k *kept) *catalog.Snapshot {
	t.Helper()
	var cache catalog.Cache
	if k != nil {
		cache = k
	}
	s, err := catalog.LoadCached(fsys, cache)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// answers are what a snapshot says to questions of every kind.
func answers(s *catalog.Snapshot) string {
	text := s.Hash() + fmt.Sprintln(s.Len()) + fmt.Sprintln(s.Notes) + s.Row(catalog.CustomersFile, map[string]string{"code": "1"})
	for i := 0; i < 12_000; i += 37 {
		for _, key := range []string{fmt.Sprintf("AB-%07d", i), fmt.Sprintf("НФ-%08d", i), fmt.Sprintf("%08x-1111-4222-8333-%012x", i, i)} {
			p, ok := s.ProductByRef(key)
			c, found := s.CustomerByRef(key)
			text += fmt.Sprintln(p, ok, c, found)
		}
		p, ok := s.ProductByBarcode(fmt.Sprintf("46%011d", i))
		text += fmt.Sprintln(p, ok, s.Customers(catalog.ByName, fmt.Sprintf("Buyer %d", i%7000)),
			s.Customers(catalog.ByEmail, fmt.Sprintf("b%d@example.com", i)), s.Customers(catalog.ByPhone, fmt.Sprintf("4930%06d", i)))
	}
	buyer, ok := s.Buyer(catalog.BuyerQuery{Marketplace: "DE"})
	return text + fmt.Sprintln(s.SKU("DE", "X-1"), buyer, ok, s.Suggest("AB-000700X", 3))
}

func TestCache(t *testing.T) {
	fsys, k := large(), &kept{files: map[string][]byte{}}
	want := answers(loadCached(t, fsys, nil))
	if got := answers(loadCached(t, fsys, k)); got != want || k.puts != 2 {
		t.Errorf("filling the cache changes the answers; %d puts", k.puts)
	}
	if got := answers(loadCached(t, fsys, k)); got != want || k.puts != 2 || k.gets != 2 {
		t.Errorf("the cache changes the answers; %d puts, %d gets", k.puts, k.gets)
	}
	fsys[catalog.ProductsFile].Data = bytes.Replace(fsys[catalog.ProductsFile].Data, []byte("AB-0000007"), []byte("AB-0000007X"), 1)
	fsys[catalog.SKUsFile].Data = []byte("sku;product\nX-1;AB-0000007X\n")
	changed := answers(loadCached(t, fsys, k))
	if changed == want || changed != answers(loadCached(t, fsys, nil)) || k.puts != 3 {
		t.Errorf("a changed file is not read anew; %d puts", k.puts)
	}
}

// A damaged entry is read anew, wherever the damage is, and kept over.
func TestCacheDamaged(t *testing.T) {
	fsys, k := large(), &kept{files: map[string][]byte{}}
	want := answers(loadCached(t, fsys, k))
	for _, name := range []string{catalog.ProductsFile, catalog.CustomersFile} {
		whole := k.files[name]
		n := len(whole)
		for what, data := range map[string][]byte{
			"empty":        {},
			"cut":          whole[:n/2],
			"cut by one":   whole[:n-1],
			"longer":       append(bytes.Clone(whole), 0),
			"a long text":  append([]byte{0xff, 0xff, 0xff, 0x7f}, whole[4:]...),
			"zeros":        make([]byte, n),
			"another's":    []byte("not a cache at all, but longer than a few bytes"),
			"a bit flip":   flip(whole, n/3),
			"a flip late":  flip(whole, n-2),
			"a flip early": flip(whole, 80),
		} {
			k.files[name], k.puts = data, 0
			if got := answers(loadCached(t, fsys, k)); got != want || k.puts != 1 {
				t.Errorf("%s, %s: other answers, or kept %d times", name, what, k.puts)
			}
		}
	}
}

func flip(data []byte, at int) []byte {
	out := bytes.Clone(data)
	out[at] ^= 0x10
	return out
}

// A file with mistakes is never kept, and neither is what the disk refuses.
func TestCacheOfBadFiles(t *testing.T) {
	fsys, k := large(), &kept{files: map[string][]byte{}}
	fsys[catalog.CustomersFile].Data = append(fsys[catalog.CustomersFile].Data, "no guid;;X;;;;\n"...)
	for range 2 {
		if _, err := catalog.LoadCached(fsys, k); err == nil || k.files[catalog.CustomersFile] != nil {
			t.Fatalf("error %v, kept %d", err, k.puts)
		}
	}
	k = &kept{files: map[string][]byte{}, fail: errors.New("disk full")}
	if s := loadCached(t, large(), k); k.puts != 0 || s == nil {
		t.Error("kept on a full disk")
	}
}
