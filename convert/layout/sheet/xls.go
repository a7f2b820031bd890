package sheet

import (
	"context"
	"io"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"obmen/convert/document"
	"obmen/convert/layout/tmpl"
	"obmen/convert/layout/xls"
)

// XLS writes workbooks of Excel 97 by the same template: the same cells, formats and widths.
type XLS struct {
	columns []column
	each    rowsOf
	styles  []xls.Style
	titles  [][]title // the rows above the data
	sheet   xls.Sheet // what all sheets have in common
	limit   int
}

// title is a cell that the template has above its row of placeholders.
type title struct {
	text  string
	style int
}

// NewXLS compiles a workbook template; mistakes go to p.
func NewXLS(p tmpl.Place, data []byte, s *tmpl.Settings) *XLS {
	t := openSheet(p, data, s)
	if t == nil {
		return nil
	}
	defer t.Close()
	b := &XLS{columns: t.columns, each: t.rowsOf(), limit: xls.MaxRows}
	for id := range t.styleCount() {
		st, err := t.styleXLS(id)
		if t.reportFailure(err) {
			return nil
		}
		b.styles = append(b.styles, st)
	}
	if t.reportFailure(t.readSheetXLS(b)) || t.reportFailure(t.titlesXLS(b)) {
		return nil
	}
	if len(b.columns) > xls.MaxColumns {
		t.addMistake("", "remove columns, or use the format xlsx", "%d columns, and Excel 97 has %d", len(b.columns), xls.MaxColumns)
		return nil
	}
	return b
}

// styleCount is how many styles the workbook has.
func (t *sheetTemplate) styleCount() int {
	n := 0
	for _, err := t.GetStyle(n); err == nil; _, err = t.GetStyle(n) {
		n++
	}
	return n
}

func (t *sheetTemplate) styleXLS(id int) (xls.Style, error) {
	s, err := t.GetStyle(id)
	if err != nil {
		return xls.Style{}, err
	}
	st := xls.Style{Format: formatXLS(s), Vertical: xls.Bottom}
	if f := s.Font; f != nil {
		st.Font = xls.Font{Name: f.Family, Size: f.Size, Bold: f.Bold, Italic: f.Italic, Color: plainColour(f.Color)}
	}
	if s.Fill.Type == "pattern" && s.Fill.Pattern == 1 && len(s.Fill.Color) > 0 {
		st.Fill = plainColour(s.Fill.Color[0])
	}
	if a := s.Alignment; a != nil {
		st.Wrap = a.WrapText
		st.Horizontal = map[string]xls.Align{"left": xls.Left, "center": xls.Center, "right": xls.Right}[a.Horizontal]
		if v, ok := map[string]xls.Align{"top": xls.Top, "center": xls.Middle}[a.Vertical]; ok {
			st.Vertical = v
		}
	}
	for _, b := range s.Border {
		line := xls.Line{Kind: uint8(b.Style), Color: plainColour(b.Color)}
		switch b.Type {
		case "left":
			st.Left = line
		case "right":
			st.Right = line
		case "top":
			st.Top = line
		case "bottom":
			st.Bottom = line
		}
	}
	return st, nil
}

// plainColour is a colour without the opacity that may come before it.
func plainColour(s string) string {
	s = strings.TrimPrefix(s, "#")
	return strings.ToUpper(s[max(0, len(s)-6):])
}

// formatXLS is the number format as text. Those that excelize knows by number and are in use for tables
// are spelled out; others are left general.
func formatXLS(s *excelize.Style) string {
	if s.CustomNumFmt != nil {
		return *s.CustomNumFmt
	}
	return map[int]string{
		1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 14: "dd.mm.yyyy", 20: "hh:mm", 21: "hh:mm:ss", 22: "dd.mm.yyyy hh:mm", 49: "@",
	}[s.NumFmt]
}

func (t *sheetTemplate) titlesXLS(b *XLS) error {
	for row := 1; row < t.row; row++ {
		var titles []title
		for i := range b.columns {
			at := b.columns[i].name + strconv.Itoa(row)
			text, err := t.GetCellValue(t.sheet, at)
			if err != nil {
				return err
			}
			style, err := t.GetCellStyle(t.sheet, at)
			if err != nil {
				return err
			}
			titles = append(titles, title{text, style})
		}
		b.titles = append(b.titles, titles)
	}
	return nil
}

// readSheetXLS reads widths, heights, what is frozen, filtered and printed.
func (t *sheetTemplate) readSheetXLS(b *XLS) error {
	b.sheet.Name = t.sheet
	for i := range b.columns {
		width, err := t.GetColWidth(t.sheet, b.columns[i].name)
		if err != nil {
			return err
		}
		b.sheet.Widths = append(b.sheet.Widths, width)
	}
	for row := 1; row <= t.row; row++ {
		height, err := t.GetRowHeight(t.sheet, row)
		if err != nil {
			return err
		}
		b.sheet.Heights = append(b.sheet.Heights, height)
	}
	panes, err := t.GetPanes(t.sheet)
	if err != nil {
		return err
	}
	if panes.Freeze {
		b.sheet.FrozenRows, b.sheet.FrozenColumns = panes.YSplit, panes.XSplit
	}
	t.readNamesXLS(&b.sheet)
	return t.readPageXLS(&b.sheet.Page)
}

func (b *XLS) Write(ctx context.Context, w io.Writer, batch *tmpl.File) (tmpl.Report, error) {
	sheets, err := splitDocuments(batch.Documents, b.each, b.limit-len(b.titles))
	if err != nil {
		return tmpl.Report{}, err
	}
	s := &tmpl.State{}
	s.Begin(ctx, io.Discard, batch)
	book := xls.Book{Styles: b.styles}
	for i, part := range sheets {
		sheet := b.sheet
		if i > 0 {
			sheet.Name = sheetName(sheet.Name, i+1)
		}
		sheet.Rows = len(b.titles) + part.rows
		sheet.Fill = func(r *xls.Rows) error {
			if i == 0 {
				s.Report = tmpl.Report{} // what is told is told once, though the cells are put twice
			}
			b.fillRows(s, r, batch.Documents, part)
			return s.Err
		}
		book.Sheets = append(book.Sheets, sheet)
	}
	if err := book.Write(w); err != nil {
		return s.Report, err
	}
	return s.End()
}

func (b *XLS) fillRows(s *tmpl.State, r *xls.Rows, documents []document.Document, part sheetRows) {
	for _, row := range b.titles {
		for _, t := range row {
			r.Text(t.style, []byte(t.text))
		}
		r.Next()
	}
	for i := part.first; i < part.end && s.Err == nil && r.Err() == nil; i++ {
		d := &documents[i]
		s.Enter(tmpl.DocumentLoop, i, d)
		for l := range b.each.rowCount(d) {
			if len(d.Lines) > 0 {
				s.Enter(tmpl.LineLoop, l, &d.Lines[l])
			}
			for c := range b.columns {
				b.columns[c].putXLS(s, r, len(d.Lines) == 0)
			}
			r.Next()
		}
	}
}

// putXLS puts the cell of a row, as put does.
func (c *column) putXLS(s *tmpl.State, r *xls.Rows, empty bool) {
	switch {
	case c.isBlank(s, empty):
		r.Blank(c.styleID)
	case c.number != nil:
		c.putDecimalXLS(s, r)
	case c.date != nil:
		c.putDateXLS(s, r)
	case c.text != nil:
		c.putTextXLS(s, r, append(s.Cell[:0], c.text(s)...))
	default:
		c.putTextXLS(s, r, c.runSteps(s))
	}
}

func (c *column) putDecimalXLS(s *tmpl.State, r *xls.Rows) {
	d := c.number(s)
	style := c.styleID
	if d.Places() > tmpl.MoneyPlaces {
		style = c.fineID
	}
	s.Cell = s.Decimal(s.Cell[:0], d, 0, c.label)
	r.Number(style, parseBinary(s.Cell))
}

// parseBinary is the number that Excel makes of the digits in an .xlsx cell: a workbook of Excel 97 holds
// no digits.
func parseBinary(digits []byte) float64 {
	v, _ := strconv.ParseFloat(string(digits), 64)
	return v
}

func (c *column) putDateXLS(s *tmpl.State, r *xls.Rows) {
	d := c.date(s)
	switch {
	case d.IsZero():
		r.Blank(c.styleID)
	case !hasSerial(d):
		c.putTextXLS(s, r, d.AppendFormat(s.Cell[:0], tmpl.XmlTime))
	default:
		s.Cell = appendSerial(s.Cell[:0], d)
		r.Number(c.styleID, parseBinary(s.Cell))
	}
}

// putTextXLS puts a text with the same replacements as in an .xlsx cell, so that both show the same.
func (c *column) putTextXLS(s *tmpl.State, r *xls.Rows, text []byte) {
	s.Cell = text[:0]
	fits := fittingLength(text)
	cut := fits < len(text)
	lost := 0
	s.Made, lost = xmlText(s.Made[:0], text[:fits])
	s.Replaced(c.label, lost, cut)
	r.Text(c.styleID, s.Made)
}

// xmlText appends the text without what XML cannot carry, which counts.
func xmlText(b, text []byte) (out []byte, replaced int) {
	for len(text) > 0 {
		size, ok := tmpl.Character(text)
		if ok {
			b = append(b, text[:size]...)
		} else {
			b = append(b, "\uFFFD"...)
			replaced++
		}
		text = text[size:]
	}
	return b, replaced
}
