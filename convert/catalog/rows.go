package catalog

import (
	"encoding/csv"
	"errors"
	"io"
	"strings"
)

// Rows are read without gocsv, which needs a reflection for each cell: it reads the header and says
// which column is which, and from then on a cell goes to its field by its place. Tests compare both.

// readRows reads the rows of a sheet. Each row has clean cells and is good until the next one is read;
// required cells that are empty, and surplus ones, are reported before.
func readRows[R any, P interface {
	*R
	record
}](s *csvFile, each func(P),
) {
	row := P(new(R))
	fields := row.cells()
	places := s.fieldPlaces(fields)
	read := s.nextRecord()
	for !s.broken {
		cells, err := read()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			s.reportMalformed(err)
			continue
		}
		fillFields(row, places, len(s.headers), s.unfoldLine(cells))
		if s.cleanRow(fields, row.surplus()) {
			each(row)
		}
	}
}

// unfoldLine returns the cells of a whole line that stands in the first cell, with nothing behind it: Excel saves so
// what was pasted there as one text. The line has as many cells as the file has columns, parted as in the lines that
// obmen shows or as in the file, and one of them holds something; else it is a cell.
func (s *csvFile) unfoldLine(cells []string) []string {
	if len(cells) == 0 || len(s.headers) < 2 || !strings.ContainsRune(cells[0], ';') && !strings.ContainsRune(cells[0], s.comma) {
		return cells
	}
	for _, c := range cells[1:] {
		if trimInvisible(c) != "" {
			return cells
		}
	}
	for _, comma := range []rune{s.comma, ';'} {
		r := csv.NewReader(strings.NewReader(cells[0]))
		r.Comma, r.FieldsPerRecord = comma, -1
		if line, err := r.Read(); err == nil && len(line) == len(s.headers) && trimInvisible(strings.Join(line, "")) != "" {
			return line
		}
	}
	return cells
}

// fieldPlaces returns the field of each column of the file, nil where no one reads it.
func (s *csvFile) fieldPlaces(fields []*string) []*string {
	list := make([]*string, len(s.headers))
	for i, c := range s.Columns {
		if at, ok := s.at[c.Name]; ok {
			list[at] = fields[i]
		}
	}
	return list
}

// fillFields puts the cells of a line into the fields of a row.
func fillFields(row record, places []*string, columns int, cells []string) {
	row.setSurplus(nil)
	if len(cells) > columns {
		row.setSurplus(&cells[columns])
		cells = cells[:columns]
	}
	for i, field := range places {
		switch {
		case field == nil:
		case i < len(cells):
			*field = cells[i]
		default:
			*field = ""
		}
	}
}

// nextRecord returns the lines behind the header one by one, then io.EOF. The cells are good until the next.
func (s *csvFile) nextRecord() func() ([]string, error) {
	if s.rest.hasQuotes() {
		return func() ([]string, error) {
			cells, err := s.csv.Read()
			s.width = len(cells)
			return cells, err
		}
	}
	s.now = s.first
	plain := &plainLines{rest: s.rest, comma: byte(s.comma)}
	s.rest, s.csv, s.rows = nil, nil, nil // so that plain alone holds the text
	return func() ([]string, error) {
		cells, line, err := plain.next()
		s.now += line
		return cells, err
	}
}

// plainLines splits lines that hold no quotation mark as encoding/csv does: lines without a byte are
// passed over, and a CR belongs to the line end, also to that of a last line without one.
type plainLines struct {
	rest  pieces
	chunk string // lines that were taken from rest
	comma byte
	cells []string
	lines int // physical lines since the row before
}

// next returns the cells of the next row, and how many lines further down it is than the row before.
func (p *plainLines) next() (cells []string, down int, err error) {
	for {
		down += p.lines
		line, ok := p.nextLine()
		if !ok {
			return nil, down, io.EOF
		}
		p.lines = 1
		if line != "" {
			return p.splitCells(line), down, nil
		}
	}
}

func (p *plainLines) nextLine() (line string, ok bool) {
	if p.chunk == "" && !p.fetchPiece() {
		return "", false
	}
	line, p.chunk, _ = strings.Cut(p.chunk, "\n")
	return strings.TrimSuffix(line, "\r"), true
}

// fetchPiece takes the next piece that is not empty and lets it go.
func (p *plainLines) fetchPiece() bool {
	for len(p.rest) > 0 && p.chunk == "" {
		p.chunk = p.rest[0].text
		p.rest[0].text = ""
		p.rest = p.rest[1:]
	}
	return p.chunk != ""
}

func (p *plainLines) splitCells(line string) []string {
	p.cells = p.cells[:0]
	for {
		at := strings.IndexByte(line, p.comma)
		if at < 0 {
			p.cells = append(p.cells, line)
			return p.cells
		}
		p.cells = append(p.cells, line[:at])
		line = line[at+1:]
	}
}
