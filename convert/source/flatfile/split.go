package flatfile

import (
	"bytes"
	"fmt"
	"io"

	"obmen/convert/source/input"
)

// splitLine cuts a line into the cells of t.row. A quoted cell may go on over further lines.
func (t *Table) splitLine(b []byte) error {
	t.Row = Row{Line: t.line, Cells: t.Row.Cells[:0], Text: t.Row.Text[:0]}
	if t.delim == '\t' {
		t.splitTabs(b)
	} else if err := t.splitQuoted(b); err != nil {
		return err
	}
	t.Row.Cut = !t.ended
	return nil
}

// splitTabs knows no quote character; the row's text is the line itself.
func (t *Table) splitTabs(b []byte) {
	r := &t.Row
	r.Text = b
	for from := 0; len(r.Cells) <= maxColumns; {
		to := len(b)
		if i := bytes.IndexByte(b[from:], '\t'); i >= 0 {
			to = from + i
		}
		r.Cells = append(r.Cells, Span{from, to, t.line, from + 1})
		if to == len(b) {
			return
		}
		from = to + 1
	}
}

// splitQuoted follows RFC 4180: a cell that begins with a quote ends with one, "" is a quote, and
// delimiters and line ends in between belong to it. A quote inside any other cell is itself.
func (t *Table) splitQuoted(b []byte) error {
	r := &t.Row
	for i := 0; len(r.Cells) <= maxColumns; i++ {
		c := Span{len(r.Text), 0, t.line, i + 1}
		if i < len(b) && b[i] == '"' {
			var err error
			if b, i, err = t.readQuoted(b, i+1, c); err != nil {
				return err
			}
		} else {
			to := len(b)
			if n := bytes.IndexByte(b[i:], t.delim); n >= 0 {
				to = i + n
			}
			r.Text = append(r.Text, b[i:to]...)
			i = to
		}
		c.To = len(r.Text)
		r.Cells = append(r.Cells, c)
		if i >= len(b) {
			return nil
		}
	}
	return nil
}

// readQuoted appends a quoted cell that goes on at b[i:] and returns the line and place where it ends.
func (t *Table) readQuoted(b []byte, i int, c Span) ([]byte, int, error) {
	r := &t.Row
	for {
		n := bytes.IndexByte(b[i:], '"')
		if n < 0 {
			r.Text = append(append(r.Text, b[i:]...), '\n')
			if len(r.Text) > maxRow {
				return nil, 0, t.refuseLine(1, fmt.Errorf("%w: a cell of more than %d bytes", input.ErrHostile, maxRow), "look for a quote that is never closed")
			}
			var err error
			if b, err = t.readLine(); err == io.EOF {
				t.line = c.Line
				return nil, 0, t.refuseLine(c.Column, fmt.Errorf("%w of a quoted cell", input.ErrTruncated), "save or download the file again")
			} else if err != nil {
				return nil, 0, err
			}
			i = 0
			continue
		}
		r.Text = append(r.Text, b[i:i+n]...)
		i += n + 1
		switch {
		case i < len(b) && b[i] == '"':
			r.Text = append(r.Text, '"')
			i++
		case i >= len(b) || b[i] == t.delim:
			return b, i, nil
		default:
			r.Bad = fmt.Errorf("text after the closing quote at byte %d of line %d", i+1, t.line)
			return b, len(b), nil
		}
	}
}
