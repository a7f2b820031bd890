package layout_test

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"

	"obmen/convert/document"

	"github.com/xuri/excelize/v2"
)

// What a template has by name comes into an .xls as it stands there, whatever the sheet is called. A
// name's record ends with the first and last row and the first and last column.
func TestNames97(t *testing.T) {
	const (
		sheet  = "It's, so"
		filter = "18001b00" + "210000010b00000001000000000000" + "0d3b0000"
		titles = "18001b00" + "200000010b00000001000000000000" + "073b0000"
	)
	for _, test := range []struct{ name, filter, titles, want string }{
		{"some columns", "B1:C2", "", filter + "00000200" + "01000200"},
		{"columns beyond the last", "B1:J2", "", filter + "00000200" + "01000200"},
		{"only columns beyond the last", "H1:J2", "", ""},
		{"rows on every page", "", "$1:$1", titles + "00000000" + "0000ff00"},
		{"columns on every page", "", "$B:$C", titles + "0000ffff" + "01000200"},
		{"no rows or columns", "", "Заголовки", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			fsys := workbook(t, func(f *excelize.File) {
				named(t, f, sheet, test.filter, test.titles)
			}, []string{"A", "B", "C"}, []string{"{{.Number}}", "{{.Total}}", "{{.Comment}}"})
			out, _ := write(t, compile(t, fsys, "x", map[string]string{"format": "xls"}), document.Batch{Documents: []document.Document{{Identity: document.Identity{Number: "1"}}, {Identity: document.Identity{Number: "2"}}}})
			want, err := hex.DecodeString(test.want)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Contains(out, want) {
				t.Errorf("no name %s", test.want)
			}
			listed := []byte{0xAE, 0x01, 4, 0} // the record before all names
			if got := bytes.Contains(out, listed); got != (test.want != "") {
				t.Errorf("names: %v", got)
			}
		})
	}
}

func named(t *testing.T, f *excelize.File, sheet, filter, titles string) {
	t.Helper()
	err := f.SetSheetName("Sheet1", sheet)
	if err == nil && filter != "" {
		err = f.AutoFilter(sheet, filter, nil)
	}
	if err == nil && titles != "" {
		quoted := "'" + strings.ReplaceAll(sheet, "'", "''") + "'!"
		err = f.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Titles", RefersTo: quoted + titles, Scope: sheet})
	}
	if err != nil {
		t.Fatal(err)
	}
}
