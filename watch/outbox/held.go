package outbox

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"io/fs"
	"strings"

	"obmen/convert"
	"obmen/watch/drop"
)

// HeldTable lists held orders with their cures.
func HeldTable(held []convert.Outcome) []byte {
	rows := make([][]string, len(held))
	for i, o := range held {
		h := o.Hold
		rows[i] = []string{o.Order, o.Account, o.Origin.String(), string(h.Code), h.Sentence, h.Cure, h.File, strings.Join(h.Add, "\n")}
	}
	return Table([]string{"order", "account", "origin", "code", "sentence", "cure", "file to mend", "line to add"}, rows)
}

// Table is CSV for Excel with Russian settings: semicolons, CRLF, UTF-8 with a byte order mark.
func Table(header []string, rows [][]string) []byte {
	var b bytes.Buffer
	b.WriteString("\ufeff")
	w := csv.NewWriter(&b)
	w.Comma, w.UseCRLF = ';', true
	w.Write(header)
	for _, row := range rows {
		w.Write(plain(row...))
	}
	w.Flush()
	return b.Bytes()
}

// WriteHeld replaces the list of held orders in a file; without any, an older list goes, for it is
// cured.
func WriteHeld(disk drop.FS, path string, held []convert.Outcome) error {
	if len(held) == 0 {
		return RemoveFile(disk, path)
	}
	return WriteFile(disk, path, func(w io.Writer) error {
		_, err := w.Write(HeldTable(held))
		return err
	})
}

// RemoveFile removes a file that WriteFile wrote, and what a killed program left of one. That there is none is
// no error.
func RemoveFile(disk drop.FS, path string) error {
	for _, name := range []string{path, path + unfinished} {
		if err := disk.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// unfinished ends the name of a file that is being written.
const unfinished = ".tmp"

// WriteFile writes a file that replaces the one before it, whole or not at all.
func WriteFile(disk drop.FS, path string, write func(io.Writer) error) error {
	temp := path + unfinished
	if err := disk.Remove(temp); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := disk.Create(temp, 0o666)
	if err != nil {
		return err
	}
	err = write(f)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		return disk.Replace(temp, path)
	}
	return errors.Join(err, disk.Remove(temp))
}

// plain keeps Excel from taking a text for a formula: "=HYPERLINK(…)" as an order number gets a blank
// before it. Catalogs do not mind blanks at the ends, so a line to add stays one.
func plain(cells ...string) []string {
	for i, c := range cells {
		if c != "" && strings.ContainsRune("=+-@\t\r", rune(c[0])) {
			cells[i] = " " + c
		}
	}
	return cells
}
