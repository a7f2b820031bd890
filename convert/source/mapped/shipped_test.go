package mapped_test

import (
	"errors"
	"testing"

	"obmen/convert/order"
	"obmen/convert/source"
	"obmen/convert/source/mapped"
)

// Every shipped mapping knows its own example, alone, and reads as many orders as it states.
func TestShippedExamples(t *testing.T) {
	set := mapped.NewSet()
	if len(set.Mappings()) < 11 {
		t.Errorf("%d mappings", len(set.Mappings()))
	}
	for _, m := range set.Mappings() {
		if m.Title == "" || m.Sure == "" || len(m.Examples) == 0 {
			t.Errorf("%s: no title, no word on how sure it is, or no example", m.Name)
		}
		for _, e := range m.Examples {
			in := fileOf(m.Name, e.Content)
			f, err := source.Detect(in, set)
			if err != nil {
				t.Errorf("%s: %v", m.Name, err)
				continue
			}
			if f.Name() != m.Name {
				t.Errorf("%s is taken for %s", m.Name, f.Name())
			}
			n := 0
			for o, err := range f.Read(t.Context(), in) {
				var row *source.RowError
				if errors.As(err, &row) {
					t.Errorf("%s: %v (%s)", m.Name, err, row.Field)
					continue
				}
				if err != nil {
					t.Errorf("%s: %v", m.Name, err)
					break
				}
				if !o.Fragment {
					n++
				}
				if o.ID == "" || o.Format != m.Name || !o.Fragment && (o.Created.IsZero() || o.Status == order.Unknown) {
					t.Errorf("%s: %+v", m.Name, o)
				}
			}
			if n != e.Orders {
				t.Errorf("%s: %d orders, want %d", m.Name, n, e.Orders)
			}
		}
	}
}
