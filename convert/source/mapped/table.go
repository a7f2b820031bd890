package mapped

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"

	"obmen/convert/order"
	"obmen/convert/source"
	"obmen/convert/source/input"
)

// tableRules say how a table is to be read.
type tableRules struct {
	delimiter byte   // 0: found by the header line
	contains  string // a column that the header line has
	within    int    // lines in which the header is looked for
	end       string // a row that has this ends the table
	group     []*path
	inherit   bool // the order's own fields come from any of its rows, the first that states them
	once      []*path
	summary   *expression       // rows that are no lines
	aliases   map[string]string // a column's name in other languages → its name in the mapping
}

var tableKeys = []string{"delimiter", "header", "end", "group", "inherit", "once", "summary_row", "aliases"}

func (c *compiler) tableRules(t *tomlValue) {
	r := &c.m.table
	r.within = 1
	if t = c.section(t, "table", tableKeys); t == nil {
		return
	}
	if c.m.Kind != CSV {
		c.mistake(t.at, `write kind = "csv", or leave [table] out`, "[table] is for tables")
		return
	}
	if e := t.get("delimiter"); e != nil {
		if s := c.text(e, "table.delimiter"); len(s) == 1 {
			r.delimiter = s[0]
		} else {
			c.mistake(e.at, `write ",", ";" or "\t", or leave it out`, "table.delimiter is not one character")
		}
	}
	if h := c.section(t.get("header"), "table.header", []string{"contains", "within"}); h != nil {
		r.contains, r.within = c.text(h.get("contains"), "table.header.contains"), c.count(h.get("within"), "table.header.within", 1)
	}
	r.end = c.text(t.get("end"), "table.end")
	for _, p := range c.texts(t.get("group"), "table.group") {
		r.group = append(r.group, c.pathOf(p.text, p.at))
	}
	if e := t.get("inherit"); e != nil {
		if r.inherit = c.text(e, "table.inherit") == "first-row"; !r.inherit {
			c.mistake(e.at, `write inherit = "first-row", or leave it out`, "table.inherit %q is none", e.text)
		}
	}
	for _, p := range c.texts(t.get("once"), "table.once") {
		r.once = append(r.once, c.pathOf(p.text, p.at))
	}
	if s := c.section(t.get("summary_row"), "table.summary_row", []string{"when"}); s != nil && s.get("when") != nil {
		when := s.get("when")
		r.summary = c.compile(c.text(when, "table.summary_row.when"), when.at, scopeRow, wantFlag)
	}
	if a := t.get("aliases"); a != nil && a.kind == tomlTable {
		r.aliases = map[string]string{}
		for _, name := range a.keys {
			r.aliases[normalColumn(name)] = c.text(a.get(name), "table.aliases."+name)
		}
	}
}

// normalColumn makes the spellings of one column equal: letter case and blanks.
func normalColumn(s string) string {
	return strings.ToLower(strings.Join(strings.Fields(strings.Trim(s, "\ufeff")), " "))
}

// table reads the rows of one file.
type table struct {
	m      *Mapping
	file   string
	window *window
	tail   *tailReader
	rows   *csv.Reader
	header []string
	paths  []*path // by column; nil where the mapping does not name it
	group  []int   // columns of the order's number
	passed int     // physical lines before those that rows counts
}

// tailReader remembers the last byte that was read.
type tailReader struct {
	io.Reader
	last byte
}

func (t *tailReader) Read(p []byte) (int, error) {
	n, err := t.Reader.Read(p)
	if n > 0 {
		t.last = p[n-1]
	}
	return n, err
}

// openTable reads up to the header line. The caller closes the file.
func (m *Mapping) openTable(ctx context.Context, file string, text io.Reader) (*table, error) {
	t := &table{m: m, file: file, window: &window{ctx: ctx, from: text, most: 2 * maxRow}}
	t.tail = &tailReader{Reader: t.window}
	buffered := bufio.NewReaderSize(t.tail, source.HeadSize)
	head, _ := buffered.Peek(source.HeadSize)
	if len(bytes.TrimSpace(head)) == 0 {
		if t.window.err != nil || ctx.Err() != nil {
			return nil, t.fileError(io.ErrUnexpectedEOF)
		}
		return nil, &source.FileError{At: order.Origin{File: file}, Err: source.ErrEmpty, Advice: "download it again"}
	}
	skip, delimiter := m.headerAt(head)
	for range skip {
		line, err := buffered.ReadSlice('\n')
		if err != nil || len(line) == 0 {
			break
		}
		t.passed++
	}
	t.rows = csv.NewReader(buffered)
	t.rows.Comma, t.rows.FieldsPerRecord, t.rows.ReuseRecord = rune(delimiter), -1, true
	cells, err := t.rows.Read()
	if err != nil {
		return nil, t.fileError(err)
	}
	return t, t.columns(cells)
}

// headerAt finds the header line: how many lines stand before it, and what separates its columns.
func (m *Mapping) headerAt(head []byte) (skip int, delimiter byte) {
	lines := bytes.SplitAfterN(head, []byte("\n"), m.table.within+50)
	within := 0
	for i, line := range lines {
		blank := len(bytes.Trim(line, ",;\t \r\n\"\ufeff")) == 0
		if within++; within > max(m.table.within, 1) && !blank {
			break
		}
		delimiter := m.table.delimiter
		if delimiter == 0 {
			delimiter = separator(line)
		}
		if !blank && (m.table.contains == "" || m.hasColumn(line, delimiter)) {
			return i, delimiter
		}
	}
	if m.table.delimiter != 0 {
		return 0, m.table.delimiter
	}
	return 0, separator(lines[0])
}

func (m *Mapping) hasColumn(line []byte, delimiter byte) bool {
	for name := range strings.SplitSeq(string(line), string(delimiter)) {
		if m.column(strings.Trim(name, "\" \r\n")) == normalColumn(m.table.contains) {
			return true
		}
	}
	return false
}

// column is the normal name of a column of the file as the mapping spells it.
func (m *Mapping) column(name string) string {
	normal := normalColumn(name)
	if known, ok := m.table.aliases[normal]; ok {
		return normalColumn(known)
	}
	return normal
}

func separator(line []byte) byte {
	best, most := byte(','), 0
	for _, c := range []byte{',', ';', '\t'} {
		if n := bytes.Count(line, []byte{c}); n > most {
			best, most = c, n
		}
	}
	return best
}

// columns learns which columns the mapping names.
func (t *table) columns(cells []string) error {
	if len(cells) > maxCells {
		return &source.FileError{At: order.Origin{File: t.file}, Err: fmt.Errorf("%w: more than %d columns", source.ErrHostile, maxCells), Advice: hostileHint}
	}
	named := map[string]*path{}
	for _, p := range t.m.paths {
		named[normalColumn(p.text)] = p
	}
	seen := map[*path]bool{}
	for i, name := range cells {
		t.header = append(t.header, strings.Clone(name))
		p := named[t.m.column(name)]
		if p != nil && seen[p] {
			return &source.FileError{
				At:  order.Origin{File: t.file, Line: 1 + t.passed},
				Err: fmt.Errorf("the column %q stands twice in the header", input.Shorten(name)), Advice: "remove one of the two columns",
			}
		}
		seen[p] = p != nil
		t.paths = append(t.paths, p)
		for _, g := range t.m.table.group {
			if p == g {
				t.group = append(t.group, i)
			}
		}
	}
	if len(t.m.table.group) > 0 && len(t.group) == 0 {
		return &source.FileError{
			At:  order.Origin{File: t.file, Line: 1 + t.passed},
			Err: fmt.Errorf("the column %q is missing", t.m.table.group[0].text), Advice: "use the file as it was downloaded, with all its columns",
		}
	}
	return nil
}

// next reads the next row that states anything; io.EOF after the last one.
func (t *table) next() ([]string, error) {
	for {
		t.window.mark = t.window.read
		cells, err := t.rows.Read()
		if err == io.EOF && t.window.err == nil {
			return nil, io.EOF
		}
		if err != nil {
			return nil, t.fileError(err)
		}
		if t.m.table.end != "" && containsCell(cells, t.m.table.end) {
			return nil, io.EOF
		}
		if !blankRow(cells) && !t.repeatsHeader(cells) {
			return cells, nil
		}
	}
}

func containsCell(cells []string, text string) bool {
	for _, c := range cells {
		if strings.Contains(c, text) {
			return true
		}
	}
	return false
}

func blankRow(cells []string) bool {
	for _, c := range cells {
		if strings.TrimSpace(c) != "" {
			return false
		}
	}
	return true
}

// repeatsHeader knows the second header line of files that were joined into one.
func (t *table) repeatsHeader(cells []string) bool {
	if len(cells) != len(t.header) || cells[0] != t.header[0] {
		return false
	}
	for i := range cells {
		if cells[i] != t.header[i] {
			return false
		}
	}
	return true
}

// number is the order's number in a row: the first of its columns that states one.
func (t *table) number(cells []string) string {
	for _, i := range t.group {
		if i < len(cells) {
			if s := strings.TrimSpace(cells[i]); s != "" {
				return s
			}
		}
	}
	return ""
}

// place is where a cell of the row read last stands.
func (t *table) place(cell int) (line, column int32) {
	l, c := t.rows.FieldPos(cell)
	return int32(l + t.passed), int32(c)
}

// cut reports whether the file ends in the row read last.
func (t *table) cut(cells []string) bool {
	return t.tail.last != '\n' && t.tail.last != '\r' && len(cells) < len(t.header)
}

func (t *table) fileError(err error) error {
	at := order.Origin{File: t.file}
	var bad *csv.ParseError
	switch {
	case errors.Is(err, source.ErrHostile):
		return &source.FileError{At: at, Err: fmt.Errorf("%w: a row of more than %d MiB", source.ErrHostile, maxRow>>20), Advice: "look for a quote that is never closed"}
	case t.window.ctx.Err() != nil:
		return &source.FileError{At: at, Err: context.Cause(t.window.ctx), Advice: "run it again"}
	case t.window.err != nil:
		return &source.FileError{At: at, Err: fmt.Errorf("read: %w", t.window.err), Advice: "check the disk or share the file is on"}
	case errors.As(err, &bad):
		at.Line, at.Column = bad.StartLine+t.passed, bad.Column
		if bad.Line > bad.StartLine && errors.Is(bad.Err, csv.ErrQuote) && t.rows.InputOffset() >= t.window.read-int64(t.passed) {
			return &source.FileError{At: at, Err: fmt.Errorf("the file %w of a quoted cell", source.ErrTruncated), Advice: "save or download the file again"}
		}
		return &source.FileError{At: at, Err: bad.Err, Advice: "save the file again as CSV, with quotes around texts that have quotes"}
	}
	return &source.FileError{At: at, Err: err, Advice: "download it again"}
}
