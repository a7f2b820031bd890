package site_test

import (
	"context"
	"sync"

	"obmen/watch/site"
	"obmen/watch/site/cml"
)

// shelf keeps the products that come.
type shelf struct {
	mu       sync.Mutex
	products []cml.Product
	full     []bool
}

func (s *shelf) Take(_ context.Context, _ string, f site.ProductFile) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, err := f.Read(func(p cml.Product) error { s.products = append(s.products, p); return nil })
	s.full = append(s.full, c.Full)
	return err
}
