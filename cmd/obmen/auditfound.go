package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"os"
	"slices"
	"time"

	"obmen/convert"
	"obmen/fetch/spapi"
)

// finding is a difference, or an order that people have dismissed.
type finding struct {
	Kind    string `json:"kind"` // missing, held, extra, total, status or dismissed
	Order   string `json:"order"`
	Account string `json:"account"`
	Report  string `json:"report,omitempty"` // what the report says: a total or a status
	Ledger  string `json:"ledger,omitempty"` // what obmen exported; of a dismissed order the reason
	Origin  string `json:"origin,omitempty"` // file and place of the order in the report
	Cure    string `json:"cure"`
}

// dismissedKind is no difference to mend.
const dismissedKind = "dismissed"

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

func (f *findings) add(x *finding) error {
	text, err := json.Marshal(x)
	if err != nil {
		return err
	}
	if x.Kind == dismissedKind {
		f.gone++
	} else {
		f.n++
	}
	_, err = f.w.Write(append(text, '\n'))
	return err
}

func (f *findings) reset() error {
	f.n, f.gone = 0, 0
	f.w.Reset(f.file)
	if _, err := f.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	return f.file.Truncate(0)
}

// each hands the findings on in the order in which they were added: first the differences, then what is
// dismissed.
func (f *findings) each(take func(*finding) error) error {
	if err := f.pass(false, take); err != nil || f.gone == 0 {
		return err
	}
	return f.pass(true, take)
}

// pass hands on the differences, or what is dismissed.
func (f *findings) pass(dismissed bool, take func(*finding) error) error {
	if err := f.w.Flush(); err != nil {
		return err
	}
	if _, err := f.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	for lines := json.NewDecoder(bufio.NewReader(f.file)); ; {
		var x finding
		if err := lines.Decode(&x); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if dismissed != (x.Kind == dismissedKind) {
			continue
		}
		if err := take(&x); err != nil {
			return err
		}
	}
}

// again is the command that brings an order once more: from Amazon, or from the report itself.
func (a *audit) again(o *convert.Outcome) string {
	cfg := a.shop.cfg
	if f, ok := cfg.FetchOf(o.Account); ok {
		a.accounts[f.Account]++
		return cfg.Command("fetch", "--account", f.Account, "--order", o.Order)
	}
	var args []string
	if len(a.shop.routes) > 1 { // put wants to know which
		if inbox, err := inboxOf(cfg, a.shop.book, o.Account); err == nil {
			args = append(args, "--to", inbox.route.Inbox)
		}
	}
	if _, err := os.Stat(o.Origin.File + charsetSuffix); err == nil { // nothing else tells its letters
		args = append(args, o.Origin.File+charsetSuffix)
	}
	return cfg.Command("put", append(args, o.Origin.File)...)
}

// backfills are the commands that bring so many orders sooner than one by one: Amazon gives some at once
// and then makes each wait.
func (a *audit) backfills() []string {
	list := []string{}
	atOnce := spapi.DefaultLimits()[spapi.OpGetOrder].Burst
	for _, name := range slices.Sorted(maps.Keys(a.accounts)) {
		if a.accounts[name] > atOnce && !a.from.IsZero() {
			list = append(list, a.shop.cfg.Command("fetch", "--account", name, "--from", a.from.Format(time.DateOnly), "--to", a.to.Format(time.DateOnly)))
		}
	}
	return list
}
