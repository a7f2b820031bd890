package layout

// LimitRows is Compile's layout with smaller sheets than Excel's.
func LimitRows(l *Layout, rows int) *Layout {
	for _, p := range l.parts {
		if b, ok := p.writer.(*book); ok {
			b.limit = rows
		}
	}
	return l
}

var Deflate = deflate
