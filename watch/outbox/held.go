package outbox

import (
	"bytes"
	"encoding/csv"
	"strings"

	"obmen/convert"
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
