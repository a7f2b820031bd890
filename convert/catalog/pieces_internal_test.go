package catalog

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func inPieces(t require, text string, size int) pieces {
	list, err := readPieces(strings.NewReader(text), size)
	if err != nil || list.joined() != text || fmt.Sprintf("%x", list.hashSum()) != fmt.Sprintf("%x", sha256.Sum256([]byte(text))) {
		t.Fatalf("%d pieces are not the file; %v", len(list), err)
	}
	list, err = list.asUTF8()
	if err != nil {
		t.Fatalf("%v", err)
	}
	return list
}

type require interface{ Fatalf(string, ...any) }

// loaded is what becomes of a file: its rows, what they are found by, and what is reported.
func loaded(text pieces, file string, alter func(*csvFile)) (list []string) {
	var problems, notes report
	snapshot := newSnapshot()
	rows := map[string]record{ProductsFile: new(productRow), CustomersFile: new(customerRow)}
	s, ok := openCSV(columnsOf(file), text, rows[file], &problems, &notes)
	if ok {
		alter(s)
		if file == ProductsFile {
			snapshot.products.loadRows(s)
		} else {
			snapshot.customers.loadRows(s)
		}
	}
	say := func(thing any, ok bool) { list = append(list, fmt.Sprintf("%q, %v", thing, ok)) }
	for row := range uint32(snapshot.products.len()) {
		p := snapshot.products.productAt(row)
		say(p, true)
		for _, ref := range []string{p.SKU, p.ID, p.Code} {
			found, ok := snapshot.ProductByRef(ref)
			say(found, ok)
		}
		found, ok := snapshot.ProductByBarcode(p.Barcode)
		say(found, ok)
	}
	for row := range uint32(snapshot.customers.len()) {
		c := snapshot.customers.customerAt(row)
		say(c, true)
		for _, ref := range []string{c.ID, c.Code} {
			found, ok := snapshot.CustomerByRef(ref)
			say(found, ok)
		}
		say(snapshot.Customers(ByName, c.Name), true)
		say(snapshot.Customers(ByPhone, c.Phone), true)
	}
	for _, p := range append(problems.problems(), notes.problems()...) {
		list = append(list, p.Error())
	}
	return list
}

// ofRecord makes all rows be read in one go by the reader of record, as after a stray quotation mark.
func ofRecord(s *csvFile) { s.rest = pieces{newPiece("x\"\n")} }

// However a file is cut, it becomes the same as what the reader of record reads in one go: good files,
// bad ones and those where no row can be told from the next.
func TestPiecesLikeOneFile(t *testing.T) {
	headers := map[string]string{ProductsFile: "name;sku;id;code;barcode;vat;kind;x", CustomersFile: "code;id;name;phone;country"}
	cell := rapid.OneOf(
		rapid.SampledFrom([]string{
			"", " ", "A", "a ", "\u00a0B", "\"C\"", "\"a \"\"b\"\"\"", "\"two\nlines\"", "\"two\r\n;lines\"", "\"\n\n\"", "20", "Товар", "x;y", "4,6E+12",
			"11111111-2222-4333-8444-555555555555", "AAAAAAAA-2222-4333-8444-555555555555", "12 34",
		}),
		rapid.StringMatching("[A-Z0-9]{2,4}"),
		rapid.Map(rapid.IntRange(0, 300), func(n int) string { return strings.Repeat("long ", n) }),
	)
	stray := rapid.SampledFrom([]string{"5\" pipe", "\"open", "\"end\"x", "\""})
	for file, header := range headers {
		t.Run(file, rapid.MakeCheck(func(t *rapid.T) {
			cells, rare := cell, rapid.IntRange(0, 3).Draw(t, "kind")
			if rare == 0 {
				cells = rapid.OneOf(cell, cell, cell, cell, cell, cell, cell, cell, cell, stray)
			}
			if rare > 1 {
				cells = cell.Filter(func(s string) bool { return !strings.Contains(s, "\"") })
			}
			text := header + "\n\n"
			for _, row := range rapid.SliceOfN(rapid.SliceOfN(cells, 0, 9), 0, 40).Draw(t, "rows") {
				text += strings.Join(row, ";") + rapid.SampledFrom([]string{"\n", "\n", "\r\n", "\n\n"}).Draw(t, "end")
			}
			text = strings.TrimSuffix(text, "\n")
			want := loaded(one(text), file, ofRecord)
			got := loaded(inPieces(t, text, rapid.IntRange(1, 300).Draw(t, "size")), file, func(*csvFile) {})
			if !slices.Equal(got, want) {
				t.Fatalf("%q\nin pieces %q\nin one go %q", text, got, want)
			}
		}))
	}
}

// A good file of many pieces is read piece by piece, with quotation marks and without.
func TestReadInPieces(t *testing.T) {
	for name, cell := range map[string]string{"plain": "x", "quoted": "\"x\ny\""} {
		text := "sku;name\n" + strings.Repeat("A;"+cell+"\n", 100)
		var problems, notes report
		s, _ := openCSV(columnsOf(ProductsFile), inPieces(t, text, 30), new(productRow), &problems, &notes)
		read, rows := 0, 0
		readParts(s, productReader, func(p *productRows) {
			read++
			rows += p.len()
		})
		if read < 10 || rows != 100 {
			t.Errorf("%s: %d rows in %d pieces", name, rows, read)
		}
	}
}

// A row may be larger than a piece and than a block of the table.
func TestLongRow(t *testing.T) {
	long := strings.Repeat("ы", pieceSize/2+1)
	text := "sku;name\nA;first\nB;\"" + long + "\n\"\nC;last\n"
	got := loaded(inPieces(t, text, 64<<10), ProductsFile, func(*csvFile) {})
	if want := loaded(one(text), ProductsFile, ofRecord); !slices.Equal(got, want) || len(got) != 3*5 {
		t.Errorf("%d answers, want %d", len(got), len(want))
	}
}

// What is not UTF-8, or begins with empty lines alone, is cut again.
func TestPiecesOfOtherText(t *testing.T) {
	for name, text := range map[string]string{
		"windows-1251 with quotation": "sku;name\nA;\"B\n\xca\"\nC;\xca\xf0\n",
		"windows-1251":                "sku;name\nA;B\nC;\xca\xf0\n",
		"a header in the next pieces": "\n\n\nsku;name\nA;B\nC;D\n",
		"UTF-16":                      "\xff\xfes\x00;\x00n\x00\n\x00",
		"UTF-16 without a text":       "\xff\xfe",
		"nothing":                     "",
		"a byte order mark":           "\xef\xbb\xbfsku;name\nA;B\nC;D\n",
	} {
		list, err := readPieces(strings.NewReader(text), 5)
		if err != nil {
			t.Fatal(err)
		}
		got, err := list.asUTF8()
		want, wrong := decodeText(text)
		if err != nil || wrong != nil || got.joined() != want || !got[0].hasHeader() && len(got) > 1 {
			t.Errorf("%s: %q, %v", name, got.joined(), err)
		}
	}
}

// What is no text is told as if the file had never been cut.
func TestPiecesOfNoText(t *testing.T) {
	for _, text := range []string{
		"sku;name\nA;\xca\xf0\nB;\x00\n", "sku;name\nA;\x00\n", "\xef\xbb\xbfsku;name\nA;\xca\n", "sku;name\nA;\xd0\x9a\xd0\x9a\nB;\xd0\n",
		"PK\x03\x04\nname\n", "\xd0\xcf\x11\xe0\n\n\n\n\n",
	} {
		list, err := readPieces(strings.NewReader(text), 5)
		if err != nil {
			t.Fatal(err)
		}
		_, got := list.asUTF8()
		if _, want := decodeText(text); want == nil || got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

// A key behind what a buffer holds is the same as alone.
func TestAppendNormal(t *testing.T) {
	letters := rapid.StringOf(rapid.RuneFrom([]rune("aZ09 -~!\t\u00a0жЯёЁé\u200b")))
	rapid.Check(t, func(t *rapid.T) {
		s := letters.Draw(t, "text")
		if got := string(appendNormal([]byte("x "), s)); got != "x "+Normal(s) {
			t.Fatalf("%q: %q", s, got)
		}
	})
}
