package catalog_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"obmen/convert/catalog"
)

func TestEncodings(t *testing.T) {
	for name, e := range map[string]encoding.Encoding{
		"UTF-8":        unicode.UTF8,
		"UTF-8 BOM":    unicode.UTF8BOM,
		"windows-1251": charmap.Windows1251,
		"UTF-16 LE":    unicode.UTF16(unicode.LittleEndian, unicode.UseBOM),
		"UTF-16 BE":    unicode.UTF16(unicode.BigEndian, unicode.UseBOM),
	} {
		for _, eol := range []string{"\n", "\r\n"} {
			data, err := e.NewEncoder().String("Артикул;Наименование;Ставка НДС" + eol + "АБ-1;Ёлка «зелёная» №5;Без НДС" + eol)
			if err != nil {
				t.Fatal(err)
			}
			s := load(t, fstest.MapFS{"products.csv": {Data: []byte(data)}})
			p, ok := s.Product("аб-1")
			if !ok || p.Name != "Ёлка «зелёная» №5" || p.VAT.String() != "none" {
				t.Errorf("%s: %+v", name, p)
			}
		}
	}
}

func TestDelimiters(t *testing.T) {
	for name, text := range map[string]string{
		"semicolon":                "sku;name\nA;Cup, blue\n",
		"comma":                    "sku,name\nA,\"Cup, blue\"\n",
		"tab":                      "sku\tname\nA\tCup, blue\n",
		"Excel's line":             "sep=|\r\nsku|name\r\nA|Cup, blue\r\n",
		"quoted header":            "\"sku\";\"name\"\n\"A\";\"Cup, blue\"\n",
		"commas in unknown header": "sku;name;price, net, EUR\nA;Cup, blue;1\n",
		"blank lines":              "\r\n\nsku;name\n\n;\nA;Cup, blue\n \n;;;\n",
		"short rows":               "sku;name;vat;kind\nA;Cup, blue\n",
		"no last line end":         "sku;name\nA;Cup, blue",
		"invisible characters":     "\u200bsku;\u00a0name\n\u00a0A\u200b;\ufeffCup, blue\u00a0\n",
	} {
		t.Run(name, func(t *testing.T) {
			s := load(t, fstest.MapFS{"products.csv": {Data: []byte(text)}})
			if p, ok := s.Product("a"); !ok || p.SKU != "A" || p.Name != "Cup, blue" {
				t.Errorf("%+v", p)
			}
			if n, _ := s.Len(); n != 1 {
				t.Errorf("%d products", n)
			}
		})
	}
}

// Every header that the table of columns promises is understood, however it is written.
func TestHeaders(t *testing.T) {
	for _, f := range catalog.Columns() {
		for i, c := range f.Columns {
			for _, header := range append([]string{c.Name}, c.Russian...) {
				line := ""
				for j, other := range f.Columns {
					if j == i {
						line += " " + strings.ReplaceAll(strings.ToUpper(header), "Е", "Ё") + "_;"
					} else {
						line += other.Name + ";"
					}
				}
				fsys := fstest.MapFS{"products.csv": {Data: []byte("sku;name\n")}}
				fsys[f.File] = &fstest.MapFile{Data: []byte(line[:len(line)-1] + "\n")}
				if s := load(t, fsys); len(s.Notes) != 0 {
					t.Errorf("%s: %v", f.File, s.Notes)
				}
			}
		}
	}
}

// Columns hands out copies: who changes one changes nothing here.
func TestColumnsAreCopies(t *testing.T) {
	c := catalog.Columns()
	c[0].Columns[0].Russian[0] = "x"
	c[0].Columns[0].Name = "y"
	if again := catalog.Columns()[0].Columns[0]; again.Name != "sku" || again.Russian[0] != "Артикул" {
		t.Errorf("%+v", again)
	}
}
