package xls_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"obmen/convert/layout/xls"
)

// The names, buttons and their drawings are, byte by byte, what another writer makes of the same sheets:
// testdata/filter.txt is of Spreadsheet::WriteExcel 2.40, whose files Excel opens.
func TestFilterAndTitlesAsOthersWriteThem(t *testing.T) {
	want, err := os.ReadFile("testdata/filter.txt")
	if err != nil {
		t.Fatal(err)
	}
	sheet := xls.Sheet{
		Name: "One", Widths: []float64{9, 9, 9}, Rows: 6, Fill: blanks(6, 3),
		Filter: xls.Span{Count: 3}, TitleRows: xls.Span{Count: 1}, TitleColumns: xls.Span{Count: 1},
	}
	second := sheet
	second.Name, second.TitleColumns = "Two", xls.Span{}
	file := written(t, xls.Book{Styles: []xls.Style{{}}, Sheets: []xls.Sheet{sheet, second}})
	if diff := cmp.Diff(string(want), records(t, file)); diff != "" {
		t.Errorf("-theirs +ours:\n%s", diff)
	}
}

// A sheet without a filter and titles has no records of them, and those beside it have theirs.
func TestOnlyOneSheetHasAFilter(t *testing.T) {
	plain := xls.Sheet{Name: "Plain", Widths: []float64{9}, Rows: 2, Fill: blanks(2, 1)}
	other := plain
	other.Name, other.Filter = "Other", xls.Span{Count: 1}
	if got := records(t, written(t, xls.Book{Styles: []xls.Style{{}}, Sheets: []xls.Sheet{plain}})); got != "" {
		t.Errorf("a plain sheet has %s", got)
	}
	got := records(t, written(t, xls.Book{Styles: []xls.Style{{}}, Sheets: []xls.Sheet{plain, other}}))
	if n := strings.Count(got, "005d "); n != 1 {
		t.Errorf("%d buttons in\n%s", n, got)
	}
	if want := "0018 210000010b000000020000000000000d3b01000000010000000000\n"; !strings.Contains(got, want) {
		t.Errorf("no name of the second sheet in\n%s", got)
	}
}

func blanks(rows, columns int) func(*xls.Rows) error {
	return func(r *xls.Rows) error {
		for range rows {
			for range columns {
				r.Blank(0)
			}
			r.Next()
		}
		return nil
	}
}

// records are those of names, filters and drawings, a line each. A workbook this small lies in one piece.
func records(t *testing.T, file []byte) string {
	t.Helper()
	stream := file[bytes.Index(file, []byte{0x09, 0x08, 0x10, 0x00}):]
	var b strings.Builder
	for len(stream) >= 4 {
		id, n := binary.LittleEndian.Uint16(stream), int(binary.LittleEndian.Uint16(stream[2:]))
		if id == 0 && n == 0 {
			break
		}
		switch id {
		case 0x01AE, 0x0017, 0x0018, 0x00EB, 0x009D, 0x00EC, 0x005D:
			fmt.Fprintf(&b, "%04x %x\n", id, stream[4:4+n])
		}
		stream = stream[4+n:]
	}
	return b.String()
}
