package sheet

import (
	"bytes"
	"context"
	"io"

	"obmen/convert/layout/tmpl"
)

// CSV writes a text with semicolons, as 1C's "Загрузка данных из файла" reads it: UTF-8, the headers
// first, a row a line. It knows no quotes there, so a semicolon or line end in a text becomes a comma or
// blank, which is reported.
type CSV struct {
	// Raw leaves texts as they are, for programs; else none begins as a formula of Excel does.
	Raw bool

	columns []column
	each    rowsOf
	titles  []byte
}

// NewCSV compiles a workbook template; mistakes go to p. Only the row above the placeholders is a
// header to this format.
func NewCSV(p tmpl.Place, data []byte, s *tmpl.Settings) *CSV {
	t := openSheet(p, data, s)
	if t == nil {
		return nil
	}
	defer t.Close()
	b := &CSV{columns: t.columns, each: t.rowsOf(), titles: []byte("\ufeff")}
	above := t.rows[t.row-2]
	for i := range b.columns {
		if i > 0 {
			b.titles = append(b.titles, ';')
		}
		if i < len(above) {
			b.titles, _ = appendPlain(b.titles, []byte(above[i]))
		}
	}
	b.titles = append(b.titles, "\r\n"...)
	return b
}

func (b *CSV) Write(ctx context.Context, w io.Writer, batch *tmpl.File) (tmpl.Report, error) {
	s := &tmpl.State{}
	s.Begin(ctx, w, batch)
	s.Out = append(s.Out, b.titles...)
	for i := 0; i < len(batch.Documents) && s.Err == nil; i++ {
		d := &batch.Documents[i]
		s.Enter(tmpl.DocumentLoop, i, d)
		for l := range b.each.rowCount(d) {
			if len(d.Lines) > 0 {
				s.Enter(tmpl.LineLoop, l, &d.Lines[l])
			}
			for c := range b.columns {
				if c > 0 {
					s.Out = append(s.Out, ';')
				}
				b.columns[c].putPlain(s, len(d.Lines) == 0, b.Raw)
			}
			s.Out = append(s.Out, "\r\n"...)
		}
	}
	return s.End()
}

// putPlain puts the text of a cell, as put does.
func (c *column) putPlain(s *tmpl.State, empty, raw bool) {
	switch {
	case c.isBlank(s, empty):
	case c.number != nil:
		s.Out = s.Decimal(s.Out, c.number(s), 0, c.label)
	case c.date != nil:
		if d := c.date(s); !d.IsZero() {
			s.Out = d.AppendFormat(s.Out, plainTime)
		}
	case c.text != nil:
		c.plainText(s, append(s.Cell[:0], c.text(s)...), raw)
	default:
		c.plainText(s, c.runSteps(s), raw)
	}
}

// plainTime is how 1C reads a date with its time.
const plainTime = "02.01.2006 15:04:05"

func (c *column) plainText(s *tmpl.State, text []byte, raw bool) {
	s.Cell = text[:0]
	if !raw && isFormula(text) {
		s.Out = append(s.Out, ' ')
	}
	var replaced int
	s.Out, replaced = appendPlain(s.Out, text)
	s.Replaced(c.label, replaced, false)
}

// isFormula reports whether Excel would compute a text: =HYPERLINK(…) as a buyer's name.
func isFormula(text []byte) bool {
	return len(text) > 0 && bytes.IndexByte([]byte("=+-@\t\r"), text[0]) >= 0
}

// appendPlain appends text without what would end a cell or row.
func appendPlain(b, text []byte) (out []byte, replaced int) {
	text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
	for _, c := range text {
		switch c {
		case ';':
			c = ','
		case '\n', '\r', 0:
			c = ' '
		default:
			b = append(b, c)
			continue
		}
		b = append(b, c)
		replaced++
	}
	return b, replaced
}
