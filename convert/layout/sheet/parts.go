package sheet

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// bookPart is one file of a workbook's package.
type bookPart struct {
	name   string
	pieces []bookPiece     // what it is made of, when it changes
	fixed  *zip.FileHeader // when it never does: it is compressed once, too
	data   []byte
}

// bookPiece is text with a hole after it, or the place of the rows.
type bookPiece struct {
	text  string
	hole  hole
	rows  bool
	sheet int // whose rows or last row, from 0: a long batch rolls over several
}

// hole is what a part lacks until a batch is written.
type hole uint8

const (
	noHole hole = iota
	lastRow
	created
)

// epoch is the time of every file in the package: the first one that a zip archive knows.
var epoch = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)

// createIn begins the part in z; a fixed one is then complete.
func (p *bookPart) createIn(z *zip.Writer) (io.Writer, error) {
	if p.fixed == nil {
		return z.CreateHeader(&zip.FileHeader{Name: p.name, Method: zip.Deflate, Modified: epoch})
	}
	header := *p.fixed
	w, err := z.CreateRaw(&header)
	if err == nil {
		_, err = w.Write(p.data)
	}
	return w, err
}

// compressFixed compresses a part that has no holes, by way of an archive of its own.
func (p *bookPart) compressFixed() error {
	if len(p.pieces) != 1 || p.pieces[0].hole != noHole {
		return nil
	}
	var packed bytes.Buffer
	z := zip.NewWriter(&packed)
	z.RegisterCompressor(zip.Deflate, Deflate)
	w, err := p.createIn(z)
	if err != nil {
		return err
	}
	if _, err = io.WriteString(w, p.pieces[0].text); err != nil {
		return err
	}
	if err = z.Close(); err != nil {
		return err
	}
	archive, err := zip.NewReader(bytes.NewReader(packed.Bytes()), int64(packed.Len()))
	if err != nil {
		return err
	}
	raw, err := archive.File[0].OpenRaw()
	if err != nil {
		return err
	}
	if p.data, err = io.ReadAll(raw); err != nil {
		return err
	}
	p.fixed, p.pieces = &archive.File[0].FileHeader, nil
	return nil
}

// makeBook makes the package of the template.
func (t *sheetTemplate) makeBook(sheets int) *XLSX {
	last := t.columns[len(t.columns)-1].name + strconv.Itoa(t.row)
	if t.reportFailure(t.SetSheetDimension(t.sheet, "A1:"+last)) || t.reportFailure(t.copySheets(sheets)) {
		return nil
	}
	data, err := t.WriteToBuffer()
	if t.reportFailure(err) {
		return nil
	}
	b, err := unpackBook(t, data.Bytes())
	if t.reportFailure(err) {
		return nil
	}
	return b
}

// unpackBook takes the package that excelize makes of a workbook apart into parts.
func unpackBook(t *sheetTemplate, data []byte) (*XLSX, error) {
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, err
	}
	b := &XLSX{columns: t.columns, each: t.rowsOf(), row: t.row}
	for _, f := range archive.File {
		text, err := readContents(f)
		if err == nil {
			err = b.addPart(t, f.Name, text)
		}
		if err != nil {
			return nil, err
		}
	}
	slices.SortFunc(b.parts, byName)
	b.numberSheets()
	return b, nil
}

// byName sorts parts, sheet2 before sheet10: rows are written in the order of the parts.
func byName(a, b bookPart) int {
	if a.isSheet() && b.isSheet() && len(a.name) != len(b.name) {
		return len(a.name) - len(b.name)
	}
	return strings.Compare(a.name, b.name)
}

func (p bookPart) isSheet() bool {
	return strings.HasPrefix(p.name, "xl/worksheets/") && strings.HasSuffix(p.name, ".xml")
}

func readContents(f *zip.File) (string, error) {
	r, err := f.Open()
	if err != nil {
		return "", err
	}
	defer r.Close()
	data, err := io.ReadAll(r)
	return string(data), err
}

var (
	rangeRef    = regexp.MustCompile(`\b((?:sq)?ref)="\$?([A-Z]+)\$?(\d+):\$?([A-Z]+)\$?(\d+)"`)
	definedName = regexp.MustCompile(`(<definedName[^>]*>[^<]*:\$[A-Z]+\$)(\d+)(</definedName>)`)
	ofSheet     = regexp.MustCompile(` localSheetId="(\d+)"`)
	timeStamp   = regexp.MustCompile(`(<dcterms:(?:created|modified)[^>]*>)([^<]*)(<)`)
	placeholder = regexp.MustCompile(`(<t\b[^>]*>)[^<]*\{\{[^<]*(</t>)`)
	sheetRow    = regexp.MustCompile(`(?s)<row\b([^>]*)>.*?</row>`)
	rowNumber   = regexp.MustCompile(` r="(\d+)"`)
	spans       = regexp.MustCompile(` spans="[^"]*"`)
)

// addPart cuts a part at its holes.
func (b *XLSX) addPart(t *sheetTemplate, name, text string) error {
	p := bookPart{name: name}
	switch {
	case p.isSheet():
		before, after, err := b.cutRow(text)
		if err != nil {
			return err
		}
		p.pieces = append(t.cutRefs(before), bookPiece{rows: true})
		p.pieces = append(p.pieces, t.cutRefs(after)...)
	case strings.HasPrefix(name, "xl/tables/"):
		p.pieces = t.cutRefs(text)
	case name == "xl/workbook.xml":
		p.pieces = cutHoles(text, definedName, func(m []string) bool { return m[2] == strconv.Itoa(t.row) }, lastRow)
	case name == "docProps/core.xml":
		p.pieces = cutHoles(text, timeStamp, func([]string) bool { return true }, created)
	case name == "xl/sharedStrings.xml":
		p.pieces = []bookPiece{{text: placeholder.ReplaceAllString(text, "$1$2")}}
	default:
		p.pieces = []bookPiece{{text: text}}
	}
	err := p.compressFixed()
	b.parts = append(b.parts, p)
	return err
}

// cutRow takes the row of placeholders out of the sheet, and keeps its height and the like.
func (b *XLSX) cutRow(text string) (before, after string, err error) {
	for _, at := range sheetRow.FindAllStringSubmatchIndex(text, -1) {
		attributes := text[at[2]:at[3]]
		if m := rowNumber.FindStringSubmatch(attributes); m == nil || m[1] != strconv.Itoa(b.row) {
			continue
		}
		b.tail = spans.ReplaceAllString(rowNumber.ReplaceAllString(attributes, ""), "") + ">"
		return text[:at[0]], text[at[1]:], nil
	}
	return "", "", fmt.Errorf("row %d is not in the sheet", b.row)
}

// cutRefs makes a hole of the row number wherever a range ends at the row of placeholders: the
// filter, conditional formats, checks of input, the sheet's dimension.
func (t *sheetTemplate) cutRefs(text string) []bookPiece {
	text = rangeRef.ReplaceAllString(text, `$1="$2$3:$4$5"`)
	return cutHoles(text, regexp.MustCompile(`((?:sq)?ref="[A-Z]+\d+:[A-Z]+)(`+strconv.Itoa(t.row)+`)(")`), func([]string) bool { return true }, lastRow)
}

// cutHoles replaces the second group of every match by a hole.
func cutHoles(text string, pattern *regexp.Regexp, wanted func([]string) bool, h hole) []bookPiece {
	var pieces []bookPiece
	done := 0
	for _, at := range pattern.FindAllStringSubmatchIndex(text, -1) {
		match := []string{text[at[0]:at[1]], text[at[2]:at[3]], text[at[4]:at[5]]}
		if wanted(match) {
			pieces = append(pieces, bookPiece{text: text[done:at[4]], hole: h})
			done = at[5]
		}
	}
	return append(pieces, bookPiece{text: text[done:]})
}
