package catalog

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"obmen/convert/money"
)

// ProductUpdate is 1C's word on a product. An empty text leaves what products.csv has.
type ProductUpdate struct {
	ID             string // GUID
	Characteristic string // GUID
	SKU            string
	Code           string
	Name           string
	Unit           string
	VAT            string
	Barcode        string
	Kind           string
	// Offer: the name is that of a characteristic, if there is one; an article that is not in the file
	// makes no line of its own for a product without characteristic.
	Offer   bool
	Deleted bool // marked for deletion in 1C: it makes no new line
}

// LeftOut is an update that is not in the merged file.
type LeftOut struct {
	Name string // of the product
	Text string
	Hint string
}

// mostLeftOut bounds the updates that a Merge names; it counts all.
const mostLeftOut = 20

// Merge is what became of updates.
type Merge struct {
	Added, Changed, Same int
	Left                 int // updates that are not in the file
	LeftOut              []LeftOut
	Gone                 int // lines with an id that a full list does not have; they stay
	Unwritten            int // characters that the file's encoding lacks, written as "?"
}

func (m *Merge) leave(u *ProductUpdate, text, hint string) {
	if m.Left++; len(m.LeftOut) < mostLeftOut {
		m.LeftOut = append(m.LeftOut, LeftOut{u.Name, text, hint})
	}
}

// MergeProducts returns a products.csv with updates in it. Columns of others, encoding, delimiter, line
// ends and the order of lines and columns stay; lines without a change stay byte for byte. No line is ever
// removed. A line is found by id and characteristic, else by its article where it has no id yet. With full
// the updates are all products that 1C has, so that a line's id which is not among them is out of date
// and returns way to the new one of its article. An old file that cannot be read is an error; an empty one
// becomes a new file. What comes out never has two lines of one article.
func MergeProducts(old []byte, updates []ProductUpdate, full bool) ([]byte, Merge, error) {
	m, err := openMerge(string(old))
	if err != nil {
		return nil, Merge{}, err
	}
	m.full = full
	m.listed = make(map[string]bool, len(updates))
	for i := range updates {
		m.listed[strings.ToLower(updates[i].ID)] = true
	}
	for i := range updates {
		m.update(&updates[i])
	}
	m.countGone()
	text, err := m.text()
	if err != nil {
		return nil, Merge{}, err
	}
	out, unwritten := m.encoding.encode(text)
	m.result.Unwritten = unwritten
	return out, m.result, nil
}

// merger is a products.csv that is being changed. All columns of FileColumns have a place in at.
type merger struct {
	encoding fileEncoding
	before   string // Excel's line "sep=;"
	comma    rune
	crlf     bool
	header   mergeRow
	at       map[string]int
	missing  int // columns that were added
	rows     []*mergeRow
	byID     map[string]*mergeRow
	bySKU    map[string]*mergeRow

	full   bool
	listed map[string]bool // ids of the updates
	result Merge
}

// mergeRow is a line, or several in quotation marks.
type mergeRow struct {
	raw     string // as it stood, with its line end; empty for a new one
	cells   []string
	changed bool
}

func openMerge(old string) (*merger, error) {
	m := &merger{at: map[string]int{}, byID: map[string]*mergeRow{}, bySKU: map[string]*mergeRow{}}
	f := columnsOf(ProductsFile)
	if strings.TrimSpace(strings.TrimPrefix(old, markUTF8)) == "" {
		old = markUTF8 + f.Header() + "\r\n"
	}
	text, err := decodeText(old)
	if err != nil {
		return nil, err
	}
	m.encoding = encodingOf(old)
	rest, comma := (&csvFile{FileColumns: f}).cutDelimiter(text)
	m.before, m.comma = strings.TrimSuffix(text, rest), comma
	m.crlf = strings.Contains(rest, "\r\n")
	if err := m.read(rest); err != nil {
		return nil, fmt.Errorf("%s: %w", ProductsFile, err)
	}
	return m, m.columns(f)
}

// read splits the text into rows whose raw texts, one behind the other, are the text.
func (m *merger) read(text string) error {
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.FieldsPerRecord = m.comma, -1
	for at := int64(0); ; {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		row := &mergeRow{raw: text[at:r.InputOffset()], cells: cells}
		at = r.InputOffset()
		if m.header.cells == nil {
			m.header = *row
		} else {
			m.rows = append(m.rows, row)
		}
	}
	return nil
}

// columns finds the known columns, adds those that are missing, and indexes the lines.
func (m *merger) columns(f FileColumns) error {
	known, russian := f.byHeader(), false
	for i, h := range m.header.cells {
		name, ok := known[headerKey(h)]
		if !ok {
			continue
		}
		if _, twice := m.at[name]; twice {
			return fmt.Errorf("%s: the column %s stands there twice", ProductsFile, quoteValue(name))
		}
		m.at[name] = i
		russian = russian || trimInvisible(h) != name
	}
	if len(m.at) == 0 {
		return fmt.Errorf("%s: the first line does not name the columns: %s", ProductsFile, f.Header())
	}
	for _, c := range f.Columns {
		if _, there := m.at[c.Name]; there || c.Name == "group" || c.Name == "vat_fixed" {
			continue
		}
		name := c.Name
		if russian {
			name = c.Russian[0]
		}
		m.at[c.Name] = len(m.header.cells)
		m.header.cells = append(m.header.cells, name)
		m.missing++
	}
	for _, row := range m.rows {
		m.index(row)
	}
	return nil
}

func (m *merger) cell(row *mergeRow, column string) string {
	if at := m.at[column]; at < len(row.cells) {
		return trimInvisible(row.cells[at])
	}
	return ""
}

// set changes a cell, unless the new value is empty or means the same.
func (m *merger) set(row *mergeRow, column, value string) {
	if value = trimInvisible(value); value == "" || value == m.cell(row, column) {
		return
	}
	at := m.at[column]
	for len(row.cells) <= at {
		row.cells = append(row.cells, "")
	}
	row.cells[at], row.changed = value, true
}

// index makes a line known by its id and its article; the first of several counts.
func (m *merger) index(row *mergeRow) {
	if id := m.key(row); id != "" && m.byID[id] == nil {
		m.byID[id] = row
	}
	if sku := Normal(m.cell(row, "sku")); sku != "" && m.bySKU[sku] == nil {
		m.bySKU[sku] = row
	}
}

func (m *merger) key(row *mergeRow) string {
	return productKey(m.cell(row, "id"), m.cell(row, "characteristic"))
}

// productKey is empty without an id of 1C.
func productKey(id, characteristic string) string {
	if _, ok := parseGUID(id); !ok || id == nobody {
		return ""
	}
	if _, ok := parseGUID(characteristic); !ok && characteristic != "" {
		return ""
	}
	return strings.ToLower(id + "#" + characteristic)
}

// update brings one update into the file.
func (m *merger) update(u *ProductUpdate) {
	if u.Characteristic == nobody {
		u.Characteristic = ""
	}
	if productKey(u.ID, "") == "" {
		u.ID = "" // of a system that is no 1C: matched by article alone
	}
	if u.Characteristic != "" && productKey(u.ID, u.Characteristic) == "" {
		m.result.leave(u, "its characteristic has no id of 1C", "send products from 1C itself")
		return
	}
	row, ok := m.find(u)
	switch {
	case !ok:
		return
	case row == nil:
		m.add(u)
		return
	}
	before := row.changed
	row.changed = false
	m.fill(row, u)
	if row.changed {
		m.result.Changed++
	} else {
		m.result.Same++
	}
	row.changed = row.changed || before
}

// find returns the line of an update, nil when there is none yet. It is not ok, and said so, when the
// update fits no line and cannot have one.
func (m *merger) find(u *ProductUpdate) (*mergeRow, bool) {
	if row := m.byID[productKey(u.ID, u.Characteristic)]; row != nil {
		return row, true
	}
	row := m.bySKU[Normal(u.SKU)]
	switch {
	case u.SKU == "":
		if !u.Offer || u.Characteristic != "" {
			m.result.leave(u, "1C has no article for it", "give it an article in 1C: orders are matched by it")
		}
		return nil, false
	case row == nil:
		return nil, !u.Deleted && (!u.Offer || u.Characteristic != "")
	case u.ID == "" || m.cell(row, "id") == "" || m.full && !m.listed[strings.ToLower(m.cell(row, "id"))]:
		return row, true
	case u.Deleted || u.Offer && u.Characteristic == "":
		return nil, false
	}
	m.result.leave(u, "its article "+quoteValue(u.SKU)+" is that of another product or characteristic", "give each of them an article of its own in 1C")
	return nil, false
}

func (m *merger) add(u *ProductUpdate) {
	if u.Name == "" {
		m.result.leave(u, "it has no name", "give it a name in 1C")
		return
	}
	row := &mergeRow{cells: make([]string, len(m.header.cells)), changed: true}
	m.fill(row, u)
	m.rows = append(m.rows, row)
	m.result.Added++
}

// fill takes the update's values over into a line.
func (m *merger) fill(row *mergeRow, u *ProductUpdate) {
	m.set(row, "id", strings.ToLower(u.ID))
	m.set(row, "characteristic", strings.ToLower(u.Characteristic))
	if other := m.bySKU[Normal(u.SKU)]; other == nil || other == row {
		delete(m.bySKU, Normal(m.cell(row, "sku")))
		if Normal(u.SKU) != Normal(m.cell(row, "sku")) {
			m.set(row, "sku", u.SKU)
		}
	} else {
		m.result.leave(u, "its new article "+quoteValue(u.SKU)+" stands on another line", "give each product an article of its own in 1C")
	}
	if !u.Offer || u.Characteristic != "" || m.cell(row, "name") == "" {
		m.set(row, "name", u.Name)
	}
	for column, value := range map[string]string{"code": u.Code, "unit": u.Unit, "barcode": u.Barcode} {
		m.set(row, column, value)
	}
	if rate, err := money.ParseVATRate(u.VAT); u.VAT != "" && err == nil {
		if was, err := money.ParseVATRate(m.cell(row, "vat")); err != nil || was != rate {
			m.set(row, "vat", u.VAT)
		}
	}
	if kind := kinds[headerKey(u.Kind)]; kind != "" && kind != kindOf(m.cell(row, "kind")) {
		m.set(row, "kind", u.Kind)
	}
	m.index(row)
}

// kindOf is goods for an empty cell.
func kindOf(cell string) string {
	if cell == "" {
		return "goods"
	}
	return kinds[headerKey(cell)]
}

// countGone counts the lines whose product 1C does not have any more.
func (m *merger) countGone() {
	if !m.full {
		return
	}
	for _, row := range m.rows {
		if id := m.cell(row, "id"); id != "" && !m.listed[strings.ToLower(id)] {
			m.result.Gone++
		}
	}
}

// text is the whole file; lines that nothing changed are as they were.
func (m *merger) text() (string, error) {
	var b bytes.Buffer
	b.WriteString(m.before)
	w := csv.NewWriter(&b)
	w.Comma, w.UseCRLF = m.comma, m.crlf
	for _, row := range slices.Concat([]*mergeRow{&m.header}, m.rows) {
		if !row.changed && m.missing == 0 {
			m.endLine(&b)
			b.WriteString(row.raw)
			continue
		}
		m.endLine(&b)
		for len(row.cells) < len(m.header.cells) {
			row.cells = append(row.cells, "")
		}
		if err := w.Write(row.cells); err != nil {
			return "", err
		}
		w.Flush()
	}
	return b.String(), w.Error()
}

// endLine ends a last line that had no end.
func (m *merger) endLine(b *bytes.Buffer) {
	if text := b.Bytes(); len(text) == 0 || text[len(text)-1] == '\n' {
		return
	}
	if m.crlf {
		b.WriteByte('\r')
	}
	b.WriteByte('\n')
}
