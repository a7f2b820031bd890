package layout

import (
	"archive/zip"
	"context"
	"io"
	"strconv"
	"sync"
)

// rowLimit is how many rows a sheet of Excel has.
const rowLimit = 1 << 20

// book writes workbooks. All parts of the package are fixed when the template is compiled, but for
// the rows, the number of the last one, and the time of creation.
type book struct {
	parts   []bookPart
	columns []column
	row     int    // the first one of data, from 1
	tail    string // of a row's opening tag: ` ht="15">`
	states  sync.Pool
}

func (b *book) write(ctx context.Context, w io.Writer, batch *Batch) (Report, error) {
	rows := 0
	for i := range batch.Documents {
		rows += max(1, len(batch.Documents[i].Lines))
	}
	if most := rowLimit - b.row + 1; rows > most {
		return Report{}, &SizeError{Rows: rows, Most: most}
	}
	values := holes{
		lastRow: strconv.Itoa(b.row - 1 + rows),
		created: batch.Created.UTC().Format("2006-01-02T15:04:05Z"),
	}
	return b.writeParts(ctx, w, batch, values)
}

func (b *book) writeParts(ctx context.Context, w io.Writer, batch *Batch, values holes) (Report, error) {
	z := zip.NewWriter(w)
	z.RegisterCompressor(zip.Deflate, deflate)
	var report Report
	for i := range b.parts {
		p := &b.parts[i]
		entry, err := p.create(z)
		if err != nil {
			return report, err
		}
		for _, piece := range p.pieces {
			if piece.rows {
				report, err = b.writeRows(ctx, entry, batch)
			} else {
				_, err = io.WriteString(entry, piece.text+values[piece.hole])
			}
			if err != nil {
				return report, err
			}
		}
	}
	return report, z.Close()
}

// writeRows writes a row for every line, and one for a document without lines.
func (b *book) writeRows(ctx context.Context, w io.Writer, batch *Batch) (Report, error) {
	s, ok := b.states.Get().(*state)
	if !ok {
		s = &state{out: make([]byte, 0, flushAt+flushAt/4)}
	}
	defer b.states.Put(s)
	s.begin(ctx, w, batch)
	number, row := make([]byte, 0, 8), b.row
	for i := 0; i < len(batch.Documents) && s.err == nil; i++ {
		d := &batch.Documents[i]
		s.enter(documentLoop, i, d)
		for l := range max(1, len(d.Lines)) {
			number = strconv.AppendInt(number[:0], int64(row), 10)
			row++
			if len(d.Lines) > 0 {
				s.enter(lineLoop, l, &d.Lines[l])
			}
			b.writeRow(s, number, len(d.Lines) == 0)
		}
	}
	return s.end()
}

func (b *book) writeRow(s *state, number []byte, empty bool) {
	s.out = append(append(append(s.out, `<row r="`...), number...), '"')
	s.out = append(s.out, b.tail...)
	for i := range b.columns {
		b.columns[i].put(s, number, empty)
	}
	s.out = append(s.out, "</row>"...)
}
