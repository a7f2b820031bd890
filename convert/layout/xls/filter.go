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

// appendDrawing appends a drawing record; low is its version and instance.
func appendDrawing(b []byte, low, kind uint16, parts ...[]byte) []byte {
	n := 0
	for _, p := range parts {
		n += len(p)
	}
	b = append(b, wordBytes(low, kind)...)
	b = binary.LittleEndian.AppendUint32(b, uint32(n))
	for _, p := range parts {
		b = append(b, p...)
	}
	return b
}

// longBytes are the little-endian bytes of numbers.
func longBytes(list ...uint32) []byte {
	b := make([]byte, 0, 4*len(list))
	for _, v := range list {
		b = binary.LittleEndian.AppendUint32(b, v)
	}
	return b
}

// shapeOptions are options of a shape: a number and a value each.
func shapeOptions(b []byte, list ...[2]uint32) []byte {
	for _, s := range list {
		b = binary.LittleEndian.AppendUint32(append(b, wordBytes(uint16(s[0]))...), s[1])
	}
	return b
}

// shapeCount is how many shapes the sheet's drawing has: the buttons and the group they are in.
func (s *Sheet) shapeCount() uint32 {
	if s.Filter.Count == 0 {
		return 0
	}
	return uint32(s.Filter.Count) + 1
}

// numberDrawings returns each sheet with a filter its drawing, from 1.
func (b *Book) numberDrawings() {
	n := uint16(0)
	for i := range b.Sheets {
		if b.Sheets[i].shapeCount() > 0 {
			n++
			b.Sheets[i].drawing = n
		}
	}
}

// appendDrawings appends what all drawings have in common: how many shapes there are.
func (b *Book) appendDrawings(out []byte) []byte {
	var most, shapes, count uint32
	var each []byte
	for i := range b.Sheets {
		if n := b.Sheets[i].shapeCount(); n > 0 {
			count++
			shapes += n
			most = count*spidsEach + n
			each = append(each, longBytes(count, n)...)
		}
	}
	if count == 0 {
		return out
	}
	all := appendDrawing(nil, 0, allDrawings, longBytes(most, count+1, shapes, count), each)
	usual := shapeOptions(nil, [2]uint32{0x00BF, 0x00080008}, [2]uint32{0x0181, 0x08000009}, [2]uint32{0x01C0, 0x08000040})
	all = appendDrawing(all, 0x0033, options, usual)
	all = appendDrawing(all, 0x0040, colors, longBytes(0x0800000D, 0x0800000C, 0x08000017, 0x100000F7))
	return appendRecord(out, 0x00EB, appendDrawing(nil, 0x000F, groupOfDrawings, all))
}

// appendButtons appends the drawing of the sheet: a shape and an object for each column of the filter. The
// containers around all shapes stand in the first record and count what comes in the others.
func (s *Sheet) appendButtons(out []byte) []byte {
	if s.shapeCount() == 0 {
		return out
	}
	first := uint32(s.drawing) * spidsEach
	group := appendDrawing(nil, 1, groupHead, make([]byte, 16))
	group = appendDrawing(group, 2, shapeHead, longBytes(first, 0x0005))
	group = appendDrawing(nil, 0x000F, shape, group)
	for i := range s.Filter.Count {
		button := s.buttonShape(first+uint32(i)+1, s.Filter.First+i)
		if i == 0 {
			rest := make([]byte, (s.Filter.Count-1)*len(button))
			group = appendDrawing(nil, 0x000F, groupOfShapes, group, button, rest)
			head := appendDrawing(nil, s.drawing<<4, drawingHead, longBytes(s.shapeCount(), first+s.shapeCount()-1))
			button = appendDrawing(nil, 0x000F, drawing, head, group)
			button = button[:len(button)-len(rest)]
		}
		out = appendRecord(out, 0x00EC, button)
		out = appendRecord(out, 0x005D, dropDown(uint16(i+1)))
	}
	return out
}

// buttonShape is the shape of a drop-down box over the filter's cell in a column.
func (s *Sheet) buttonShape(spid uint32, column int) []byte {
	row, at := uint16(s.FilterRow), uint16(column)
	b := appendDrawing(nil, 0x0C92, shapeHead, longBytes(spid, 0x0A00)) // 0x0C9 is a box of the host program
	b = appendDrawing(b, 0x0053, options, shapeOptions(
		nil, [2]uint32{0x007F, 0x01040104}, [2]uint32{0x00BF, 0x00080008}, [2]uint32{0x01BF, 0x00010000},
		[2]uint32{0x01FF, 0x00080000}, [2]uint32{0x03BF, 0x000A0000},
	))
	b = appendDrawing(b, 0, anchor, wordBytes(1, at, 0, row, 0, at+1, 0, row+1, 0)) // moves with its cell
	return appendDrawing(nil, 0x000F, shape, appendDrawing(b, 0, clientData))
}

// dropDown is the object behind the shape: a list that is made when it is opened.
func dropDown(id uint16) []byte {
	b := wordBytes(0x15, 18, 0x14, id, 0x2101, 0, 0, 0, 0, 0, 0)                // a drop-down box, not printed
	b = append(b, wordBytes(0x0C, 20, 0, 0, 0, 0, 100, 1, 10, 0, 16, 1)...)     // its scroll bar
	b = append(b, wordBytes(0x13, 0x1FEE, 0, 0, 1, 0x0301, 0, 2, 8, 0x0057)...) // its list; the length is a mark
	return append(b, wordBytes(0, 0)...)
}
