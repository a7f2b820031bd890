package catalog

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// File is a catalog file as it is written: its encoding, delimiter, line ends and columns.
type File struct {
	Name    string   // one of the constants
	Headers []string // the columns, by their canonical names where they have one
	Rows    []FileRow

	comma   rune
	newline string
	charset encoding.Encoding // nil for UTF-8
	open    bool              // the last line has no end
}

// FileRow is a line behind the header.
type FileRow struct {
	Line  int // physical, 1-based
	Cells []string
}

// EditError refuses a change of a catalog file.
type EditError struct {
	File, Text, Advice string
}

func (e *EditError) Error() string { return e.File + ": " + e.Text }

// Hint returns the next step, one line.
func (e *EditError) Hint() string { return e.Advice }

// newFileForm is how a file is written that is not there yet: as Excel with Russian settings reads it.
func newFileForm(name string) *File {
	f := &File{Name: name, comma: ';', newline: "\r\n"}
	for _, c := range columnsOf(name).Columns {
		f.Headers = append(f.Headers, c.Name)
	}
	return f
}

// ReadFile reads how a catalog file is written, and its rows as they stand there; no bytes are a file that is not
// there yet. Rows are not judged: Load does that. The error is a Problem or an *EditError.
func ReadFile(name string, data []byte) (*File, error) {
	if !isCatalog(name) {
		return nil, &EditError{name, "not a catalog file", "the catalogs are " + catalogNames()}
	}
	if len(data) == 0 {
		return newFileForm(name), nil
	}
	text, err := decodeText(string(data))
	if err != nil {
		return nil, notText(name, err)
	}
	var problems, notes report
	s, ok := openCSV(columnsOf(name), pieces{newPiece(text)}, rowOf(name), &problems, &notes)
	if !ok {
		return nil, problems.list[0]
	}
	f := &File{Name: name, Headers: s.headers, comma: s.comma, newline: "\n", charset: charsetOf(data), open: !strings.HasSuffix(text, "\n")}
	if strings.Contains(text, "\r\n") {
		f.newline = "\r\n"
	}
	return f, f.readRows(s)
}

// readRows keeps the rows as they stand in the file.
func (f *File) readRows(s *csvFile) error {
	r := s.csvReader(s.rest.reader())
	r.ReuseRecord = false
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			var at *csv.ParseError
			line := s.first
			if errors.As(err, &at) {
				line += at.Line - 1
			}
			return Problem{File: f.Name, Line: line, Text: "not CSV", Advice: "close the quotation mark, or double it inside a cell"}
		}
		line, _ := r.FieldPos(0)
		f.Rows = append(f.Rows, FileRow{s.first + line - 1, s.unfoldLine(cells)})
	}
}

func rowOf(name string) record {
	switch name {
	case ProductsFile:
		return new(productRow)
	case SKUsFile:
		return new(skuRow)
	case CustomersFile:
		return new(customerRow)
	case BuyersFile:
		return new(buyerRow)
	case VATFile:
		return new(vatRow)
	}
	return new(rateRow)
}

// charsetOf is the encoding of a file that decodeText reads; nil for UTF-8.
func charsetOf(data []byte) encoding.Encoding {
	head := string(data[:min(len(data), 4)])
	switch {
	case strings.HasPrefix(head, markUTF16LE):
		return unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	case strings.HasPrefix(head, markUTF16BE):
		return unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	case strings.ToValidUTF8(string(data), "") == string(data):
		return nil
	}
	return charmap.Windows1251
}

// Cell returns a cell of a row by its canonical column; empty where the file has none.
func (f *File) Cell(r FileRow, column string) string {
	i := slices.Index(f.Headers, column)
	if i < 0 || i >= len(r.Cells) {
		return ""
	}
	return trimInvisible(r.Cells[i])
}

// Line writes a line with the delimiter and the columns of the file. The error is an *EditError: a cell that the
// file has no column for, or that is no text of one line.
func (f *File) Line(cells map[string]string) (string, error) {
	line := make([]string, len(f.Headers))
	for column, cell := range cells {
		i := slices.Index(f.Headers, column)
		switch {
		case cell == "":
			continue
		case i < 0 && f.isUsual(column, cell):
			continue
		case i < 0:
			return "", &EditError{f.Name, fmt.Sprintf("it has no column %s for %q", column, cell), "add the column to its first line"}
		case strings.ContainsAny(cell, "\r\n\x00"):
			return "", &EditError{f.Name, fmt.Sprintf("%s: %q is not one line", column, cell), "write it without line breaks"}
		}
		line[i] = quoteCell(cell, f.comma)
	}
	return strings.Join(line, string(f.comma)), nil
}

// isUsual reports whether a cell says what an empty one means, so that no column is needed for it.
func (f *File) isUsual(column, cell string) bool {
	return f.Name == SKUsFile && column == "quantity" && cell == "1"
}

// Append returns the file with further lines at its end. All that was there stays byte for byte.
func (f *File) Append(data []byte, lines []string) ([]byte, error) {
	var text strings.Builder
	if len(data) == 0 {
		text.WriteString(markUTF8 + strings.Join(f.Headers, string(f.comma)) + f.newline)
	} else if f.open {
		text.WriteString(f.newline)
	}
	for _, line := range lines {
		text.WriteString(line + f.newline)
	}
	added := []byte(text.String())
	if f.charset != nil {
		var err error
		if added, err = f.charset.NewEncoder().Bytes(added); err != nil {
			return nil, &EditError{f.Name, "its encoding cannot hold the line: " + strings.Join(lines, " "), "save the file as CSV UTF-8 in Excel"}
		}
	}
	return append(slices.Clip(data), added...), nil
}

// Remove returns the file without lines that Append wrote. All else stays byte for byte. The error is an *EditError: a
// line that does not stand there as it was written.
func (f *File) Remove(data []byte, lines []string) ([]byte, error) {
	parts := f.splitLines(data)
	out := make([]bool, len(parts))
	for _, line := range lines {
		want, err := f.encode(line)
		if err != nil {
			return nil, err
		}
		at := -1
		for i := range parts {
			if !out[i] && bytes.Equal(f.trimEnd(parts[i]), want) {
				at = i
			}
		}
		if at < 0 {
			return nil, &EditError{f.Name, fmt.Sprintf("the line %q does not stand there any more", line), "change the file by hand"}
		}
		out[at] = true
	}
	var left []byte
	for i, part := range parts {
		if !out[i] {
			left = append(left, part...)
		}
	}
	return left, nil
}

// HasLines reports of each of several lists of lines whether all of them stand in a file, quickly: a line that is a part
// of another one counts, too. Remove has the last word.
func HasLines(data []byte, lists [][]string) []bool {
	f := &File{charset: charsetOf(data)}
	found := make([]bool, len(lists))
	for i, lines := range lists {
		found[i] = !slices.ContainsFunc(lines, func(line string) bool {
			text, err := f.encode(line)
			return err != nil || !bytes.Contains(data, text)
		})
	}
	return found
}

// encode writes text in the encoding of the file.
func (f *File) encode(text string) ([]byte, error) {
	if f.charset == nil {
		return []byte(text), nil
	}
	return f.charset.NewEncoder().Bytes([]byte(text))
}

// splitLines splits the bytes of a file behind each line break.
func (f *File) splitLines(data []byte) (parts [][]byte) {
	end, _ := f.encode("\n") // every encoding has it
	for start, i := 0, 0; start < len(data); {
		for i+len(end) <= len(data) && !bytes.Equal(data[i:i+len(end)], end) {
			i += len(end)
		}
		i = min(i+len(end), len(data))
		parts = append(parts, data[start:i])
		start = i
	}
	return parts
}

// trimEnd cuts off the line break.
func (f *File) trimEnd(line []byte) []byte {
	for _, mark := range []string{"\n", "\r"} {
		end, _ := f.encode(mark)
		line = bytes.TrimSuffix(line, end)
	}
	return line
}

// LinesAt returns physical lines of a file by their numbers, cut to a length that can be shown.
func LinesAt(data []byte, numbers []int) map[int]string {
	lines := map[int]string{}
	text, err := decodeText(string(data))
	if err != nil {
		return lines
	}
	wanted := map[int]bool{}
	for _, n := range numbers {
		wanted[n] = true
	}
	for n := 1; len(lines) < len(wanted) && text != ""; n++ {
		line, rest, _ := strings.Cut(text, "\n")
		if wanted[n] {
			lines[n] = shortenTo(strings.TrimSuffix(line, "\r"), longestLine)
		}
		text = rest
	}
	return lines
}

// longestLine is how many bytes of a line people are shown.
const longestLine = 300
