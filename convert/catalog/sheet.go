package catalog

import (
	"context"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/gocarina/gocsv"

	"obmen/convert/money"
	"obmen/convert/parallel"
)

// record is a row of a catalog file, filled by gocsv: all its fields are texts.
type record interface {
	// cells lists the cells in the order of the file's Columns.
	cells() []*string
	// surplus is the first cell beyond the header, nil when there is none.
	surplus() *string
	setSurplus(*string)
}

// surplusHeader is the column that gocsv puts the first cell beyond the header into. No file can have
// a column of that name, for a file with a zero byte is not text.
const surplusHeader = "\x00"

// word is a spelling in a column of few words.
type word struct{ column, value string }

// csvFile is an open catalog file, or a piece of one.
type csvFile struct {
	FileColumns
	problems *report
	notes    *report
	reading
	rates   map[string]money.VATRate // read so far
	words   map[word]string          // likewise
	at      map[string]int           // position of each canonical column
	headers []string                 // of the file, canonical where they are known
	isPiece bool                     // of a file
	broken  bool                     // the piece has a line that is not CSV: it may not be a piece of its own
}

// reading is where in the file a reader stands.
type reading struct {
	rest    pieces // the text behind the header
	first   int    // physical line where it begins
	comma   rune
	csv     *csv.Reader
	rows    *gocsv.Unmarshaller
	now     int // physical line of the row just read, where it was read without csv
	width   int // cells of the row just read by csv
	skipped int // physical lines before the first that csv sees
}

// openCSV reads the header. It says no, with a problem reported, when the file cannot be read on.
func openCSV(f FileColumns, text pieces, row any, problems, notes *report) (*csvFile, bool) {
	s := (&csvFile{FileColumns: f, problems: problems, notes: notes, at: make(map[string]int)}).withNothingRead()
	s.rest = text
	s.rest[0].text, s.comma = s.cutDelimiter(text[0].text)
	s.csv = s.csvReader(s.rest.reader())
	var err error
	if s.rows, err = gocsv.NewUnmarshaller(s.csv, row); err != nil {
		s.reportUnreadable(err)
		return nil, false
	}
	line := s.lineOfColumn("")
	found := slices.Clone(s.rows.Headers)
	twice := s.renameHeaders(found)
	s.headers = slices.Clone(found)
	err = s.rows.RenormalizeHeaders(func([]string) []string { return append(found, surplusHeader) })
	if err != nil {
		s.reportUnreadable(err)
		return nil, false
	}
	for _, name := range s.rows.MismatchedHeaders {
		notes.add(Problem{f.File, line, "", name, "unknown column; it is not read", "known columns: " + f.Header()})
	}
	s.behindHeader()
	return s, s.checkRequired(line) && !twice
}

// csvReader is the reader of record of a text.
func (s *csvFile) csvReader(text io.Reader) *csv.Reader {
	r := csv.NewReader(text)
	r.Comma, r.FieldsPerRecord, r.ReuseRecord = s.comma, -1, true
	return r
}

// withNothingRead returns the sheet with nothing read so far.
func (s *csvFile) withNothingRead() *csvFile {
	s.rates, s.words = make(map[string]money.VATRate), make(map[word]string)
	return s
}

// behindHeader cuts off what csv has read.
func (s *csvFile) behindHeader() {
	head := s.rest[0].text[:s.csv.InputOffset()]
	s.first = s.skipped + 1 + strings.Count(head, "\n")
	s.rest[0] = newPiece(s.rest[0].text[len(head):])
}

// renameHeaders replaces known headers by their canonical names and reports columns that stand there twice.
func (s *csvFile) renameHeaders(headers []string) (twice bool) {
	known := s.byHeader()
	for i, h := range headers {
		name, ok := known[headerKey(h)]
		headers[i] = trimInvisible(h)
		if !ok {
			continue
		}
		if first, again := s.at[name]; again {
			twice = true
			s.problems.add(Problem{
				s.File, s.lineOfColumn(""), name, headers[i], "the same column as " + quoteValue(headers[first]) + " before it",
				"remove or rename one of the two",
			})
			continue
		}
		headers[i], s.at[name] = name, i
	}
	return twice
}

func quoteValue(s string) string { return strconv.Quote(s) }

// checkRequired reports the required columns that are missing.
func (s *csvFile) checkRequired(line int) bool {
	ok := true
	for _, c := range s.Columns {
		if c.Required && slices.Contains(s.rows.MismatchedStructFields, c.Name) {
			ok = false
			s.problems.add(Problem{
				s.File, line, c.Name, "", "no such column (" + strings.Join(c.Russian, ", ") + ")",
				"the first line names the columns: " + s.Header(),
			})
		}
	}
	return ok
}

// reportUnreadable reports what stopped the header from being read.
func (s *csvFile) reportUnreadable(err error) {
	if errors.Is(err, io.EOF) {
		s.problems.add(Problem{s.File, 0, "", "", "the file is empty", "its first line names the columns: " + s.Header()})
		return
	}
	s.reportMalformed(err)
}

// reportMalformed reports a line that is not CSV.
func (s *csvFile) reportMalformed(err error) {
	if s.isPiece {
		s.broken = true
		return
	}
	p := Problem{File: s.File, Text: err.Error(), Advice: "put cells with quotation marks into quotation marks and double the inner ones: \"5\"\" pipe\""}
	var at *csv.ParseError
	if errors.As(err, &at) {
		p.Line = at.Line + s.skipped
		p.Text = "a quotation mark inside a cell without quotation marks around it"
	}
	if errors.Is(err, csv.ErrQuote) {
		// An open quotation runs on to the end of the file: where it begins is what helps.
		p.Line = at.StartLine + s.skipped
		p.Text = "a quotation that is not closed, or text behind its end"
	}
	s.problems.add(p)
}

// lineOfColumn is the physical line of a column's cell in the row just read, or of the row itself.
func (s *csvFile) lineOfColumn(column string) int {
	if s.now > 0 {
		return s.now
	}
	i := 0
	if column != "" {
		i = s.at[column]
	}
	if s.width > 0 && i >= s.width { // a line in one cell, or one that ends early
		i = 0
	}
	line, _ := s.csv.FieldPos(i)
	return line + s.skipped
}

// cutDelimiter finds what separates the cells and cuts off Excel's line "sep=;", if there is one.
func (s *csvFile) cutDelimiter(text string) (string, rune) {
	line, rest, _ := strings.Cut(text, "\n")
	sep, ok := strings.CutPrefix(strings.ToLower(strings.Trim(line, "\"\r")), "sep=")
	if ok && len(sep) == 1 && strings.Contains(";,\t|", sep) {
		s.skipped = 1
		return rest, rune(sep[0])
	}
	header := headerLine(text)
	known := s.byHeader()
	best, most := ';', -1
	for _, comma := range ";,\t" {
		cells := strings.Split(header, string(comma))
		score := len(cells)
		for _, c := range cells {
			if known[headerKey(c)] != "" {
				score += len(header)
			}
		}
		if score > most {
			best, most = comma, score
		}
	}
	return text, best
}

// headerLine is the first line with anything on it, beginning of it at most.
func headerLine(text string) string {
	const most = 64 << 10
	text = strings.TrimLeft(text, "\r\n")
	line, _, _ := strings.Cut(text[:min(len(text), most)], "\n")
	return line
}

// cleanRow cleans the cells of a row and says no to an empty one.
func (s *csvFile) cleanRow(cells []*string, surplus *string) bool {
	empty := true
	for _, c := range cells {
		*c = trimInvisible(*c)
		empty = empty && *c == ""
	}
	if empty && (surplus == nil || trimInvisible(*surplus) == "") {
		return false
	}
	if surplus != nil {
		s.problems.add(Problem{
			s.File, s.lineOfColumn(""), "", "", "more cells than the header has columns",
			"put a cell that contains the delimiter into quotation marks",
		})
	}
	for i, c := range s.Columns {
		if c.Required && *cells[i] == "" {
			s.reportCell(c.Name, "", "empty", "fill it: "+c.Meaning)
		}
	}
	return true
}

// reportCell reports a cell of the row just read.
func (s *csvFile) reportCell(column, value, text, hint string) {
	s.problems.add(Problem{s.File, s.lineOf(column, value), column, value, text, hint})
}

// lineOf is the physical line of a cell of the row just read, that of the row for an empty one.
func (s *csvFile) lineOf(column, value string) int {
	if value == "" {
		column = ""
	}
	return s.lineOfColumn(column)
}

// withOwnReports is the sheet with reports of its own.
func (s *csvFile) withOwnReports() *csvFile {
	part := *s
	part.problems, part.notes = new(report), new(report)
	return part.withNothingRead()
}

// eachPiece returns a sheet for each piece of the text. A text without quotation marks is let go meanwhile.
func (s *csvFile) eachPiece(emit func(*csvFile) bool) {
	list, line, quoted := s.rest, s.first, s.rest.hasQuotes()
	if !quoted {
		s.rest, s.csv, s.rows = nil, nil, nil
	}
	for i, p := range list {
		part := s.withOwnReports()
		part.rest, part.first, part.skipped, part.isPiece = pieces{p}, line, line-1, true
		part.csv = s.csvReader(strings.NewReader(p.text))
		line += p.lines
		if !quoted {
			list[i].text = ""
		}
		emit(part)
	}
}

// readParts reads the rows of a sheet piece by piece. worker is called once a core and gives what reads
// the rows of one piece; join takes the results in order. What was found in the rows is in the order of
// the lines and is the caller's to report.
func readParts[P any](s *csvFile, worker func() func(*csvFile) P, join func(P)) (problems, notes report) {
	type part struct {
		sheet *csvFile
		rows  P
	}
	var parts []part
	broken := false
	_ = parallel.Map(
		context.Background(),
		func(_ context.Context, emit func(*csvFile) bool) error {
			s.eachPiece(emit)
			return nil
		},
		func() func(*csvFile) part {
			read := worker()
			return func(s *csvFile) part { return part{s, read(s)} }
		},
		func(p part) error {
			broken = broken || p.sheet.broken
			parts = append(parts, p)
			return nil
		},
	)
	if broken {
		whole := s.withOwnReports()
		parts = []part{{whole, worker()(whole)}}
	}
	for _, p := range parts {
		problems.addLater(p.sheet.problems)
		notes.addLater(p.sheet.notes)
		join(p.rows)
	}
	return problems, notes
}
