package catalog

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// productKey finds a line. Without an id of 1C a product has none.
type productKey struct{ id, characteristic guid }

// mergeFile is a products.csv that is being changed. All columns of FileColumns have a place in at.
type mergeFile struct {
	encoding fileEncoding
	before   string // Excel's line "sep=;"
	comma    rune
	crlf     bool
	fresh    bool // there was no file
	header   []string
	title    string // the header as it stood, with its line end
	at       map[string]int
	missing  int // columns that were added

	rows  []mergeRow
	byID  map[productKey]int32 // indexes of rows; the first of several counts
	bySKU map[string]int32     // likewise, by Normal
	line  lineParser

	unwritten int // characters that became "?"
}

// mergeRow is a line, or several in quotation marks.
type mergeRow struct {
	text           string // with its line end; the last of the file may have none
	changed        bool   // the text has a cell for every column
	characteristic bool
}

// openRow is a line that is looked at or changed.
type openRow struct {
	at      int // index in rows, or newRow
	cells   []string
	changed bool
	key     productKey // before it was changed; zero without one
	sku     string
}

// newRow is the place of a line that is not in the file yet.
const newRow = -1

// mostRows keeps the indexes of rows within their type.
const mostRows = 1 << 30

func openMergeFile(old string) (*mergeFile, error) {
	f := &mergeFile{at: map[string]int{}, byID: map[productKey]int32{}, bySKU: map[string]int32{}}
	columns := columnsOf(ProductsFile)
	if f.fresh = strings.TrimSpace(strings.TrimPrefix(old, markUTF8)) == ""; f.fresh {
		old = markUTF8 + columns.Header() + "\r\n"
	}
	text, err := decodeText(old)
	if err != nil {
		return nil, err
	}
	f.encoding = encodingOf(old)
	rest, comma := (&csvFile{FileColumns: columns}).cutDelimiter(text)
	f.before, f.comma = strings.TrimSuffix(text, rest), comma
	f.crlf = strings.Contains(rest, "\r\n")
	f.line.prepare(comma, f.crlf)
	if err := f.read(rest, columns); err != nil {
		return nil, err
	}
	return f, nil
}

var errNoColumns = fmt.Errorf("%s: the first line does not name the columns: %s", ProductsFile, columnsOf(ProductsFile).Header())

// read splits the text into rows whose texts, one behind the other, are the text.
func (f *mergeFile) read(text string, columns FileColumns) error {
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.FieldsPerRecord, r.ReuseRecord = f.comma, -1, true
	for at := int64(0); ; {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("%s: %w", ProductsFile, err)
		}
		raw := text[at:r.InputOffset()]
		at = r.InputOffset()
		if f.header == nil {
			f.title = raw
			if err := f.columns(slices.Clone(cells), columns); err != nil {
				return err
			}
			continue
		}
		if len(f.rows) == mostRows {
			return errTooManyRows
		}
		row := f.openRow(len(f.rows), cells)
		f.rows = append(f.rows, mergeRow{text: raw, characteristic: row.key.characteristic != guid{}})
		f.index(row, row.key)
	}
	if f.header == nil {
		return errNoColumns
	}
	return nil
}

var errTooManyRows = fmt.Errorf("%s: more than %d lines", ProductsFile, mostRows)

// columns finds the known columns, and adds those that are missing.
func (f *mergeFile) columns(header []string, columns FileColumns) error {
	known, russian := columns.byHeader(), false
	f.header = header
	for i, h := range header {
		name, ok := known[headerKey(h)]
		if !ok {
			continue
		}
		if _, twice := f.at[name]; twice {
			return fmt.Errorf("%s: the column %s stands there twice", ProductsFile, quoteValue(name))
		}
		f.at[name] = i
		russian = russian || trimInvisible(h) != name
	}
	if len(f.at) == 0 {
		return errNoColumns
	}
	for _, c := range columns.Columns {
		if _, there := f.at[c.Name]; there || c.Name == "group" || c.Name == "vat_fixed" {
			continue
		}
		name := c.Name
		if russian {
			name = c.Russian[0]
		}
		f.at[c.Name] = len(f.header)
		f.header = append(f.header, name)
		f.missing++
	}
	return nil
}

// open returns a line with its cells, which are good until the line is saved; of newRow an empty one.
func (f *mergeFile) open(at int) (*openRow, error) {
	if at == newRow {
		return &openRow{at: newRow, cells: make([]string, len(f.header))}, nil
	}
	cells, err := f.line.parse(f.rows[at].text)
	return f.openRow(at, cells), err
}

func (f *mergeFile) openRow(at int, cells []string) *openRow {
	row := &openRow{at: at, cells: cells}
	row.key, _ = productKeyOf(f.cell(row, "id"), f.cell(row, "characteristic"))
	row.sku = Normal(f.cell(row, "sku"))
	return row
}

func productKeyOf(id, characteristic string) (key productKey, ok bool) {
	if key.id, ok = parseGUID(id); !ok || key.id == (guid{}) {
		return productKey{}, false
	}
	if characteristic != "" {
		if key.characteristic, ok = parseGUID(characteristic); !ok {
			return productKey{}, false
		}
	}
	return key, true
}

func (f *mergeFile) cell(row *openRow, column string) string {
	if at := f.at[column]; at < len(row.cells) {
		return trimInvisible(row.cells[at])
	}
	return ""
}

// set changes a cell, unless the new value is empty or means the same. What the file's encoding lacks
// becomes "?", as it stood there after the last time.
func (f *mergeFile) set(row *openRow, column, value string) {
	value, lost := f.encoding.storable(trimInvisible(value))
	if value == "" || value == f.cell(row, column) {
		return
	}
	at := f.at[column]
	for len(row.cells) <= at {
		row.cells = append(row.cells, "")
	}
	row.cells[at], row.changed = value, true
	f.unwritten += lost
}

// save brings a changed line into the file.
func (f *mergeFile) save(row *openRow) error {
	if !row.changed {
		return nil
	}
	text, err := f.line.format(f.padded(row.cells))
	if err != nil {
		return err
	}
	key, _ := productKeyOf(f.cell(row, "id"), f.cell(row, "characteristic"))
	saved := mergeRow{text: text, changed: true, characteristic: key.characteristic != guid{}}
	if row.at == newRow {
		if len(f.rows) == mostRows {
			return errTooManyRows
		}
		row.at = len(f.rows)
		f.rows = append(f.rows, saved)
	} else {
		f.rows[row.at] = saved
		f.forget(row)
	}
	row.sku = Normal(f.cell(row, "sku"))
	f.index(row, key)
	return nil
}

func (f *mergeFile) padded(cells []string) []string {
	for len(cells) < len(f.header) {
		cells = append(cells, "")
	}
	return cells
}

// index makes a line known by its id and its article.
func (f *mergeFile) index(row *openRow, key productKey) {
	if _, taken := f.byID[key]; key != (productKey{}) && !taken {
		f.byID[key] = int32(row.at)
	}
	if _, taken := f.bySKU[row.sku]; row.sku != "" && !taken {
		f.bySKU[strings.Clone(row.sku)] = int32(row.at) // a part of it would keep the whole line in memory
	}
}

// forget undoes index for what a line was before it was changed.
func (f *mergeFile) forget(row *openRow) {
	if at, known := f.byID[row.key]; known && int(at) == row.at {
		delete(f.byID, row.key)
	}
	if at, known := f.bySKU[row.sku]; known && int(at) == row.at {
		delete(f.bySKU, row.sku)
	}
}

// writeTo writes the file; lines that nothing changed are as they were.
func (f *mergeFile) writeTo(to io.Writer) (int64, error) {
	w := f.encoding.writer(to)
	w.write(f.before)
	title := f.title
	if f.missing > 0 {
		title, w.err = f.line.format(f.header)
	}
	w.write(title)
	last := title
	for i := range f.rows {
		text := f.rows[i].text
		if f.missing > 0 && !f.rows[i].changed {
			var err error
			if text, err = f.widenLine(text); err != nil {
				return w.written, err
			}
		}
		if !strings.HasSuffix(last, "\n") {
			w.write(f.line.end)
		}
		w.write(text)
		last = text
	}
	return w.flush()
}

// widenLine is a line with a cell for every column.
func (f *mergeFile) widenLine(text string) (string, error) {
	cells, err := f.line.parse(text)
	if err != nil {
		return "", err
	}
	return f.line.format(f.padded(cells))
}

// lineParser reads and writes single lines, with the same buffers for all of them.
type lineParser struct {
	source strings.Reader
	buffer *bufio.Reader
	reader *csv.Reader
	out    strings.Builder
	writer *csv.Writer
	end    string
}

func (p *lineParser) prepare(comma rune, crlf bool) {
	p.buffer = bufio.NewReader(&p.source) // csv takes it as its own, so that it can be reset
	p.reader = csv.NewReader(p.buffer)
	p.reader.Comma, p.reader.FieldsPerRecord = comma, -1
	p.writer = csv.NewWriter(&p.out)
	p.writer.Comma, p.writer.UseCRLF = comma, crlf
	p.end = "\n"
	if crlf {
		p.end = "\r\n"
	}
}

// parse returns the cells of a line.
func (p *lineParser) parse(text string) ([]string, error) {
	p.source.Reset(text)
	p.buffer.Reset(&p.source)
	return p.reader.Read()
}

// format returns a line with its end.
func (p *lineParser) format(cells []string) (string, error) {
	p.out.Reset()
	err := p.writer.Write(cells)
	p.writer.Flush()
	return p.out.String(), errors.Join(err, p.writer.Error())
}
