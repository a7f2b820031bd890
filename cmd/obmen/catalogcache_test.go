package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

func readKept(t *testing.T, c *catalogCache, name string) string {
	t.Helper()
	r, size, err := c.Get(name)
	if err != nil {
		return "none"
	}
	defer r.Close()
	text, err := io.ReadAll(r)
	if err != nil || int64(len(text)) != size {
		t.Errorf("%d bytes of %d, %v", len(text), size, err)
	}
	return string(text)
}

func TestCatalogCache(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "folder")
	of := func(catalogs string) *catalogCache {
		c, err := newCatalogCache(dir, catalogs)
		if err != nil {
			t.Fatal(err)
		}
		return c.(*catalogCache)
	}
	put := func(c *catalogCache, text string, fail error) error {
		return c.Put("products.csv", func(w io.Writer) error {
			_, err := io.WriteString(w, text)
			return errors.Join(err, fail)
		})
	}
	one, two := of("one"), of("two")
	if err := put(one, "first", nil); err != nil {
		t.Fatal(err)
	}
	if got := readKept(t, of("one"), "products.csv") + readKept(t, two, "products.csv") + readKept(t, one, "customers.csv"); got != "firstnonenone" {
		t.Errorf("kept %q", got)
	}
	full := errors.New("disk full")
	if err := put(one, "half", full); !errors.Is(err, full) || readKept(t, one, "products.csv") != "first" {
		t.Errorf("after a full disk %v, %q", err, readKept(t, one, "products.csv"))
	}
	if err := put(one, "second", nil); err != nil || readKept(t, one, "products.csv") != "second" {
		t.Errorf("kept over: %v, %q", err, readKept(t, one, "products.csv"))
	}
	list, _ := os.ReadDir(dir)
	if len(list) != 1 {
		t.Errorf("%d files for one catalog: %v", len(list), list)
	}
	if info, err := list[0].Info(); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("others may read it: %v, %v", info.Mode(), err)
	}
	other := *one
	other.author = make([]byte, len(one.author))
	if readKept(t, &other, "products.csv") != "none" {
		t.Error("what another program kept was taken")
	}
}
