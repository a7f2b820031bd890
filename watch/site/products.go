package site

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"sync"

	"obmen/convert/catalog"
	"obmen/watch/drop"
	"obmen/watch/site/cml"
)

const (
	// productsLimit bounds the products.csv that is read: a few million lines.
	productsLimit = 256 << 20
	// productsMode lets whoever keeps the catalogs open the file; the umask may take away.
	productsMode fs.FileMode = 0o666
)

var errProductsLimit = fmt.Errorf("%s is larger than %d MiB", catalog.ProductsFile, productsLimit>>20)

// CatalogFile brings 1C's products into a products.csv, which is replaced whole.
type CatalogFile struct {
	Path string
	FS   drop.FS
	// Merged is called with what became of a file that 1C sent.
	Merged func(user, file string, m catalog.Merge)

	mu sync.Mutex // users may send at the same time
}

var _ Products = (*CatalogFile)(nil)

// Take merges a file. When nothing changes, products.csv is not written.
func (c *CatalogFile) Take(_ context.Context, user string, f ProductFile) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	old, err := c.read()
	if err != nil {
		return err
	}
	merged, err := catalog.MergeProducts(old, updates(f), f.List.Full)
	if err != nil {
		return err
	}
	if merged.Differs() {
		write := func(w io.Writer) error { _, err := merged.WriteTo(w); return err }
		if err := drop.ReplaceFile(c.FS, c.Path, productsMode, write); err != nil {
			return err
		}
	}
	if c.Merged != nil {
		c.Merged(user, f.Name, merged.Merge)
	}
	return nil
}

// read returns an empty file where there is none yet.
func (c *CatalogFile) read() (string, error) {
	r, err := c.FS.Open(c.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	defer r.Close()
	var old strings.Builder
	if info, err := c.FS.Lstat(c.Path); err == nil {
		old.Grow(int(min(info.Size(), productsLimit))) // in one piece, not in growing ones
	}
	n, err := io.Copy(&old, io.LimitReader(r, productsLimit+1))
	if err == nil && n > productsLimit {
		err = errProductsLimit
	}
	return old.String(), err
}

func updates(f ProductFile) catalog.ReadUpdates {
	return func(each func(*catalog.ProductUpdate) error) error {
		_, err := f.Read(func(p cml.Product) error {
			u := update(&p)
			return each(&u)
		})
		return err
	}
}

func update(p *cml.Product) catalog.ProductUpdate {
	return catalog.ProductUpdate{
		ID: p.ID, Characteristic: p.Characteristic, SKU: p.SKU, Code: p.Code, Name: p.Name, Unit: p.Unit,
		VAT: p.VAT, Barcode: p.Barcode, Kind: p.Kind, Offer: p.Offer, Deleted: p.Deleted,
	}
}
