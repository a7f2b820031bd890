package catalog_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"pgregory.net/rapid"

	"obmen/convert/catalog"
)

func addTo(t *testing.T, data []byte, cells map[string]string) []byte {
	t.Helper()
	f, err := catalog.ReadFile(catalog.SKUsFile, data)
	if err != nil {
		t.Fatal(err)
	}
	line, err := f.Line(cells)
	if err != nil {
		t.Fatal(err)
	}
	after, err := f.Append(data, []string{line})
	if err != nil {
		t.Fatal(err)
	}
	if f, err = catalog.ReadFile(catalog.SKUsFile, after); err != nil {
		t.Fatal(err)
	}
	back, err := f.Remove(after, []string{line})
	if err != nil || len(data) > 0 && (!bytes.HasPrefix(back, data) || len(back) > len(data)+len("\r\n")*2) {
		t.Errorf("without its line %q is %q, want %q (%v)", after, back, data, err)
	}
	return after
}

// A line goes behind all others in the file's own encoding, delimiter, line ends and columns; nothing else changes.
func TestAppendLine(t *testing.T) {
	encode := func(text string) string {
		out, err := charmap.Windows1251.NewEncoder().String(text)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	utf16 := func(text string) string {
		out, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(text)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	cells := map[string]string{"sku": "Ч-1", "marketplace": "DE", "product": "A;1", "quantity": "1"}
	for name, tt := range map[string]struct{ before, after string }{
		"no file":            {"", "\ufeffsku;marketplace;product;quantity;share\r\nЧ-1;DE;\"A;1\";1;\r\n"},
		"own columns":        {"product,note,sku,marketplace\nB,my note,b,\n", "product,note,sku,marketplace\nB,my note,b,\nA;1,,Ч-1,DE\n"},
		"without a line end": {"sku;marketplace;product\r\nb;;B", "sku;marketplace;product\r\nb;;B\r\nЧ-1;DE;\"A;1\"\r\n"},
		"windows-1251":       {encode("Артикул;Площадка;Товар;Заметка\r\nы;;B;моё\r\n"), encode("Артикул;Площадка;Товар;Заметка\r\nы;;B;моё\r\nЧ-1;DE;\"A;1\";\r\n")},
		"UTF-16":             {utf16("sku\tmarketplace\tproduct\r\n"), utf16("sku\tmarketplace\tproduct\r\nЧ-1\tDE\tA;1\r\n")},
		"byte order mark":    {"\ufeffsku;marketplace;product\n", "\ufeffsku;marketplace;product\nЧ-1;DE;\"A;1\"\n"},
		"sep":                {"sep=,\nsku,marketplace,product\n", "sep=,\nsku,marketplace,product\nЧ-1,DE,A;1\n"},
	} {
		if got := string(addTo(t, []byte(tt.before), cells)); got != tt.after {
			t.Errorf("%s: %q\nwant %q", name, got, tt.after)
		}
	}
}

// What a file cannot hold is refused, never left out.
func TestAppendRefuses(t *testing.T) {
	for name, tt := range map[string]struct{ before, column, cell, want string }{
		"a column that is not there": {"sku;product\n", "marketplace", "DE", "no column marketplace"},
		"a quantity without a place": {"sku;product\n", "quantity", "2", "no column quantity"},
		"a line break":               {"sku;product\n", "product", "a\nb", "not one line"},
		"another alphabet":           {"sku;product\n\xfb;B\n", "product", "日本", "encoding cannot hold"},
	} {
		f, err := catalog.ReadFile(catalog.SKUsFile, []byte(tt.before))
		if err != nil {
			t.Fatal(err)
		}
		line, err := f.Line(map[string]string{"sku": "S", tt.column: tt.cell})
		if err == nil {
			_, err = f.Append([]byte(tt.before), []string{line})
		}
		var refused *catalog.EditError
		if !errors.As(err, &refused) || !strings.Contains(err.Error(), tt.want) || refused.Hint() == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := catalog.ReadFile(catalog.SKUsFile, []byte("nothing\n")); err == nil {
		t.Error("a file without the columns was read")
	}
	if _, err := catalog.ReadFile("other.csv", nil); err == nil {
		t.Error("another file was read")
	}
}

// Whatever the cells are, the loader reads from the file what was appended to it.
func TestAppendedIsRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sku := rapid.StringMatching(`[A-Za-zЖё;,"' 0-9-]{0,10}[A-Za-z0-9]`).Draw(t, "sku")
		comma := rapid.SampledFrom([]string{";", ",", "\t"}).Draw(t, "comma")
		newline := rapid.SampledFrom([]string{"\n", "\r\n"}).Draw(t, "newline")
		data := []byte(strings.Join([]string{"sku", "mine", "product"}, comma) + newline)
		f, err := catalog.ReadFile(catalog.SKUsFile, data)
		if err != nil {
			t.Fatal(err)
		}
		line, err := f.Line(map[string]string{"sku": sku, "product": "A", "quantity": "1"})
		if err != nil {
			t.Fatal(err)
		}
		after, err := f.Append(data, []string{line})
		if err != nil || !bytes.HasPrefix(after, data) {
			t.Fatalf("%q (%v)", after, err)
		}
		if back, err := f.Remove(after, []string{line}); err != nil || !bytes.Equal(back, data) {
			t.Fatalf("without its line it is %q (%v)", back, err)
		}
		s, err := catalog.Load(fstest.MapFS{
			catalog.ProductsFile: {Data: []byte("sku;name\nA;Thing\n")}, catalog.SKUsFile: {Data: after},
		})
		if err != nil {
			t.Fatal(err)
		}
		if list := s.SKU("DE", sku); len(list) != 1 || list[0].Product.SKU != "A" {
			t.Fatalf("%q is read as %+v", after, list)
		}
	})
}

// A new export is compared entry by entry, whatever the order of its lines and columns.
func TestCompare(t *testing.T) {
	read := func(text string) *catalog.File {
		f, err := catalog.ReadFile(catalog.ProductsFile, []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	d := catalog.Compare(read("sku;name;unit\nA;One;шт\nB;Two;шт\nC;Three;\n"), read("name,sku,unit\nTwo more,b,шт\nOne,A,шт\nFour,D,\n"))
	if d.Before != 3 || d.After != 3 || d.AllAdded != 1 || d.AllRemoved != 1 || d.AllChanged != 1 ||
		d.Added[0].Key != "d" || d.Removed[0].Key != "c" || d.Change[0].Key != "b" || !strings.Contains(d.Change[0].Now, "Two more") {
		t.Errorf("the difference is %+v", d)
	}
	lines := catalog.LinesAt([]byte("one\r\ntwo\nthree"), []int{2, 3, 9})
	if len(lines) != 2 || lines[2] != "two" || lines[3] != "three" {
		t.Errorf("the lines are %v", lines)
	}
}
