package site

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
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
	var updates []catalog.ProductUpdate
	list, err := f.Read(func(p cml.Product) error {
		updates = append(updates, update(&p))
		return nil
	})
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	old, err := c.read()
	if err != nil {
		return err
	}
	merged, m, err := catalog.MergeProducts(old, updates, list.Full)
	if err != nil {
		return err
	}
	if !bytes.Equal(old, merged) {
		write := func(w io.Writer) error { _, err := w.Write(merged); return err }
		if err := drop.ReplaceFile(c.FS, c.Path, productsMode, write); err != nil {
			return err
		}
	}
	if c.Merged != nil {
		c.Merged(user, f.Name, m)
	}
	return nil
}

// read returns an empty file where there is none yet.
func (c *CatalogFile) read() ([]byte, error) {
	r, err := c.FS.Open(c.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer r.Close()
	old, err := io.ReadAll(io.LimitReader(r, productsLimit+1))
	if err == nil && len(old) > productsLimit {
		err = errProductsLimit
	}
	return old, err
}

func update(p *cml.Product) catalog.ProductUpdate {
	return catalog.ProductUpdate{
		ID: p.ID, Characteristic: p.Characteristic, SKU: p.SKU, Code: p.Code, Name: p.Name, Unit: p.Unit,
		VAT: p.VAT, Barcode: p.Barcode, Kind: p.Kind, Offer: p.Offer, Deleted: p.Deleted,
	}
}
