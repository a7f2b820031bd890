package catalog

import (
	"encoding/binary"
	"strings"
)

// table keeps the cells of rows packed in a few large texts, each cell behind its length: a row costs
// its bytes, one or two more for each cell, and no pointer for the garbage collector to follow.
type table struct {
	blocks []string        // that are full
	open   strings.Builder // the last one
	starts []uint32        // of each row: block and place in it
	lines  []uint32        // physical line of each row, for messages while loading
}

// blockSize is how much is packed into one text. Growing never copies more than that, and the rows of
// the largest file are addressed with 32 bits.
const blockSize = 1 << 20

// reserve makes room for that many lines.
func (t *table) reserve(lines int) {
	t.starts = make([]uint32, 0, lines)
	t.lines = make([]uint32, 0, lines)
}

func (t *table) add(line int, cells ...string) (row uint32) {
	size := 0
	for _, c := range cells {
		size += len(c) + binary.MaxVarintLen64
	}
	if t.open.Len()+size > blockSize || t.open.Cap() == 0 {
		t.turn(size)
	}
	var length [binary.MaxVarintLen64]byte
	row = uint32(len(t.starts))
	t.starts = append(t.starts, uint32(len(t.blocks)*blockSize+t.open.Len()))
	t.lines = append(t.lines, uint32(line))
	for _, c := range cells {
		t.open.Write(length[:binary.PutUvarint(length[:], uint64(len(c)))])
		t.open.WriteString(c)
	}
	return row
}

// turn begins a block; a row that is larger than a block gets one of its own size.
func (t *table) turn(row int) {
	if t.open.Len() > 0 {
		t.blocks = append(t.blocks, t.open.String())
	}
	t.open = strings.Builder{}
	t.open.Grow(max(blockSize, row))
}

// cell is the i-th cell of a row. It shares the table's memory.
func (t *table) cell(row uint32, i int) string {
	text := t.text(row)
	for ; ; i-- {
		n, width := textLength(text)
		if i == 0 {
			return text[width : width+n]
		}
		text = text[width+n:]
	}
}

// cells fills out with the first cells of a row.
func (t *table) cells(row uint32, out []string) {
	text := t.text(row)
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

func (t *table) len() int { return len(t.starts) }

func (t *table) line(row uint32) int { return int(t.lines[row]) }

// finish gives back what only loading needed.
func (t *table) finish() {
	t.lines = nil
	t.blocks = append(t.blocks, strings.Clone(t.open.String()))
	t.open = strings.Builder{}
}

func (t *table) text(row uint32) string {
	block, at := t.starts[row]/blockSize, t.starts[row]%blockSize
	if int(block) < len(t.blocks) {
		return t.blocks[block][at:]
	}
	return t.open.String()[at:]
}

// pool numbers values that repeat on many rows.
type pool[T comparable] struct {
	numbers map[T]uint32
	values  []T
}

func (p *pool[T]) number(v T) uint32 {
	if n, ok := p.numbers[v]; ok {
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
	return n
}
