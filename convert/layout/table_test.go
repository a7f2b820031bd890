package layout_test

import (
	"bytes"
	"strings"
	"testing"

	"obmen/convert/document"
	"obmen/convert/layout"
	"obmen/convert/layout/tmpl"
	"obmen/convert/money"
	"obmen/templates"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
)

// A workbook that names no field of a line has a row for each order, whatever its lines.
func TestRowForEachOrder(t *testing.T) {
	for _, format := range []string{"xlsx", "csv"} {
		out, _ := write(t, compile(t, templates.FS, "orders", map[string]string{"format": format}), ordersOf(2, 0, 3))
		var numbers []string
		if format == "xlsx" {
			for _, row := range cells(t, out)[1:] {
				numbers = append(numbers, row[0]+" "+row[7])
			}
		} else {
			for line := range strings.Lines(string(out)) {
				cells := strings.Split(line, ";")
				numbers = append(numbers, cells[0]+" "+cells[7])
			}
			numbers = numbers[1:]
		}
		if diff := cmp.Diff([]string{"N1 2", "N2 0", "N3 3"}, numbers); diff != "" {
			t.Errorf("%s: %s", format, diff)
		}
	}
}

// 1C splits a line at every semicolon, and knows no quotes.
func TestCSV(t *testing.T) {
	fsys := workbook(t, nil, []string{"№;", "Дата", "Цена", "Текст"}, []string{"{{.Number}}", "{{.Date}}", "{{.Line.Price}}", "{{.Comment}}"})
	b := document.Batch{Documents: []document.Document{
		{Identity: document.Identity{Number: "007"}, Dates: document.Dates{Date: at("2026-11-23 09:30:00")}, Comment: "a;b\r\n\"c\"", Lines: []document.Line{{LineAmounts: document.LineAmounts{Price: money.MustParse("1234.5")}}, {}}},
		{Identity: document.Identity{Number: "8"}},
	}}
	out, report := write(t, compile(t, fsys, "x", map[string]string{"format": "csv"}), b)
	want := "\ufeff№,;Дата;Цена;Текст\r\n007;23.11.2026 09:30:00;1234.5;a,b \"c\"\r\n007;23.11.2026 09:30:00;0;a,b \"c\"\r\n8;;;\r\n"
	if diff := cmp.Diff(want, string(out)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]tmpl.Replacement{{Document: "007", Field: "Document.Comment", Count: 4}}, report.Replaced); diff != "" {
		t.Error(diff)
	}
}

func TestFormatThatIsNone(t *testing.T) {
	_, err := layout.Compile(templates.FS, "sheet", map[string]string{"format": "ods"})
	if err == nil || !strings.Contains(err.Error(), `there is no format "ods" for workbooks`) || !strings.Contains(err.Error(), `hint: format is "xlsx", "xls" or "csv"`) {
		t.Errorf("got %v", err)
	}
}

// A mistake is told in the same words, whatever the format.
func TestFormatsShareMistakes(t *testing.T) {
	fsys := workbook(t, func(*excelize.File) {}, []string{"A"}, []string{"{{.Nunber}}"})
	var first string
	for _, format := range []string{"xlsx", "xls", "csv"} {
		_, err := layout.Compile(fsys, "x", map[string]string{"format": format})
		if err == nil || !strings.Contains(err.Error(), "sheet.xlsx:A2") {
			t.Errorf("%s: %v", format, err)
			continue
		}
		if first == "" {
			first = err.Error()
		}
		if err.Error() != first {
			t.Errorf("%s: %v", format, err)
		}
	}
}

// Sheets of Excel 97 roll over, too.
func TestSheets97Roll(t *testing.T) {
	l := compile(t, templates.FS, "sheet", map[string]string{"format": "xls"})
	var small, large bytes.Buffer
	if _, err := l.Parts()[0].Write(t.Context(), &small, ordersOf(1)); err != nil {
		t.Fatal(err)
	}
	b := document.Batch{}
	lines := make([]document.Line, 1000)
	for range 66 {
		b.Documents = append(b.Documents, document.Document{Identity: document.Identity{Number: "N"}, Lines: lines})
	}
	if _, err := l.Parts()[0].Write(t.Context(), &large, b); err != nil {
		t.Fatal(err)
	}
	second := []byte("\x17\x04\x30\x04\x3a\x04\x30\x04\x37\x04\x4b\x04\x2d\x00\x32\x00") // "Заказы-2" in UTF-16
	if bytes.Contains(small.Bytes(), second) || !bytes.Contains(large.Bytes(), second) {
		t.Error("66,000 rows have no second sheet, or one row has")
	}
}

// A .csv opened in Excel computes nothing that a buyer wrote; a program may ask for the texts as they are.
func TestTableHasNoFormulas(t *testing.T) {
	b := document.Batch{Documents: []document.Document{{Identity: document.Identity{Number: "=HYPERLINK(1)"}, Customer: document.Customer{Name: "+49"}, Comment: "@x", Amounts: document.Amounts{Total: dec("-5.00")}}}}
	for mode, want := range map[string]string{"": " =HYPERLINK(1); +49; @x;-5", "raw": "=HYPERLINK(1);+49;@x;-5"} {
		settings := map[string]string{"format": "csv"}
		if mode != "" {
			settings["csv"] = mode
		}
		fsys := workbook(t, nil, []string{"A", "B", "C", "D"}, []string{"{{.Number}}", "{{.Customer.Name}}", "{{.Comment}}", "{{.Total}}"})
		out, _ := write(t, compile(t, fsys, "x", settings), b)
		lines := strings.Split(strings.TrimSpace(string(out)), "\r\n")
		if got := lines[len(lines)-1]; got != want {
			t.Errorf("%q: %q, want %q", mode, got, want)
		}
	}
}
