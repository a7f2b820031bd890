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

// HeldTable lists held orders with their cures as CSV for Excel with Russian settings: semicolons,
// CRLF, UTF-8 with a byte order mark.
func HeldTable(held []convert.Outcome) []byte {
	var b bytes.Buffer
	b.WriteString("\ufeff")
	w := csv.NewWriter(&b)
	w.Comma, w.UseCRLF = ';', true
	w.Write([]string{"order", "account", "origin", "code", "sentence", "cure", "file to mend", "line to add"})
	for _, o := range held {
		h := o.Hold
		w.Write(plain(o.Order, o.Account, o.Origin.String(), string(h.Code), h.Sentence, h.Cure, h.File, strings.Join(h.Add, "\n")))
	}
	w.Flush()
	return b.Bytes()
}

// WriteHeld replaces the list of held orders in a file; without any, an older list goes, for it is
// cured, and so does what a killed program left of one.
func WriteHeld(disk drop.FS, path string, held []convert.Outcome) error {
	if len(held) == 0 {
		for _, name := range []string{path, path + unfinished} {
			if err := disk.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
		return nil
	}
	return WriteFile(disk, path, func(w io.Writer) error {
		_, err := w.Write(HeldTable(held))
		return err
	})
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
