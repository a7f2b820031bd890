package desk

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"obmen/convert/layout/sheet"
	"obmen/convert/money"
	"obmen/watch/desk/words"
	"obmen/watch/drop"
	"obmen/watch/ledger"
	"obmen/watch/outbox"
)

// DayReportPath is the workbook of the day, beside the list of held orders of the first route.
func (d *Desk) DayReportPath(w *words.Words) string {
	return filepath.Join(d.Routes[0].Quarantine, w.Say("dayreport.name")+".xlsx")
}

// WriteDayReport replaces the workbook of a day: what came in and went out, every file with its fate, and what waits
// now. It is for a person; nothing reads it.
func (d *Desk) WriteDayReport(ctx context.Context, w *words.Words, now time.Time) error {
	r := dayReport{words: w, from: midnight(now), made: now}
	if err := r.read(ctx, d); err != nil {
		return err
	}
	sheets := []sheet.Sheet{r.totals(), r.fates(), r.waiting()}
	return drop.ReplaceFile(drop.OS{}, d.DayReportPath(w), outbox.ListMode, func(to io.Writer) error {
		return sheet.WriteSheets(ctx, to, now, sheets)
	})
}

// dayReport holds what a workbook of a day shows.
type dayReport struct {
	words     *words.Words
	from      time.Time // the midnight it begins with
	made      time.Time
	files     []ledger.FileRecord
	moreFiles int               // than those that are listed; they are in ended
	ended     ledger.FileCounts // all files of the day that have ended
	out, held []Sum
	holds     []ledger.Hold
	moreHolds bool // than those that are listed
}

// mostListed bounds the files and the orders that are listed, which are in memory while they are written. The sums
// are of all.
const mostListed = 5000

func (r *dayReport) read(ctx context.Context, d *Desk) (err error) {
	if err := r.readFiles(ctx, d); err != nil {
		return err
	}
	var out sums
	err = d.Ledger.EachOrder(ctx, ledger.OrderFilter{Since: r.from}, func(o *ledger.Order) error {
		out.addOrder(o)
		return nil
	})
	if err != nil {
		return err
	}
	r.out = out.sorted()
	if r.held, err = d.HeldSums(ctx); err != nil {
		return err
	}
	r.holds, err = d.Ledger.Holds(ctx, ledger.HoldFilter{Limit: mostListed + 1})
	r.moreHolds = len(r.holds) > mostListed
	r.holds = r.holds[:min(len(r.holds), mostListed)]
	return err
}

// readFiles reads the files that have ended on the day, and those that wait.
func (r *dayReport) readFiles(ctx context.Context, d *Desk) (err error) {
	if r.ended, err = d.Ledger.CountFiles(ctx, r.from, time.Time{}); err != nil {
		return err
	}
	listed := map[[2]string]bool{}
	for _, filter := range []ledger.FileFilter{{Since: r.from, Newest: true, Limit: mostListed}, {State: ledger.Waiting, Newest: true, Limit: mostListed}} {
		list, err := d.Ledger.Files(ctx, filter)
		if err != nil {
			return err
		}
		if len(r.files) == 0 && len(list) == mostListed {
			r.moreFiles = max(r.ended.Files+r.ended.Refused-mostListed, 0)
		}
		for _, f := range list {
			if key := [2]string{f.Route, f.SHA256}; !listed[key] {
				listed[key] = true
				r.files = append(r.files, f)
			}
		}
	}
	return nil
}

// rowBelowMade is empty where a table lists all that there is.
const rowBelowMade = 2

// top are the lines above a table: what it is, and of when.
func (r *dayReport) top(title string) [][]sheet.Cell {
	w := r.words
	return [][]sheet.Cell{
		{{Look: sheet.Title, Text: title}},
		{{Look: sheet.Faint, Text: w.Say("dayreport.made", "Day", w.Day(r.from), "Made", w.Minute(r.made))}},
		nil,
	}
}

func head(s string) sheet.Cell { return sheet.Cell{Look: sheet.Header, Text: capital(s)} }

// headRight stands over numbers.
func headRight(s string) sheet.Cell { return sheet.Cell{Look: sheet.HeaderRight, Text: capital(s)} }

// capital makes the first letter of a heading a capital one.
func capital(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + s[size:]
}

func text(s string) sheet.Cell { return sheet.Cell{Look: sheet.Wrapped, Text: s} }

func count(n int) sheet.Cell { return sheet.Cell{Look: sheet.Count, Number: money.Int(int64(n))} }

// sum is an amount with the places of its currency.
func sum(a money.Amount, currency string) sheet.Cell {
	if money.Currency(currency).Places() == 0 && currency != "" {
		return sheet.Cell{Look: sheet.Count, Number: a}
	}
	return sheet.Cell{Look: sheet.Money, Number: a}
}

// sumOf is the amount of a sum; empty when no order of it has one.
func sumOf(s Sum, currency string) sheet.Cell {
	if s.Orders > 0 && s.Unstated == s.Orders {
		return sheet.Cell{}
	}
	return sum(s.Total, currency)
}

// totals is the sheet of what went out and what waits, by account and currency, with grand totals by currency.
func (r *dayReport) totals() sheet.Sheet {
	w := r.words
	rows := r.top(w.Say("dayreport.title", "Day", w.Day(r.from)))
	rows = append(rows, []sheet.Cell{head(w.Say("list.account")), head(w.Say("list.currency")), headRight(w.Say("dayreport.out")), headRight(w.Say("dayreport.out-sum")), headRight(w.Say("dayreport.held")), headRight(w.Say("dayreport.held-sum"))})
	page := sheet.Sheet{Name: w.Say("dayreport.totals"), Header: len(rows), Frozen: true, Widths: []float64{26, 12, 18, 20, 18, 20}}
	type line struct{ out, held Sum }
	lines, keys := map[[2]string]*line{}, [][2]string{}
	at := func(s Sum) *line {
		key := [2]string{s.Account, s.Currency}
		if lines[key] == nil {
			lines[key] = &line{}
			keys = append(keys, key)
		}
		return lines[key]
	}
	for _, s := range r.out {
		at(s).out = s
	}
	for _, s := range r.held {
		at(s).held = s
	}
	slices.SortFunc(keys, func(a, b [2]string) int { return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1])) })
	grand := map[string]*line{}
	var currencies []string
	for _, key := range keys {
		l := lines[key]
		rows = append(rows, []sheet.Cell{
			text(cmp.Or(key[0], w.Say("dayreport.no-account"))), text(cmp.Or(key[1], w.Say("dayreport.no-currency"))),
			count(l.out.Orders), sumOf(l.out, key[1]), count(l.held.Orders), sumOf(l.held, key[1]),
		})
		g := grand[key[1]]
		if g == nil {
			g = &line{}
			grand[key[1]] = g
			currencies = append(currencies, key[1])
		}
		g.out.Orders, g.out.Total = g.out.Orders+l.out.Orders, g.out.Total.Plus(l.out.Total)
		g.held.Orders, g.held.Total, g.held.Unstated = g.held.Orders+l.held.Orders, g.held.Total.Plus(l.held.Total), g.held.Unstated+l.held.Unstated
	}
	slices.Sort(currencies)
	for _, c := range currencies {
		g := grand[c]
		number := func(n int) sheet.Cell { return sheet.Cell{Look: sheet.TotalCount, Number: money.Int(int64(n))} }
		amount := func(s Sum) sheet.Cell {
			cell := sumOf(s, c)
			cell.Look = map[sheet.Look]sheet.Look{sheet.Count: sheet.TotalCount, sheet.Money: sheet.Total, sheet.Text: sheet.TotalText}[cell.Look]
			return cell
		}
		rows = append(rows, []sheet.Cell{
			{Look: sheet.TotalText, Text: w.Say("dayreport.grand")},
			{Look: sheet.TotalText, Text: cmp.Or(c, w.Say("dayreport.no-currency"))},
			number(g.out.Orders), amount(g.out), number(g.held.Orders), amount(g.held),
		})
	}
	if unstated := unstatedOf(r.held); unstated > 0 {
		rows = append(rows, nil, []sheet.Cell{{Look: sheet.Faint, Text: w.Text(words.Count("dayreport.unstated", unstated))}})
	}
	page.Rows = rows
	return page
}

func unstatedOf(list []Sum) (n int) {
	for _, s := range list {
		n += s.Unstated
	}
	return n
}

// fates is the sheet of the files of the day, each with what became of it.
func (r *dayReport) fates() sheet.Sheet {
	w := r.words
	rows := r.top(w.Say("dayreport.files-title", "Day", w.Day(r.from)))
	rows = append(rows, []sheet.Cell{head(w.Say("dayreport.file")), head(w.Say("dayreport.came")), head(w.Say("dayreport.fate")), headRight(w.Say("dayreport.out")), headRight(w.Say("dayreport.held")), headRight(w.Say("dayreport.known")), headRight(w.Say("dayreport.skipped")), head(w.Say("dayreport.why"))})
	if r.moreFiles > 0 {
		rows[rowBelowMade] = []sheet.Cell{{Look: sheet.Faint, Text: w.Say("dayreport.more-files", "N", w.Number(len(r.files)+r.moreFiles), "Most", w.Number(len(r.files)))}}
	}
	page := sheet.Sheet{Name: w.Say("dayreport.files"), Header: len(rows), Frozen: true, Widths: []float64{34, 17, 13, 13, 13, 11, 13, 40}}
	var all ledger.Counts
	for i := range r.files {
		f := &r.files[i]
		c := f.Counts
		why := ""
		fate := sheet.Cell{Text: w.Say("word.state." + string(f.State))}
		switch {
		case f.State == ledger.Refused:
			fate.Look, why = sheet.Bad, r.reasonOf(f)
		case f.State != ledger.Done:
			fate.Look, why = sheet.Wait, r.reasonOf(f)
		case c.Held > 0:
			fate.Look = sheet.Wait
		}
		rows = append(rows, []sheet.Cell{
			text(f.Name), {Look: sheet.Date, Date: f.Seen.Local()}, fate, count(c.Exported), count(c.Held), count(c.Known + c.Older), count(c.Skipped), text(why),
		})
		all.Exported, all.Held, all.Known, all.Skipped = all.Exported+c.Exported, all.Held+c.Held, all.Known+c.Known+c.Older, all.Skipped+c.Skipped
	}
	if r.moreFiles > 0 {
		all = r.ended.Counts
		all.Known += all.Older
	}
	total := []sheet.Cell{{Look: sheet.TotalText, Text: w.Text(words.Count("count.files", len(r.files)+r.moreFiles))}, {Look: sheet.TotalText}, {Look: sheet.TotalText}}
	for _, n := range []int{all.Exported, all.Held, all.Known, all.Skipped} {
		total = append(total, sheet.Cell{Look: sheet.TotalCount, Number: money.Int(int64(n))})
	}
	page.Rows = append(rows, append(total, sheet.Cell{Look: sheet.TotalText}))
	return page
}

// reasonOf is why a file is not done; its name stands beside it.
func (r *dayReport) reasonOf(f *ledger.FileRecord) string {
	return r.words.Phrase(strings.TrimPrefix(f.Reason, f.Name+": "))
}

// waiting is the sheet of the orders that are held now.
func (r *dayReport) waiting() sheet.Sheet {
	w := r.words
	rows := r.top(w.Say("dayreport.held-title"))
	rows = append(rows, []sheet.Cell{head(w.Say("list.order")), head(w.Say("list.account")), head(w.Say("list.ordered")), head(w.Say("list.country")), headRight(w.Say("list.amount")), head(w.Say("list.currency")), head(w.Say("list.title")), head(w.Say("list.since")), head(w.Say("list.why")), head(w.Say("list.cure"))})
	if r.moreHolds {
		rows[rowBelowMade] = []sheet.Cell{{Look: sheet.Faint, Text: w.Say("heldbook.more-orders", "Most", w.Number(mostListed))}}
	}
	page := sheet.Sheet{Name: w.Say("dayreport.held-sheet"), Header: len(rows), Frozen: true, Widths: []float64{21, 12, 11, 9, 12, 9, 28, 11, 26, 36}}
	for i := range r.holds {
		h := &r.holds[i]
		why, cure := w.HoldCode(h.Code, h.File)
		amount := text("")
		if total, err := money.Parse(h.Total); err == nil && h.Total != "" {
			amount = sum(total, h.Currency)
		}
		ordered := text("")
		if !h.Details.Ordered.IsZero() {
			ordered = sheet.DayCell(h.Details.Ordered)
		}
		rows = append(rows, []sheet.Cell{
			text(h.Order), text(h.Account), ordered, text(h.Details.Country), amount, text(h.Currency), text(h.Details.Title),
			sheet.DayCell(h.Since.Local()),
			text(why), text(strings.TrimSpace(fmt.Sprintln(cure) + strings.Join(h.Add, "\n"))),
		})
	}
	page.Rows = rows
	return page
}
