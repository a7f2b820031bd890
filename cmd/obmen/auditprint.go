package main

import (
	"encoding/csv"
	"fmt"
	"time"

	"obmen/convert"
	"obmen/convert/money"
)

// The object that audit --json prints.
type jsonAudit struct {
	From        string    `json:"from,omitempty"` // days of the first and the last order
	To          string    `json:"to,omitempty"`
	Orders      int       `json:"orders"`      // in the reports
	Agree       int       `json:"agree"`       //
	Purged      int       `json:"purged"`      // exported, but what was exported is not kept any more
	Differences []finding `json:"differences"` //
	Dismissed   []finding `json:"dismissed"`   // no differences to mend
}

func (a *audit) print(s streams) error {
	switch {
	case a.opt.JSON:
		return printJSON(s.Out, jsonAudit{a.day(a.from), a.day(a.to), len(a.seen), a.agreed, a.unknown, append([]finding{}, a.found...), append([]finding{}, a.gone...)})
	case a.opt.CSV:
		return a.table(s)
	}
	for _, f := range append(a.found, a.gone...) {
		fmt.Fprintf(s.Out, "%-8s %s  %s  %s\n", f.Kind, f.Order, f.Account, f.words())
		fmt.Fprintln(s.Out, "  cure: "+f.Cure)
	}
	days := ""
	if !a.from.IsZero() {
		days = ", " + a.day(a.from) + " to " + a.day(a.to)
	}
	fmt.Fprintf(s.Out, "%s%s: %d agree, %s", plural(len(a.seen), "order", "orders"), days, a.agreed, plural(len(a.found), "difference", "differences"))
	if len(a.gone) > 0 {
		fmt.Fprintf(s.Out, ", %d dismissed", len(a.gone))
	}
	if a.unknown > 0 {
		fmt.Fprintf(s.Out, ", %d exported before the last purge and not compared", a.unknown)
	}
	fmt.Fprintln(s.Out)
	return nil
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
	case "dismissed":
		return "the report has it with " + f.Report + "; dismissed: " + f.Ledger
	case "extra":
		return "obmen exported it with " + f.Ledger + ", no report has it"
	}
	return fmt.Sprintf("the report says %s, obmen exported %s", f.Report, f.Ledger)
}

// table is for Excel with Russian settings: semicolons, CRLF, UTF-8 with a byte order mark.
func (a *audit) table(s streams) error {
	if _, err := fmt.Fprint(s.Out, "\ufeff"); err != nil {
		return err
	}
	w := csv.NewWriter(s.Out)
	w.Comma, w.UseCRLF = ';', true
	if err := w.Write([]string{"kind", "order", "account", "report", "ledger", "origin", "cure"}); err != nil {
		return err
	}
	for _, f := range append(a.found, a.gone...) {
		if err := w.Write([]string{f.Kind, f.Order, f.Account, f.Report, f.Ledger, f.Origin, f.Cure}); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}

// sumOf is the total of a document with its currency.
func sumOf(d *convert.Document) string {
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
