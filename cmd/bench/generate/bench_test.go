package generate

import (
	"bytes"
	"io"
	"testing"

	"obmen/convert/source"
)

// BenchmarkRead reads 10,000 orders of each format from memory.
func BenchmarkRead(b *testing.B) {
	const orders = 10_000
	for _, f := range Formats() {
		b.Run(f.Name, func(b *testing.B) {
			var text bytes.Buffer
			if err := f.Orders(&text, 0, orders); err != nil {
				b.Fatal(err)
			}
			in := source.Input{Name: "orders" + f.Ext, Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(text.Bytes())), nil }}
			format, err := source.Detect(in, nil)
			if err != nil || format.Name() != f.Name {
				b.Fatal(format, err)
			}
			b.SetBytes(int64(text.Len()))
			b.ReportAllocs()
			for b.Loop() {
				n := 0
				for _, err := range format.Read(b.Context(), in) {
					if err != nil {
						b.Fatal(err)
					}
					n++
				}
				if n != orders {
					b.Fatal(n)
				}
			}
			b.ReportMetric(float64(orders*b.N)/b.Elapsed().Seconds(), "orders/s")
		})
	}
}
