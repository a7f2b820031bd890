package catalog

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// seen is what a reader makes of a file: each row with its lines, and what it reports.
func seen(t *testing.T, text pieces, read func(*csvFile, func(*productRow))) (list []string) {
	t.Helper()
	var problems, notes report
	s, ok := openCSV(columnsOf(ProductsFile), text, new(productRow), &problems, &notes)
	if ok {
		read(s, func(r *productRow) {
			line := fmt.Sprint(s.lineOfColumn(""))
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

// one is a text in one piece.
func one(text string) pieces { return pieces{newPiece(text)} }

// byGocsv reads the rows by gocsv alone.
func byGocsv(s *csvFile, each func(*productRow)) {
	for {
		v, err := s.rows.Read()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			s.reportMalformed(err)
			continue
		}
		if row := v.(*productRow); s.cleanRow(row.cells(), row.surplus()) {
			each(row)
		}
	}
}

// hasFoldedLine reports whether a line of the file stands whole in one cell, of which gocsv knows nothing.
func hasFoldedLine(text string) bool {
	var problems, notes report
	s, ok := openCSV(columnsOf(ProductsFile), one(text), new(productRow), &problems, &notes)
	if !ok {
		return false
	}
	for next := s.nextRecord(); ; {
		cells, err := next()
		if errors.Is(err, io.EOF) {
			return false
		}
		if err == nil && !slices.Equal(s.unfoldLine(cells), cells) {
			return true
		}
	}
}

func sameAsGocsv(t *testing.T, text string) {
	t.Helper()
	if hasFoldedLine(text) {
		return
	}
	ours, theirs := seen(t, one(text), readRows[productRow]), seen(t, one(text), byGocsv)
	if !slices.Equal(ours, theirs) {
		t.Fatalf("%q\nours   %q\ngocsv  %q", text, ours, theirs)
	}
}

var trickyRows = []string{
	"sku;name\nA;B\n", "sku;name\r\nA;B\r\n\r\n;\r\nC;D", "\n\nsku;name\n\n\nA;B;\nC\n\n", "sep=,\nsku,name\nA,B\n",
	"sku;name;unknown;code\nA;B;x;Y;surplus\n", "sku;name\nA;5\" pipe\nC;D\n", "sku;name\n\"A\nB\";C\nD;\"E\n", "sku;name\nA;B\r",
	"sku\tname\nA\tB\r\r\n \t \n", "name;sku\r\nA;B\r\n\xc2\xa0C;D\xe2\x80\x8b\r\n", "\"sku\";\"name\nx\"\nA;B\nC;D\n",
	"sku;name\n\"A,B\";\nA\tB\n", "sku,name\n;,\n", "sku,name\nA;B,\n",
}

func TestPackedGUIDs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		guid := rapid.StringMatching(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`).Draw(t, "guid")
		id, ok := parseGUID(guid)
		capital, also := parseGUID(strings.ToUpper(guid))
		if got := unpackGUID(id.packBytes()); !ok || !also || capital != id || got != guid || len(id.packBytes()) != 16 {
			t.Fatalf("%s became %q, %s; %v, %v", guid, id.packBytes(), got, ok, also)
		}
	})
	if none, ok := parseGUID(nobody); !ok || none.packBytes() != "" || unpackGUID("") != "" {
		t.Error("no GUID became one")
	}
	for i := range len(nobody) {
		for _, c := range "-0g/:@`" {
			if c != rune(nobody[i]) {
				text := nobody[:i] + string(c) + nobody[i+1:]
				if id, ok := parseGUID(text); ok {
					t.Errorf("%s became %x", text, id)
				}
			}
		}
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

func FuzzRowsLikeGocsv(f *testing.F) {
	for _, text := range trickyRows {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) { sameAsGocsv(t, text) })
}
