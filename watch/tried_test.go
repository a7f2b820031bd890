package watch

import (
	"testing"
	"time"
)

// A start tries held orders again only when something has changed since they were all tried.
func TestAStartTriesNothingTwice(t *testing.T) {
	p := newPlace(t)
	p.w.Settings = "as they are"
	conversions := 0
	p.w.Took = func(what Measured, _ time.Duration) {
		if what == Conversion {
			conversions++
		}
	}
	p.put(p.r.Inbox, "1.json", shopFile(1, "02", "B", "5.00"))
	for _, step := range []struct {
		what   string
		change func()
		want   int
	}{
		{"the file comes", func() {}, 1},
		{"nothing has changed", func() {}, 0},
		{"other settings", func() { p.w.Settings = "others" }, 1},
		{"nothing has changed any more", func() {}, 0},
		{"another catalog", func() { p.catalog["products.csv"] = "sku;name\nA;Thing\nC;Third\n" }, 1},
		{"the first settings and catalog", func() {
			p.w.Settings = "as they are"
			delete(p.catalog, "products.csv")
			p.catalog["products.csv"] = "sku;name\nA;Thing\n"
		}, 1},
		{"the catalog that cures", func() { p.catalog["products.csv"] = "sku;name\nA;Thing\nB;Other\n" }, 1},
		{"nothing is held", func() { p.w.Settings = "" }, 0},
	} {
		step.change()
		conversions = 0
		p.once()
		if conversions != step.want {
			t.Errorf("%s: %d conversions, want %d", step.what, conversions, step.want)
		}
	}
	if _, n := p.exported(); n != 1 {
		t.Errorf("%d exchange files", n)
	}
}
