package xls

import "encoding/binary"

// The buttons of a filter are drop-down boxes, and so shapes of a drawing, which Excel keeps in records
// within records. Their fixed bytes are those that Excel writes.

// Kinds of drawing records. The first are containers.
const (
	groupOfDrawings = 0xF000
	drawing         = 0xF002
	groupOfShapes   = 0xF003
	shape           = 0xF004
	allDrawings     = 0xF006
	drawingHead     = 0xF008
	groupHead       = 0xF009
	shapeHead       = 0xF00A
	options         = 0xF00B
	anchor          = 0xF010
	clientData      = 0xF011
	colors          = 0xF11E
)

// spidsEach is how many numbers of shapes belong together; every drawing begins with new ones.
const spidsEach = 1024

// drawn appends a drawing record; low is its version and instance.
func drawn(b []byte, low, kind uint16, parts ...[]byte) []byte {
	n := 0
	for _, p := range parts {
		n += len(p)
	}
	b = append(b, words(low, kind)...)
	b = binary.LittleEndian.AppendUint32(b, uint32(n))
	for _, p := range parts {
		b = append(b, p...)
	}
	return b
}

// longs are the little-endian bytes of numbers.
func longs(list ...uint32) []byte {
	b := make([]byte, 0, 4*len(list))
	for _, v := range list {
		b = binary.LittleEndian.AppendUint32(b, v)
	}
	return b
}

// settings are options of a shape: a number and a value each.
func settings(b []byte, list ...[2]uint32) []byte {
	for _, s := range list {
		b = binary.LittleEndian.AppendUint32(append(b, words(uint16(s[0]))...), s[1])
	}
	return b
}

// shapes is how many shapes the sheet's drawing has: the buttons and the group they are in.
func (s *Sheet) shapes() uint32 {
	if s.Filter.Count == 0 {
		return 0
	}
	return uint32(s.Filter.Count) + 1
}

// numberDrawings gives each sheet with a filter its drawing, from 1.
func (b *Book) numberDrawings() {
	n := uint16(0)
	for i := range b.Sheets {
		if b.Sheets[i].shapes() > 0 {
			n++
			b.Sheets[i].drawing = n
		}
	}
}

// drawings appends what all drawings have in common: how many shapes there are.
func (b *Book) drawings(out []byte) []byte {
	var most, shapes, count uint32
	var each []byte
	for i := range b.Sheets {
		if n := b.Sheets[i].shapes(); n > 0 {
			count++
			shapes += n
			most = count*spidsEach + n
			each = append(each, longs(count, n)...)
		}
	}
	if count == 0 {
		return out
	}
	all := drawn(nil, 0, allDrawings, longs(most, count+1, shapes, count), each)
	usual := settings(nil, [2]uint32{0x00BF, 0x00080008}, [2]uint32{0x0181, 0x08000009}, [2]uint32{0x01C0, 0x08000040})
	all = drawn(all, 0x0033, options, usual)
	all = drawn(all, 0x0040, colors, longs(0x0800000D, 0x0800000C, 0x08000017, 0x100000F7))
	return record(out, 0x00EB, drawn(nil, 0x000F, groupOfDrawings, all))
}

// buttons appends the drawing of the sheet: a shape and an object for each column of the filter. The
// containers around all shapes stand in the first record and count what comes in the others.
func (s *Sheet) buttons(out []byte) []byte {
	if s.shapes() == 0 {
		return out
	}
	first := uint32(s.drawing) * spidsEach
	group := drawn(nil, 1, groupHead, make([]byte, 16))
	group = drawn(group, 2, shapeHead, longs(first, 0x0005))
	group = drawn(nil, 0x000F, shape, group)
	for i := range s.Filter.Count {
		button := s.button(first+uint32(i)+1, s.Filter.First+i)
		if i == 0 {
			rest := make([]byte, (s.Filter.Count-1)*len(button))
			group = drawn(nil, 0x000F, groupOfShapes, group, button, rest)
			head := drawn(nil, s.drawing<<4, drawingHead, longs(s.shapes(), first+s.shapes()-1))
			button = drawn(nil, 0x000F, drawing, head, group)
			button = button[:len(button)-len(rest)]
		}
		out = record(out, 0x00EC, button)
		out = record(out, 0x005D, dropDown(uint16(i+1)))
	}
	return out
}

// button is the shape of a drop-down box over the filter's cell in a column.
func (s *Sheet) button(spid uint32, column int) []byte {
	row, at := uint16(s.FilterRow), uint16(column)
	b := drawn(nil, 0x0C92, shapeHead, longs(spid, 0x0A00)) // 0x0C9 is a box of the host program
	b = drawn(b, 0x0053, options, settings(
		nil, [2]uint32{0x007F, 0x01040104}, [2]uint32{0x00BF, 0x00080008}, [2]uint32{0x01BF, 0x00010000},
		[2]uint32{0x01FF, 0x00080000}, [2]uint32{0x03BF, 0x000A0000},
	))
	b = drawn(b, 0, anchor, words(1, at, 0, row, 0, at+1, 0, row+1, 0)) // moves with its cell
	return drawn(nil, 0x000F, shape, drawn(b, 0, clientData))
}

// dropDown is the object behind the shape: a list that is made when it is opened.
func dropDown(id uint16) []byte {
	b := words(0x15, 18, 0x14, id, 0x2101, 0, 0, 0, 0, 0, 0)                // a drop-down box, not printed
	b = append(b, words(0x0C, 20, 0, 0, 0, 0, 100, 1, 10, 0, 16, 1)...)     // its scroll bar
	b = append(b, words(0x13, 0x1FEE, 0, 0, 1, 0x0301, 0, 2, 8, 0x0057)...) // its list; the length is a mark
	return append(b, words(0, 0)...)
}
