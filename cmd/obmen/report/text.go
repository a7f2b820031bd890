package report

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"obmen/cmd/obmen/ui"
	"obmen/convert"
	"obmen/convert/catalog"
	"obmen/convert/money"
	"obmen/watch/desk/words"
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

// Write reports: held.csv beside the outputs, JSON on stdout if asked for, the summary on stderr.
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

// Text tells what a conversion did, as text.
func (r *Report) Text(s ui.Streams) {
	for _, f := range r.Files {
		if f.Err != nil {
			s.PrintProblem(f.Err.Error(), f.Err.Advice)
		}
	}
	r.heldText(s)
	r.dismissedText(s)
	for _, n := range r.Result.Notes {
		s.Note("report.note", "Text", words.Plain(n.Text))
	}
	for _, n := range r.Notes {
		s.Note("report.note", "Text", words.Plain(n))
	}
	for _, out := range r.Outputs {
		for _, n := range out.Notes {
			s.Note("report.note", "Text", words.Plain(filepath.Base(out.Path)+": "+n))
		}
	}
	if n := len(r.LeftOut); n > 0 {
		s.Remark(words.Count("report.left-unread", n, "Names", r.LeftOut[:min(n, 5)]))
	}
	r.writeSums(s)
	r.outputsText(s)
	r.lastLine(s)
}

func (r *Report) heldText(s ui.Streams) {
	for _, o := range r.Held {
		why, cure := s.Words().Hold(string(o.Hold.Code), o.Hold.Sentence, o.Hold.Cure, o.Hold.File)
		s.Note("report.held", "Order", orderName(o.Order), "Code", o.Hold.Code, "Why", why)
		if cure != "" {
			s.Note("report.cure", "Cure", cure)
		}
		for _, line := range o.Hold.Add {
			s.Note("report.add", "Line", line)
		}
	}
	if more := r.Summary.Held - len(r.Held); more > 0 {
		s.Note("report.more", "More", more)
	}
	if len(r.Held) > 0 && r.HeldAt != "" {
		s.Note("report.all-held", "Path", r.HeldAt)
	}
}

// orderName is an order number, which may be one that cannot be read.
func orderName(id string) words.Text {
	if id == "" {
		return words.New("report.no-id")
	}
	return words.Plain(id)
}

// dismissedText names the orders that came and stay out.
func (r *Report) dismissedText(s ui.Streams) {
	for i, o := range r.Dismissed {
		if i == outbox.MostHeld {
			s.Note("report.more", "More", len(r.Dismissed)-i)
			break
		}
		s.Note("report.left-out", "Order", orderName(o.Order), "Why", words.Plain(o.Why))
	}
	if len(r.Dismissed) > 0 {
		s.Note("report.bring-back")
	}
}

// writeSums shows that the money reconciles, currency by currency.
func (r *Report) writeSums(s ui.Streams) {
	w := s.Words()
	for _, c := range r.Summary.CurrencyList() {
		sums, name := r.Summary.Currencies[c], string(c)
		if c == "" {
			if sums = r.printUnreadable(s, *sums); sums.Orders == 0 {
				continue
			}
			name = w.Say("report.no-currency")
		}
		places := c.Places()
		line := name + "  " + w.Text(words.Count("count.orders", sums.Orders))
		switch {
		case sums.Exported > 0 && !sums.Excluded.IsZero():
			line += w.Say("report.exported-part", "N", sums.Exported, "Total", w.Figure(sums.ExportedTotal.Text(places)), "Documents", w.Figure(sums.Documents().Text(places)), "Excluded", w.Figure(sums.Excluded.Text(places)))
		case sums.Exported > 0:
			line += w.Say("report.exported", "N", sums.Exported, "Total", w.Figure(sums.ExportedTotal.Text(places)))
		}
		line += sumPart(w, sums.Held, words.New("report.held-count", "N", sums.Held), sums.HeldTotal, sums.HeldUnstated, places)
		line += sumPart(w, sums.Skipped, words.New("report.skipped-count", "N", sums.Skipped), sums.SkippedTotal, sums.SkippedUnstated, places)
		fmt.Fprintln(s.Err, line)
	}
}

// printUnreadable prints how many orders cannot be read, and returns the sums of the others without a
// currency.
func (r *Report) printUnreadable(s ui.Streams, sums convert.Sums) *convert.Sums {
	n := r.Summary.Codes[convert.Unreadable]
	if n > 0 {
		s.Remark(words.Count("report.unreadable", n))
	}
	sums.Orders, sums.Held, sums.HeldUnstated = sums.Orders-n, sums.Held-n, sums.HeldUnstated-n
	return &sums
}

// sumPart is the part of a line of sums about held or skipped orders; what names them with their number.
func sumPart(w *words.Words, n int, what words.Text, total money.Amount, unstated, places int) string {
	switch {
	case n == 0:
		return ""
	case n == unstated:
		return w.Say("report.part-unstated", "What", what)
	case unstated > 0:
		return w.Say("report.part-both", "What", what, "Total", w.Figure(total.Text(places)), "Unstated", unstated)
	}
	return w.Say("report.part", "What", what, "Total", w.Figure(total.Text(places)))
}

func (r *Report) outputsText(s ui.Streams) {
	for _, out := range r.Outputs {
		line := out.Path + "  " + s.Words().Text(words.Count("count.orders", out.Count))
		switch {
		case r.DryRun:
			line += s.Words().Say("report.not-written")
		case out.Already:
			line += s.Words().Say("report.already")
		}
		fmt.Fprintln(s.Err, line)
	}
}

func (r *Report) lastLine(s ui.Streams) {
	sum := &r.Summary
	if len(r.Files) == 0 {
		s.Note("report.no-files")
	}
	line := s.Words().Say("report.sum", "Exported", sum.Exported, "Held", sum.Held, "Skipped", sum.Skipped) + r.ruleCounts(s.Words())
	if n := r.Refused(); n > 0 {
		line += s.Words().Say("report.refused", "Files", words.Count("count.files", n))
	}
	fmt.Fprintln(s.Err, line)
}

// ruleCounts names the rules that skipped orders, with their counts.
func (r *Report) ruleCounts(w *words.Words) string {
	var list []string
	for rule, n := range r.Summary.Rules {
		list = append(list, fmt.Sprintf("%d %s (%s)", n, rule, SkipWords(w, rule)))
	}
	if list == nil {
		return ""
	}
	slices.Sort(list)
	return ": " + strings.Join(list, ", ")
}
