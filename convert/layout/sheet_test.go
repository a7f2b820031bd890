package layout_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"obmen/convert/document"
	"obmen/convert/layout"
	"obmen/convert/layout/tmpl"
	"obmen/templates"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"
)

// cells reads a workbook by excelize: what the cells show.
func cells(t *testing.T, file []byte) [][]string {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if sheets := f.GetSheetList(); len(sheets) != 1 {
		t.Fatalf("sheets %v", sheets)
	}
	rows, err := f.GetRows(f.GetSheetName(0))
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// table is the rows as text, a column a line under its header.
func table(rows [][]string) string {
	var b strings.Builder
	for i, row := range rows[1:] {
		if i > 0 {
			b.WriteByte('\n')
		}
		for c, title := range rows[0] {
			if c < len(row) && row[c] != "" {
				b.WriteString(title + ": " + row[c] + "\n")
			}
		}
	}
	return b.String()
}

func TestSheet(t *testing.T) {
	for language, file := range map[string]string{"": "sheet.txt", "en": "sheet.en.txt"} {
		settings := map[string]string{}
		if language != "" {
			settings["language"] = language
		}
		got, report := ours(t, "sheet", settings, varied(false))
		golden(t, file, []byte(table(cells(t, got))))
		want := []tmpl.Replacement{{Document: "<&>\"'", Field: "Document.Comment", Count: 4}}
		if diff := cmp.Diff(want, report.Replaced); diff != "" {
			t.Errorf("report (-want +got):\n%s", diff)
		}
	}
}

// An independent reader sees the same text, and what must stay text is text with format @.
func TestSheetInPython(t *testing.T) {
	b := varied(false)
	file := filepath.Join(t.TempDir(), "orders.xlsx")
	out, _ := ours(t, "sheet", nil, b)
	if err := os.WriteFile(file, out, 0o644); err != nil {
		t.Fatal(err)
	}
	rows := openpyxl(t, file)
	seen := cells(t, out)
	want := 1
	for _, d := range b.Documents {
		want += max(1, len(d.Lines))
	}
	if len(rows) != want {
		t.Fatalf("%d rows, want %d", len(rows), want)
	}
	column := func(title string) int {
		return slices.IndexFunc(rows[0], func(c []any) bool { return c[0] == title })
	}
	types := map[string][2]string{"Дата": {"d", "dd.mm.yyyy"}, "Количество": {"n", "General"}, "№ строки": {"n", "General"}}
	for _, title := range []string{"Цена", "Сумма", "Сумма НДС", "Сумма документа", "Сумма на площадке", "Не входит в сумму"} {
		types[title] = [2]string{"n", "0.00"}
	}
	for r, row := range rows[1:] {
		for c, cell := range row {
			title := rows[0][c][0].(string)
			if value := strings.ReplaceAll(cell[0].(string), "_x005F_x", "_x"); cell[1] == "s" && value != seen[r+1][c] {
				t.Errorf("row %d, %s: %q here, %q there", r+2, title, seen[r+1][c], value) // openpyxl leaves Excel's codes as they are
			}
			want, typed := types[title]
			if !typed {
				want = [2]string{"s", "@"}
			}
			if cell[0] == "" {
				want[0] = "n" // an empty cell has no type
			}
			if got := [2]string{cell[1].(string), cell[2].(string)}; got != want && !strings.HasPrefix(got[1], "0.00#") {
				t.Errorf("row %d, %s: %q is %v, want %v", r+2, title, cell[0], got, want)
			}
		}
	}
	for title, want := range map[string]string{
		"Номер заказа": "171-2000001-1000001", "Дата": "2026-11-22 18:04:05", "Артикул": "00123", "Штрихкод": "04006381333931",
		"Цена": "12.5", "Ставка НДС": "19%", "Ид позиции": "10000000000001", "Отменён": "Нет", "Вид": "Товар",
	} {
		if got := rows[1][column(title)][0]; got != want {
			t.Errorf("%s: %q, want %q", title, got, want)
		}
	}
	price := rows[len(rows)-1][column("Цена")]
	if price[0] != "1.125" || price[2] != "0.00####" {
		t.Errorf("a price of three places: %v", price)
	}
}

// Any text in a cell is read back as it was, but for what XML cannot carry.
func TestAnyTextSurvivesInCells(t *testing.T) {
	l := compile(t, workbook(t, nil, []string{"A", "B", "C"}, []string{"{{.Number}}", "<{{.Comment}}>", "end"}), "x", nil)
	text := rapid.OneOf(rapid.String(), brokenText, rapid.StringMatching(`(_x[0-9A-F]{4}_?|[ \t\n=+&<]|_){0,5}`))
	rapid.Check(t, func(r *rapid.T) {
		d := document.Document{Identity: document.Identity{Number: text.Draw(r, "number")}, Comment: text.Draw(r, "comment")}
		out, report := write(t, l, document.Batch{Documents: []document.Document{d}})
		row := cells(t, out)[1]
		if number, comment := asXML(d.Number), "<"+asXML(d.Comment)+">"; row[0] != number || row[1] != comment {
			r.Fatalf("wrote %q, %q; read %q", number, comment, row)
		}
		if changed := asXML(d.Number) != d.Number || asXML(d.Comment) != d.Comment; changed != (len(report.Replaced) > 0) {
			r.Fatalf("changed %v, reported %+v", changed, report.Replaced)
		}
	})
}

// The digits of an amount reach the file as they are.
func TestSheetAmountsAreExact(t *testing.T) {
	d := bare()
	d.Lines[0].Amount = dec("9007199254740.993017") // no float holds it
	out, _ := ours(t, "sheet", nil, document.Batch{Documents: []document.Document{d}})
	if !strings.Contains(part(t, out, "xl/worksheets/sheet1.xml"), "<v>9007199254740.993017</v>") {
		t.Error("the amount is not in the file")
	}
}

func part(t *testing.T, file []byte, name string) string {
	t.Helper()
	archive, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	r, err := archive.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestSheetPackage(t *testing.T) {
	b := varied(false)
	out, _ := ours(t, "sheet", nil, b)
	again, _ := write(t, compile(t, templates.FS, "sheet", nil), b)
	if !bytes.Equal(out, again) {
		t.Error("the same batch gives other bytes")
	}
	archive, err := zip.NewReader(bytes.NewReader(out), int64(len(out)))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range archive.File {
		names = append(names, f.Name)
		if y := f.Modified.UTC().Year(); y != 1980 {
			t.Errorf("%s is of %d", f.Name, y)
		}
		parse(t, []byte(part(t, out, f.Name)))
		if strings.Contains(part(t, out, f.Name), "{{") && f.Name != "xl/worksheets/sheet1.xml" {
			t.Errorf("%s holds a placeholder", f.Name)
		}
	}
	if !slices.IsSorted(names) {
		t.Errorf("parts %v", names)
	}
	for name, want := range map[string]string{
		"docProps/core.xml":        ">2026-11-23T09:30:00Z</dcterms:modified>",
		"xl/workbook.xml":          "$A$1:$AK$11</definedName>",
		"xl/worksheets/sheet1.xml": `<autoFilter ref="A1:AK11">`,
	} {
		if !strings.Contains(part(t, out, name), want) {
			t.Errorf("%s does not hold %s", name, want)
		}
	}
	if sheet := part(t, out, "xl/worksheets/sheet1.xml"); !strings.Contains(sheet, `<dimension ref="A1:AK11">`) || !strings.Contains(sheet, `state="frozen"`) || strings.Contains(sheet, "mergeCell") {
		t.Error("dimension, frozen header or merged cells are wrong")
	}
}

func TestLongTextIsCutAndReported(t *testing.T) {
	d := bare()
	d.Comment = strings.Repeat("я", 32766) + "🍵" // two UTF-16 units, of which one fits
	out, report := ours(t, "sheet", nil, document.Batch{Documents: []document.Document{d}})
	if want := []tmpl.Replacement{{Document: "1001", Field: "Document.Comment", Cut: true}}; !slices.Equal(report.Replaced, want) {
		t.Errorf("report %v", report.Replaced)
	}
	if !strings.Contains(table(cells(t, out)), ": "+strings.Repeat("я", 32766)+"\n") {
		t.Error("not cut where it must be")
	}
}

// workbook makes a template: rows of texts.
func workbook(t testing.TB, change func(*excelize.File), rows ...[]string) fstest.MapFS {
	t.Helper()
	f := excelize.NewFile()
	for r, row := range rows {
		for c, text := range row {
			at, err := excelize.CoordinatesToCellName(c+1, r+1)
			if err != nil {
				t.Fatal(err)
			}
			if err := f.SetCellStr("Sheet1", at, text); err != nil {
				t.Fatal(err)
			}
		}
	}
	if change != nil {
		change(f)
	}
	var out bytes.Buffer
	if err := f.Write(&out); err != nil {
		t.Fatal(err)
	}
	return fstest.MapFS{"x/sheet.xlsx": {Data: out.Bytes()}}
}

func TestSheetCells(t *testing.T) {
	fsys := workbook(t, nil, []string{"A", "B", "C", "D", "E", "F", "G"},
		[]string{"{{.Number}} from {{.Account}}", "fixed", "", "{{range .Lines}}{{.SKU}} {{end}}", "{{if .VATStated}}{{.VAT}}{{end}}", "{{$.Account}}", "{{.Line.Quantity | text}}"})
	d := base("1", "EUR", "978")
	d.Account, d.VATStated, d.VAT = "acc", true, dec("1.5")
	d.Lines = []document.Line{goods("S1", "n", "2", "1", "2"), goods("S2", "n", "3", "1", "3")}
	empty := base("2", "EUR", "978")
	out, _ := write(t, compile(t, fsys, "x", nil), document.Batch{Account: "file", Documents: []document.Document{d, empty}})
	want := [][]string{
		{"A", "B", "C", "D", "E", "F", "G"},
		{"1 from acc", "fixed", "", "S1 S2 ", "1.5", "file", "2"},
		{"1 from acc", "fixed", "", "S1 S2 ", "1.5", "file", "3"},
		{"2 from ", "fixed", "", "", "", "file"},
	}
	if diff := cmp.Diff(want, cells(t, out)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestSheetMistakes(t *testing.T) {
	head := []string{"A", "B"}
	tests := []struct {
		name       string
		fsys       fstest.MapFS
		cell, says string
	}{
		{"unknown field", workbook(t, nil, head, []string{"{{.Number}}", "{{.Line.Skew}}"}), "B2", `Line has no field "Skew"`},
		{"field of the line", workbook(t, nil, head, []string{"{{.SKU}}"}), "A2", `Document has no field "SKU"`},
		{"syntax", workbook(t, nil, head, []string{"", "{{.Number"}), "B2", "has no }}"},
		{"no placeholders", workbook(t, nil, head), "A2", "no row of placeholders"},
		{"no headers", workbook(t, nil, []string{"{{.Number}}"}), "A1", "no row of headers"},
		{"totals", workbook(t, nil, head, []string{"{{.Number}}"}, nil, []string{"", "total"}), "B4", "below the row"},
		{"two sheets", workbook(t, func(f *excelize.File) { _, _ = f.NewSheet("more") }, head, []string{"{{.Number}}"}), "", "2 sheets"},
		{"merged", workbook(t, func(f *excelize.File) { _ = f.MergeCell("Sheet1", "A1", "B1") }, head, []string{"{{.Number}}"}), "A1", "merged cells"},
		{"formula", workbook(t, func(f *excelize.File) { _ = f.SetCellFormula("Sheet1", "B2", "A2*2") }, head, []string{"{{.Number}}"}), "B2", "a formula"},
		{"no workbook", fstest.MapFS{"x/sheet.xlsx": {Data: []byte("PK, but not really")}}, "", "not a workbook"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := layout.Compile(test.fsys, "x", nil)
			var all tmpl.Mistakes
			if !errors.As(err, &all) {
				t.Fatalf("got %v", err)
			}
			if m := all[0]; len(all) != 1 || m.File != "x/sheet.xlsx" || m.Cell != test.cell || !strings.Contains(m.Text, test.says) || m.Advice == "" {
				t.Errorf("got %v", all)
			}
		})
	}
}

func TestSheetLanguages(t *testing.T) {
	_, err := layout.Compile(templates.FS, "sheet", map[string]string{"language": "fr"})
	var all tmpl.Mistakes
	if !errors.As(err, &all) || !strings.Contains(all[0].Advice, "sheet.en.xlsx") {
		t.Errorf("got %v", err)
	}
	compile(t, templates.FS, "sheet", map[string]string{"language": "ru"})
}
