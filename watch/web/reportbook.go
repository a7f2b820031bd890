package web

import (
	"bytes"
	"context"
	"io"
	"time"

	"obmen/convert/layout/sheet"
	"obmen/convert/money"
	"obmen/watch/desk"
	"obmen/watch/desk/words"
)

// writePeriodBook writes the control totals as a workbook.
func writePeriodBook(ctx context.Context, out io.Writer, w *words.Words, p *desk.PeriodReport, now time.Time) error {
	b := &sheet.Sheet{Name: w.Say("web.reports.sheet"), Widths: []float64{44, 14, 14, 20}}
	add := func(cells ...sheet.Cell) { b.Rows = append(b.Rows, cells) }
	add(textCell(w.Say("web.reports.heading", "From", w.Day(p.From), "To", w.Day(p.To))))
	add()
	for _, line := range periodLines(p) {
		add(textCell(w.Say(line.Code)), countCell(line.N))
	}
	for _, part := range []struct {
		title string
		sums  []desk.Sum
	}{
		{w.Say("web.reports.out"), p.Out}, {w.Say("web.reports.cancelled"), p.Cancelled}, {w.Say("web.reports.held-now"), p.Waiting},
	} {
		if len(part.sums) == 0 {
			continue
		}
		add()
		add(textCell(part.title), textCell(w.Say("web.reports.currency")), textCell(w.Say("web.today.orders")), textCell(w.Say("web.order.amount")))
		for _, s := range part.sums {
			account := s.Account
			if account == "" {
				account = w.Say("web.today.no-account")
			}
			add(textCell(account), textCell(s.Currency), countCell(s.Orders), sheet.Cell{Look: sheet.Money, Number: s.Total})
		}
	}
	if len(p.RefusedNow) > 0 {
		add()
		add(textCell(w.Say("web.files.refused")))
		for _, f := range p.RefusedNow {
			add(textCell(f.Name), textCell(f.Reason))
		}
	}
	return sheet.WriteSheets(ctx, out, now, []sheet.Sheet{*b})
}

func textCell(text string) sheet.Cell { return sheet.Cell{Text: text} }

func countCell(n int) sheet.Cell {
	return sheet.Cell{Look: sheet.Count, Number: money.Int(int64(n))}
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
