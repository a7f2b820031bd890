package catalog

import (
	"encoding/binary"
	"strings"
)

// table keeps the cells of rows packed in one text, each behind its length: a row costs its bytes,
// one or two more for each cell, and no pointer for the garbage collector to follow.
type table struct {
	packed strings.Builder // while loading
	frozen string          // afterwards
	starts []uint32
	lines  []uint32 // physical line of each row, for messages while loading
}

// reserve makes room for a file of that many bytes and lines.
func (t *table) reserve(size, lines int) {
	t.packed.Grow(size)
	t.starts = make([]uint32, 0, lines)
	t.lines = make([]uint32, 0, lines)
}

func (t *table) add(line int, cells ...string) (row uint32) {
	var length [binary.MaxVarintLen64]byte
	row = uint32(len(t.starts))
	t.starts = append(t.starts, uint32(t.packed.Len()))
	t.lines = append(t.lines, uint32(line))
	for _, c := range cells {
		t.packed.Write(length[:binary.PutUvarint(length[:], uint64(len(c)))])
		t.packed.WriteString(c)
	}
	return row
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
	t.frozen = t.packed.String()
	if t.packed.Cap() > len(t.frozen)+len(t.frozen)/8 {
		t.frozen = strings.Clone(t.frozen)
	}
	t.packed.Reset()
}

func (t *table) text(row uint32) string {
	if t.frozen != "" {
		return t.frozen[t.starts[row]:]
	}
	return t.packed.String()[t.starts[row]:]
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
	n := uint32(len(p.values))
	p.numbers[v] = n
	p.values = append(p.values, v)
	return n
}
