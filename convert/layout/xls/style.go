package xls

import "encoding/binary"

// Style is the look of a cell.
type Style struct {
	Font                     Font
	Format                   string // of numbers: "0.00"; empty for Excel's general format
	Fill                     string // colour of the ground: "DCE6F1"; empty for none
	Horizontal               Align
	Vertical                 Align
	Wrap                     bool
	Left, Right, Top, Bottom Line
}

// Font is the look of letters. The zero Font is Arial 10.
type Font struct {
	Name   string
	Size   float64 // in points
	Bold   bool
	Italic bool
	Color  string // "1F2933"; empty for the window's own
}

// Line is a border of a cell: 0 for none, 1 thin, 2 medium, 3 dashed, 4 dotted, 5 thick, 6 double, 7 hair.
type Line struct {
	Kind  uint8
	Color string
}

// Align is where a text stands in its cell. The numbers are the file's.
type Align uint8

// The ways to align.
const (
	General Align = 0
	Left    Align = 1 // horizontally
	Center  Align = 2 // horizontally
	Right   Align = 3 // horizontally
	Top     Align = 0 // vertically
	Middle  Align = 1 // vertically
	Bottom  Align = 2 // vertically
)

// builtIn are the number formats that every program knows by number.
var builtIn = map[string]uint16{
	"": 0, "General": 0, "0": 1, "0.00": 2, "#,##0": 3, "#,##0.00": 4, "0%": 9, "0.00%": 10, "@": 49,
}

// The numbers of fonts and formats of our own begin here. Font 4 does not exist, for old reasons.
const (
	firstFormat = 164
	firstColor  = 8
	autoColor   = 64
	groundColor = 65
	noFontFour  = 4
)

// styles collects what styles are made of.
type styles struct {
	fonts   []Font
	formats []string
	colors  []string
}

func findOrAdd[T comparable](list *[]T, v T) int {
	for i, have := range *list {
		if have == v {
			return i
		}
	}
	*list = append(*list, v)
	return len(*list) - 1
}

func (s *styles) fontNumber(f Font) uint16 {
	if f.Name == "" {
		f.Name = "Arial"
	}
	if f.Size == 0 {
		f.Size = 10
	}
	n := findOrAdd(&s.fonts, f)
	if n >= noFontFour {
		n++
	}
	return uint16(n)
}

func (s *styles) formatNumber(f string) uint16 {
	if n, ok := builtIn[f]; ok {
		return n
	}
	return uint16(firstFormat + findOrAdd(&s.formats, f))
}

// colorNumber is the number of a colour in the palette, which has room for 56; further ones are black.
func (s *styles) colorNumber(rgb string, none uint32) uint32 {
	if len(rgb) != 6 {
		return none
	}
	n := findOrAdd(&s.colors, rgb)
	if n >= len(palette) {
		s.colors = s.colors[:len(palette)]
		return firstColor
	}
	return uint32(firstColor + n)
}

// appendXF appends a cell's style record.
func (s *styles) appendXF(b []byte, st Style) []byte {
	le := binary.LittleEndian
	p := le.AppendUint16(nil, s.fontNumber(st.Font))
	p = le.AppendUint16(p, s.formatNumber(st.Format))
	p = le.AppendUint16(p, 1) // locked; of style 0
	align := byte(st.Horizontal) | byte(st.Vertical)<<4
	if st.Wrap {
		align |= 1 << 3
	}
	p = append(p, align, 0, 0, 0xFC) // not turned, not indented; every property is its own
	lines := uint32(st.Left.Kind) | uint32(st.Right.Kind)<<4 | uint32(st.Top.Kind)<<8 | uint32(st.Bottom.Kind)<<12
	lines |= s.lineColor(st.Left)<<16 | s.lineColor(st.Right)<<23
	p = le.AppendUint32(p, lines)
	pattern, ground := uint32(0), uint32(autoColor)
	if st.Fill != "" {
		pattern, ground = 1, s.colorNumber(st.Fill, autoColor)
	}
	p = le.AppendUint32(p, s.lineColor(st.Top)|s.lineColor(st.Bottom)<<7|pattern<<26)
	p = le.AppendUint16(p, uint16(ground|groundColor<<7))
	return appendRecord(b, 0x00E0, p)
}

func (s *styles) lineColor(l Line) uint32 {
	if l.Kind == 0 {
		return 0
	}
	return s.colorNumber(l.Color, autoColor)
}

func (s *styles) fontRecord(b []byte, f Font) []byte {
	le := binary.LittleEndian
	flags, weight := uint16(0), uint16(400)
	if f.Bold {
		flags, weight = flags|1, 700
	}
	if f.Italic {
		flags |= 2
	}
	p := le.AppendUint16(nil, uint16(f.Size*20+0.5))
	p = le.AppendUint16(p, flags)
	p = le.AppendUint16(p, uint16(s.colorNumber(f.Color, 0x7FFF)))
	p = le.AppendUint16(p, weight)
	p = append(p, 0, 0, 0, 0, 0, 0) // neither raised nor underlined, any family, any script
	return appendRecord(b, 0x0031, appendShort(p, f.Name))
}

// appendRecords appends fonts, formats, styles and the palette, in the order that a file has them. What a
// cell calls style i is then number i + firstXF.
func (s *styles) appendRecords(b []byte, list []Style) []byte {
	var xfs []byte
	s.fontNumber(usualFont(list)) // font 0 is what widths are counted in
	own := binary.LittleEndian.AppendUint16(nil, 0)
	for range firstXF { // the styles that styles are made of; the last is the cell's own
		xfs = appendRecord(xfs, 0x00E0, append(append(own, 0, 0, 0xF5, 0xFF, 0x20, 0, 0, 0xF4), make([]byte, 8)...), []byte{0xC0, 0x20})
	}
	for _, st := range list {
		xfs = s.appendXF(xfs, st)
	}
	for len(s.fonts) < noFontFour { // there must be the first four
		s.fonts = append(s.fonts, s.fonts[0])
	}
	for _, f := range s.fonts {
		b = s.fontRecord(b, f)
	}
	for i, f := range s.formats {
		b = appendRecord(b, 0x041E, appendLong(binary.LittleEndian.AppendUint16(nil, uint16(firstFormat+i)), f))
	}
	b = append(b, xfs...)
	b = appendRecord(b, 0x0293, []byte{0, 0x80, 0, 0xFF}) // style 0 is the built-in "Normal"
	return appendRecord(b, 0x0092, s.paletteOf())
}

// firstXF is the number of the first style that a cell may have: 15 come before that are of styles.
const firstXF = 15

func (s *styles) paletteOf() []byte {
	p := binary.LittleEndian.AppendUint16(nil, uint16(len(palette)))
	for i, rgb := range palette {
		if i < len(s.colors) {
			rgb = parseHex(s.colors[i])
		}
		p = append(p, byte(rgb>>16), byte(rgb>>8), byte(rgb), 0)
	}
	return p
}

func parseHex(rgb string) (v uint32) {
	for _, c := range []byte(rgb) {
		switch {
		case c >= '0' && c <= '9':
			v = v<<4 | uint32(c-'0')
		case c >= 'a' && c <= 'f':
			v = v<<4 | uint32(c-'a'+10)
		case c >= 'A' && c <= 'F':
			v = v<<4 | uint32(c-'A'+10)
		}
	}
	return v
}

// palette are the colours of Excel 97 from number 8 on.
var palette = [56]uint32{
	0x000000, 0xFFFFFF, 0xFF0000, 0x00FF00, 0x0000FF, 0xFFFF00, 0xFF00FF, 0x00FFFF,
	0x800000, 0x008000, 0x000080, 0x808000, 0x800080, 0x008080, 0xC0C0C0, 0x808080,
	0x9999FF, 0x993366, 0xFFFFCC, 0xCCFFFF, 0x660066, 0xFF8080, 0x0066CC, 0xCCCCFF,
	0x000080, 0xFF00FF, 0xFFFF00, 0x00FFFF, 0x800080, 0x800000, 0x008080, 0x0000FF,
	0x00CCFF, 0xCCFFFF, 0xCCFFCC, 0xFFFF99, 0x99CCFF, 0xFF99CC, 0xCC99FF, 0xFFCC99,
	0x3366FF, 0x33CCCC, 0x99CC00, 0xFFCC00, 0xFF9900, 0xFF6600, 0x666699, 0x969696,
	0x003366, 0x339966, 0x003300, 0x333300, 0x993300, 0x993366, 0x333399, 0x333333,
}

// usualFont is the font of cells without a style of their own.
func usualFont(list []Style) Font {
	if len(list) == 0 {
		return Font{}
	}
	return list[0].Font
}
