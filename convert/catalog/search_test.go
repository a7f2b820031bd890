package catalog_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"pgregory.net/rapid"

	"obmen/convert/catalog"
)

func skusOf(list []catalog.Product) (skus []string) {
	for _, p := range list {
		skus = append(skus, p.SKU)
	}
	return skus
}

// What is surest comes first: the same sku, then its beginning, then a word of the name, then anything inside.
func TestSearchProducts(t *testing.T) {
	s := load(t, fstest.MapFS{catalog.ProductsFile: {Data: []byte("sku;name;barcode;code\n" +
		"CUP-2;Чашка красная;4600000000002;00-2\nCUP;Cup;4600000000001;00-1\nX-CUP;Ёлка;;\nP;Подставка под чашку;;\nB;Becup;;\nU;a cupboard;;\n")}})
	for query, want := range map[string]string{
		"cup":           "CUP CUP-2 U B X-CUP",
		" Cup ":         "CUP CUP-2 U B X-CUP",
		"чашк":          "CUP-2 P",
		"красная чашка": "CUP-2",
		"елка":          "X-CUP",
		"ёлка":          "X-CUP",
		"4600000000002": "CUP-2",
		"00-1":          "CUP",
		"460000":        "CUP CUP-2",
		"nothing":       "",
		"":              "",
	} {
		if got := strings.Join(skusOf(s.SearchProducts(query, 9)), " "); got != want {
			t.Errorf("%q finds %q, want %q", query, got, want)
		}
	}
	if got := skusOf(s.SearchProducts("cup", 2)); !slices.Equal(got, []string{"CUP", "CUP-2"}) {
		t.Errorf("the best two are %v", got)
	}
	if got := catalog.Empty().SearchProducts("cup", 2); got != nil {
		t.Errorf("an empty catalog has %v", got)
	}
}

// The search finds exactly the products that hold every word.
func TestSearchFindsAll(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringMatching(`[abё]{1,3}`)
		var csv strings.Builder
		csv.WriteString("sku;name\n")
		texts := map[string]string{}
		for i, name := range rapid.SliceOfN(word, 1, 12).Draw(t, "names") {
			sku := fmt.Sprintf("%s%d", word.Draw(t, "sku"), i)
			fmt.Fprintf(&csv, "%s;%s\n", sku, name)
			texts[sku] = strings.ReplaceAll(sku+"\x00"+name, "ё", "е")
		}
		s, err := catalog.Load(fstest.MapFS{catalog.ProductsFile: {Data: []byte(csv.String())}})
		if err != nil {
			t.Fatal(err)
		}
		query := rapid.SliceOfN(word, 1, 3).Draw(t, "query")
		var want []string
		for sku, text := range texts {
			all := true
			for _, w := range query {
				all = all && strings.Contains(text, strings.ReplaceAll(w, "ё", "е"))
			}
			if all {
				want = append(want, sku)
			}
		}
		got := skusOf(s.SearchProducts(strings.Join(query, " "), len(texts)))
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Fatalf("%q finds %q, want %q in\n%s", query, got, want, csv.String())
		}
	})
}

// BenchmarkSearchProducts is one key of a person who types; a hundredth of a second is not noticed.
func BenchmarkSearchProducts(b *testing.B) {
	s := load(b, fstest.MapFS{catalog.ProductsFile: {Data: manyProducts(200_000)}})
	before := heap()
	s.SearchProducts("first", 1)
	index := heap() - before
	for _, query := range []string{"a", "ab-01", "0123456", "nowhere", "тов", "кухон 12"} {
		b.Run(query, func(b *testing.B) {
			for b.Loop() {
				s.SearchProducts(query, 20)
			}
			b.ReportMetric(float64(index)/200_000, "B/row")
		})
	}
}
