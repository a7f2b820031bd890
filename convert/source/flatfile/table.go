// Package flatfile reads tables of text: the header, the rows, the cells with their places, and the amounts
// as reports and spreadsheet programs write them. Nothing in it knows what a column means.
package flatfile

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"obmen/convert/order"
	"obmen/convert/source/input"
)

// Limits of a table; no real report comes near them.
const (
	maxRow     = 1 << 20 // bytes
	maxColumns = 1000
)

// Table reads a report with a header line row by row. Amazon's own files separate cells by tabs and
// know no quote character: a title may begin with one. Files re-saved by a spreadsheet program
// separate by comma or semicolon and quote. The delimiter of the header line tells
// which it is.
type Table struct {
	File   string
	src    io.Closer
	lines  *bufio.Reader
	end    byte // last byte of a line end: LF, or CR in a file without LF
	delim  byte
	line   int  // physical lines read
	ended  bool // the line read last had a line end
	Header []string
	Index  map[string]int // column by normal name
	// Section counts the header lines read before the last row, but the first: reports that were joined into
	// one file have one each, and their columns may differ.
	Section int
	Row     Row
}

// Row is one row of a table; it is good until the next is read. Lines are physical, 1-based; columns
// are 1-based and count the bytes of the line as UTF-8.
type Row struct {
	Line  int
	Text  []byte // the cells lie in it, unquoted
	Cells []Span
	Bad   error // why the row cannot be split into the header's columns
	Cut   bool  // the file ends in the row, without a line end
}

// Span is one cell: its place in the row's text and in the file.
type Span struct{ From, To, Line, Column int }

func (r *Row) Cell(i int) []byte {
	if i < 0 || i >= len(r.Cells) {
		return nil
	}
	return r.Text[r.Cells[i].From:r.Cells[i].To]
}

func (r *Row) isBlank() bool {
	for i := range r.Cells {
		if len(bytes.TrimSpace(r.Cell(i))) > 0 {
			return false
		}
	}
	return true
}

// OpenTable opens a report and reads its header. The caller closes it.
func OpenTable(in input.Input, cs input.Charset) (*Table, error) {
	src, err := cs.Open(in)
	if err != nil {
		return nil, in.RefuseOpen(err)
	}
	t := &Table{File: in.Name, src: src, lines: bufio.NewReaderSize(src, maxRow)}
	if err := t.readHeader(); err != nil {
		src.Close()
		return nil, err
	}
	return t, nil
}

func (t *Table) Close() { t.src.Close() }

// Column finds a column by its normal name; -1 when the report has none.
func (t *Table) Column(name string) int {
	if i, ok := t.Index[name]; ok {
		return i
	}
	return -1
}

func (t *Table) readHeader() error {
	t.end = '\n'
	if start, _ := t.lines.Peek(input.HeadSize); !bytes.Contains(start, []byte("\n")) && bytes.Contains(start, []byte("\r")) {
		t.end = '\r'
	}
	b, err := t.firstLine()
	if err != nil {
		return err
	}
	t.delim = detectDelimiter(b)
	if err := t.splitLine(b); err != nil {
		return err
	}
	if len(t.Row.Cells) > maxColumns {
		return t.refuseLine(1, fmt.Errorf("%w: more than %d columns", input.ErrHostile, maxColumns), "check what this file is")
	}
	return t.nameColumns()
}

func (t *Table) firstLine() ([]byte, error) {
	for {
		b, err := t.readLine()
		if err == io.EOF {
			return nil, t.refuseLine(0, input.ErrEmpty, "download it again")
		}
		if err != nil || len(bytes.TrimSpace(b)) > 0 {
			return b, err
		}
	}
}

func (t *Table) nameColumns() error {
	t.Index, t.Header = make(map[string]int, len(t.Row.Cells)), nil
	for i, c := range t.Row.Cells {
		spelled := input.CleanID(string(t.Row.Cell(i)))
		t.Header = append(t.Header, spelled)
		name := NormalName(spelled)
		if name == "" {
			continue
		}
		if _, twice := t.Index[name]; twice {
			return t.refuseLine(c.Column, fmt.Errorf("the column %q stands twice in the header", input.Shorten(spelled)), "remove one of the two columns")
		}
		t.Index[name] = i
	}
	return nil
}

// Next reads the next row that is not blank; io.EOF after the last one. A row that cannot be split
// comes with Bad set and what could be read of it; every other error ends the file.
func (t *Table) Next() (*Row, error) { return t.NextHead(maxColumns) }

// NextHead reads the next row as Next does, for one who looks at no cell behind that of a column: of most rows the others
// are not cut.
func (t *Table) NextHead(column int) (*Row, error) {
	for {
		b, err := t.readLine()
		if err != nil {
			return nil, err
		}
		if column < len(t.Header) && t.isPlainRow(b) {
			t.beginRow()
			t.splitTabs(b, column+1)
			return &t.Row, nil
		}
		if err := t.splitLine(b); err != nil {
			return nil, err
		}
		r := &t.Row
		if r.Bad == nil && r.isBlank() {
			continue
		}
		if r.Bad == nil && t.isHeader() {
			t.Section++
			if err := t.nameColumns(); err != nil {
				return nil, err
			}
			continue
		}
		if len(r.Cells) > len(t.Header) && r.Bad == nil {
			r.Bad = fmt.Errorf("%d cells, but the header has %d", len(r.Cells), len(t.Header))
		}
		return r, nil
	}
}

// isPlainRow reports whether a line is a row of no more cells than the header: one that is neither blank nor a header.
func (t *Table) isPlainRow(b []byte) bool {
	return t.delim == '\t' && beginsWithDigit(b) && bytes.Count(b, []byte("\t")) < len(t.Header)
}

// beginsWithDigit is true for nearly every row: it begins with the number of an order.
func beginsWithDigit(b []byte) bool { return len(b) > 0 && b[0] >= '0' && b[0] <= '9' }

// isHeader reports whether the row is a further header line: all its cells are those of the header, or most
// of them, and three at least, name columns that the header has.
func (t *Table) isHeader() bool {
	first := bytes.TrimLeft(t.Row.Cell(0), " \t\ufeff")
	if beginsWithDigit(first) {
		return false
	}
	known, named, same := 0, 0, len(t.Row.Cells) == len(t.Header)
	for i := range t.Row.Cells {
		name := NormalName(string(t.Row.Cell(i)))
		if _, ok := t.Index[name]; ok {
			known++
		} else if name != "" && i == 0 {
			return false
		}
		if name != "" {
			named++
		}
		same = same && name == NormalName(t.Header[i])
	}
	return same || known >= 3 && 2*known > named
}

// readLine reads one line of the file without its line end.
func (t *Table) readLine() ([]byte, error) {
	b, err := t.lines.ReadSlice(t.end)
	switch {
	case err == io.EOF && len(b) == 0:
		return nil, io.EOF
	case errors.Is(err, bufio.ErrBufferFull):
		t.line++
		return nil, t.refuseLine(1, fmt.Errorf("%w: a line of more than %d bytes", input.ErrHostile, maxRow), "check what this file is")
	case err != nil && err != io.EOF:
		return nil, t.refuseLine(0, err, "check the disk or share the file is on")
	}
	t.line++
	t.ended = err == nil
	if t.ended {
		b = b[:len(b)-1]
	}
	if t.end == '\n' {
		b = bytes.TrimSuffix(b, []byte("\r"))
	}
	return b, nil
}

// refuseLine ends the file at its current line; column 0 names the file alone.
func (t *Table) refuseLine(column int, err error, hint string) error {
	at := order.Origin{File: t.File}
	if column > 0 {
		at.Line, at.Column = t.line, column
	}
	return input.NewFileError(at, err, hint)
}

// splitLine cuts a line into the cells of t.row. A quoted cell may go on over further lines.
func (t *Table) splitLine(b []byte) error {
	t.beginRow()
	if t.delim == '\t' {
		t.splitTabs(b, maxColumns+1)
	} else if err := t.splitQuoted(b); err != nil {
		return err
	}
	t.Row.Cut = !t.ended // a quoted cell may have gone on
	return nil
}

// beginRow begins the row of the line read last.
func (t *Table) beginRow() {
	t.Row = Row{Line: t.line, Cells: t.Row.Cells[:0], Text: t.Row.Text[:0], Cut: !t.ended}
}

// splitTabs knows no quote character; the row's text is the line itself. Of more cells than most none is cut.
func (t *Table) splitTabs(b []byte, most int) {
	r := &t.Row
	r.Text = b
	for from := 0; len(r.Cells) < most; {
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
