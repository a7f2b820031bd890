package source

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"

	"obmen/convert/order"
)

// Limits of a table; no real report comes near them.
const (
	maxRow     = 1 << 20 // bytes
	maxColumns = 1000
)

// Table reads a report with a header line row by row. Amazon's own files separate cells by tabs and
// know no quote character: a title may begin with one. Files re-saved by a spreadsheet program
// separate by comma or semicolon and quote (facts, amazon 3). The delimiter of the header line tells
// which it is.
type Table struct {
	file   string
	src    io.Closer
	lines  *bufio.Reader
	end    byte // last byte of a line end: LF, or CR in a file without LF
	delim  byte
	line   int  // physical lines read
	ended  bool // the line read last had a line end
	header []string
	index  map[string]int // column by normal name
	row    Row
}

// Row is one row of a table; it is good until the next is read. Lines are physical, 1-based; columns
// are 1-based and count the bytes of the line as UTF-8.
type Row struct {
	line  int
	text  []byte // the cells lie in it, unquoted
	cells []Span
	bad   error // why the row cannot be split into the header's columns
	cut   bool  // the file ends in the row, without a line end
}

// Span is one cell: its place in the row's text and in the file.
type Span struct{ from, to, line, column int }

func (r *Row) Cell(i int) []byte {
	if i < 0 || i >= len(r.cells) {
		return nil
	}
	return r.text[r.cells[i].from:r.cells[i].to]
}

func (r *Row) isBlank() bool {
	for i := range r.cells {
		if len(bytes.TrimSpace(r.Cell(i))) > 0 {
			return false
		}
	}
	return true
}

// OpenTable opens a report and reads its header. The caller closes it.
func OpenTable(in Input, cs Charset) (*Table, error) {
	src, err := cs.Open(in)
	if err != nil {
		return nil, ReadError(in, err)
	}
	t := &Table{file: in.Name, src: src, lines: bufio.NewReaderSize(src, maxRow)}
	if err := t.readHeader(); err != nil {
		src.Close()
		return nil, err
	}
	return t, nil
}

func (t *Table) Close() { t.src.Close() }

// Column finds a column by its normal name; -1 when the report has none.
func (t *Table) Column(name string) int {
	if i, ok := t.index[name]; ok {
		return i
	}
	return -1
}

func (t *Table) readHeader() error {
	t.end = '\n'
	if start, _ := t.lines.Peek(HeadSize); !bytes.Contains(start, []byte("\n")) && bytes.Contains(start, []byte("\r")) {
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
	if len(t.row.cells) > maxColumns {
		return t.refuseLine(1, fmt.Errorf("%w: more than %d columns", ErrHostile, maxColumns), "check what this file is")
	}
	return t.nameColumns()
}

func (t *Table) firstLine() ([]byte, error) {
	for {
		b, err := t.readLine()
		if err == io.EOF {
			return nil, t.refuseLine(0, ErrEmpty, "download it again")
		}
		if err != nil || len(bytes.TrimSpace(b)) > 0 {
			return b, err
		}
	}
}

func (t *Table) nameColumns() error {
	t.index = make(map[string]int, len(t.row.cells))
	for i, c := range t.row.cells {
		spelled := strings.TrimSpace(string(t.row.Cell(i)))
		t.header = append(t.header, spelled)
		name := NormalName(spelled)
		if name == "" {
			continue
		}
		if _, twice := t.index[name]; twice {
			return t.refuseLine(c.column, fmt.Errorf("the column %q stands twice in the header", Shorten(spelled)), "remove one of the two columns")
		}
		t.index[name] = i
	}
	return nil
}

// Next reads the next row that is not blank; io.EOF after the last one. A row that cannot be split
// comes with row.bad set and what could be read of it; every other error ends the file.
func (t *Table) Next() (*Row, error) {
	for {
		b, err := t.readLine()
		if err != nil {
			return nil, err
		}
		if err := t.splitLine(b); err != nil {
			return nil, err
		}
		r := &t.row
		if r.bad == nil && (r.isBlank() || t.repeatsHeader()) {
			continue
		}
		if len(r.cells) > len(t.header) && r.bad == nil {
			r.bad = fmt.Errorf("%d cells, but the header has %d", len(r.cells), len(t.header))
		}
		return r, nil
	}
}

// repeatsHeader knows the second header line of reports that were joined into one file.
func (t *Table) repeatsHeader() bool {
	for i, name := range t.header {
		if string(bytes.TrimSpace(t.row.Cell(i))) != name {
			return false
		}
	}
	return len(t.row.cells) == len(t.header)
}

// readLine reads one line of the file without its line end.
func (t *Table) readLine() ([]byte, error) {
	b, err := t.lines.ReadSlice(t.end)
	switch {
	case err == io.EOF && len(b) == 0:
		return nil, io.EOF
	case errors.Is(err, bufio.ErrBufferFull):
		t.line++
		return nil, t.refuseLine(1, fmt.Errorf("%w: a line of more than %d bytes", ErrHostile, maxRow), "check what this file is")
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
	at := order.Origin{File: t.file}
	if column > 0 {
		at.Line, at.Column = t.line, column
	}
	return &FileError{at, err, hint}
}

// detectDelimiter tells how a header line separates its columns.
func detectDelimiter(header []byte) byte {
	semicolons, commas := bytes.Count(header, []byte(";")), bytes.Count(header, []byte(","))
	switch {
	case bytes.IndexByte(header, '\t') >= 0:
		return '\t'
	case semicolons > commas:
		return ';'
	case commas > 0:
		return ','
	}
	return '\t'
}

// NormalName makes the spellings of one column equal: letter case, blanks around it, and "_" or a
// blank for "-", as spreadsheet programs and people write them.
func NormalName(s string) string {
	s = strings.Trim(s, " \t\r\u00a0\ufeff\"")
	return strings.Map(func(r rune) rune {
		if r == '_' || unicode.IsSpace(r) {
			return '-'
		}
		return unicode.ToLower(r)
	}, s)
}

// ParseHeader are the normal names of the columns that one line names.
func ParseHeader(line []byte) Columns {
	names := Columns{}
	for name := range strings.SplitSeq(string(line), string(detectDelimiter(line))) {
		names[NormalName(name)] = true
	}
	return names
}

// HeadColumns are the columns that the first line of a file names; none where the file is no table.
func HeadColumns(head []byte) Columns {
	if !LooksLikeTable(head) {
		return nil
	}
	return ParseHeader(firstHeadLine(head))
}

// LooksLikeTable is false for the beginnings of JSON and XML, whose first line may be all of the file.
func LooksLikeTable(head []byte) bool {
	return !LooksLikeJSON(head) && !bytes.HasPrefix(bytes.TrimLeft(head, " \t\r\n"), []byte("<"))
}

// Columns is a header seen as a set, to recognise a report by.
type Columns map[string]bool

func (c Columns) Has(names ...string) bool {
	for _, name := range names {
		if !c[name] {
			return false
		}
	}
	return true
}

// firstHeadLine is the first line of a file that is not blank.
func firstHeadLine(head []byte) []byte {
	head = bytes.TrimLeft(head, " \t\r\n")
	if i := bytes.IndexAny(head, "\r\n"); i >= 0 {
		return head[:i]
	}
	return head
}
