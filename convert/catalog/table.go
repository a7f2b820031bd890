package catalog

import (
	"encoding/binary"
	"strings"
)

// rowTable keeps the cells of rows packed in a few large texts, each cell behind its length: a row costs
// its bytes, one or two more for each cell, and no pointer for the garbage collector to follow.
type rowTable struct {
	blocks []string // that are full
	open   []byte   // the last one
	starts []uint32 // of each row: block and place in it
	lines  []uint32 // physical line of each row, for messages while loading
}

// blockSize is the most that is packed into one text, unless a row is larger. The rows of the largest
// file are addressed with 32 bits.
const blockSize = 1 << 20

// reserve makes room for a number of rows.
func (t *rowTable) reserve(rows int) {
	t.starts, t.lines = make([]uint32, 0, rows), make([]uint32, 0, rows)
}

// add puts a row behind the others.
func (t *rowTable) add(line int, cells ...string) (row uint32) {
	size := 0
	for _, c := range cells {
		size += len(c) + binary.MaxVarintLen64
	}
	if len(t.open)+size > blockSize {
		t.beginBlock()
	}
	row = uint32(len(t.starts))
	t.starts = append(t.starts, uint32(len(t.blocks)*blockSize+len(t.open)))
	t.lines = append(t.lines, uint32(line))
	for _, c := range cells {
		t.open = binary.AppendUvarint(t.open, uint64(len(c)))
		t.open = append(t.open, c...)
	}
	return row
}

// beginBlock begins a block.
func (t *rowTable) beginBlock() {
	if len(t.open) > 0 {
		t.blocks = append(t.blocks, string(t.open))
		t.open = t.open[:0]
	}
}

// appendTable puts the rows of another table behind these. Both have no block open.
func (t *rowTable) appendTable(other *rowTable) {
	first := uint32(len(t.blocks) * blockSize)
	t.blocks = append(t.blocks, other.blocks...)
	for _, start := range other.starts {
		t.starts = append(t.starts, first+start)
	}
	t.lines = append(t.lines, other.lines...)
}

// indexUnique makes an index of a property that only one row may have. The other rows that have it are
// reported and given, for blank.
func (t *rowTable) indexUnique(s *csvFile, x *index, column string, value func(row uint32) string) (problems report, others []uint32) {
	x.fillRows(t.len(), func(first, row uint32) bool {
		problems.add(s.doubledKey(column, value(row), t.line(row), t.line(first), "keep one of the two lines"))
		others = append(others, row)
		return true
	})
	return problems, others
}

// blankRows empties the cells of rows, for every index that is made later. Nobody may read the table
// meanwhile.
func (t *rowTable) blankRows(rows []uint32) {
	if len(rows) == 0 {
		return
	}
	t.beginBlock()
	for _, row := range rows {
		t.starts[row] = uint32(len(t.blocks) * blockSize)
	}
	t.blocks = append(t.blocks, blankRow)
}

// blankRow has as many cells without text as any row has at most.
const blankRow = "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"

// cell is the i-th cell of a row. It shares the table's memory.
func (t *rowTable) cell(row uint32, i int) string {
	text := t.rowText(row)
	for ; ; i-- {
		n, width := textLength(text)
		if i == 0 {
			return text[width : width+n]
		}
		text = text[width+n:]
	}
}

// fillCells fills out with the first cells of a row.
func (t *rowTable) fillCells(row uint32, out []string) {
	text := t.rowText(row)
	for i := range out {
		n, width := textLength(text)
		out[i], text = text[width:width+n], text[width+n:]
	}
}

// textLength reads the length in front of a cell.
func textLength(s string) (n, width int) {
	for shift := 0; ; shift += 7 {
		c := s[width]
		width++
		n |= int(c&0x7f) << shift
		if c < 0x80 {
			return n, width
		}
	}
}

func (t *rowTable) len() int { return len(t.starts) }

func (t *rowTable) line(row uint32) int { return int(t.lines[row]) }

// trimMemory returns back what only loading needed.
func (t *rowTable) trimMemory() {
	t.beginBlock()
	t.open, t.lines = nil, nil
}

// rowText begins with a row. Of the block that is open it is a copy.
func (t *rowTable) rowText(row uint32) string {
	block, at := t.starts[row]/blockSize, t.starts[row]%blockSize
	if int(block) < len(t.blocks) {
		return t.blocks[block][at:]
	}
	end := uint32(len(t.open))
	if next := row + 1; int(next) < len(t.starts) {
		end = t.starts[next] % blockSize
	}
	return string(t.open[at:end])
}

// pool numbers values that repeat on many rows.
type pool[T comparable] struct {
	numbers map[T]uint32
	values  []T
	latest  uint32
}

// numbersOf returns the number of each value of another pool.
func (p *pool[T]) numbersOf(other *pool[T]) []uint32 {
	list := make([]uint32, len(other.values))
	for i, v := range other.values {
		list[i] = p.numberOf(v)
	}
	return list
}

func (p *pool[T]) numberOf(v T) uint32 {
	if int(p.latest) < len(p.values) && p.values[p.latest] == v {
		return p.latest
	}
	if n, ok := p.numbers[v]; ok {
		p.latest = n
		return n
	}
	if p.numbers == nil {
		p.numbers = make(map[T]uint32)
	}
	if text, ok := any(v).(string); ok {
		v = any(strings.Clone(text)).(T) // the row it stands in is not kept
	}
	n := uint32(len(p.values))
	p.numbers[v] = n
	p.values = append(p.values, v)
	p.latest = n
	return n
}
