package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// xlrdScript makes xlrd tell of a workbook of Excel 97 what openpyxl tells of the new ones.
const xlrdScript = `
import datetime, json, sys, xlrd
books = []
for path in sys.argv[1:]:
    b = xlrd.open_workbook(path, formatting_info=True)
    s = b.sheet_by_index(0)
    def cell(r, c):
        x = s.cell(r, c)
        xf = b.xf_list[s.cell_xf_index(r, c)]
        font = b.font_list[xf.font_index]
        kind = {0: '', 1: 's', 2: 'n', 3: 'd', 6: ''}[x.ctype]
        text = x.value
        if kind == 'n': text = repr(x.value)
        if kind == 'd': text = xlrd.xldate_as_datetime(x.value, 0).strftime('%d.%m.%Y')
        return {'Text': text, 'Type': kind, 'Format': b.format_map[xf.format_key].format_str,
            'Look': [font.name, font.height / 20, font.bold, xf.alignment.text_wrapped, xf.alignment.hor_align, xf.background.fill_pattern,
                xf.border.bottom_line_style, xf.border.right_line_style]}
    names = {n.name: n.result.text.split(',') for n in b.name_obj_list if n.scope == 0}
    books.append({'Filter': names['_FilterDatabase'], 'Titles': names['Print_Titles'], 'Sheets': b.nsheets, 'Freeze': s.panes_are_frozen and (s.horz_split_pos, s.vert_split_pos) or (0, 0),
        'Widths': [s.colinfo_map[c].width / 256 for c in range(s.ncols)],
        'Rows': [[cell(r, c) for c in range(s.ncols)] for r in range(s.nrows)]})
json.dump(books, sys.stdout)
`

// lookScript makes openpyxl tell the looks of the same cells.
const lookScript = `
import json, sys, openpyxl
from openpyxl.utils import absolute_coordinate
books = []
def line(s): return {None: 0, 'thin': 1, 'medium': 2}[s]
for path in sys.argv[1:]:
    s = openpyxl.load_workbook(path).worksheets[0]
    width = {}
    for d in s.column_dimensions.values():
        for i in range(d.min, d.max + 1): width[i] = d.width
    def cells(sheet, ref): return "%s!%s" % (sheet, ref)
    whole = [(s.print_title_cols or '').replace('$A:$A', '$A$1:$A$65536'), (s.print_title_rows or '').replace('$1:$1', '$A$1:$IV$1')]
    books.append({'Filter': [cells(s.title, absolute_coordinate(s.auto_filter.ref))], 'Titles': [cells(s.title, r) for r in whole], 'Widths': [width[i + 1] for i in range(s.max_column)],
        'Rows': [[{'Format': c.number_format, 'Look': [c.font.name, c.font.sz, int(bool(c.font.b)), int(bool(c.alignment.wrap_text)),
            {None: 0, 'general': 0, 'left': 1, 'center': 2, 'right': 3}[c.alignment.horizontal], int(c.fill.fill_type == 'solid'),
            line(c.border.bottom.style), line(c.border.right.style)]} for c in row] for row in s.iter_rows()]})
json.dump(books, sys.stdout)
`

type lookBook struct {
	Sheets int
	Freeze [2]int
	Widths []float64
	Filter []string // the cells that have its buttons, and those below
	Titles []string // what is printed on every page
	Rows   [][]struct {
		Text, Type, Format string
		Look               []any
	}
}

func lookBooks(t *testing.T, library, script string, paths []string) (books []lookBook) {
	t.Helper()
	out, err := exec.Command(pythonWith(t, library), append([]string{"-c", script}, paths...)...).Output()
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(out, &books); err != nil {
		t.Fatal(err)
	}
	return books
}

// twoFormats converts everything into .xlsx and .xls; the lists are of the same batches.
func twoFormats(t *testing.T) (new, old []string) {
	t.Helper()
	opt := bigBookOptions(t)
	opt.Layouts = []string{"sheet"}
	c := convertAll(t, opt)
	settings, err := os.ReadFile(opt.Config)
	if err == nil {
		err = os.WriteFile(opt.Config, append(settings, "[layout.sheet]\nformat = \"xls\"\n"...), 0o666)
	}
	if err != nil {
		t.Fatal(err)
	}
	opt.Out = ""
	c97 := convertAll(t, opt)
	new, old = c.paths(".xlsx"), c97.paths(".xls")
	if len(new) == 0 || len(new) != len(old) {
		t.Fatalf("%d workbooks and %d of Excel 97", len(new), len(old))
	}
	return new, old
}

// xlrd, LibreOffice and xls2csv show the cells of an .xls that excelize shows of the .xlsx.
func TestWorkbook97Cells(t *testing.T) {
	paths, paths97 := twoFormats(t)
	office := officeSheets(t, paths97)
	books := lookBooks(t, "xlrd", xlrdScript, paths97)
	for i, path := range paths97 {
		want := excelizeSheet(t, paths[i])
		var rows [][]string
		for _, row := range books[i].Rows {
			var cells []string
			for _, cell := range row {
				cells = append(cells, cell.Text)
			}
			rows = append(rows, cells)
		}
		if diff := cmp.Diff(want, normal(t, rows)); diff != "" {
			t.Errorf("%s (-xlsx +xlrd):\n%s", path, diff)
		}
		if diff := cmp.Diff(want, office[i]); diff != "" {
			t.Errorf("%s (-xlsx +LibreOffice):\n%s", path, diff)
		}
		if diff := cmp.Diff(want, catdocSheet(t, path)); diff != "" {
			t.Errorf("%s (-xlsx +xls2csv):\n%s", path, diff)
		}
	}
}

// catdocSheet reads a workbook by xls2csv, which shows days as numbers and line ends as blanks.
func catdocSheet(t *testing.T, path string) shownSheet {
	t.Helper()
	out, err := exec.Command(need(t, "xls2csv"), "-d", "utf-8", "-c", ";", path).Output()
	if err != nil {
		t.Fatal(err)
	}
	out, _, _ = bytes.Cut(out, []byte("\f")) // between sheets
	r := csv.NewReader(strings.NewReader(joined(out)))
	r.Comma, r.FieldsPerRecord = ';', -1
	rows, err := r.ReadAll()
	if err != nil || len(rows) == 0 {
		t.Fatalf("%s: %d rows, %v", path, len(rows), err)
	}
	for i := range rows[1:] {
		for j, cell := range rows[i+1] {
			if in(rows[0][j], dayColumns) && cell != "" {
				rows[i+1][j] = excelDay(t, cell)
			}
		}
	}
	return normal(t, rows)
}

// joined puts the halves of a character beyond U+FFFF together, which xls2csv writes one by one.
func joined(s []byte) string {
	var b []byte
	half := func(s []byte, least byte) bool { return len(s) > 2 && s[0] == 0xED && s[1] >= least }
	unit := func(s []byte) rune { return 0xD000 | rune(s[1]&0x3F)<<6 | rune(s[2]&0x3F) }
	for i := 0; i < len(s); i++ {
		if half(s[i:], 0xA0) && half(s[i+3:], 0xB0) {
			b = utf8.AppendRune(b, utf16.DecodeRune(unit(s[i:]), unit(s[i+3:])))
			i += 5
			continue
		}
		b = append(b, s[i])
	}
	return string(b)
}

// An .xls has the fonts, formats, borders, widths, the frozen header, the filter and the printed titles
// of the .xlsx.
func TestWorkbook97Looks(t *testing.T) {
	paths, paths97 := twoFormats(t)
	want, got := lookBooks(t, "openpyxl", lookScript, paths), lookBooks(t, "xlrd", xlrdScript, paths97)
	for i, path := range paths97 {
		if got[i].Sheets != 1 || got[i].Freeze != [2]int{1, 1} {
			t.Errorf("%s: %d sheets, frozen at %v", path, got[i].Sheets, got[i].Freeze)
		}
		if diff := cmp.Diff(want[i].Widths, got[i].Widths); diff != "" {
			t.Errorf("%s: widths: %s", path, diff)
		}
		if !cmp.Equal(want[i].Filter, got[i].Filter) || !cmp.Equal(want[i].Titles, got[i].Titles) {
			t.Errorf("%s: filter %q and titles %q, not %q and %q", path, got[i].Filter, got[i].Titles, want[i].Filter, want[i].Titles)
		}
		if len(want[i].Rows) != len(got[i].Rows) {
			t.Fatalf("%s: %d rows, not %d", path, len(got[i].Rows), len(want[i].Rows))
		}
		for r, row := range want[i].Rows {
			for c, cell := range row {
				other := got[i].Rows[r][c]
				if !strings.EqualFold(cell.Format, other.Format) || !cmp.Equal(cell.Look, other.Look) {
					t.Fatalf("%s: row %d, column %d: %s %v, not %s %v", filepath.Base(path), r+1, c+1, other.Format, other.Look, cell.Format, cell.Look)
				}
			}
		}
	}
}
