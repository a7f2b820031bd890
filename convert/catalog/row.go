package catalog

import "strings"

// form is how a catalog file is written: its delimiter and its columns, by their canonical names where
// they have one.
type form struct {
	comma   rune
	headers []string
}

// Row writes a line for a catalog file, ready to paste: with the delimiter and the columns that the
// file has, or those of a new file where there is none. Cells are by canonical header; what the file
// has no column for is left out.
func (s *Snapshot) Row(file string, cells map[string]string) string {
	f, ok := s.forms[file]
	if !ok {
		f.comma = ';'
		for _, c := range columnsOf(file).Columns {
			f.headers = append(f.headers, c.Name)
		}
	}
	line := make([]string, len(f.headers))
	for i, name := range f.headers {
		line[i] = quoteCell(cells[name], f.comma)
	}
	return strings.Join(line, string(f.comma))
}

// quoteCell puts a cell into quotation marks where it needs them.
func quoteCell(cell string, comma rune) string {
	if !strings.ContainsAny(cell, string(comma)+"\"\r\n") {
		return cell
	}
	return `"` + strings.ReplaceAll(cell, `"`, `""`) + `"`
}
