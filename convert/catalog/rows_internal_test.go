package catalog

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"slices"
	"testing"
	"testing/fstest"

	"pgregory.net/rapid"
)

// seen is what a reader makes of a file: each row with its lines, and what it reports.
func seen(t *testing.T, text string, more pieces, read func(*sheet, func(*productRow))) (list []string) {
	t.Helper()
	var problems, notes report
	s, ok := openSheet(columnsOf(ProductsFile), []byte(text), new(productRow), &problems, &notes)
	if ok {
		s.more = more
		read(s, func(r *productRow) {
			line := fmt.Sprint(s.line(""))
			for _, c := range r.cells() {
				line += fmt.Sprintf(" %q", *c)
			}
			list = append(list, line)
		})
	}
	for _, p := range problems.problems() {
		list = append(list, p.Error())
	}
	return list
}

// byGocsv reads the rows by gocsv alone.
func byGocsv(s *sheet, each func(*productRow)) {
	for {
		v, err := s.rows.Read()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			s.malformed(err)
			continue
		}
		if row := v.(*productRow); s.check(row) {
			each(row)
		}
	}
}

func sameAsGocsv(t *testing.T, text string) {
	t.Helper()
	ours, theirs := seen(t, text, nil, readRows[productRow]), seen(t, text, nil, byGocsv)
	if !slices.Equal(ours, theirs) {
		t.Fatalf("%q\nours   %q\ngocsv  %q", text, ours, theirs)
	}
}

var trickyRows = []string{
	"sku;name\nA;B\n", "sku;name\r\nA;B\r\n\r\n;\r\nC;D", "\n\nsku;name\n\n\nA;B;\nC\n\n", "sep=,\nsku,name\nA,B\n",
	"sku;name;unknown;code\nA;B;x;Y;surplus\n", "sku;name\nA;5\" pipe\nC;D\n", "sku;name\n\"A\nB\";C\nD;\"E\n", "sku;name\nA;B\r",
	"sku\tname\nA\tB\r\r\n \t \n", "name;sku\r\nA;B\r\n\xc2\xa0C;D\xe2\x80\x8b\r\n", "\"sku\";\"name\nx\"\nA;B\nC;D\n",
}

func TestPackedGUIDs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		guid := rapid.StringMatching(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`).Draw(t, "guid")
		if got := unpacked(packed(guid)); got != guid || len(packed(guid)) != 16 {
			t.Fatalf("%s became %q, %s", guid, packed(guid), got)
		}
	})
	if packed("") != "" || unpacked("") != "" {
		t.Error("no GUID became one")
	}
}

func TestRowsLikeGocsv(t *testing.T) {
	for _, text := range trickyRows {
		sameAsGocsv(t, text)
	}
	piece := rapid.SampledFrom([]string{"A", "Б", " ", ";", ";", ",", "\t", "\n", "\n", "\r\n", "\r", "\"", "\u00a0", "\u200b", "20%", "long text"})
	for name, pieces := range map[string]*rapid.Generator[string]{
		"any":               piece,
		"without quotation": piece.Filter(func(s string) bool { return s != "\"" }),
	} {
		t.Run(name, rapid.MakeCheck(func(rt *rapid.T) {
			text := "sku;name;id;vat;x;code\n"
			for _, p := range rapid.SliceOfN(pieces, 0, 60).Draw(rt, "pieces") {
				text += p
			}
			sameAsGocsv(t, text)
		}))
	}
}

// A large file comes in pieces; where they are cut makes no difference, nor where the file ends.
func TestRowsOfPieces(t *testing.T) {
	text := "sku;name\r\n"
	for i := range 8_000 {
		text += fmt.Sprintf("SKU-%d;%*d\r\n", i, i%97, i)
	}
	text += fmt.Sprintf("long;%0*d\r\nlast;1", pieceSize+100, 1)
	for _, cut := range []int{0, 6, pieceSize} {
		whole := text[:len(text)-cut]
		list, err := readPieces(fstest.MapFS{"f": {Data: []byte(whole)}}, "f")
		if err != nil || !bytes.Equal(bytes.Join(list, nil), []byte(whole)) || fmt.Sprintf("%x", list.sum()) != fmt.Sprintf("%x", sha256.Sum256([]byte(whole))) {
			t.Fatalf("%d pieces are not the file; %v", len(list), err)
		}
		first, more, err := list.text()
		if err != nil || len(more) == 0 {
			t.Fatalf("%d pieces of %d, %v", len(more), len(list), err)
		}
		ours, theirs := seen(t, string(first), more, readRows[productRow]), seen(t, whole, nil, byGocsv)
		if !slices.Equal(ours, theirs) {
			t.Fatalf("cut by %d: %d rows, gocsv %d", cut, len(ours), len(theirs))
		}
	}
}

// What cannot be read line by line is read as a whole.
func TestPiecesThatAreNotPlain(t *testing.T) {
	for name, text := range map[string]string{
		"a quotation mark":            "sku;name\nA;B\nC;\"D\"\n",
		"windows-1251":                "sku;name\nA;B\nC;\xca\xf0\n",
		"a header in the next pieces": "\n\n\nsku;name\nA;B\nC;D\n",
	} {
		var list pieces
		for line := range bytes.Lines([]byte(text)) {
			list = append(list, line)
		}
		if _, more, err := list.text(); err != nil || more != nil {
			t.Errorf("%s: %d more pieces, %v", name, len(more), err)
		}
	}
}

func FuzzRowsLikeGocsv(f *testing.F) {
	for _, text := range trickyRows {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) { sameAsGocsv(t, text) })
}
