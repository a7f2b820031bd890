package main

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"obmen/convert/catalog"
	"obmen/convert/money"
	"obmen/watch/drop"
	"obmen/watch/outbox"
)

// report tells people and programs what a conversion did.
type report struct {
	*outbox.Result
	HeldList *outbox.HeldList
	LeftOut  []string // files and folders that were not read
	Notes    []string
	HeldAt   string // where HeldList is written; empty when nowhere
	DryRun   bool
}

// write reports: held.csv beside the outputs, JSON on stdout if asked for, the summary for people.
func (r *report) write(json bool, s streams) error {
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
	r.text(s.Err)
	return nil
}

func catalogNotes(cat *catalog.Snapshot) (notes []string) {
	for _, n := range cat.Notes {
		notes = append(notes, n.Error())
	}
	return notes
}

func (r *report) text(w io.Writer) {
	for _, f := range r.Files {
		if f.Err != nil {
			printProblem(w, f.Err.Error(), f.Err.Advice)
		}
	}
	r.heldText(w)
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
		fmt.Fprintf(w, "%s left out: %s\n", plural(n, "file or folder", "files or folders"), strings.Join(r.LeftOut[:min(n, 5)], ", "))
	}
	r.sums(w)
	r.outputsText(w)
	r.lastLine(w)
}

func (r *report) heldText(w io.Writer) {
	for _, o := range r.Held {
		fmt.Fprintf(w, "held %s  %s  %s\n", orUnknown(o.Order), o.Hold.Code, o.Hold.Sentence)
		if o.Hold.Cure != "" {
			fmt.Fprintln(w, "  cure: "+o.Hold.Cure)
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
func (r *report) dismissedText(w io.Writer) {
	for i, o := range r.Dismissed {
		if i == outbox.MostHeld {
			fmt.Fprintf(w, "… and %d more\n", len(r.Dismissed)-i)
			break
		}
		fmt.Fprintf(w, "left out %s  %s\n", orUnknown(o.Order), o.Why)
	}
	if len(r.Dismissed) > 0 {
		fmt.Fprintln(w, "to bring one back: obmen dismiss --undo ORDER")
	}
}

func orUnknown(id string) string {
	if id == "" {
		return "(no order id)"
	}
	return id
}

// sums shows that the money reconciles, currency by currency.
func (r *report) sums(w io.Writer) {
	for _, c := range r.Summary.CurrencyList() {
		s := r.Summary.Currencies[c]
		if c == "" {
			fmt.Fprintf(w, "%s that cannot be read\n", plural(s.Orders, "order", "orders"))
			continue
		}
		places := c.Places()
		fmt.Fprintf(w, "%s  %s", c, plural(s.Orders, "order", "orders"))
		if s.Exported > 0 {
			fmt.Fprintf(w, "; %d exported: %s", s.Exported, s.ExportedTotal.Text(places))
			if !s.Excluded.IsZero() {
				fmt.Fprintf(w, ", of which %s in documents and %s not the seller's", s.Documents().Text(places), s.Excluded.Text(places))
			}
		}
		part(w, s.Held, "held", s.HeldTotal, s.HeldUnstated, places)
		part(w, s.Skipped, "skipped", s.SkippedTotal, s.SkippedUnstated, places)
		fmt.Fprintln(w)
	}
}

func part(w io.Writer, n int, what string, total money.Amount, unstated, places int) {
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

func (r *report) outputsText(w io.Writer) {
	for _, out := range r.Outputs {
		state := ""
		switch {
		case r.DryRun:
			state = ", not written (dry run)"
		case out.Already:
			state = ", was there already"
		}
		fmt.Fprintf(w, "%s  %s%s\n", out.Path, plural(out.Count, "order", "orders"), state)
	}
}

func (r *report) lastLine(w io.Writer) {
	s := &r.Summary
	if len(r.Files) == 0 {
		fmt.Fprintln(w, "no files to read were found")
	}
	fmt.Fprintf(w, "%d exported, %d held, %d skipped%s", s.Exported, s.Held, s.Skipped, r.rules())
	if n := r.Refused(); n > 0 {
		fmt.Fprintf(w, "; %s refused", plural(n, "file", "files"))
	}
	fmt.Fprintln(w)
}

// rules names the rules that skipped orders, with their counts.
func (r *report) rules() string {
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

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
