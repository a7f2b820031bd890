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

// SizeError refuses a document that has more lines than a sheet of Excel has rows.
type SizeError struct {
	Document   string
	Rows, Most int // of data, without the header
}

func (e *SizeError) Error() string {
	return fmt.Sprintf("document %q: %d lines do not fit into a sheet's %d rows", e.Document, e.Rows, e.Most)
}

// Hint says what the user does next.
func (e *SizeError) Hint() string { return "use a layout without a workbook for this order" }
