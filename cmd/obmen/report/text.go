package report

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"obmen/cmd/obmen/ui"
	"obmen/convert"
	"obmen/convert/catalog"
	"obmen/convert/money"
	"obmen/watch/drop"
	"obmen/watch/outbox"
)

// Report tells people and programs what a conversion did.
type Report struct {
	*outbox.Result
	HeldList *outbox.HeldList
	LeftOut  []string // files and folders that were not read
	Notes    []string
	HeldAt   string // where HeldList is written; empty when nowhere
	DryRun   bool
}

// Write reports: held.csv beside the outputs, JSON on stdout if asked for, the summary for people.
func (r *Report) Write(json bool, s ui.Streams) error {
	if r.HeldAt != "" {
		if err := r.HeldList.Write(drop.OS{}, r.HeldAt); err != nil {
			return err
		}
	}
	if json {
		if err := r.json(s.Out); err != nil {
			return err
		}
	}
	r.Text(s)
	return nil
}

func CatalogNotes(cat *catalog.Snapshot) (notes []string) {
	for _, n := range cat.Notes {
		notes = append(notes, n.Error())
	}
	return notes
}

// Text tells what a conversion did, in words for people.
func (r *Report) Text(s ui.Streams) {
	w := s.Err
	for _, f := range r.Files {
		if f.Err != nil {
			s.PrintProblem(f.Err.Error(), f.Err.Advice)
		}
	}
	r.heldText(s)
	r.dismissedText(w)
	for _, n := range r.Result.Notes {
		fmt.Fprintln(w, "note: "+n.Text)
	}
	for _, n := range r.Notes {
		fmt.Fprintln(w, "note: "+n)
	}
	for _, out := range r.Outputs {
		for _, n := range out.Notes {
			fmt.Fprintln(w, "note: "+filepath.Base(out.Path)+": "+n)
		}
	}
	if n := len(r.LeftOut); n > 0 {
		fmt.Fprintf(w, "%s left out: %s\n", ui.Plural(n, "file or folder", "files or folders"), strings.Join(r.LeftOut[:min(n, 5)], ", "))
	}
	r.writeSums(w)
	r.outputsText(w)
	r.lastLine(w)
}

func (r *Report) heldText(s ui.Streams) {
	w := s.Err
	for _, o := range r.Held {
		why, cure := HoldWords(s.Words(), string(o.Hold.Code), o.Hold.Sentence, o.Hold.Cure, o.Hold.File)
		fmt.Fprintf(w, "%s\n", s.Words().Say("report.held", "Order", ui.OrUnknown(o.Order), "Code", o.Hold.Code, "Why", why))
		if cure != "" {
			fmt.Fprintln(w, s.Words().Say("report.cure", "Cure", cure))
		}
		for _, line := range o.Hold.Add {
			fmt.Fprintln(w, "    "+line)
		}
	}
	if more := r.Summary.Held - len(r.Held); more > 0 {
		fmt.Fprintf(w, "… and %d more\n", more)
	}
	if len(r.Held) > 0 && r.HeldAt != "" {
		fmt.Fprintln(w, "all held orders with their cures: "+r.HeldAt)
	}
}

// dismissedText names the orders that came and stay out.
func (r *Report) dismissedText(w io.Writer) {
	for i, o := range r.Dismissed {
		if i == outbox.MostHeld {
			fmt.Fprintf(w, "… and %d more\n", len(r.Dismissed)-i)
			break
		}
		fmt.Fprintf(w, "left out %s  %s\n", ui.OrUnknown(o.Order), o.Why)
	}
	if len(r.Dismissed) > 0 {
		fmt.Fprintln(w, "to bring one back: obmen dismiss --undo ORDER")
	}
}

// writeSums shows that the money reconciles, currency by currency.
func (r *Report) writeSums(w io.Writer) {
	for _, c := range r.Summary.CurrencyList() {
		s := r.Summary.Currencies[c]
		if c == "" {
			if s = r.printUnreadable(w, *s); s.Orders == 0 {
				continue
			}
			c = "no currency"
		}
		places := c.Places()
		fmt.Fprintf(w, "%s  %s", c, ui.Plural(s.Orders, "order", "orders"))
		if s.Exported > 0 {
			fmt.Fprintf(w, "; %d exported: %s", s.Exported, s.ExportedTotal.Text(places))
			if !s.Excluded.IsZero() {
				fmt.Fprintf(w, ", of which %s in documents and %s not the seller's", s.Documents().Text(places), s.Excluded.Text(places))
			}
		}
		writePart(w, s.Held, "held", s.HeldTotal, s.HeldUnstated, places)
		writePart(w, s.Skipped, "skipped", s.SkippedTotal, s.SkippedUnstated, places)
		fmt.Fprintln(w)
	}
}

// printUnreadable prints how many orders cannot be read, and returns the sums of the others without a
// currency.
func (r *Report) printUnreadable(w io.Writer, s convert.Sums) *convert.Sums {
	n := r.Summary.Codes[convert.Unreadable]
	if n > 0 {
		fmt.Fprintf(w, "%s that cannot be read\n", ui.Plural(n, "order", "orders"))
	}
	s.Orders, s.Held, s.HeldUnstated = s.Orders-n, s.Held-n, s.HeldUnstated-n
	return &s
}

func writePart(w io.Writer, n int, what string, total money.Amount, unstated, places int) {
	if n == 0 {
		return
	}
	switch {
	case n == unstated:
		fmt.Fprintf(w, "; %d %s, no total stated", n, what)
	case unstated > 0:
		fmt.Fprintf(w, "; %d %s: %s and %d without a stated total", n, what, total.Text(places), unstated)
	default:
		fmt.Fprintf(w, "; %d %s: %s", n, what, total.Text(places))
	}
}

func (r *Report) outputsText(w io.Writer) {
	for _, out := range r.Outputs {
		state := ""
		switch {
		case r.DryRun:
			state = ", not written (dry run)"
		case out.Already:
			state = ", was there already"
		}
		fmt.Fprintf(w, "%s  %s%s\n", out.Path, ui.Plural(out.Count, "order", "orders"), state)
	}
}

func (r *Report) lastLine(w io.Writer) {
	s := &r.Summary
	if len(r.Files) == 0 {
		fmt.Fprintln(w, "no files to read were found")
	}
	fmt.Fprintf(w, "%d exported, %d held, %d skipped%s", s.Exported, s.Held, s.Skipped, r.ruleCounts())
	if n := r.Refused(); n > 0 {
		fmt.Fprintf(w, "; %s refused", ui.Plural(n, "file", "files"))
	}
	fmt.Fprintln(w)
}

// ruleCounts names the rules that skipped orders, with their counts.
func (r *Report) ruleCounts() string {
	var list []string
	for rule, n := range r.Summary.Rules {
		list = append(list, fmt.Sprintf("%d %s (%s)", n, rule, rule.Meaning()))
	}
	if list == nil {
		return ""
	}
	slices.Sort(list)
	return ": " + strings.Join(list, ", ")
}
