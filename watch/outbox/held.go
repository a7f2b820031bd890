package outbox

import (
	"bytes"
	"encoding/csv"
	"io"
	"io/fs"
	"strings"

	"obmen/convert"
	"obmen/watch/drop"
)

// HeldTable lists held orders with their cures.
func HeldTable(held []convert.Outcome) []byte {
	rows := make([][]string, len(held))
	for i := range held {
		rows[i] = heldRow(&held[i])
	}
	return Table(heldHeader, rows)
}

var heldHeader = []string{"order", "account", "origin", "code", "sentence", "cure", "file to mend", "line to add"}

func heldRow(o *convert.Outcome) []string {
	h := o.Hold
	return []string{o.Order, o.Account, o.Origin.String(), string(h.Code), h.Sentence, h.Cure, h.File, strings.Join(h.Add, "\n")}
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

func (t table) addRow(row []string) { t.Write(escapeFormulas(row...)) }

// ListMode lets whoever works with the folders read its lists; the umask may take away.
const ListMode fs.FileMode = 0o666

// WriteHeld replaces the list of held orders in a file; without any, an older list goes, for it is
// cured.
func WriteHeld(disk drop.FS, path string, held []convert.Outcome) error {
	if len(held) == 0 {
		return drop.RemoveFile(disk, path)
	}
	return drop.ReplaceFile(disk, path, ListMode, func(w io.Writer) error {
		_, err := w.Write(HeldTable(held))
		return err
	})
}

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
