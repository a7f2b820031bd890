package catalog

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// seen is what a reader makes of a file: each row with its lines, and what it reports.
func seen(t *testing.T, text string, read func(*sheet, func(*productRow))) (list []string) {
	t.Helper()
	var problems, notes report
	s, ok := openSheet(columnsOf(ProductsFile), []byte(text), new(productRow), &problems, &notes)
	if ok {
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
	ours, theirs := seen(t, text, readRows[productRow]), seen(t, text, byGocsv)
	if !slices.Equal(ours, theirs) {
		t.Fatalf("%q\nours   %q\ngocsv  %q", text, ours, theirs)
	}
}

var trickyRows = []string{
	"sku;name\nA;B\n", "sku;name\r\nA;B\r\n\r\n;\r\nC;D", "\n\nsku;name\n\n\nA;B;\nC\n\n", "sep=,\nsku,name\nA,B\n",
	"sku;name;unknown;code\nA;B;x;Y;surplus\n", "sku;name\nA;5\" pipe\nC;D\n", "sku;name\n\"A\nB\";C\nD;\"E\n", "sku;name\nA;B\r",
	"sku\tname\nA\tB\r\r\n \t \n", "name;sku\r\nA;B\r\n\xc2\xa0C;D\xe2\x80\x8b\r\n", "\"sku\";\"name\nx\"\nA;B\nC;D\n",
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

// Rows longer than what is read at a time, and a file that is cut anywhere in its last line.
func TestRowsAcrossChunks(t *testing.T) {
	text := "sku;name\r\n"
	for i := range 4000 {
		text += fmt.Sprintf("SKU-%d;%*d\r\n", i, i%97, i)
	}
	text += fmt.Sprintf("long;%0*d\r\n", 3*plainChunk, 1)
	for _, cut := range []int{0, 1, 2, 3, plainChunk, 3 * plainChunk} {
		sameAsGocsv(t, text[:len(text)-cut])
	}
}

func FuzzRowsLikeGocsv(f *testing.F) {
	for _, text := range trickyRows {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) { sameAsGocsv(t, text) })
}
