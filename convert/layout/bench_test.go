package layout_test

import (
	"context"
	"io"
	"testing"

	"obmen/convert/layout"
	"obmen/templates"
)

// counter counts what is written.
type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

func many(n int) layout.Batch {
	b := layout.Batch{Account: "example-eu", Created: at("2026-11-23 09:30:00")}
	for range n {
		b.Documents = append(b.Documents, multiLine())
	}
	return b
}

func benchmark(b *testing.B, name string, documents int) {
	p := compile(b, templates.FS, name, nil).Parts()[0]
	batch := many(documents)
	var n counter
	if _, err := p.Write(context.Background(), &n, batch); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(n))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := p.Write(context.Background(), io.Discard, batch); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(documents*b.N)/b.Elapsed().Seconds(), "orders/s")
}

func BenchmarkCommerceML(b *testing.B) { benchmark(b, "commerceml", 500) }

func BenchmarkSheet(b *testing.B) { benchmark(b, "sheet", 500) }

func BenchmarkSheetSmall(b *testing.B) { benchmark(b, "sheet", 1) }

func BenchmarkCompile(b *testing.B) {
	for b.Loop() {
		compile(b, templates.FS, "commerceml", nil)
	}
}
