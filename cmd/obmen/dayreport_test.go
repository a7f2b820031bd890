package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// watch keeps a workbook of the day: every file with its fate, what went out and what waits, in the language of the
// settings. One that cannot be replaced stops nothing.
func TestDayReport(t *testing.T) {
	s := newPageScene(t)
	s.drop("amazon-orders-v0/unknown-sku-look-alikes/input/*")
	s.drop("refused/broken-files/input/sign-in-page.html")
	path := s.path("quarantine/Report.xlsx")
	rows := func(sheet string) [][]string {
		book, err := excelize.OpenFile(path)
		if err != nil {
			return nil // not written yet
		}
		defer book.Close()
		rows, err := book.GetRows(sheet)
		s.check(err)
		return rows
	}
	has := func(sheet string, cells ...string) bool {
		return slices.ContainsFunc(rows(sheet), func(row []string) bool {
			return !slices.ContainsFunc(cells, func(cell string) bool { return !strings.Contains(strings.Join(row, "|"), cell) })
		})
	}
	s.until("the workbook has all", func() bool { return has("Files", "2 files", "|1|4|") })
	for _, want := range [][]string{
		{"Totals", "amazon-eu", "EUR", "|1|", "|4|"},
		{"Totals", "Total", "EUR"},
		{"Files", "broken-files.html", "refused", "|not orders: a web page"},
		{"Files", "unknown-sku-look-alikes.json", "done", "|1|4|"},
		{"Held", "302-0207003-0000003", "amazon-eu", "DE", "5.00", "Item ZZ-999-XYZ"},
	} {
		if !has(want[0], want[1:]...) {
			t.Errorf("%q is not on the sheet %s: %q", want[1:], want[0], rows(want[0]))
		}
	}
	if left, _ := filepath.Glob(s.path("quarantine/*.tmp")); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
	s.check(os.MkdirAll(screens, 0o777))
	text, err := os.ReadFile(path)
	s.check(err)
	s.check(os.WriteFile(filepath.Join(screens, "Report.xlsx"), text, 0o666))
}
