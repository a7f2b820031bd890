// Package sheet writes workbooks: those of a layout, by a workbook with one row of placeholders, as .xlsx,
// .xls or .csv; and plain ones, a report's sheets.
package sheet

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/xuri/excelize/v2"

	"obmen/convert/document"
	"obmen/convert/layout/tmpl"
)

// sheetTemplate is a workbook template while it is being compiled. Excelize reads it and makes a
// package of it once; the rows are ours, see book.
type sheetTemplate struct {
	tmpl.Place
	*excelize.File
	sheet    string
	rows     [][]string
	row      int // of the placeholders, from 1
	settings *tmpl.Settings
	columns  []column
}

// openSheet compiles a workbook template; mistakes go to p. The template is to be closed, if there is
// one.
func openSheet(p tmpl.Place, data []byte, s *tmpl.Settings) *sheetTemplate {
	f, err := excelize.OpenReader(bytes.NewReader(data))
	if err != nil {
		p.AddMistake(0, "save it as an Excel workbook (.xlsx) without a password", "not a workbook: %v", err)
		return nil
	}
	t := &sheetTemplate{Place: p, File: f, settings: s}
	known := len(*p.Found)
	if t.findRow() {
		t.compileRow()
	}
	if len(*p.Found) > known {
		f.Close()
		return nil
	}
	return t
}

// rowsOf is what a row of the workbook stands for.
type rowsOf uint8

const (
	ofLines     rowsOf = iota // a line; a document without lines has one row, too
	ofDocuments               // a document, where no column names a line
)

// rowCount is how many rows the document has.
func (r rowsOf) rowCount(d *document.Document) int {
	if r == ofDocuments {
		return 1
	}
	return max(1, len(d.Lines))
}

func (t *sheetTemplate) rowsOf() rowsOf {
	for i := range t.columns {
		if t.columns[i].ofLine {
			return ofLines
		}
	}
	return ofDocuments
}

func (t *sheetTemplate) addMistake(cell, hint, format string, args ...any) bool {
	p := t.Place
	p.Cell = cell
	p.AddMistake(0, hint, format, args...)
	return false
}

// reportFailure reports what excelize could not do with the template.
func (t *sheetTemplate) reportFailure(err error) bool {
	if err != nil {
		t.addMistake("", "save it in Excel once more", "not a whole workbook: %v", err)
	}
	return err != nil
}

// findRow finds the one sheet and its row of placeholders.
func (t *sheetTemplate) findRow() bool {
	sheets := t.GetSheetList()
	if len(sheets) != 1 {
		return t.addMistake("", "remove the others: 1C reads all sheets as one", "%d sheets, not one", len(sheets))
	}
	t.sheet = sheets[0]
	var err error
	if t.rows, err = t.GetRows(t.sheet, excelize.Options{RawCellValue: true}); t.reportFailure(err) {
		return false
	}
	merged, err := t.GetMergeCells(t.sheet)
	if t.reportFailure(err) {
		return false
	}
	if len(merged) > 0 {
		return t.addMistake(merged[0].GetStartAxis(), "split them: 1C reads columns by their header", "merged cells")
	}
	return t.findPlaceholders()
}

func (t *sheetTemplate) findPlaceholders() bool {
	for r, cells := range t.rows {
		for c, text := range cells {
			at, _ := excelize.CoordinatesToCellName(c+1, r+1)
			switch {
			case t.row == 0 && strings.Contains(text, "{{"):
				t.row = r + 1
			case t.row > 0 && t.row != r+1 && text != "":
				return t.addMistake(at, "remove it: the rows of the orders follow row "+strings.TrimLeft(at, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"), "something stands below the row of placeholders")
			}
		}
	}
	switch t.row {
	case 0:
		return t.addMistake("A2", "write {{.Number}} and the like below the headers; see README.md", "no row of placeholders")
	case 1:
		return t.addMistake("A1", "write the headers into row 1 and the placeholders into row 2", "no row of headers")
	}
	return true
}

func (t *sheetTemplate) compileRow() {
	cells := t.rows[t.row-1]
	width := max(len(cells), len(t.rows[t.row-2]))
	for i := range width {
		name, _ := excelize.ColumnNumberToName(i + 1)
		at, _ := excelize.CoordinatesToCellName(i+1, t.row)
		text := ""
		if i < len(cells) {
			text = cells[i]
		}
		formula, err := t.GetCellFormula(t.sheet, at)
		if t.reportFailure(err) {
			return
		}
		if formula != "" {
			t.addMistake(at, "write the value itself: {{.Line.Amount}}", "a formula in the row of placeholders")
		}
		style, err := t.GetCellStyle(t.sheet, at)
		if t.reportFailure(err) {
			return
		}
		t.columns = append(t.columns, t.compileColumn(name, at, text, style))
	}
}

// compileColumn compiles one cell of the row of placeholders.
func (t *sheetTemplate) compileColumn(name, at, text string, style int) column {
	p := t.Place
	p.Cell, p.Text = at, text
	line := tmpl.Loop(tmpl.LineLoop, tmpl.LineRecord)
	line.InLine = true
	c := &tmpl.Compiler{Place: p, Settings: t.settings, Line: &line}
	col := column{name: name, styleID: style, look: openingsOf(style), label: text}
	if text == "" {
		return col
	}
	col.fineID = t.fineStyle(style)
	col.fine = openingsOf(col.fineID)
	dot := tmpl.Loop(tmpl.DocumentLoop, tmpl.DocumentRecord)
	known := len(*p.Found)
	col.steps = c.Compile(dot, tmpl.Loop(tmpl.BatchLoop, tmpl.BatchRecord), tmpl.FirstFreeLoop)
	col.ofLine = c.SawLine
	if len(*p.Found) == known {
		t.setType(c, &col, dot)
	}
	return col
}

// setType makes a column of numbers or dates where its cell is a single value of that kind.
func (t *sheetTemplate) setType(c *tmpl.Compiler, col *column, dot tmpl.Expr) {
	e, holds, ok := c.Single(dot)
	if !ok {
		return
	}
	col.holds = holds
	switch {
	case e.Kind.Numeric():
		col.number = e.Number
		col.label = e.Path
	case e.Kind == tmpl.KindDate:
		col.date = e.Date
	case e.Kind == tmpl.KindText && holds == nil:
		col.text = e.Text
		col.label = e.Path
	}
}

// fineStyle is a money style that shows the digits of currencies with three decimal places, where
// the style shows two: what 1C reads is what the cell shows.
func (t *sheetTemplate) fineStyle(id int) int {
	const twoPlaces, grouped = 2, 4 // built-in formats 0.00 and #,##0.00
	s, err := t.GetStyle(id)
	if err != nil || s.NumFmt != twoPlaces && s.NumFmt != grouped {
		return id
	}
	format := "0.00####"
	if s.NumFmt == grouped {
		format = "#,##0.00####"
	}
	s.NumFmt, s.CustomNumFmt = 0, &format
	fine, err := t.NewStyle(s)
	if err != nil {
		return id
	}
	return fine
}

// Column is a column of a workbook template as a person sees it.
type Column struct{ Header, Placeholder string }

// Columns lists the columns of a workbook template: the row of placeholders and the headers above it. It
// does not say whether they are right.
func Columns(data []byte) ([]Column, error) {
	f, err := excelize.OpenReader(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("not a workbook: %w", err)
	}
	defer f.Close()
	rows, err := f.GetRows(f.GetSheetName(0), excelize.Options{RawCellValue: true})
	if err != nil {
		return nil, err
	}
	for r, cells := range rows {
		if r == 0 || !strings.Contains(strings.Join(cells, ""), "{{") {
			continue
		}
		columns := make([]Column, max(len(cells), len(rows[r-1])))
		for i, text := range cells {
			columns[i].Placeholder = text
		}
		for i, text := range rows[r-1] {
			columns[i].Header = text
		}
		return columns, nil
	}
	return nil, nil
}
