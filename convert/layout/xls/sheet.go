package xls

import (
	"encoding/binary"
	"io"
	"math"
)

// Rows takes the cells of a sheet.
type Rows struct {
	w     io.Writer
	err   error
	out   []byte
	texts *texts

	sheet  *Sheet
	row    uint16
	column uint16
}

// flushAt is how much is collected before it is written.
const flushAt = 64 << 10

// write writes the sheet; the one on top is shown first.
func (s *Sheet) write(w io.Writer, t *texts, top bool) error {
	r := &Rows{w: w, texts: t, sheet: s, out: s.appendHead(nil)}
	if s.Rows > 0 {
		r.writeHeights(0)
	}
	if err := s.Fill(r); err != nil {
		return err
	}
	r.out = s.appendTail(r.out, top)
	r.flush()
	return r.err
}

func (r *Rows) flush() {
	if r.err == nil {
		_, r.err = r.w.Write(r.out)
	}
	r.out = r.out[:0]
}

// Err is the first error of the writer: after it nothing needs to be put any more.
func (r *Rows) Err() error { return r.err }

// Next ends a row.
func (r *Rows) Next() {
	r.row++
	r.column = 0
	const block = 32 // rows are told before their cells, so many at a time
	if int(r.row) < r.sheet.Rows && r.row%block == 0 {
		r.writeHeights(int(r.row))
	}
	if len(r.out) >= flushAt {
		r.flush()
	}
}

// writeHeights writes the records of up to 32 rows.
func (r *Rows) writeHeights(first int) {
	columns := uint16(len(r.sheet.Widths))
	for row := first; row < min(first+32, r.sheet.Rows); row++ {
		height, flags := uint16(255), uint16(0x0100)
		if h := r.sheet.rowHeight(row); h > 0 {
			height, flags = uint16(h*20+0.5), 0x0140 // set by hand
		}
		r.out = appendRecord(r.out, 0x0208, wordBytes(uint16(row), 0, columns, height, 0, 0, flags, 0x0F))
	}
}

func (s *Sheet) rowHeight(row int) float64 {
	if len(s.Heights) == 0 {
		return 0
	}
	return s.Heights[min(row, len(s.Heights)-1)]
}

// beginCell begins the record of the next cell, whose value takes so many bytes.
func (r *Rows) beginCell(id, size uint16, style int) {
	le := binary.LittleEndian
	r.out = le.AppendUint16(r.out, id)
	r.out = le.AppendUint16(r.out, 6+size)
	r.out = le.AppendUint16(r.out, r.row)
	r.out = le.AppendUint16(r.out, r.column)
	r.out = le.AppendUint16(r.out, uint16(firstXF+style))
	r.column++
}

// Blank puts an empty cell.
func (r *Rows) Blank(style int) { r.beginCell(0x0201, 0, style) }

// Text puts a text of at most 32,767 UTF-16 units; an empty one is an empty cell.
func (r *Rows) Text(style int, text []byte) {
	if len(text) == 0 {
		r.Blank(style)
		return
	}
	r.beginCell(0x00FD, 4, style)
	r.out = binary.LittleEndian.AppendUint32(r.out, r.texts.numberOf(text))
}

// Number puts a number; a cell of Excel holds a binary one, to which any decimal of 15 digits comes and
// goes unchanged.
func (r *Rows) Number(style int, v float64) {
	r.beginCell(0x0203, 8, style)
	r.out = binary.LittleEndian.AppendUint64(r.out, math.Float64bits(v))
}

// appendHead are the records before the cells.
func (s *Sheet) appendHead(b []byte) []byte {
	b = appendBegin(b, 0x0010)
	b = appendRecord(b, 0x0225, wordBytes(0, 255)) // the usual height of a row, in twentieths of a point
	flags := uint16(0x04C1)
	if s.Page.Wide > 0 || s.Page.High > 0 {
		flags |= 0x0100
	}
	b = appendRecord(b, 0x0081, wordBytes(flags))
	landscape := uint16(2)
	if s.Page.Landscape {
		landscape = 0
	}
	margin := make([]byte, 8)
	binary.LittleEndian.PutUint64(margin, math.Float64bits(0.5))
	b = appendRecord(b, 0x00A1, wordBytes(s.Page.Paper, 100, 1, s.Page.Wide, s.Page.High, landscape, 600, 600), margin, margin, wordBytes(1))
	b = appendRecord(b, 0x0055, wordBytes(8))
	for i, width := range s.Widths {
		b = appendRecord(b, 0x007D, wordBytes(uint16(i), uint16(i), uint16(width*256+0.5), firstXF, 0x02, 0))
	}
	if s.Filter.Count > 0 {
		b = appendRecord(b, 0x009D, wordBytes(uint16(s.Filter.Count)))
	}
	return appendRecord(b, 0x0200, wordBytes(0, 0, uint16(s.Rows), uint16(s.Rows>>16), 0, uint16(len(s.Widths)), 0))
}

// appendTail are the records after the cells: the buttons of the filter, and what is frozen.
func (s *Sheet) appendTail(b []byte, top bool) []byte {
	b = s.appendButtons(b)
	flags := uint16(0x00B6)
	if top {
		flags |= 0x0600
	}
	frozen := s.FrozenRows > 0 || s.FrozenColumns > 0
	if frozen {
		flags |= 0x0108
	}
	b = appendRecord(b, 0x023E, wordBytes(flags, 0, 0, 64, 0, 0, 0, 0, 0))
	if frozen {
		pane := uint16(0) // the one at the bottom right
		switch {
		case s.FrozenRows == 0:
			pane = 1
		case s.FrozenColumns == 0:
			pane = 2
		}
		rows, columns := uint16(s.FrozenRows), uint16(s.FrozenColumns)
		b = appendRecord(b, 0x0041, wordBytes(columns, rows, rows, columns, pane))
	}
	return appendEnd(b)
}
