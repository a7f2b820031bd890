package layout

import (
	"archive/zip"
	"context"
	"io"
	"strconv"
	"sync"

	"obmen/convert/document"
)

// rowLimit is how many rows a sheet of Excel has.
const rowLimit = 1 << 20

// book writes workbooks. All parts of the package are fixed when the template is compiled, but for
// the rows, the number of the last one, and the time of creation.
type book struct {
	parts   []bookPart
	columns []column
	each    rowsOf
	row     int    // the first one of data, from 1
	tail    string // of a row's opening tag: ` ht="15">`
	limit   int    // of rows of a sheet
	rolled  rolled
	states  sync.Pool
}

func (b *book) write(ctx context.Context, w io.Writer, batch *file) (Report, error) {
	sheets, err := split(batch.Documents, b.each, b.limit-b.row+1)
	if err != nil {
		return Report{}, err
	}
	if b, err = b.withSheets(len(sheets)); err != nil {
		return Report{}, err
	}
	rows := func(s *state, sheet int) { b.writeRows(s, batch.Documents, sheets[sheet]) }
	return b.writeParts(ctx, w, batch, sheets, rows)
}

// writeParts writes the package; rows, the rows of each sheet.
func (b *book) writeParts(ctx context.Context, w io.Writer, batch *file, sheets []sheetRows, rows func(s *state, sheet int)) (Report, error) {
	z := zip.NewWriter(w)
	z.RegisterCompressor(zip.Deflate, deflate)
	s, ok := b.states.Get().(*state)
	if !ok {
		s = &state{out: make([]byte, 0, flushAt+flushAt/4)}
	}
	defer b.states.Put(s)
	s.begin(ctx, nil, batch)
	for i := range b.parts {
		p := &b.parts[i]
		entry, err := p.create(z)
		if err != nil {
			return Report{}, err
		}
		s.w = entry
		for _, piece := range p.pieces {
			if piece.rows {
				rows(s, piece.sheet)
			} else {
				b.writePiece(s, piece, batch, sheets)
			}
		}
		if s.flush(); s.err != nil {
			break
		}
	}
	report, err := s.end()
	if err != nil {
		return report, err
	}
	return report, z.Close()
}

func (b *book) writePiece(s *state, piece bookPiece, batch *file, sheets []sheetRows) {
	s.out = append(s.out, piece.text...)
	switch piece.hole {
	case lastRow:
		s.out = strconv.AppendInt(s.out, int64(b.row-1+sheets[piece.sheet].rows), 10)
	case created:
		s.out = batch.Created.UTC().AppendFormat(s.out, "2006-01-02T15:04:05Z")
	}
}

// writeRows writes the rows of documents.
func (b *book) writeRows(s *state, documents []document.Document, sheet sheetRows) {
	number, row := make([]byte, 0, 8), b.row
	for i := sheet.first; i < sheet.end && s.err == nil; i++ {
		d := &documents[i]
		s.enter(documentLoop, i, d)
		for l := range b.each.count(d) {
			number = strconv.AppendInt(number[:0], int64(row), 10)
			row++
			if len(d.Lines) > 0 {
				s.enter(lineLoop, l, &d.Lines[l])
			}
			b.writeRow(s, number, len(d.Lines) == 0)
		}
	}
}

func (b *book) writeRow(s *state, number []byte, empty bool) {
	s.out = append(append(append(s.out, `<row r="`...), number...), '"')
	s.out = append(s.out, b.tail...)
	for i := range b.columns {
		b.columns[i].put(s, number, empty)
	}
	s.out = append(s.out, "</row>"...)
}
