package mapped_test

import (
	"bytes"
	"io"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"obmen/cmd/bench/generate"
	"obmen/convert/money"
	"obmen/convert/order"
	"obmen/convert/source"
	"obmen/convert/source/mapped"
)

// exact compares decimals and zones by what they are.
var exact = cmp.Options{
	cmp.Comparer(func(a, b money.Decimal) bool { return a == b }),
	cmp.Comparer(func(a, b *time.Location) bool { return a.String() == b.String() }),
}

// shopMapping is the native format shop-orders as a mapping.
func shopMapping(tb testing.TB) mapped.Format {
	tb.Helper()
	text, err := os.ReadFile("testdata/shop-orders.toml")
	if err != nil {
		tb.Fatal(err)
	}
	return parse(tb, string(text))
}

func parse(tb testing.TB, text string) mapped.Format {
	tb.Helper()
	m, err := mapped.Parse("test.toml", []byte(text))
	if err != nil {
		tb.Fatal(err)
	}
	return mapped.Format{Mapping: m}
}

func fileOf(name, content string) source.Input {
	return source.Input{Name: name, Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader([]byte(content))), nil }}
}

func native(tb testing.TB, name string) source.Format {
	tb.Helper()
	for _, f := range source.Formats() {
		if f.Name() == name {
			return f
		}
	}
	tb.Fatalf("no native format %s", name)
	return nil
}

// shopFile is a file of generated shop orders.
func shopFile(tb testing.TB, n int) string {
	tb.Helper()
	for _, f := range generate.Formats() {
		if f.Name == "shop-orders" {
			var text bytes.Buffer
			if err := f.Orders(&text, 0, n); err != nil {
				tb.Fatal(err)
			}
			return text.String()
		}
	}
	tb.Fatal("no generator of shop-orders")
	return ""
}

func readOrders(tb testing.TB, f source.Format, in source.Input) (list []order.Order) {
	tb.Helper()
	for o, err := range f.Read(tb.Context(), in) {
		if err != nil {
			tb.Fatal(err)
		}
		list = append(list, o)
	}
	return list
}

// The native format and the mapping of it read the same orders, to the last byte of every field.
func TestMappedAsNative(t *testing.T) {
	in := fileOf("orders.json", shopFile(t, 300))
	want, got := readOrders(t, native(t, "shop-orders"), in), readOrders(t, shopMapping(t), in)
	if diff := cmp.Diff(want, got, exact); diff != "" {
		t.Errorf("(-native +mapped):\n%s", diff)
	}
}

func BenchmarkShopOrders(b *testing.B) {
	text := shopFile(b, 5000)
	in := fileOf("orders.json", text)
	for name, f := range map[string]source.Format{"native": native(b, "shop-orders"), "mapped": shopMapping(b)} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			n := 0
			for b.Loop() {
				for _, err := range f.Read(b.Context(), in) {
					if err != nil {
						b.Fatal(err)
					}
					n++
				}
			}
			b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "orders/s")
		})
	}
}
