package outbox

import (
	"bytes"
	"encoding/csv"
	"io"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"obmen/convert"
	"obmen/watch/desk/words"
	"obmen/watch/drop"
)

// HeldTable lists held orders with their cures, in a language.
func HeldTable(held []convert.Outcome, w *words.Words) []byte {
	rows := make([][]string, len(held))
	for i := range held {
		rows[i] = heldRow(&held[i], w)
	}
	return Table(heldHeader(w), rows)
}

// heldCells is how many columns have the cells of the line to add, each apart: as many as the widest catalog file has.
const heldCells = 10

// heldHeader are the columns of the list. A rebuild of the ledger reads the first two, see TableReader.
func heldHeader(w *words.Words) []string {
	header := []string{
		w.Say("list.order"), w.Say("list.account"), w.Say("list.origin"), w.Say("list.code"), w.Say("list.why"), w.Say("list.cure"),
		w.Say("list.file"), w.Say("list.line"), w.Say("list.ordered"), w.Say("list.country"), w.Say("list.amount"), w.Say("list.currency"),
		w.Say("list.title"), w.Say("list.since"),
	}
	for i := range heldCells {
		header = append(header, w.Say("list.cell", "N", strconv.Itoa(i+1)))
	}
	return header
}

func heldRow(o *convert.Outcome, w *words.Words) []string {
	h, total := o.Hold, ""
	if o.Total.Known {
		total = o.Total.Value.Text(o.Currency.Places())
		if w.Language == words.Russian {
			total = strings.Replace(total, ".", ",", 1) // a number for Excel with Russian settings
		}
	}
	why, cure := w.Hold(string(h.Code), h.Sentence, h.Cure, h.File)
	row := []string{
		o.Order, o.Account, o.Origin.String(), string(h.Code), why, cure, h.File, strings.Join(h.Add, "\n"),
		dayOf(h.About.Ordered, w), h.About.Country, total, string(o.Currency), h.About.Title, w.Moment(h.Since),
	}
	cells := make([]string, heldCells)
	if len(h.Add) > 0 {
		copy(cells, splitLine(h.Add[0]))
	}
	return append(row, cells...)
}

// dayOf is a day as it is written in a language; empty when it is not known.
func dayOf(t time.Time, w *words.Words) string {
	switch {
	case t.IsZero():
		return ""
	case w.Language == words.Russian:
		return t.Format("02.01.2006")
	}
	return t.Format(time.DateOnly)
}

// splitLine returns the cells of a line of a catalog file: of the delimiters that it may have, the one with most cells.
func splitLine(line string) (best []string) {
	for _, comma := range ";,\t" {
		if best != nil && !strings.ContainsRune(line, comma) {
			continue // one cell
		}
		r := csv.NewReader(strings.NewReader(line))
		r.Comma, r.FieldsPerRecord = comma, -1
		if cells, err := r.Read(); err == nil && len(cells) > len(best) {
			best = cells
		}
	}
	return best
}

// Table is CSV for Excel with Russian settings: semicolons, CRLF, UTF-8 with a byte order mark.
func Table(header []string, rows [][]string) []byte {
	var b bytes.Buffer
	t := newTable(&b, header)
	for _, row := range rows {
		t.addRow(row)
	}
	t.Flush()
	return b.Bytes()
}

// table is a Table that is being written. Flush and Error tell its errors.
type table struct{ *csv.Writer }

func newTable(w io.Writer, header []string) table {
	t := table{csv.NewWriter(w)}
	t.Comma, t.UseCRLF = ';', true
	t.Write(append([]string{"\ufeff" + header[0]}, header[1:]...))
	return t
}

// addRow writes a row of texts of others: what a terminal, Excel or an eye would obey is escaped. The first cell is
// an order's number, which a rebuild of the ledger must read as it was.
func (t table) addRow(row []string) {
	for i, cell := range row {
		row[i] = words.EscapeUnsafe(cell)
		if i == 0 {
			row[i] = words.EscapeReversibly(cell)
		}
	}
	t.Write(escapeFormulas(row...))
}

// ListMode lets whoever works with the folders read its lists; the umask may take away.
const ListMode fs.FileMode = 0o666

// escapeFormulas keeps Excel from taking a text for a formula: "=HYPERLINK(…)" as an order number gets a blank
// before it. Catalogs do not mind blanks at the ends, so a line to add stays one.
func escapeFormulas(cells ...string) []string {
	for i, c := range cells {
		if c != "" && strings.ContainsRune("=+-@\t\r", rune(c[0])) {
			cells[i] = " " + c
		}
	}
	return cells
}

// TableReader reads the rows of a Table, also of one that a person has edited: it takes off what keeps a cell from
// being a formula, blanks, and escapes.
type TableReader struct{ rows *csv.Reader }

// NewTableReader returns a reader of a table's text. Its header is the first row; rows may differ in length.
func NewTableReader(text []byte) *TableReader {
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(text, []byte("\ufeff"))))
	r.Comma, r.FieldsPerRecord = ';', -1
	return &TableReader{r}
}

// Read returns the cells of the next row; io.EOF behind the last.
func (r *TableReader) Read() ([]string, error) {
	row, err := r.rows.Read()
	for i := range row {
		row[i] = words.UnescapeUnsafe(strings.TrimSpace(row[i]))
	}
	return row, err
}

// HeldList gathers held orders as they come, as the rows of a HeldTable. A list that grows
// large lies in a temporary file. Close it.
type HeldList struct {
	orders int
	words  *words.Words
	table  table
	rows   drop.SpillBuffer
}

// NewHeldList makes a list in a language that keeps its file where the folder's files are written.
func NewHeldList(folder drop.Folder, words *words.Words) *HeldList {
	l := &HeldList{words: words, rows: drop.SpillBuffer{Folder: folder}}
	l.startTable()
	return l
}

func (l *HeldList) startTable() { l.orders, l.table = 0, newTable(&l.rows, heldHeader(l.words)) }

// Add adds a held order.
func (l *HeldList) Add(o *convert.Outcome) error {
	l.orders++
	l.table.addRow(heldRow(o, l.words))
	return l.table.Error()
}

// resetRows forgets everything: the run begins again.
func (l *HeldList) resetRows() error {
	err := l.rows.Close()
	l.startTable()
	return err
}

// Write replaces the list of held orders in a file, any number of times; without any, an older list goes, for it is
// cured.
func (l *HeldList) Write(disk drop.FS, path string) error {
	if l.orders == 0 {
		return drop.RemoveFile(disk, path)
	}
	l.table.Flush()
	if err := l.table.Error(); err != nil {
		return err
	}
	return drop.ReplaceFile(disk, path, ListMode, func(w io.Writer) error {
		_, err := l.rows.WriteTo(w)
		return err
	})
}

// Close takes the temporary file away.
func (l *HeldList) Close() error { return l.rows.Close() }
