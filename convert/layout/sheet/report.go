package sheet

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"obmen/convert/document"
	"obmen/convert/layout/tmpl"
	"obmen/convert/money"
)

// Sheet is a sheet of a workbook that follows no template. Rows that do not fit are an error of type
// *SizeError.
type Sheet struct {
	Name   string
	Widths []float64 // of the columns, in characters
	Header int       // row of the headers that filter what stands below; from 1, 0 for none
	Frozen bool      // all rows down to the headers stay in sight; without it only headers in the first row do
	Rows   [][]Cell
}

// Cell is a value and how it looks. A number keeps its own digits.
type Cell struct {
	Look   Look
	Text   string
	Number money.Decimal
	Date   time.Time
}

// Look is the look of a cell, and what of it is written.
type Look uint8

// The looks.
const (
	Text        Look = iota // Text as it is
	Title                   // Text, large
	Header                  // Text, bold on a shade
	Wrapped                 // Text on several lines
	Count                   // Number without decimal places
	Money                   // Number with two
	Date                    // Date with the time
	Day                     // Date without it
	HeaderRight             // Header over numbers
	Total                   // Number with two, bold below a line
	TotalCount              // Number without decimal places, likewise
	TotalText               // Text, likewise
	Wait                    // Text on a shade: it waits
	Bad                     // Text on a shade: it went wrong
	Faint                   // Text, grey
	Input                   // Text in a frame on yellow: a person fills it in
	HeaderInput             // Header over such cells
)

// font is that of all sheets: one that stands beside itself everywhere.
func font(bold bool, size float64, color string) *excelize.Font {
	return &excelize.Font{Bold: bold, Size: size, Family: "Calibri", Color: color}
}

// usual is the size of the letters, in points.
const usual = 11

var (
	top   = &excelize.Alignment{Vertical: "top"}
	right = &excelize.Alignment{Vertical: "top", Horizontal: "right", Indent: 1} // apart from the text behind it
	wraps = &excelize.Alignment{WrapText: true, Vertical: "top"}
	line  = []excelize.Border{{Type: "top", Style: 1, Color: "5B6668"}}
)

func shade(color string) excelize.Fill {
	return excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{color}}
}

// looks are the styles of excelize.
var looks = [...]excelize.Style{
	Text:        {NumFmt: 49, Font: font(false, usual, ""), Alignment: top},
	Title:       {Font: font(true, 14, "")},
	Header:      {Font: font(true, usual, ""), Fill: shade("E7EBF0"), Alignment: &excelize.Alignment{WrapText: true, Vertical: "center"}},
	Wrapped:     {NumFmt: 49, Font: font(false, usual, ""), Alignment: wraps},
	Count:       {NumFmt: 3, Font: font(false, usual, ""), Alignment: right},
	Money:       {NumFmt: 4, Font: font(false, usual, ""), Alignment: right},
	Date:        {CustomNumFmt: &dateAndTime, Font: font(false, usual, ""), Alignment: &excelize.Alignment{Vertical: "top", Horizontal: "left"}},
	Day:         {CustomNumFmt: &dayAlone, Font: font(false, usual, ""), Alignment: &excelize.Alignment{Vertical: "top", Horizontal: "left"}},
	HeaderRight: {Font: font(true, usual, ""), Fill: shade("E7EBF0"), Alignment: &excelize.Alignment{WrapText: true, Vertical: "center", Horizontal: "right", Indent: 1}},
	Total:       {NumFmt: 4, Font: font(true, usual, ""), Alignment: right, Border: line},
	TotalCount:  {NumFmt: 3, Font: font(true, usual, ""), Alignment: right, Border: line},
	TotalText:   {NumFmt: 49, Font: font(true, usual, ""), Alignment: top, Border: line},
	Wait:        {NumFmt: 49, Font: font(false, usual, ""), Alignment: top, Fill: shade("FDF2D9")},
	Bad:         {NumFmt: 49, Font: font(false, usual, ""), Alignment: top, Fill: shade("FDEAE8")},
	Faint:       {NumFmt: 49, Font: font(false, usual, "5B6668"), Alignment: top},
	Input:       {NumFmt: 49, Font: font(true, usual, ""), Alignment: top, Fill: shade("FFF4C2"), Border: frame},
	HeaderInput: {Font: font(true, usual, ""), Fill: shade("F5D76E"), Border: frame, Alignment: &excelize.Alignment{WrapText: true, Vertical: "center"}},
}

// frame is around cells that are filled in.
var frame = []excelize.Border{
	{Type: "left", Style: 1, Color: "A88B2C"},
	{Type: "right", Style: 1, Color: "A88B2C"},
	{Type: "top", Style: 1, Color: "A88B2C"},
	{Type: "bottom", Style: 1, Color: "A88B2C"},
}

// DayCell is a cell with a day and without its time.
func DayCell(t time.Time) Cell {
	y, m, d := t.Date()
	return Cell{Look: Day, Date: time.Date(y, m, d, 0, 0, 0, 0, time.UTC)}
}

var dayAlone = "dd.mm.yyyy"

var dateAndTime = "dd.mm.yyyy hh:mm"

// WriteSheets writes a workbook of plain sheets. The same sheets give the same bytes.
func WriteSheets(ctx context.Context, w io.Writer, created time.Time, sheets []Sheet) error {
	counts := make([]sheetRows, len(sheets))
	for i := range sheets {
		counts[i].rows = len(sheets[i].Rows)
		if counts[i].rows > tmpl.RowLimit {
			return &tmpl.SizeError{Sheet: sheets[i].Name, Rows: counts[i].rows, Most: tmpl.RowLimit}
		}
	}
	b, styles, err := plainBook(sheets)
	if err != nil {
		return err
	}
	_, err = b.writeParts(ctx, w, &tmpl.File{Batch: &document.Batch{Created: created}}, counts, func(s *tmpl.State, sheet int) {
		writePlain(s, &sheets[sheet], styles)
	})
	return err
}

func writePlain(s *tmpl.State, sheet *Sheet, styles []column) {
	var number []byte
	for r, cells := range sheet.Rows {
		number = strconv.AppendInt(number[:0], int64(r+1), 10)
		s.Out = append(append(append(s.Out, `<row r="`...), number...), '"')
		if lines := sheet.rowLines(cells); lines > 1 {
			s.Out = append(strconv.AppendInt(append(s.Out, ` ht="`...), int64(lines*lineHeight), 10), `" customHeight="1"`...)
		}
		s.Out = append(s.Out, '>')
		for i := range cells {
			c := styles[cells[i].Look]
			c.name, _ = excelize.ColumnNumberToName(i + 1)
			c.putCell(s, number, &cells[i])
		}
		s.Out = append(s.Out, "</row>"...)
		s.Enter(tmpl.LineLoop, r, nil)
	}
}

// lineHeight is the height of a line of text, in points. Not every program makes a row as high as its
// text by itself.
const lineHeight = 15

// rowLines is how many lines the highest cell of a row takes.
func (sheet *Sheet) rowLines(cells []Cell) int {
	most := 1
	for i, c := range cells {
		if c.Look != Wrapped && c.Look != Header && c.Look != HeaderRight && c.Look != HeaderInput || i >= len(sheet.Widths) {
			continue
		}
		lines, fit := 0, max(1, int(sheet.Widths[i])-1)
		if c.Look != Wrapped { // bold letters are wider
			fit = max(1, fit*5/6)
		}
		for line := range strings.SplitSeq(c.Text, "\n") {
			lines += max(1, (utf8.RuneCountInString(line)+fit-1)/fit)
		}
		most = max(most, lines)
	}
	return most
}

func (c *column) putCell(s *tmpl.State, row []byte, cell *Cell) {
	s.Out = append(append(append(s.Out, `<c r="`...), c.name...), row...)
	switch cell.Look {
	case Count, Money, Total, TotalCount:
		c.putDecimal(s, cell.Number)
	case Date, Day:
		c.putTime(s, cell.Date)
	default:
		putText(c, s, cell.Text)
	}
}

// plainBook makes the package around the rows, and a column for every look.
func plainBook(sheets []Sheet) (*XLSX, []column, error) {
	f := excelize.NewFile()
	defer f.Close()
	t := &sheetTemplate{File: f, row: 1}
	styles := make([]column, len(looks))
	for i := range looks {
		id, err := f.NewStyle(&looks[i])
		if err != nil {
			return nil, nil, err
		}
		styles[i].look = openingsOf(id)
		styles[i].fine = openingsOf(t.fineStyle(id))
	}
	for i := range sheets {
		if err := plainSheet(f, i, &sheets[i]); err != nil {
			return nil, nil, fmt.Errorf("sheet %q: %w", sheets[i].Name, err)
		}
	}
	var out bytes.Buffer
	if err := f.Write(&out); err != nil {
		return nil, nil, err
	}
	b, err := unpackBook(t, out.Bytes())
	return b, styles, err
}

func plainSheet(f *excelize.File, i int, sheet *Sheet) error {
	if i == 0 {
		if err := f.SetSheetName(f.GetSheetName(0), sheet.Name); err != nil {
			return err
		}
	} else if _, err := f.NewSheet(sheet.Name); err != nil {
		return err
	}
	for c, width := range sheet.Widths {
		name, _ := excelize.ColumnNumberToName(c + 1)
		if err := f.SetColWidth(sheet.Name, name, name, width); err != nil {
			return err
		}
	}
	last, _ := excelize.ColumnNumberToName(max(1, len(sheet.Widths)))
	if err := f.SetCellStr(sheet.Name, "A1", "rows"); err != nil {
		return err
	}
	if err := f.SetSheetDimension(sheet.Name, "A1:"+last+strconv.Itoa(max(1, len(sheet.Rows)))); err != nil {
		return err
	}
	if err := addFilter(f, sheet, last); err != nil {
		return err
	}
	if err := setPrint(f, sheet); err != nil {
		return err
	}
	fit := true
	return f.SetSheetProps(sheet.Name, &excelize.SheetPropsOptions{FitToPage: &fit})
}

// paperA4 is the number of that size in the format.
const paperA4 = 9

// setPrint prints a sheet on A4, as wide as a page, with its headers on every page.
func setPrint(f *excelize.File, sheet *Sheet) error {
	landscape, pages, paper := "landscape", 0, paperA4
	if err := f.SetPageLayout(sheet.Name, &excelize.PageLayoutOptions{Orientation: &landscape, FitToHeight: &pages, Size: &paper}); err != nil {
		return err
	}
	side, above := 0.4, 0.5
	if err := f.SetPageMargins(sheet.Name, &excelize.PageLayoutMarginsOptions{Left: &side, Right: &side, Top: &above, Bottom: &above}); err != nil {
		return err
	}
	if sheet.Header == 0 {
		return nil
	}
	return f.SetDefinedName(&excelize.DefinedName{
		Name: "_xlnm.Print_Titles", Scope: sheet.Name, RefersTo: fmt.Sprintf("'%s'!$%d:$%d", sheet.Name, sheet.Header, sheet.Header),
	})
}

// addFilter lets the headers filter, and keeps them in sight where nothing stands above them. It comes
// before the sheet's properties: excelize sets them again.
func addFilter(f *excelize.File, sheet *Sheet, last string) error {
	if sheet.Header == 0 {
		return nil
	}
	if err := f.AutoFilter(sheet.Name, fmt.Sprintf("A%d:%s%d", sheet.Header, last, len(sheet.Rows)), nil); err != nil || sheet.Header > 1 && !sheet.Frozen {
		return err
	}
	return f.SetPanes(sheet.Name, &excelize.Panes{Freeze: true, YSplit: sheet.Header, TopLeftCell: fmt.Sprint("A", sheet.Header+1), ActivePane: "bottomLeft"})
}
