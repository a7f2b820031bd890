package catalog_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"unicode"

	"golang.org/x/text/encoding"
	utf16 "golang.org/x/text/encoding/unicode"
	"pgregory.net/rapid"

	"obmen/convert/catalog"
)

func TestNormal(t *testing.T) {
	for s, want := range map[string]string{
		"":                       "",
		" \u00a0\u200b ":         "",
		"  AB \u00a0\t 1 ":       "ab 1",
		"Ёлка\u202f№5":           "ёлка no5",
		"ＡＢ１":                    "ab1",
		"Stra\u00ad\u00dfe":      "strasse",
		"I\u0306\ufe0f":          "ĭ",
		"и\u0306":                "й",
		"a\u200db\u2060c\ufeffd": "abcd",
	} {
		if got := catalog.Normal(s); got != want {
			t.Errorf("Normal(%q) = %q, want %q", s, got, want)
		}
	}
}

func TestNormalIsIdempotent(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if unicode.Is(unicode.Unified_Ideograph, r) || !unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.P, unicode.S, unicode.Z, unicode.Cc, unicode.Cf) {
			continue // nothing about it changes
		}
		once := catalog.Normal("a" + string(r) + "\u0345b")
		if again := catalog.Normal(once); again != once {
			t.Fatalf("%U: %q, then %q", r, once, again)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		once := catalog.Normal(rapid.String().Draw(t, "text"))
		if again := catalog.Normal(once); again != once {
			t.Fatalf("%q, then %q", once, again)
		}
	})
}

// The quick ways for ASCII and Russian agree with Unicode's tables, which any other sign forces.
func TestNormalHasOneAnswer(t *testing.T) {
	letters := rapid.StringOf(rapid.RuneFrom([]rune("aZ09 -~!\t\u00a0жЯёЁ")))
	rapid.Check(t, func(t *rapid.T) {
		s := letters.Draw(t, "text")
		if quick, slow := catalog.Normal(s), catalog.Normal("x\u200b "+s); slow != strings.TrimSpace("x "+quick) {
			t.Fatalf("%q: %q and %q", s, quick, slow)
		}
	})
}

// Whatever stands in the cells comes back, in any encoding and with any delimiter.
func TestRoundTrip(t *testing.T) {
	text := rapid.StringOf(rapid.RuneFrom([]rune("aB1 ;,\t\"'\n№жЯё語é#=|")))
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.SliceOfN(text, 1, 20).Draw(t, "names")
		names[0] = strings.Repeat(names[0]+"x", rapid.IntRange(0, 300).Draw(t, "length"))
		comma := rapid.SampledFrom([]rune(";,\t")).Draw(t, "comma")
		code := rapid.SampledFrom([]encoding.Encoding{utf16.UTF8, utf16.UTF8BOM, utf16.UTF16(utf16.BigEndian, utf16.UseBOM)}).Draw(t, "encoding")
		data := writeNames(t, names, comma, code)
		s, err := catalog.Load(fstest.MapFS{"products.csv": {Data: data}})
		if err != nil {
			t.Fatal(err)
		}
		for i, name := range names {
			want := "n" + name + "n"
			p, ok := s.Product(skuOf(i))
			if !ok || p.Name != want || p.Code != strings.TrimSpace(name) {
				t.Fatalf("wrote %q, read %+v", name, p)
			}
		}
	})
}

func skuOf(i int) string { return "sku-" + string(rune('a'+i)) }

func writeNames(t *rapid.T, names []string, comma rune, code encoding.Encoding) []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.Comma = comma
	w.UseCRLF = rapid.Bool().Draw(t, "crlf")
	rows := [][]string{{"code", "name", "sku"}}
	for i, name := range names {
		rows = append(rows, []string{name, "n" + name + "n", skuOf(i)})
	}
	if err := w.WriteAll(rows); err != nil {
		t.Fatal(err)
	}
	data, err := code.NewEncoder().Bytes(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// FuzzLoad holds that any bytes either load or give problems that each say where, and that what was
// loaded can be asked for.
func FuzzLoad(f *testing.F) {
	for _, c := range badFolders {
		fsys := folder(strings.ReplaceAll(c.text, "§", ""))
		f.Add(data(fsys, "products.csv"), data(fsys, "skus.csv"), data(fsys, "customers.csv"), data(fsys, "buyers.csv"), data(fsys, "vat.csv"), data(fsys, "rates.csv"))
	}
	f.Add([]byte("\xff\xfes\x00"), []byte("sep=,\nsku"), []byte("\xef\xbb\xbf"), []byte("PK\x03\x04"), []byte("\"\n"), []byte("\xd0"))
	f.Fuzz(func(t *testing.T, products, skus, customers, buyers, vat, rates []byte) {
		s, err := catalog.Load(fstest.MapFS{
			"products.csv": {Data: products}, "skus.csv": {Data: skus}, "customers.csv": {Data: customers},
			"buyers.csv": {Data: buyers}, "vat.csv": {Data: vat}, "rates.csv": {Data: rates},
		})
		var ps catalog.Problems
		switch {
		case err == nil:
			s.Suggest(string(products), 3)
			s.Buyer(catalog.BuyerQuery{})
		case !errors.As(err, &ps) || len(ps) == 0:
			t.Fatalf("%T: %v", err, err)
		}
		for _, p := range ps {
			if p.Text == "" || p.File != "" && p.Advice == "" || strings.Contains(p.Error(), "\n") {
				t.Fatalf("unhelpful: %+v", p)
			}
		}
	})
}

func data(fsys fstest.MapFS, name string) []byte {
	if file, ok := fsys[name]; ok {
		return file.Data
	}
	return nil
}

// A sku with one typing error finds the product that was meant, wherever the error is.
func TestOneErrorIsFound(t *testing.T) {
	signs := rapid.RuneFrom([]rune("ab7-жйё"))
	s := load(t, folder("-- products.csv --\nsku;name\nab7-жйё;all signs\nжёb7a;g\n77-77;h\n"))
	rapid.Check(t, func(t *rapid.T) {
		meant := rapid.SampledFrom([]string{"ab7-жйё", "жёb7a", "77-77"}).Draw(t, "sku")
		typed := []rune(meant)
		at := rapid.IntRange(0, len(typed)-2).Draw(t, "at")
		switch rapid.IntRange(0, 3).Draw(t, "error") {
		case 0:
			typed = slices.Delete(typed, at, at+1)
		case 1:
			typed = slices.Insert(typed, at+rapid.IntRange(0, 2).Draw(t, "end"), signs.Draw(t, "sign"))
		case 2:
			typed[at+1] = signs.Draw(t, "sign")
		case 3:
			typed[at], typed[at+1] = typed[at+1], typed[at]
		}
		found := slices.ContainsFunc(s.Suggest(string(typed), 9), func(n catalog.Suggestion) bool { return n.Product.SKU == meant })
		if found == (string(typed) == meant) {
			t.Fatalf("%q for %q: found %t", string(typed), meant, found)
		}
	})
}
