package web

import (
	"bytes"
	"cmp"
	"context"
	"io"
	"slices"
	"time"

	"obmen/convert/layout/sheet"
	"obmen/convert/money"
	"obmen/watch/desk"
	"obmen/watch/desk/words"
)

// writePeriodBook writes the control totals as a workbook.
func writePeriodBook(ctx context.Context, out io.Writer, w *words.Words, p *desk.PeriodReport, now time.Time) error {
	b := &periodSheet{Sheet: sheet.Sheet{Name: w.Say("web.reports.sheet"), Widths: []float64{46, 14, 16, 22}}, words: w}
	b.add(sheet.Cell{Look: sheet.Title, Text: w.Say("web.reports.heading", "From", w.Day(p.From), "To", w.Day(p.To))})
	b.add(sheet.Cell{Look: sheet.Faint, Text: w.Say("web.reports.made", "Made", w.Minute(now))})
	b.add()
	b.head(w.Say("web.reports.orders-in"), "", w.Say("web.today.orders"), "")
	for i, line := range periodLines(p) {
		if i == 0 {
			b.add(totalCell(w.Say(line.Code)), totalCell(""), sheet.Cell{Look: sheet.TotalCount, Number: money.Int(int64(line.N))}, totalCell(""))
			continue
		}
		b.add(textCell(w.Say(line.Code)), textCell(""), countCell(line.N))
	}
	b.addSums(w.Say("web.reports.out"), p.Out)
	b.addSums(w.Say("web.reports.cancelled"), p.Cancelled)
	b.addSums(w.Say("web.reports.held-now"), p.Waiting)
	if len(p.RefusedNow) > 0 {
		b.add()
		b.head(w.Say("web.files.refused"), "", "", "")
		for _, f := range p.RefusedNow {
			b.add(textCell(f.Name), textCell(w.Phrase(f.Reason)))
		}
	}
	return sheet.WriteSheets(ctx, out, now, []sheet.Sheet{b.Sheet})
}

// periodSheet is the sheet of the control totals.
type periodSheet struct {
	sheet.Sheet
	words *words.Words
}

func (b *periodSheet) add(cells ...sheet.Cell) { b.Rows = append(b.Rows, cells) }

// head adds the heading of a table: two columns of text, two of numbers.
func (b *periodSheet) head(title, second, third, fourth string) {
	b.add(sheet.Cell{Look: sheet.Header, Text: title}, sheet.Cell{Look: sheet.Header, Text: second},
		sheet.Cell{Look: sheet.HeaderRight, Text: third}, sheet.Cell{Look: sheet.HeaderRight, Text: fourth})
}

// addSums adds a table of sums, with a total for each currency of several accounts.
func (b *periodSheet) addSums(title string, sums []desk.Sum) {
	if len(sums) == 0 {
		return
	}
	w := b.words
	b.add()
	b.head(title, w.Say("web.reports.currency"), w.Say("web.today.orders"), w.Say("web.order.amount"))
	var currencies []string
	totals := map[string]*desk.Sum{}
	for _, s := range sums {
		b.add(textCell(cmp.Or(s.Account, w.Say("web.today.no-account"))), textCell(s.Currency), countCell(s.Orders), sumCell(s))
		all := totals[s.Currency]
		if all == nil {
			all = &desk.Sum{Currency: s.Currency}
			totals[s.Currency] = all
			currencies = append(currencies, s.Currency)
		}
		all.Orders, all.Unstated, all.Total = all.Orders+s.Orders, all.Unstated+s.Unstated, all.Total.Plus(s.Total)
	}
	slices.Sort(currencies)
	for _, c := range currencies {
		b.add(totalCell(w.Say("dayreport.grand")), totalCell(c), sheet.Cell{Look: sheet.TotalCount, Number: money.Int(int64(totals[c].Orders))}, totalSumCell(totals[c]))
	}
}

func textCell(text string) sheet.Cell { return sheet.Cell{Text: text} }

func totalCell(text string) sheet.Cell { return sheet.Cell{Look: sheet.TotalText, Text: text} }

func countCell(n int) sheet.Cell {
	return sheet.Cell{Look: sheet.Count, Number: money.Int(int64(n))}
}

// sumCell is the amount of a sum; empty when no order of it has one.
func sumCell(s desk.Sum) sheet.Cell {
	if s.Unstated == s.Orders {
		return textCell("")
	}
	return moneyCell(sheet.Money, s.Total, s.Currency)
}

func totalSumCell(s *desk.Sum) sheet.Cell {
	if s.Unstated == s.Orders {
		return totalCell("")
	}
	return moneyCell(sheet.Total, s.Total, s.Currency)
}

// moneyCell is an amount with the places of its currency.
func moneyCell(look sheet.Look, a money.Amount, currency string) sheet.Cell {
	if currency != "" && money.Currency(currency).Places() == 0 {
		look = map[sheet.Look]sheet.Look{sheet.Money: sheet.Count, sheet.Total: sheet.TotalCount}[look]
	}
	return sheet.Cell{Look: look, Number: a}
}

// periodBook is the workbook as it is downloaded.
func periodBook(ctx context.Context, w *words.Words, p *desk.PeriodReport, now time.Time) (*bytes.Reader, error) {
	var out bytes.Buffer
	err := writePeriodBook(ctx, &out, w, p, now)
	return bytes.NewReader(out.Bytes()), err
}

// periodLine is one of the totals; those behind the first come to it.
type periodLine struct {
	Code string
	N    int
}

func periodLines(p *desk.PeriodReport) []periodLine {
	return []periodLine{
		{"word.period.in", p.In},
		{"word.period.exported", p.Exported},
		{"word.period.held", p.Held},
		{"word.period.known", p.Known},
		{"word.period.older", p.Older},
		{"word.period.skipped", p.Skipped},
	}
}
