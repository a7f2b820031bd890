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

// table reads a report with a header line row by row. Amazon's own files separate cells by tabs and
// know no quote character: a title may begin with one. Files re-saved by a spreadsheet program
// separate by comma or semicolon and quote (facts, amazon 3). The delimiter of the header line tells
// which it is.
type table struct {
	file   string
	src    io.Closer
	lines  *bufio.Reader
	end    byte // last byte of a line end: LF, or CR in a file without LF
	delim  byte
	line   int  // physical lines read
	ended  bool // the line read last had a line end
	header []string
	index  map[string]int // column by normal name
	row    row
}

// row is one row of a table; it is good until the next is read. Lines are physical, 1-based; columns
// are 1-based and count the bytes of the line as UTF-8.
type row struct {
	line  int
	text  []byte // the cells lie in it, unquoted
	cells []span
	bad   error // why the row cannot be split into the header's columns
	cut   bool  // the file ends in the row, without a line end
}

// span is one cell: its place in the row's text and in the file.
type span struct{ from, to, line, column int }

func (r *row) cell(i int) []byte {
	if i < 0 || i >= len(r.cells) {
		return nil
	}
	return r.text[r.cells[i].from:r.cells[i].to]
}

func (r *row) blank() bool {
	for i := range r.cells {
		if len(bytes.TrimSpace(r.cell(i))) > 0 {
			return false
		}
	}
	return true
}

// openTable opens a report and reads its header. The caller closes it.
func openTable(in Input, cs charset) (*table, error) {
	src, err := cs.open(in)
	if err != nil {
		return nil, unreadable(in, err)
	}
	t := &table{file: in.Name, src: src, lines: bufio.NewReaderSize(src, maxRow)}
	if err := t.readHeader(); err != nil {
		src.Close()
		return nil, err
	}
	return t, nil
}

func (t *table) close() { t.src.Close() }

// column finds a column by its normal name; -1 when the report has none.
func (t *table) column(name string) int {
	if i, ok := t.index[name]; ok {
		return i
	}
	return -1
}

func (t *table) readHeader() error {
	t.end = '\n'
	if start, _ := t.lines.Peek(HeadSize); !bytes.Contains(start, []byte("\n")) && bytes.Contains(start, []byte("\r")) {
		t.end = '\r'
	}
	b, err := t.firstLine()
	if err != nil {
		return err
	}
	t.delim = delimiter(b)
	if err := t.split(b); err != nil {
		return err
	}
	if len(t.row.cells) > maxColumns {
		return t.refuse(1, fmt.Errorf("%w: more than %d columns", ErrHostile, maxColumns), "check what this file is")
	}
	return t.nameColumns()
}

func (t *table) firstLine() ([]byte, error) {
	for {
		b, err := t.physical()
		if err == io.EOF {
			return nil, t.refuse(0, ErrEmpty, "download it again")
		}
		if err != nil || len(bytes.TrimSpace(b)) > 0 {
			return b, err
		}
	}
}

func (t *table) nameColumns() error {
	t.index = make(map[string]int, len(t.row.cells))
	for i, c := range t.row.cells {
		spelled := strings.TrimSpace(string(t.row.cell(i)))
		t.header = append(t.header, spelled)
		name := normalName(spelled)
		if name == "" {
			continue
		}
		if _, twice := t.index[name]; twice {
			return t.refuse(c.column, fmt.Errorf("the column %q stands twice in the header", short(spelled)), "remove one of the two columns")
		}
		t.index[name] = i
	}
	return nil
}

// next reads the next row that is not blank; io.EOF after the last one. A row that cannot be split
// comes with row.bad set and what could be read of it; every other error ends the file.
func (t *table) next() (*row, error) {
	for {
		b, err := t.physical()
		if err != nil {
			return nil, err
		}
		if err := t.split(b); err != nil {
			return nil, err
		}
		r := &t.row
		if r.bad == nil && (r.blank() || t.repeatsHeader()) {
			continue
		}
		if len(r.cells) > len(t.header) && r.bad == nil {
			r.bad = fmt.Errorf("%d cells, but the header has %d", len(r.cells), len(t.header))
		}
		return r, nil
	}
}

// repeatsHeader knows the second header line of reports that were joined into one file.
func (t *table) repeatsHeader() bool {
	for i, name := range t.header {
		if string(bytes.TrimSpace(t.row.cell(i))) != name {
			return false
		}
	}
	return len(t.row.cells) == len(t.header)
}

// physical reads one line of the file without its line end.
func (t *table) physical() ([]byte, error) {
	b, err := t.lines.ReadSlice(t.end)
	switch {
	case err == io.EOF && len(b) == 0:
		return nil, io.EOF
	case errors.Is(err, bufio.ErrBufferFull):
		t.line++
		return nil, t.refuse(1, fmt.Errorf("%w: a line of more than %d bytes", ErrHostile, maxRow), "check what this file is")
	case err != nil && err != io.EOF:
		return nil, t.refuse(0, err, "check the disk or share the file is on")
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

// refuse ends the file at its current line; column 0 names the file alone.
func (t *table) refuse(column int, err error, hint string) error {
	at := order.Origin{File: t.file}
	if column > 0 {
		at.Line, at.Column = t.line, column
	}
	return &FileError{at, err, hint}
}

// delimiter tells how a header line separates its columns.
func delimiter(header []byte) byte {
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

// normalName makes the spellings of one column equal: letter case, blanks around it, and "_" or a
// blank for "-", as spreadsheet programs and people write them.
func normalName(s string) string {
	s = strings.Trim(s, " \t\r\u00a0\ufeff\"")
	return strings.Map(func(r rune) rune {
		if r == '_' || unicode.IsSpace(r) {
			return '-'
		}
		return unicode.ToLower(r)
	}, s)
}

// headerNames are the normal names of the columns that one line names.
func headerNames(line []byte) columnNames {
	names := columnNames{}
	for name := range strings.SplitSeq(string(line), string(delimiter(line))) {
		names[normalName(name)] = true
	}
	return names
}

// headNames are the columns that the first line of a file names; none where the file is no table.
func headNames(head []byte) columnNames {
	if !tabular(head) {
		return nil
	}
	return headerNames(headLine(head))
}

// tabular is false for the beginnings of JSON and XML, whose first line may be all of the file.
func tabular(head []byte) bool {
	return !jsonLike(head) && !bytes.HasPrefix(bytes.TrimLeft(head, " \t\r\n"), []byte("<"))
}

// columnNames is a header seen as a set, to recognise a report by.
type columnNames map[string]bool

func (c columnNames) has(names ...string) bool {
	for _, name := range names {
		if !c[name] {
			return false
		}
	}
	return true
}

// headLine is the first line of a file that is not blank.
func headLine(head []byte) []byte {
	head = bytes.TrimLeft(head, " \t\r\n")
	if i := bytes.IndexAny(head, "\r\n"); i >= 0 {
		return head[:i]
	}
	return head
}
