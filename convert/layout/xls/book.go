// Package xls writes workbooks of Excel 97: BIFF8 records in a compound file, as old 1C and programs
// that load through COM or ADO read them. It writes what a table needs and no more: texts, numbers, the
// looks of cells, widths, a frozen header, the page. It knows neither formulas nor charts.
//
// The rows are asked for twice, first to learn the length of everything that the file's head has to
// name, then to write them. So a file of any length streams; only its different texts are kept, once.
//
// Sources: Microsoft's [MS-XLS] and [MS-CFB].
package xls

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
)

// What a sheet holds at most.
const (
	MaxRows    = 1 << 16
	MaxColumns = 256
)

// Book is a workbook.
type Book struct {
	Styles []Style // what cells name by index; the first is that of empty ground
	Sheets []Sheet
}

// Sheet is a sheet of a book.
type Sheet struct {
	Name    string
	Widths  []float64 // of the columns, in characters
	Heights []float64 // of the first rows, in points; 0 for the usual one. The last stands for all others
	Rows    int
	Page    Page

	FrozenRows, FrozenColumns int

	Filter    Span // the columns that have a filter's button; none without a filter
	FilterRow int  // where the buttons stand, from 0: all rows below it are filtered

	TitleRows, TitleColumns Span // printed on every page

	// Fill puts the cells of all rows, top to bottom, left to right. It is called twice and does the
	// same both times.
	Fill func(*Rows) error

	drawing uint16 // the number of the drawing with the filter's buttons
}

// Page is how a sheet is printed.
type Page struct {
	Paper      uint16 // 9 is A4, 8 is A3
	Landscape  bool
	Wide, High uint16 // fit to so many pages; 0 for any number. Both 0: not fitted
}

// Write writes the book. The same book gives the same bytes.
func (b *Book) Write(w io.Writer) error {
	b.numberDrawings()
	shared := &texts{index: map[string]uint32{}}
	sizes := make([]int, len(b.Sheets))
	for i := range b.Sheets {
		counted := &counter{}
		if err := b.Sheets[i].write(counted, shared, i == 0); err != nil {
			return err
		}
		sizes[i] = counted.n
	}
	globals := b.globalRecords(shared, sizes)
	file := layOut(len(globals) + sumOf(sizes))
	if file.stream > math.MaxInt32 {
		return fmt.Errorf("a workbook of Excel 97 holds 2 GB, not %d bytes", file.stream)
	}
	if err := file.writeStart(w, "Workbook"); err != nil {
		return err
	}
	if _, err := w.Write(globals); err != nil {
		return err
	}
	again := &texts{index: shared.index}
	for i := range b.Sheets {
		counted := &counter{w: w}
		if err := b.Sheets[i].write(counted, again, i == 0); err != nil {
			return err
		}
		if counted.n != sizes[i] {
			return fmt.Errorf("sheet %q was filled with other cells the second time", b.Sheets[i].Name)
		}
	}
	return file.writeEnd(w, len(globals)+sumOf(sizes))
}

func sumOf(list []int) (n int) {
	for _, v := range list {
		n += v
	}
	return n
}

// counter counts what is written, and passes it on if there is where to.
type counter struct {
	w io.Writer
	n int
}

func (c *counter) Write(p []byte) (int, error) {
	c.n += len(p)
	if c.w == nil {
		return len(p), nil
	}
	return c.w.Write(p)
}

// wordBytes are the little-endian bytes of numbers.
func wordBytes(list ...uint16) []byte {
	b := make([]byte, 0, 2*len(list))
	for _, v := range list {
		b = binary.LittleEndian.AppendUint16(b, v)
	}
	return b
}

// appendBegin is the record at the head of the globals (5) and of a sheet (16).
func appendBegin(b []byte, kind uint16) []byte {
	return appendRecord(b, 0x0809, wordBytes(0x0600, kind, 0x0DBB, 0x07CC, 0x0041, 0, 0x0006, 0))
}

func appendEnd(b []byte) []byte { return appendRecord(b, 0x000A) }

// globalRecords are the records before the sheets. They name where each sheet begins, and so their own
// length.
func (b *Book) globalRecords(shared *texts, sizes []int) []byte {
	var st styles
	out := appendBegin(nil, 0x0005)
	out = appendRecord(out, 0x0042, wordBytes(1200)) // texts are Unicode
	out = appendRecord(out, 0x003D, wordBytes(0, 0, 25000, 14000, 0x38, 0, 0, 1, 600))
	out = appendRecord(out, 0x0022, wordBytes(0)) // days are counted from 1900
	out = st.appendRecords(out, b.Styles)
	var places []int
	for _, sheet := range b.Sheets {
		places = append(places, len(out)+4)
		out = appendRecord(out, 0x0085, wordBytes(0, 0, 0), appendShort(nil, sheet.Name))
	}
	out = b.appendNames(out)
	out = b.appendDrawings(out)
	out = shared.appendTable(out)
	out = appendEnd(out)
	at := len(out)
	for i, place := range places {
		binary.LittleEndian.PutUint32(out[place:], uint32(at))
		at += sizes[i]
	}
	return out
}

// Span is some rows or columns that follow one another, the first counted from 0. None: there are none.
type Span struct {
	First, Count int
}

// Names that every program knows by number.
const (
	printTitles    = 0x07
	filterDatabase = 0x0D
)

// What formulas are made of.
const (
	areaToken  = 0x3B // cells of a sheet of this book
	unionToken = 0x10 // the two before it, together
	valueToken = 0x29 // what follows is cells and has so many bytes
)

// appendNames appends what sheets have by name: the cells under their filters, and the rows and columns
// that are printed on every page. Formulas speak of sheets by their number in a list that comes first.
func (b *Book) appendNames(out []byte) []byte {
	var list []byte // in the order of the names
	for i := range b.Sheets {
		list = b.Sheets[i].filterName(list, uint16(i))
	}
	for i := range b.Sheets {
		list = b.Sheets[i].titlesName(list, uint16(i))
	}
	if len(list) == 0 {
		return out
	}
	n := uint16(len(b.Sheets))
	out = appendRecord(out, 0x01AE, wordBytes(n, 0x0401)) // the sheets are of this book
	sheets := wordBytes(n)
	for i := range n {
		sheets = append(sheets, wordBytes(0, i, i)...)
	}
	out = appendRecord(out, 0x0017, sheets)
	return append(out, list...)
}

func (s *Sheet) filterName(out []byte, sheet uint16) []byte {
	if s.Filter.Count == 0 {
		return out
	}
	filtered := areaFormula(sheet, Span{s.FilterRow, s.Rows - s.FilterRow}, s.Filter)
	return appendName(out, filterDatabase, 0x0021, sheet, filtered) // built in, and hidden
}

func (s *Sheet) titlesName(out []byte, sheet uint16) []byte {
	rows := areaFormula(sheet, s.TitleRows, Span{0, MaxColumns})
	columns := areaFormula(sheet, Span{0, MaxRows}, s.TitleColumns)
	switch {
	case s.TitleRows.Count > 0 && s.TitleColumns.Count > 0:
		both := append(append(columns, rows...), unionToken)
		formula := binary.LittleEndian.AppendUint16([]byte{valueToken}, uint16(len(both)))
		out = appendName(out, printTitles, 0x0020, sheet, append(formula, both...))
	case s.TitleRows.Count > 0:
		out = appendName(out, printTitles, 0x0020, sheet, rows)
	case s.TitleColumns.Count > 0:
		out = appendName(out, printTitles, 0x0020, sheet, columns)
	}
	return out
}

// appendName appends a built-in name of one sheet.
func appendName(out []byte, which byte, flags, sheet uint16, formula []byte) []byte {
	head := append(wordBytes(flags), 0, 1) // no key, one letter
	head = append(head, wordBytes(uint16(len(formula)), 0, sheet+1, 0, 0)...)
	return appendRecord(out, 0x0018, head, []byte{0, which}, formula)
}

// areaFormula is a formula: cells of a sheet, wherever it is read.
func areaFormula(sheet uint16, rows, columns Span) []byte {
	last := func(s Span) uint16 { return uint16(s.First + s.Count - 1) }
	return append([]byte{areaToken}, wordBytes(sheet, uint16(rows.First), last(rows), uint16(columns.First), last(columns))...)
}
