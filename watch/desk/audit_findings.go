package desk

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"os"
)

// Finding is a difference, or an order that people have dismissed.
type Finding struct {
	Kind    string `json:"kind"` // missing, held, extra, total, status or dismissed
	Order   string `json:"order"`
	Account string `json:"account"`
	Report  string `json:"report,omitempty"` // what the report says: a total or a status
	Ledger  string `json:"ledger,omitempty"` // what obmen exported; of a dismissed order the reason
	Origin  string `json:"origin,omitempty"` // file and place of the order in the report
	Cure    string `json:"cure"`
}

// DismissedKind is no difference to mend.
const DismissedKind = "dismissed"

// findings are kept in a temporary file until the reports are read to their end: there may be as many as
// orders, and a report that breaks in its middle makes all of them void.
type findings struct {
	file *os.File
	w    *bufio.Writer
	n    int // differences
	gone int // dismissed by people
}

func newFindings() (*findings, error) {
	file, err := os.CreateTemp("", "obmen-audit-*.tmp")
	if err != nil {
		return nil, err
	}
	_ = os.Remove(file.Name()) // where open files can be removed, nothing stays behind a run that is killed
	return &findings{file: file, w: bufio.NewWriter(file)}, nil
}

func (f *findings) close() {
	_ = f.file.Close()
	_ = os.Remove(f.file.Name()) // it may be gone
}

func (f *findings) add(x *Finding) error {
	text, err := json.Marshal(x)
	if err != nil {
		return err
	}
	if x.Kind == DismissedKind {
		f.gone++
	} else {
		f.n++
	}
	_, err = f.w.Write(append(text, '\n'))
	return err
}

func (f *findings) discard() error {
	f.n, f.gone = 0, 0
	f.w.Reset(f.file)
	if _, err := f.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	return f.file.Truncate(0)
}

// each hands the findings on in the order in which they were added: first the differences, then what is
// dismissed.
func (f *findings) each(take func(*Finding) error) error {
	if err := f.eachOf(false, take); err != nil || f.gone == 0 {
		return err
	}
	return f.eachOf(true, take)
}

// eachOf hands on the differences, or what is dismissed.
func (f *findings) eachOf(dismissed bool, take func(*Finding) error) error {
	if err := f.w.Flush(); err != nil {
		return err
	}
	if _, err := f.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	for lines := json.NewDecoder(bufio.NewReader(f.file)); ; {
		var x Finding
		if err := lines.Decode(&x); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if dismissed != (x.Kind == DismissedKind) {
			continue
		}
		if err := take(&x); err != nil {
			return err
		}
	}
}
