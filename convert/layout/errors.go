package layout

import "fmt"

// ValueError refuses a batch for a number that overflowed while it was computed.
type ValueError struct {
	Document string
	Field    string
}

func (e *ValueError) Error() string {
	return fmt.Sprintf("document %q, %s: the number is larger than 9,223,372,036,854", e.Document, e.Field)
}

// Hint says what the user does next.
func (e *ValueError) Hint() string { return "correct the amount in the source file and drop it again" }

// SizeError refuses more rows than a sheet of Excel has: the lines of one document, which are not torn,
// or a plain sheet.
type SizeError struct {
	Document   string // its number; empty where a plain sheet is too long
	Sheet      string // the name of the plain sheet
	Rows, Most int    // of a document without the header
}

func (e *SizeError) Error() string {
	if e.Document == "" {
		return fmt.Sprintf("sheet %q: its %d rows are more than the %d that Excel has", e.Sheet, e.Rows, e.Most)
	}
	return fmt.Sprintf("document %q: %d lines do not fit into a sheet's %d rows", e.Document, e.Rows, e.Most)
}

// Hint says what the user does next.
func (e *SizeError) Hint() string {
	switch {
	case e.Document == "":
		return "convert fewer files at once"
	case e.Rows < rowLimit:
		return `set format = "xlsx" for the layout in obmen.toml: its sheets have more rows`
	}
	return `set format = "csv" for the layout in obmen.toml: it has no limit`
}
