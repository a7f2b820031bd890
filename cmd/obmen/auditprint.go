package main

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"obmen/cmd/obmen/ui"
	"obmen/convert"
	"obmen/convert/document"
	"obmen/convert/money"
)

// The object that audit --json prints; its differences come last, one after the other.
type jsonAudit struct {
	From        string    `json:"from,omitempty"` // days of the first and the last order
	To          string    `json:"to,omitempty"`
	Orders      int       `json:"orders"`    // in the reports
	Agree       int       `json:"agree"`     //
	Purged      int       `json:"purged"`    // exported, but what was exported is not kept any more
	Unplaced    int       `json:"unplaced"`  // exported since, in no report; what tells of their day is not kept any more
	Unproven    int       `json:"unproven"`  // exported, but the report does not say for certain what they come to
	Unread      int       `json:"unread"`    // rows of the reports without an order number
	Backfills   []string  `json:"backfills"` // commands that bring many orders sooner than their cures
	Differences []finding `json:"differences"`
	Dismissed   []finding `json:"dismissed"` // no differences to mend
}

func (a *audit) print(s ui.Streams) error {
	switch {
	case a.opt.JSON:
		return a.json(s)
	case a.opt.CSV:
		if err := a.table(s); err != nil {
			return err
		}
		a.remarks(s.Err)
		return nil
	}
	out := bufio.NewWriter(s.Out)
	if err := a.found.each(func(f *finding) error {
		_, err := fmt.Fprintf(out, "%-8s %s  %s  %s\n  cure: %s\n", f.Kind, f.Order, f.Account, f.words(), f.Cure)
		return err
	}); err != nil {
		return err
	}
	days := ""
	if !a.from.IsZero() {
		days = ", " + a.day(a.from) + " to " + a.day(a.to)
	}
	fmt.Fprintf(out, "%s%s: %d agree, %s", ui.Plural(len(a.seen), "order", "orders"), days, a.agreed, ui.Plural(a.found.n, "difference", "differences"))
	if a.found.gone > 0 {
		fmt.Fprintf(out, ", %d dismissed", a.found.gone)
	}
	fmt.Fprintln(out)
	a.remarks(out)
	return out.Flush()
}

// remarks say what was not compared, and why.
func (a *audit) remarks(w io.Writer) {
	const removed = "a purge or a rebuild of the ledger has removed what obmen wrote of them"
	if a.purged > 0 {
		fmt.Fprintf(w, "not compared: %s went out, but totals and status are not known any more: %s\n", ui.Plural(a.purged, "order", "orders"), removed)
	}
	if a.unplaced > 0 {
		fmt.Fprintf(w, "not compared: %s went out since %s and stand in no report, but nobody knows whether they are of these days: %s\n",
			ui.Plural(a.unplaced, "order", "orders"), a.day(a.from.AddDate(0, 0, -1)), removed)
	}
	if a.unproven > 0 {
		fmt.Fprintf(w, "not compared: %s went out, but the report does not tell their totals for certain\n  the first: %s: %s\n",
			ui.Plural(a.unproven, "order", "orders"), a.doubt.Origin, a.doubt.Why)
	}
	if a.unread > 0 {
		fmt.Fprintf(w, "not read: %s of the reports without an order number\n  the first: %s: %s\n",
			ui.Plural(a.unread, "row", "rows"), a.blank.Origin, a.blank.Why)
	}
	for _, command := range a.backfills() {
		fmt.Fprintf(w, "all at once: %s\n", command)
	}
}

// json writes the lists as they come from their file: they need not fit into memory.
func (a *audit) json(s ui.Streams) error {
	head := jsonAudit{
		From: a.day(a.from), To: a.day(a.to), Orders: len(a.seen), Agree: a.agreed, Purged: a.purged, Unplaced: a.unplaced,
		Unproven: a.unproven, Unread: a.unread, Backfills: a.backfills(), Differences: []finding{}, Dismissed: []finding{},
	}
	var text bytes.Buffer
	if err := ui.PrintJSON(&text, head); err != nil {
		return err
	}
	out := bufio.NewWriter(s.Out)
	rest := text.Bytes()
	for _, list := range []struct {
		name      string
		dismissed bool
	}{{`"differences": [`, false}, {`"dismissed": [`, true}} {
		at := bytes.Index(rest, []byte(list.name)) + len(list.name)
		out.Write(rest[:at])
		rest = rest[at:]
		if err := a.jsonList(out, list.dismissed); err != nil {
			return err
		}
	}
	out.Write(rest)
	return out.Flush() // tells of the first write that went wrong
}

// jsonList writes what stands within the brackets of a list.
func (a *audit) jsonList(out *bufio.Writer, dismissed bool) error {
	between, end := "\n    ", ""
	err := a.found.pass(dismissed, func(f *finding) error {
		var one bytes.Buffer
		enc := json.NewEncoder(&one)
		enc.SetEscapeHTML(false)
		enc.SetIndent("    ", "  ")
		err := enc.Encode(f)
		out.WriteString(between)
		out.Write(bytes.TrimSpace(one.Bytes()))
		between, end = ",\n    ", "\n  "
		return err
	})
	out.WriteString(end)
	return err
}

func (a *audit) day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateOnly)
}

func (f *finding) words() string {
	switch f.Kind {
	case "missing":
		if f.Report == noTotal {
			return "the report has it, obmen has not"
		}
		return "the report has it with " + f.Report + ", obmen has not"
	case "held":
		return "waits: " + f.Ledger
	case dismissedKind:
		return "the report has it with " + f.Report + "; dismissed: " + f.Ledger
	case "extra":
		return "obmen exported it with " + f.Ledger + ", no report has it"
	}
	return fmt.Sprintf("the report says %s, obmen exported %s", f.Report, f.Ledger)
}

// table is for Excel with Russian settings: semicolons, CRLF, UTF-8 with a byte order mark.
func (a *audit) table(s ui.Streams) error {
	if _, err := fmt.Fprint(s.Out, "\ufeff"); err != nil {
		return err
	}
	w := csv.NewWriter(s.Out)
	w.Comma, w.UseCRLF = ';', true
	if err := w.Write([]string{"kind", "order", "account", "report", "ledger", "origin", "cure"}); err != nil {
		return err
	}
	if err := a.found.each(func(f *finding) error {
		return w.Write([]string{f.Kind, f.Order, f.Account, f.Report, f.Ledger, f.Origin, f.Cure})
	}); err != nil {
		return err
	}
	w.Flush()
	return w.Error()
}

// sumOf is the total of a document with its currency.
func sumOf(d *document.Document) string {
	c := money.Currency(d.Currency)
	return d.Total.Text(c.Places()) + " " + d.Currency
}

func statedTotal(o *convert.Outcome) string {
	switch {
	case o.Document != nil:
		return sumOf(o.Document)
	case o.Total.Known:
		return o.Total.Value.Text(o.Currency.Places()) + " " + string(o.Currency)
	}
	return noTotal
}

// noTotal stands for a total that a report does not state.
const noTotal = "no total"
