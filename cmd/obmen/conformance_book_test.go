package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"obmen/cmd/obmen/converting"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
)

// The columns of the workbook that are money, counts and days; all others are text, whatever they
// look like.
var (
	moneyColumns = []string{"Цена", "Сумма", "Сумма НДС", "Сумма документа", "Сумма на площадке", "Не входит в сумму"}
	countColumns = []string{"№ строки", "Количество"}
	dayColumns   = []string{"Дата"}
	idColumns    = []string{
		"Номер заказа", "Код контрагента", "ИНН", "Артикул", "Код номенклатуры", "Штрихкод",
		"Номер по данным клиента", "SKU площадки", "ASIN", "Ид позиции",
	}
)

// bigBook converts all samples, the hard cases and dinars in one call, for one account where the files
// name none.
func bigBook(t *testing.T) conversion {
	t.Helper()
	return convertAll(t, bigBookOptions(t))
}

func bigBookOptions(t *testing.T) converting.Options {
	t.Helper()
	opt := createAll(t, hardCases(t), orderFile(t, dinarOrders))
	opt.Account = "all"
	for _, dir := range samples(t) {
		opt.Files = append(opt.Files, filepath.Join(dir, "input"))
	}
	if common := filepath.Join(samplesDir, "catalogs"); len(samples(t)) > 0 {
		opt.Catalogs = common
	}
	return opt
}

// shownSheet is a workbook as one program shows it: the rows below the header.
type shownSheet struct {
	Header []string
	Rows   [][]string
}

// LibreOffice and openpyxl show the cells that excelize does: the same texts, days and exact numbers.
func TestWorkbookCells(t *testing.T) {
	c := bigBook(t)
	books := c.paths(".xlsx")
	office := officeSheets(t, books)
	python := pythonBooks(t, books)
	for i, book := range books {
		ours := excelizeSheet(t, book)
		t.Logf("%s: %d rows", filepath.Base(book), len(ours.Rows))
		if len(ours.Rows) == 0 {
			t.Errorf("%s has no rows", book)
		}
		if diff := cmp.Diff(ours, office[i]); diff != "" {
			t.Errorf("%s (-excelize +LibreOffice):\n%s", book, diff)
		}
		if diff := cmp.Diff(ours, python[i].sheet(t)); diff != "" {
			t.Errorf("%s (-excelize +openpyxl):\n%s", book, diff)
		}
	}
}

// excelizeSheet reads a workbook's raw cells.
func excelizeSheet(t *testing.T, path string) shownSheet {
	t.Helper()
	f, err := excelize.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := f.GetRows(f.GetSheetName(0), excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	for i := range rows[1:] {
		row := rows[i+1]
		for j := range row {
			if in(rows[0][j], dayColumns) && row[j] != "" {
				row[j] = excelDay(t, row[j])
			}
		}
	}
	return normal(t, rows)
}

// excelDay is the day of a serial number, counted from 30 December 1899; its fraction is the time of day.
func excelDay(t *testing.T, serial string) string {
	t.Helper()
	days := rat(t, serial)
	whole := new(big.Int).Div(days.Num(), days.Denom())
	return time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC).AddDate(0, 0, int(whole.Int64())).Format("02.01.2006")
}

// normal makes rows comparable, and no more than that: all as wide as the header, numbers in one
// spelling, line ends in one.
func normal(t *testing.T, rows [][]string) shownSheet {
	t.Helper()
	s := shownSheet{Header: rows[0]}
	for _, row := range rows[1:] {
		wide := make([]string, len(s.Header))
		for i, cell := range row {
			switch {
			case i >= len(wide):
				t.Fatalf("the row is wider than the header: %q", row)
			case cell != "" && in(s.Header[i], moneyColumns, countColumns):
				cell = rat(t, cell).RatString()
			default:
				cell = strings.ReplaceAll(cell, "\r\n", "\n")
			}
			wide[i] = cell
		}
		s.Rows = append(s.Rows, wide)
	}
	return s
}

func in(name string, lists ...[]string) bool {
	for _, list := range lists {
		for _, n := range list {
			if n == name {
				return true
			}
		}
	}
	return false
}

// officeSheets converts workbooks to CSV by LibreOffice, cells as they are shown.
func officeSheets(t *testing.T, books []string) (sheets []shownSheet) {
	t.Helper()
	soffice, dir := need(t, "soffice"), t.TempDir()
	// Semicolon, double quote, UTF-8, from line 1, no column formats, English, quote nothing but what
	// needs it, no detection, as shown.
	filter := "csv:Text - txt - csv (StarCalc):59,34,76,1,,1033,false,false,true"
	args := []string{"-env:UserInstallation=file://" + filepath.ToSlash(t.TempDir()), "--headless", "--norestore", "--convert-to", filter, "--outdir", dir}
	if words, err := exec.Command(soffice, append(args, books...)...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, words)
	}
	for _, book := range books {
		f, err := os.Open(filepath.Join(dir, strings.TrimSuffix(filepath.Base(book), filepath.Ext(book))+".csv"))
		if err != nil {
			t.Fatal(err)
		}
		r := csv.NewReader(f)
		r.Comma, r.FieldsPerRecord = ';', -1
		rows, err := r.ReadAll()
		f.Close()
		if err != nil || len(rows) == 0 {
			t.Fatalf("%s: %d rows, %v", book, len(rows), err)
		}
		sheets = append(sheets, normal(t, rows))
	}
	return sheets
}

// bookScript makes openpyxl tell what it finds in workbooks.
const bookScript = `
import datetime, json, sys, openpyxl
def text(v):
    if v is None: return ''
    if isinstance(v, (datetime.datetime, datetime.date)): return v.strftime('%d.%m.%Y')
    return v if isinstance(v, str) else repr(v)
books = []
for path in sys.argv[1:]:
    b = openpyxl.load_workbook(path)
    s = b.worksheets[0]
    books.append({'Sheets': len(b.sheetnames), 'Merged': [str(m) for m in s.merged_cells.ranges], 'Freeze': s.freeze_panes or '',
        'Filter': s.auto_filter.ref or '',
        'Rows': [[{'Text': text(c.value), 'Type': c.data_type if c.value is not None else '', 'Format': c.number_format} for c in row] for row in s.iter_rows()]})
json.dump(books, sys.stdout)
`

// pythonBook is a workbook as openpyxl reads it. Types: s is text, n a number, d a day, f a formula.
type pythonBook struct {
	Sheets         int
	Merged         []string
	Freeze, Filter string
	Rows           [][]struct{ Text, Type, Format string }
}

func pythonBooks(t *testing.T, paths []string) (books []pythonBook) {
	t.Helper()
	out, err := exec.Command(openpyxl(t), append([]string{"-c", bookScript}, paths...)...).Output()
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(out, &books); err != nil {
		t.Fatal(err)
	}
	return books
}

func (b *pythonBook) sheet(t *testing.T) shownSheet {
	t.Helper()
	rows := make([][]string, len(b.Rows))
	for i, row := range b.Rows {
		for _, cell := range row {
			// openpyxl leaves the code of a guarded underscore as it is; Excel and LibreOffice read it.
			rows[i] = append(rows[i], strings.ReplaceAll(cell.Text, "_x005F_", "_"))
		}
	}
	return normal(t, rows)
}

// A workbook is a plain table: one sheet, a frozen header with a filter, nothing merged; ids are texts
// and stay so when they are edited, money and counts are numbers, days are days.
func TestWorkbookShape(t *testing.T) {
	c := bigBook(t)
	paths := c.paths(".xlsx")
	for i, b := range pythonBooks(t, paths) {
		if b.Sheets != 1 || len(b.Merged) > 0 || !strings.HasSuffix(b.Freeze, "2") || b.Filter == "" {
			t.Errorf("%s: %d sheets, merged %v, frozen at %q, filter %q", paths[i], b.Sheets, b.Merged, b.Freeze, b.Filter)
		}
		ids := 0
		for n, row := range b.Rows[1:] {
			for j, cell := range row {
				column, at := b.Rows[0][j].Text, fmt.Sprintf("%s, row %d", paths[i], n+2)
				ids += count(in(column, idColumns) && cell.Type == "s")
				if wrong := wrongCell(column, cell.Type, cell.Format); wrong != "" {
					t.Errorf("%s: %s %q %s", at, column, cell.Text, wrong)
				}
			}
		}
		if ids < len(b.Rows) {
			t.Errorf("%s: only %d ids in %d rows", paths[i], ids, len(b.Rows))
		}
	}
}

// wrongCell says what a cell of a column should not be.
func wrongCell(column, kind, format string) string {
	switch {
	case in(column, moneyColumns):
		if kind != "n" && kind != "" || !strings.HasPrefix(format, "0.00") && !strings.HasPrefix(format, "#,##0.00") && format != "0" {
			return "is no amount: type " + kind + ", format " + format
		}
	case in(column, countColumns):
		if kind != "n" {
			return "is no number: type " + kind
		}
	case in(column, dayColumns):
		if kind != "d" || !strings.EqualFold(format, "dd.mm.yyyy") {
			return "is no day: type " + kind + ", format " + format
		}
	case kind != "s" && kind != "":
		return "is no text: type " + kind
	case in(column, idColumns) && format != "@":
		return "becomes a number when it is edited: format " + format
	}
	return ""
}

// Each order has the same sum of lines in the workbook and in the XML of its set. In the XML all prices have
// the VAT inside, since its reader computes none; the workbook has a VAT on top in a column of its own.
func TestWorkbookSums(t *testing.T) {
	for _, c := range append(everything(t), bigBook(t)) {
		inXML, inBook := sums{}, sums{}
		for _, path := range c.paths(".xml") {
			for _, d := range parseExchange(t, path).Documents {
				for _, l := range d.Lines {
					inXML.add(d.shopNumber(), rat(t, l.Amount))
				}
			}
		}
		for _, path := range c.paths(".xlsx") {
			s := excelizeSheet(t, path)
			number, amount := column(t, s, "Номер заказа"), column(t, s, "Сумма")
			vat, inside := column(t, s, "Сумма НДС"), column(t, s, "НДС в сумме")
			for _, row := range s.Rows {
				inBook.add(row[number], rat(t, row[amount]))
				if row[inside] == "Нет" && row[vat] != "" {
					inBook.add(row[number], rat(t, row[vat]))
				}
			}
		}
		if diff := cmp.Diff(inXML.text(), inBook.text()); diff != "" {
			t.Errorf("%s (-XML +workbook):\n%s", c.Dir, diff)
		}
		if len(c.Outputs) > 0 && (len(inXML) == 0 || sum(inXML).Sign() == 0) {
			t.Errorf("%s: nothing in the XML", c.Dir)
		}
	}
}

func sum(s sums) *big.Rat {
	total := new(big.Rat)
	for _, x := range s {
		total.Add(total, x)
	}
	return total
}

func column(t *testing.T, s shownSheet, name string) int {
	t.Helper()
	for i, title := range s.Header {
		if title == name {
			return i
		}
	}
	t.Fatalf("no column %q in %q", name, s.Header)
	return 0
}
