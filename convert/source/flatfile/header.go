package flatfile

import (
	"bytes"
	"strings"
	"unicode"

	"obmen/convert/source/input"
)

// detectDelimiter tells how a header line separates its columns.
func detectDelimiter(header []byte) byte {
	semicolons, commas := bytes.Count(header, []byte(";")), bytes.Count(header, []byte(","))
	switch {
	case bytes.IndexByte(header, '\t') >= 0:
		return '\t'
	case semicolons > commas:
		return ';'
	case commas > 0:
		return ','
	}
	return '\t'
}

// NormalName makes the spellings of one column equal: letter case, blanks around it, and "_" or a
// blank for "-", as spreadsheet programs and people write them.
func NormalName(s string) string {
	s = strings.Trim(input.CleanID(s), " \t\r\u00a0\ufeff\"")
	return strings.Map(func(r rune) rune {
		if r == '_' || unicode.IsSpace(r) {
			return '-'
		}
		return unicode.ToLower(r)
	}, s)
}

// ParseHeader are the normal names of the columns that one line names.
func ParseHeader(line []byte) Columns {
	names := Columns{}
	for name := range strings.SplitSeq(string(line), string(detectDelimiter(line))) {
		names[NormalName(name)] = true
	}
	return names
}

// HeadColumns are the columns that the first line of a file names; none where the file is no table.
func HeadColumns(head []byte) Columns {
	if !LooksLikeTable(head) {
		return nil
	}
	return ParseHeader(firstHeadLine(head))
}

// LooksLikeTable is false for the beginnings of JSON and XML, whose first line may be all of the file.
func LooksLikeTable(head []byte) bool {
	return !input.LooksLikeJSON(head) && !bytes.HasPrefix(bytes.TrimLeft(head, " \t\r\n"), []byte("<"))
}

// Columns is a header seen as a set, to recognise a report by.
type Columns map[string]bool

func (c Columns) Has(names ...string) bool {
	for _, name := range names {
		if !c[name] {
			return false
		}
	}
	return true
}

// firstHeadLine is the first line of a file that is not blank.
func firstHeadLine(head []byte) []byte {
	head = bytes.TrimLeft(head, " \t\r\n")
	if i := bytes.IndexAny(head, "\r\n"); i >= 0 {
		return head[:i]
	}
	return head
}
