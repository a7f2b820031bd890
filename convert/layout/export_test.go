package layout

import "obmen/convert/layout/sheet"

// LimitRows is Compile's layout with smaller sheets than Excel's.
func LimitRows(l *Layout, rows int) *Layout {
	for _, p := range l.parts {
		if b, ok := p.writer.(*sheet.XLSX); ok {
			b.Limit = rows
		}
	}
	return l
}

var Deflate = sheet.Deflate
