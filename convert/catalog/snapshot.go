package catalog

import (
	"crypto/sha256"
	"encoding/hex"
)

// Snapshot is a loaded set of catalogs. Nothing changes it any more.
type Snapshot struct {
	// Notes are remarks on what was loaded: columns that no one reads, barcodes that stand on several
	// products, files that are no catalogs.
	Notes []Problem

	products  *products
	skus      *skus
	customers *customers
	buyers    buyers
	vat       vatRules
	rates     rates
	near      *near
	forms     map[string]form // how each file is written
	hash      string
}

func newSnapshot() *Snapshot {
	s := &Snapshot{
		products:  newProducts(),
		skus:      newSKUs(),
		customers: newCustomers(),
		buyers:    make(buyers),
		vat:       make(vatRules),
		rates:     make(rates),
		forms:     make(map[string]form),
	}
	s.near = newNear(s.products)
	return s
}

// Empty is a snapshot without any entry.
func Empty() *Snapshot {
	s := newSnapshot()
	none := sha256.Sum256(nil)
	s.hash = hex.EncodeToString(none[:])
	return s
}

// Len counts the products and customers.
func (s *Snapshot) Len() (products, customers int) {
	return s.products.len(), s.customers.len()
}

// Hash is a SHA-256 over the catalog files, their names included, in hexadecimal digits: same catalogs,
// same hash.
func (s *Snapshot) Hash() string { return s.hash }
