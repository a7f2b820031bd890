package sheet

import (
	"archive/zip"
	"context"
	"io"
	"strconv"
	"sync"

	"obmen/convert/document"
	"obmen/convert/layout/tmpl"
)

// rolled has the books of more than one sheet, each made when it is first needed.
type rolled struct {
	mu      sync.Mutex
	books   map[int]*XLSX
	compile func(sheets int) (*XLSX, error)
}

// book writes workbooks. All parts of the package are fixed when the template is compiled, but for
// the rows, the number of the last one, and the time of creation.
type XLSX struct {
	parts   []bookPart
	columns []column
	each    rowsOf
	row     int    // the first one of data, from 1
	tail    string // of a row's opening tag: ` ht="15">`
	Limit   int    // of rows of a sheet
	rolled  rolled
	states  sync.Pool
}

func (b *XLSX) Write(ctx context.Context, w io.Writer, batch *tmpl.File) (tmpl.Report, error) {
	sheets, err := splitDocuments(batch.Documents, b.each, b.Limit-b.row+1)
	if err != nil {
		return tmpl.Report{}, err
	}
	if b, err = b.withSheets(len(sheets)); err != nil {
		return tmpl.Report{}, err
	}
	rows := func(s *tmpl.State, sheet int) { b.writeRows(s, batch.Documents, sheets[sheet]) }
	return b.writeParts(ctx, w, batch, sheets, rows)
}

// writeParts writes the package; rows, the rows of each sheet.
func (b *XLSX) writeParts(ctx context.Context, w io.Writer, batch *tmpl.File, sheets []sheetRows, rows func(s *tmpl.State, sheet int)) (tmpl.Report, error) {
	z := zip.NewWriter(w)
	z.RegisterCompressor(zip.Deflate, Deflate)
	s, ok := b.states.Get().(*tmpl.State)
	if !ok {
		s = &tmpl.State{Out: make([]byte, 0, tmpl.FlushAt+tmpl.FlushAt/4)}
	}
	defer b.states.Put(s)
	s.Begin(ctx, nil, batch)
	for i := range b.parts {
		p := &b.parts[i]
		entry, err := p.createIn(z)
		if err != nil {
			return tmpl.Report{}, err
		}
		s.W = entry
		for _, piece := range p.pieces {
			if piece.rows {
				rows(s, piece.sheet)
			} else {
				b.writePiece(s, piece, batch, sheets)
			}
		}
		if s.Flush(); s.Err != nil {
			break
		}
	}
	report, err := s.End()
	if err != nil {
		return report, err
	}
	return report, z.Close()
}

func (b *XLSX) writePiece(s *tmpl.State, piece bookPiece, batch *tmpl.File, sheets []sheetRows) {
	s.Out = append(s.Out, piece.text...)
	switch piece.hole {
	case lastRow:
		s.Out = strconv.AppendInt(s.Out, int64(b.row-1+sheets[piece.sheet].rows), 10)
	case created:
		s.Out = batch.Created.UTC().AppendFormat(s.Out, "2006-01-02T15:04:05Z")
	}
}

// writeRows writes the rows of documents.
func (b *XLSX) writeRows(s *tmpl.State, documents []document.Document, sheet sheetRows) {
	number, row := make([]byte, 0, 8), b.row
	for i := sheet.first; i < sheet.end && s.Err == nil; i++ {
		d := &documents[i]
		s.Enter(tmpl.DocumentLoop, i, d)
		for l := range b.each.rowCount(d) {
			number = strconv.AppendInt(number[:0], int64(row), 10)
			row++
			if len(d.Lines) > 0 {
				s.Enter(tmpl.LineLoop, l, &d.Lines[l])
			}
			b.writeRow(s, number, len(d.Lines) == 0)
		}
	}
}

func (b *XLSX) writeRow(s *tmpl.State, number []byte, empty bool) {
	s.Out = append(append(append(s.Out, `<row r="`...), number...), '"')
	s.Out = append(s.Out, b.tail...)
	for i := range b.columns {
		b.columns[i].putXML(s, number, empty)
	}
	s.Out = append(s.Out, "</row>"...)
}

// withSheets is the book with that number of sheets of the same look.
func (b *XLSX) withSheets(n int) (*XLSX, error) {
	if n == 1 {
		return b, nil
	}
	b.rolled.mu.Lock()
	defer b.rolled.mu.Unlock()
	if made := b.rolled.books[n]; made != nil {
		return made, nil
	}
	made, err := b.rolled.compile(n)
	if err == nil {
		made.Limit = b.Limit
		b.rolled.books[n] = made
	}
	return made, err
}

// numberSheets tells every hole of which sheet it is.
func (b *XLSX) numberSheets() {
	sheet := 0
	for i := range b.parts {
		p := &b.parts[i]
		for k := range p.pieces {
			switch m := ofSheet.FindAllStringSubmatch(p.pieces[k].text, -1); {
			case p.isSheet():
				p.pieces[k].sheet = sheet
			case p.name == "xl/workbook.xml" && p.pieces[k].hole == lastRow && m != nil:
				p.pieces[k].sheet, _ = strconv.Atoi(m[len(m)-1][1])
			}
		}
		if p.isSheet() {
			sheet++
		}
	}
}

// NewXLSX compiles a workbook template; mistakes go to p.
func NewXLSX(p tmpl.Place, data []byte, s *tmpl.Settings) *XLSX {
	compile := func(sheets int) (*XLSX, error) {
		var found tmpl.Mistakes
		p := p
		p.Found = &found
		t := openSheet(p, data, s.Clone())
		if t == nil {
			return nil, found.Err()
		}
		defer t.Close()
		return t.makeBook(sheets), found.Err()
	}
	t := openSheet(p, data, s)
	if t == nil {
		return nil
	}
	defer t.Close()
	b := t.makeBook(1)
	if b == nil {
		return nil
	}
	b.Limit = tmpl.RowLimit
	b.rolled.books = map[int]*XLSX{}
	b.rolled.compile = compile
	return b
}
