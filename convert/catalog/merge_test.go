package catalog_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"pgregory.net/rapid"

	"obmen/convert/catalog"
)

const (
	idA = "6a248d17-0bd9-5068-bf19-01d14c7c657d"
	idB = "5cefc0c4-f35f-5795-8995-b0eae8ab0653"
	idC = "59eb4f16-3e2b-5139-883b-00ef8be0002e"
)

// merge returns the merged file and what became of the updates.
func merge(old []byte, updates []catalog.ProductUpdate, full bool) ([]byte, catalog.Merge, error) {
	read := func(each func(*catalog.ProductUpdate) error) error {
		for _, u := range updates { // copies: an update may be changed while it is used
			if err := each(&u); err != nil {
				return err
			}
		}
		return nil
	}
	merged, err := catalog.MergeProducts(string(old), read, full)
	if err != nil {
		return nil, catalog.Merge{}, err
	}
	var file bytes.Buffer
	n, err := merged.WriteTo(&file)
	if err == nil && n != int64(file.Len()) {
		err = fmt.Errorf("%d bytes are said to be written of %d", n, file.Len())
	}
	if err == nil && merged.Differs() != !bytes.Equal(old, file.Bytes()) {
		err = fmt.Errorf("differs is %v for %q", merged.Differs(), file.Bytes())
	}
	return file.Bytes(), merged.Merge, err
}

func TestMergeProducts(t *testing.T) {
	for name, tt := range map[string]struct {
		old     string
		updates []catalog.ProductUpdate
		full    bool
		want    string
		merge   string
	}{
		"new file": {
			"",
			[]catalog.ProductUpdate{{ID: idA, SKU: "AB-100", Name: "Кружка; белая", Unit: "шт", VAT: "20", Barcode: "46", Kind: "Товар"}},
			true,
			"\ufeffsku;id;characteristic;code;name;unit;vat;barcode;kind;group;vat_fixed\r\nAB-100;" + idA + ";;;\"Кружка; белая\";шт;20;46;;;\r\n", "added 1",
		},
		"fills the id, keeps the rest": {
			"место,Артикул,Наименование,Ид\nA1,ab-100 ,\"Кружка\",\nA2,\"AB-200\",Чайник,\n\nA3,AB-300,Лампа,\n",
			[]catalog.ProductUpdate{{ID: idA, SKU: "AB-100", Name: "Кружка"}, {ID: idB, SKU: "AB-200", Name: "Чайник, новый"}},
			false,
			"место,Артикул,Наименование,Ид,Характеристика,Код,Единица,Ставка НДС,Штрихкод,Вид\nA1,ab-100 ,Кружка," + idA + ",,,,,,\n" +
				"A2,AB-200,\"Чайник, новый\"," + idB + ",,,,,,\nA3,AB-300,Лампа,,,,,,,\n", "changed 2",
		},
		"lines without a change stay byte for byte": {
			"sep=;\nsku;id;name;unit;vat;barcode;kind;code;characteristic\n\"AB-100\";" + idA + ";Кружка;;20%;;;;\nAB-200;" + idB + ";Чайник",
			[]catalog.ProductUpdate{{ID: idA, SKU: "AB-100", Name: "Кружка", VAT: "20"}, {ID: idB, SKU: "AB-200", Name: "Самовар"}},
			false,
			"sep=;\nsku;id;name;unit;vat;barcode;kind;code;characteristic\n\"AB-100\";" + idA + ";Кружка;;20%;;;;\nAB-200;" + idB + ";Самовар;;;;;;\n", "changed 1 same 1",
		},
		"an article of another": {
			"sku;id;characteristic;code;name;unit;vat;barcode;kind\nAB;" + idA + ";;;Кружка;;;;\n",
			[]catalog.ProductUpdate{{ID: idB, SKU: "AB", Name: "Чайник"}, {ID: idC, Name: "Лампа"}},
			false,
			"sku;id;characteristic;code;name;unit;vat;barcode;kind\nAB;" + idA + ";;;Кружка;;;;\n", "left 2",
		},
		"an id that 1C does not have any more": {
			"sku;id;characteristic;code;name;unit;vat;barcode;kind\nAB;" + idA + ";;;Кружка;;;;\nAC;" + idC + ";;;Лампа;;;;\n",
			[]catalog.ProductUpdate{{ID: idB, SKU: "AB", Name: "Кружка"}},
			true,
			"sku;id;characteristic;code;name;unit;vat;barcode;kind\nAB;" + idB + ";;;Кружка;;;;\nAC;" + idC + ";;;Лампа;;;;\n", "changed 1 gone 1",
		},
		"characteristics": {
			"sku;id;characteristic;code;name;unit;vat;barcode;kind\nAB;" + idA + ";;;Кружка;;;;\n",
			[]catalog.ProductUpdate{
				{ID: idA, Offer: true, SKU: "AB", Barcode: "46"},
				{ID: idA, Characteristic: idB, Offer: true, SKU: "AB-L", Name: "Кружка (L)", Barcode: "47"},
				{ID: idA, Characteristic: idC, Offer: true, SKU: "AB", Name: "Кружка (M)"},
			},
			false,
			"sku;id;characteristic;code;name;unit;vat;barcode;kind\nAB;" + idA + ";;;Кружка;;;46;\nAB-L;" + idA + ";" + idB + ";;Кружка (L);;;47;\n", "added 1 changed 1 left 1",
		},
		"characteristics have the unit, VAT and kind of their product": {
			"sku;id;characteristic;code;name;unit;vat;barcode;kind\nAB;" + idA + ";;;Кружка;шт;20;;Услуга\nAB-S;" + idA + ";" + idC + ";;Кружка (S);пара;10;;\n",
			[]catalog.ProductUpdate{
				{ID: idA, Characteristic: idB, Offer: true, SKU: "AB-L", Name: "Кружка (L)"},
				{ID: idA, SKU: "AB", Name: "Кружка", VAT: "22"},
			},
			false,
			"sku;id;characteristic;code;name;unit;vat;barcode;kind\nAB;" + idA + ";;;Кружка;шт;22;;Услуга\nAB-S;" + idA + ";" + idC + ";;Кружка (S);пара;10;;Услуга\nAB-L;" + idA + ";" + idB + ";;Кружка (L);шт;22;;Услуга\n", "added 1 changed 2",
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, did, err := merge([]byte(tt.old), tt.updates, tt.full)
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != tt.want {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
			var words []string
			for _, w := range []struct {
				word string
				n    int
			}{{"added", did.Added}, {"changed", did.Changed}, {"same", did.Same}, {"left", did.Left}, {"gone", did.Gone}} {
				if w.n > 0 {
					words = append(words, fmt.Sprint(w.word, " ", w.n))
				}
			}
			if got := strings.Join(words, " "); got != tt.merge {
				t.Errorf("did %q, want %q: %+v", got, tt.merge, did)
			}
			if again, _, err := merge(got, tt.updates, tt.full); err != nil || !bytes.Equal(again, got) {
				t.Errorf("merged once more, it is %q, %v", again, err)
			}
		})
	}
}

func TestMergeKeepsEncoding(t *testing.T) {
	ansi, err := charmap.Windows1251.NewEncoder().String("Артикул\tНаименование\r\nAB\tКружка\r\n")
	if err != nil {
		t.Fatal(err)
	}
	updates := []catalog.ProductUpdate{{ID: idA, SKU: "AB", Name: "Кружка café"}}
	got, did, err := merge([]byte(ansi), updates, false)
	if err != nil {
		t.Fatal(err)
	}
	text, err := charmap.Windows1251.NewDecoder().String(string(got))
	if err != nil || !strings.Contains(text, "\r\nAB\tКружка caf?\t"+idA) || did.Unwritten != 1 {
		t.Errorf("%q, %+v, %v", text, did, err)
	}
	// The next exchange sends the same, and there is nothing new to say.
	again, did, err := merge(got, updates, false)
	if err != nil || !bytes.Equal(again, got) || did.Unwritten+did.Changed > 0 {
		t.Errorf("once more %q, %+v, %v", again, did, err)
	}
}

func TestMergeKeepsUTF16(t *testing.T) {
	for _, order := range []unicode.Endianness{unicode.LittleEndian, unicode.BigEndian} {
		encoding := unicode.UTF16(order, unicode.UseBOM)
		old, err := encoding.NewEncoder().Bytes([]byte("sku;name\r\nAB;Чайник\r\n"))
		if err != nil {
			t.Fatal(err)
		}
		got, _, err := merge(old, []catalog.ProductUpdate{{ID: idA, SKU: "AB", Name: "Кружка 😀"}}, false)
		if err != nil {
			t.Fatal(err)
		}
		if text, err := encoding.NewDecoder().Bytes(got); err != nil || !strings.Contains(string(text), "\r\nAB;Кружка 😀;"+idA) || !bytes.Equal(got[:2], old[:2]) {
			t.Errorf("%q, %v", text, err)
		}
	}
}

func TestMergeRefuses(t *testing.T) {
	for _, old := range []string{"PK\x03\x04", "sku;name\n\"AB;x\n", "a;b\n1;2\n", "sku;name;Артикул\n"} {
		if _, _, err := merge([]byte(old), nil, false); err == nil {
			t.Errorf("%q was taken", old)
		}
	}
}

// Whatever 1C sends, a file that loads still loads afterwards, with all its lines.
func TestMergedLoads(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		id := rapid.SampledFrom([]string{idA, idB, idC, "", "x"})
		word := rapid.SampledFrom([]string{"", "AB", "ab ", "AC", "A;C", "\"", "Товар", "20", "7", "Услуга", "line\nend"})
		update := rapid.Custom(func(r *rapid.T) catalog.ProductUpdate {
			return catalog.ProductUpdate{
				ID: id.Draw(r, "id"), Characteristic: id.Draw(r, "char"), SKU: word.Draw(r, "sku"), Name: word.Draw(r, "name"),
				VAT: word.Draw(r, "vat"), Kind: word.Draw(r, "kind"), Barcode: word.Draw(r, "barcode"), Offer: rapid.Bool().Draw(r, "offer"),
			}
		})
		file := []byte("\ufeffsku;id;name\nAB;;x\nAC;" + idC + ";y\n")
		for i := range 3 {
			var err error
			file, _, err = merge(file, rapid.SliceOfN(update, 0, 6).Draw(r, "updates"), rapid.Bool().Draw(r, "full"))
			if err != nil {
				r.Fatal(err)
			}
			if _, err := catalog.Load(fstest.MapFS{"products.csv": {Data: file}}); err != nil {
				r.Fatalf("after merge %d: %v\n%s", i, err, file)
			}
		}
	})
}
