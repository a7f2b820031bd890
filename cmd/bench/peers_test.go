package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"obmen/cmd/bench/generate"
	"obmen/convert"
	"obmen/convert/catalog"
	"obmen/convert/document"
	"obmen/convert/money"
	"obmen/convert/source"
)

// The scripts do the same job: as many orders exported and held, and for as much.
func TestPeersAgree(t *testing.T) {
	t.Chdir("../..")
	b := &bench{}
	b.runOptions.peers = true
	for _, format := range []string{formatJSON, formatReport} {
		data := t.TempDir()
		o := generateOptions{orders: 2000, files: 1, format: format, products: generate.Products / 10, customers: 100, out: data}
		if err := runGenerate(o); err != nil {
			t.Fatal(err)
		}
		want := ours(t, data)
		for _, p := range []program{b.python(), b.node()} {
			if p.missing != "" {
				t.Logf("%s: %s; skipped", p.name, p.missing)
				continue
			}
			out := filepath.Join(t.TempDir(), "out")
			got, err := p.command(data, out).CombinedOutput()
			if err != nil || string(bytes.TrimSpace(got)) != want {
				t.Errorf("%s, %s: %q, %v; obmen: %q", p.name, format, got, err, want)
			}
		}
	}
}

// ours is what obmen makes of the orders, in the words of the scripts.
func ours(t *testing.T, data string) string {
	t.Helper()
	cat, err := catalog.Load(os.DirFS(filepath.Join(data, "catalogs")))
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(data, "orders", "*"))
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	in := source.Input{Name: filepath.Base(files[0]), Open: func() (io.ReadCloser, error) { return os.Open(files[0]) }}
	var s sums
	if _, err := convert.Run(t.Context(), []source.Input{in}, cat, convert.Options{Accounts: []convert.Account{{Name: "a", TaxRules: convert.TaxRules{VCS: true}}}}, &s); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%d exported, %d held, %s", s.Exported, s.Held, s.Currencies[money.Currency("EUR")].ExportedTotal.Text(2))
}

// sums keeps no more of a conversion than its summary.
type sums struct{ convert.Summary }

func (s *sums) Outcome(o convert.Outcome) error { s.Add(&o); return nil }

func (s *sums) Batch(context.Context, document.Batch) error { return nil }

func (s *sums) Reset() error { *s = sums{}; return nil }

// The limit writes what obmen wrote: as many bytes in exchange files, as many before deflate in workbooks.
func TestTheLimitWritesAsMuch(t *testing.T) {
	dir := t.TempDir()
	pattern := bytes.Repeat([]byte("0123456789"), 1000)
	var got bytes.Buffer
	for _, size := range []int64{0, 1, 9_999, 10_000, 25_001, 3 << 20} {
		got.Reset()
		if err := repeat(&got, pattern, size); err != nil || int64(got.Len()) != size {
			t.Errorf("%d bytes of %d, %v", got.Len(), size, err)
		}
		if want := bytes.Repeat(pattern, int(size)/len(pattern)+1)[:size]; !bytes.Equal(got.Bytes(), want) {
			t.Errorf("%d bytes are not the pattern's", size)
		}
	}
	if err := runLimit(dir, dir, filepath.Join(dir, "out")); err == nil {
		t.Error("a limit without a plan")
	}
}

func TestNumbersAndRows(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 1_234_567: "1,234,567"} {
		if got := number(n); got != want {
			t.Errorf("%d as %q", n, got)
		}
	}
	got, ok := stageRow("layout", "BenchmarkCommerceML/500-2 \t 100\t 12000000 ns/op\t 400.50 MB/s\t 1000 orders/s\t 16 B/op\t 0 allocs/op\t 3 B/row")
	if want := "| layout CommerceML/500 | 12 | 400.50 | 1000 | 16 | 0 | 3 B/row |\n"; !ok || got != want {
		t.Errorf("row %q, want %q", got, want)
	}
	if _, ok := stageRow("layout", "ok  \tobmen/convert/layout\t3.1s"); ok {
		t.Error("a line that is no benchmark")
	}
	r := result{job: job{programs: make([]program, 2)}, runs: [][]sample{{{wall: 1}, {wall: 2}, {wall: 4}}, {{wall: 3}, {wall: 8}, {wall: 4}}}}
	if got := r.ratio(1, 0, wallOf); got != 3 {
		t.Errorf("the median of 3, 4 and 1 is %v", got)
	}
}
