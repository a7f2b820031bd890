package layout

import (
	"bytes"
	"context"
	"io"
)

// table writes a text with semicolons, as 1C's "Загрузка данных из файла" reads it: UTF-8, the headers
// first, a row a line. It knows no quotes there, so a semicolon or line end in a text becomes a comma or
// blank, which is reported.
type table struct {
	columns []column
	each    rowsOf
	titles  []byte
}

// newTable compiles a workbook template; mistakes go to p. Only the row above the placeholders is a
// header to this format.
func newTable(p place, data []byte, s *settings) *table {
	t := openSheet(p, data, s)
	if t == nil {
		return nil
	}
	defer t.Close()
	b := &table{columns: t.columns, each: t.each(), titles: []byte("\ufeff")}
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

func (b *table) write(ctx context.Context, w io.Writer, batch *file) (Report, error) {
	s := &state{}
	s.begin(ctx, w, batch)
	s.out = append(s.out, b.titles...)
	for i := 0; i < len(batch.Documents) && s.err == nil; i++ {
		d := &batch.Documents[i]
		s.enter(documentLoop, i, d)
		for l := range b.each.count(d) {
			if len(d.Lines) > 0 {
				s.enter(lineLoop, l, &d.Lines[l])
			}
			for c := range b.columns {
				if c > 0 {
					s.out = append(s.out, ';')
				}
				b.columns[c].putPlain(s, len(d.Lines) == 0)
			}
			s.out = append(s.out, "\r\n"...)
		}
	}
	return s.end()
}

// putPlain puts the text of a cell, as put does.
func (c *column) putPlain(s *state, empty bool) {
	switch {
	case c.blank(s, empty):
	case c.number != nil:
		s.out = s.decimal(s.out, c.number(s), 0, c.label)
	case c.date != nil:
		if d := c.date(s); !d.IsZero() {
			s.out = d.AppendFormat(s.out, plainTime)
		}
	case c.text != nil:
		c.plainText(s, append(s.cell[:0], c.text(s)...))
	default:
		c.plainText(s, c.run(s))
	}
}

// plainTime is how 1C reads a date with its time.
const plainTime = "02.01.2006 15:04:05"

func (c *column) plainText(s *state, text []byte) {
	s.cell = text[:0]
	var replaced int
	s.out, replaced = appendPlain(s.out, text)
	s.replaced(c.label, replaced, false)
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
