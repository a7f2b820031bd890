package catalog_test

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"obmen/convert/catalog"
)

func load(t testing.TB, fsys fs.FS) *catalog.Snapshot {
	t.Helper()
	s, err := catalog.Load(fsys)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// folder makes a folder of "-- name --" headings with the content of each file below.
func folder(text string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for part := range strings.SplitSeq("\n"+text, "\n-- ") {
		if name, content, ok := strings.Cut(part, " --\n"); ok {
			fsys[name] = &fstest.MapFile{Data: []byte(content)}
		}
	}
	return fsys
}

// unmark takes the marks § out of the files and gives the places they stood at, file by file.
func unmark(fsys fstest.MapFS) (places []string) {
	for _, f := range catalog.Columns() {
		file, ok := fsys[f.File]
		if !ok {
			continue
		}
		pieces := strings.Split(string(file.Data), "§")
		line := 1
		for _, p := range pieces[:len(pieces)-1] {
			line += strings.Count(p, "\n")
			places = append(places, fmt.Sprintf("%s:%d", f.File, line))
		}
		file.Data = []byte(strings.Join(pieces, ""))
	}
	return places
}

func problems(t *testing.T, fsys fs.FS) catalog.Problems {
	t.Helper()
	_, err := catalog.Load(fsys)
	var ps catalog.Problems
	if err != nil && !errors.As(err, &ps) {
		t.Fatalf("error is a %T", err)
	}
	return ps
}

const guid = "11111111-2222-4333-8444-555555555555"

// Each § marks the line of a problem; want says its column and what it says, in the same order.
var badFolders = []struct {
	name, text string
	want       []string
}{
	{"missing cells", `-- products.csv --
sku;name
A;Cup

§;Plate
§B;
`, []string{"sku: empty", "name: empty"}},
	{"duplicate sku after normalisation", `-- products.csv --
sku;name
AB-1;Cup
X;Other
§  ab-1 ;Cup
`, []string{`sku "ab-1": already on line 2`}},
	{"lines inside quotes count", `-- products.csv --
sku;name;vat
A;"Cup
of tea";§18x
§B;"Mug
"";;
`, []string{`vat "18x": not a VAT rate`, "a quotation that is not closed"}},
	{"every kind of cell", `-- products.csv --
sku;name;id;characteristic;kind;vat
A;Cup;§12345;;;
B;Cup;` + guid + `;§x;;
C;Cup;;;§thing;
D;Cup;;;;§120
E;Cup;§` + guid + "#" + guid + `;;;
`, []string{
		"not a GUID of 1C", "characteristic \"x\": not a GUID", `kind "thing": unknown word`, "not a VAT rate",
		"product and a characteristic in one cell",
	}},
	{"surplus cells", `-- products.csv --
sku,name
A,Cup
§B,Cup,blue
,,
`, []string{"more cells than the header"}},
	{"bare quotation mark", `-- products.csv --
sku;name
§A;Pipe 5" long
B;Good
§C;
`, []string{"a quotation mark inside a cell", "name: empty"}},
	{"long values are cut between characters", `-- products.csv --
sku;name;kind
A;Cup;§` + strings.Repeat("ы", 60) + `
`, []string{`kind "` + strings.Repeat("ы", 38) + `…": unknown word`}},
	{"numbers", `-- products.csv --
sku;name
B;Plate
-- skus.csv --
sku;product;quantity
k1;B;§many
k2;B;§9999999999999
k3;B;§-1
k4;B;1 234,5
k5;B;§1,5 000
`, []string{`"many": not a number`, "number too large", "not above zero", "a blank inside a number"}},
	{"Excel's first line counts", `-- products.csv --
sep=;
sku;name;vat
A;Cup;§x
§B;"Mug
`, []string{`vat "x"`, "a quotation that is not closed"}},
	{"missing columns", `-- products.csv --
§§code;unit
1;pcs
`, []string{"sku: no such column (Артикул", "name: no such column (Наименование"}},
	{"column twice", `-- products.csv --
§sku;name;Артикул
A;B;C
`, []string{`sku "Артикул": the same column as "sku"`}},
	{"skus", `-- products.csv --
sku;name;code
AB-100;Cup;001
B;Plate;
-- skus.csv --
sku;marketplace;product;quantity;share
k1;;AB-100;;
k2;;§АВ-100;;
§k1; ;001;;
k1;DE;001;;
k3;;B;§0;
k4;;B;§1,2345;
k5;;B;§1 0;
k6;;B;1;0,5
§k6;;AB-100;1;
k7;;B;1;§-1
`, []string{
		`"AB-100" (same look, Latin letters)`, `sku "k1": already on line 2`, "not above zero", "more than 3 decimal places",
		"a blank inside a number", "share: line 9 of the same kit has one", "not above zero",
	}},
	{"customers", `-- products.csv --
sku;name
-- customers.csv --
id;code;name;email
;1;Anna;a@example.com
;2;Anna;a@example.com
§;1;Berta;
` + guid + `;;Clara;
§` + strings.ToUpper(guid) + `;3;Dora;
§;9;;
;;Emma;
`, []string{`code "1": already on line 2`, "already on line 5", "neither name nor first_name"}},
	{"buyers", `-- products.csv --
sku;name
-- customers.csv --
code;name
1;Retail
-- buyers.csv --
marketplace;country;buyer;channel;customer
DE;;;;1
;;b2b;;§2
§amazon.de;;;;1
;;§b3b;;1
;;;§ship;1
`, []string{`customer "2": not in customers.csv`, "already on line 2", `buyer "b3b"`, `channel "ship"`}},
	{"vat and rates", `-- products.csv --
sku;name
-- vat.csv --
country;group;rate
GB;Cups;20
§uk;cups ;10
DE;;§
-- rates.csv --
date;currency;rate;nominal
2026-11-20;USD;90,5;
§20.11.2026;usd;91;
§31.02.2026;USD;1;1
2026-11-21;§XXQ;1;1
2026-11-22;USD;§1.234,5;1
2026-11-23;USD;1;§0
2026-11-24;USD;§12,34567891;
`, []string{
		"already on line 2", "rate: empty", "already on line 2", "not a date", "unknown currency", "both a comma and a point",
		"not above zero", "more than 6 decimal places",
	}},
}

func TestProblems(t *testing.T) {
	for _, c := range badFolders {
		t.Run(c.name, func(t *testing.T) {
			fsys := folder(c.text)
			places := unmark(fsys)
			got := problems(t, fsys)
			if len(got) != len(c.want) || len(got) != len(places) {
				t.Fatalf("%d marks, %d wanted, got:\n%v", len(places), len(c.want), got)
			}
			for i, p := range got {
				if line := p.Error(); !strings.HasPrefix(line, places[i]+": ") || !strings.Contains(line, c.want[i]) {
					t.Errorf("got  %s\nwant %s … %s", line, places[i], c.want[i])
				}
				if p.Advice == "" {
					t.Errorf("no hint: %s", p)
				}
			}
		})
	}
}

func TestProblemsOfWholeFiles(t *testing.T) {
	for _, c := range []struct{ name, data, want string }{
		{"empty", "", "products.csv: the file is empty"},
		{"workbook", "PK\x03\x04rest", "products.csv: a workbook, not a CSV file; hint: open it in Excel"},
		{"binary", "sku;name\nA;\x00\n", "products.csv:2: not a text file"},
		{"one bad byte in UTF-8", "sku;name\nA;Кружка\nB;Круж\xd0ка\n", "products.csv:3: broken UTF-8"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := problems(t, fstest.MapFS{"products.csv": {Data: []byte(c.data)}})
			if len(got) != 1 || !strings.HasPrefix(got.Error(), c.want) {
				t.Errorf("got %v\nwant %s", got, c.want)
			}
		})
	}
	got := problems(t, fstest.MapFS{})
	if len(got) != 1 || !strings.Contains(got.Error(), "products.csv: no such file") || !strings.Contains(got[0].Advice, "obmen init") {
		t.Errorf("no products.csv: %v", got)
	}
}

func TestProblemsAreCapped(t *testing.T) {
	text := "sku;name\n" + strings.Repeat("A;\n", 2500)
	got := problems(t, fstest.MapFS{"products.csv": {Data: []byte(text)}})
	lines := strings.Split(got.Error(), "\n")
	// Every line lacks its name, all but the first repeat its sku: 2500 + 2499.
	if want := fmt.Sprintf("and %d more like these", 4999-catalog.MaxProblems); lines[len(lines)-1] != want {
		t.Errorf("last line %q, want %q", lines[len(lines)-1], want)
	}
	if len(lines) != catalog.MaxProblems+1 {
		t.Errorf("%d lines", len(lines))
	}
}

// A broken products.csv is not followed by a complaint about every line that refers to it.
func TestNoConsequentialProblems(t *testing.T) {
	got := problems(t, folder("-- products.csv --\nx\n-- skus.csv --\nsku;product\nA;B\n"))
	for _, p := range got {
		if p.File != "products.csv" {
			t.Error(p)
		}
	}
	if len(got) != 2 {
		t.Errorf("got %v", got)
	}
}

func TestNotes(t *testing.T) {
	s := load(t, folder(`-- products.csv --
sku;name;colour;barcode
A;Cup;blue;4600000000017
B;Mug;red;4600000000017
C;Jug;red;4,6E+12
-- products.example.csv --
not;a catalog
-- prodcuts.csv --
sku;name
`))
	want := []string{
		"prodcuts.csv: not a catalog file",
		`products.csv:1: "colour": unknown column`,
		`products.csv:3: barcode "4600000000017": also on line 2; it is not used for matching`,
		`products.csv:4: barcode "4,6E+12": looks like a long number that Excel has shortened`,
	}
	if len(s.Notes) != len(want) {
		t.Fatalf("notes: %v", s.Notes)
	}
	for i, n := range s.Notes {
		if !strings.HasPrefix(n.Error(), want[i]) {
			t.Errorf("note %q, want %q", n, want[i])
		}
	}
	if _, ok := s.ProductByBarcode("4600000000017"); ok {
		t.Error("a shared barcode matched")
	}
}

// A name in capitals, as some systems save it, is the same file; a folder of that name is not one.
func TestFileNames(t *testing.T) {
	s := load(t, folder("-- Products.CSV --\nsku;name\nA;Cup\n"))
	if n, _ := s.Len(); n != 1 || len(s.Notes) != 0 {
		t.Errorf("%d products, notes %v", n, s.Notes)
	}
	got := problems(t, folder("-- products.csv/file --\nx\n"))
	if len(got) != 1 || !strings.Contains(got.Error(), "products.csv: cannot be read") {
		t.Errorf("got %v", got)
	}
}

// A line that Excel saved as one cell is a line all the same, whatever the delimiter of the file is by now.
func TestLineInOneCell(t *testing.T) {
	for name, text := range map[string]string{
		"quoted":            "sku;marketplace;product;quantity;share\r\n\"S;DE;A;1;\";;;;\r\n",
		"alone":             "sku;marketplace;product;quantity;share\r\n\"S;DE;A;1;\"\r\n",
		"another delimiter": "sku,marketplace,product,quantity,share\nS;DE;A;1;,,,,\n",
		"a quoted cell":     "sku;marketplace;product\n\"S;DE;\"\"A\"\"\";;\n",
		"tabs":              "sku\tmarketplace\tproduct\nS;DE;A\t\t\n",
	} {
		s := load(t, fstest.MapFS{catalog.ProductsFile: {Data: []byte("sku;name\nA;Thing\n")}, catalog.SKUsFile: {Data: []byte(text)}})
		if list := s.SKU("DE", "S"); len(list) != 1 || list[0].Product.SKU != "A" {
			t.Errorf("%s: %+v", name, list)
		}
	}
}
