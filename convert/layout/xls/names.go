package xls

import "encoding/binary"

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
