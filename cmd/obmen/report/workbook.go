package report

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"obmen/cmd/obmen/ui"
	"obmen/convert"
	"obmen/convert/layout/sheet"
	"obmen/convert/layout/tmpl"
	"obmen/convert/money"
	"obmen/watch/desk/words"
	"obmen/watch/drop"
	"obmen/watch/outbox"
)

// The workbook of --report is for an accountant who checks a conversion: what came in and went out in
// every currency, the proof of every order, and what was held. 1C never reads it.

// CheckName refuses a name that Excel would not open.
func CheckName(name string) error {
	if name == "" || strings.EqualFold(filepath.Ext(name), ".xlsx") {
		return nil
	}
	return ui.Usage("name it .xlsx: --report "+strings.TrimSuffix(name, filepath.Ext(name))+".xlsx", "--report %s: the report is an Excel workbook", name)
}

// WriteWorkbook replaces the workbook.
func WriteWorkbook(ctx context.Context, path string, done *outbox.Result) error {
	sheets := []sheet.Sheet{checkedSheet(done), unmatchedSheet(done), refusedSheet(done)}
	err := drop.ReplaceFile(drop.OS{}, path, outbox.ListMode, func(w io.Writer) error {
		return sheet.WriteSheets(ctx, w, newestChange(done), sheets)
	})
	if err != nil {
		err = fmt.Errorf("the exchange files are written, the report is not: %w", err)
		if size := new(tmpl.SizeError); errors.As(err, &size) {
			return err
		}
		return ui.WithHint(err, "close the workbook if it is open in Excel, look whether its folder is there, and run the same command again")
	}
	return nil
}

// newestChange is the workbook's own time: the same orders give the same bytes.
func newestChange(done *outbox.Result) (newest time.Time) {
	for i := range done.Orders {
		if at := done.Orders[i].Updated; at.After(newest) {
			newest = at
		}
	}
	if newest.IsZero() {
		newest = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	return newest
}

// checkedSheet is the sheet of control totals and proofs.
func checkedSheet(done *outbox.Result) sheet.Sheet {
	rows := [][]sheet.Cell{{{Look: sheet.Title, Text: "Контрольные итоги"}}, controlHeads}
	unstated := exportedUnstated(done)
	for _, c := range done.Summary.CurrencyList() {
		rows = append(rows, controlRow(c, done.Summary.Currencies[c], unstated[c]))
	}
	if n := done.Refused(); n > 0 {
		rows = append(rows, nil, []sheet.Cell{labelCell("Файлов не принято"), countCell(n), labelCell("см. лист «Не приняты»")})
	}
	rows = append(rows, nil, []sheet.Cell{{Look: sheet.Title, Text: "Проверка по заказам"}}, orderHeads)
	page := sheet.Sheet{Name: "Проверка", Header: len(rows), Widths: []float64{22, 16, 11, 14, 16, 16, 16, 14, 14, 18, 52, 44, 60}}
	for i := range done.Orders {
		rows = append(rows, orderRow(&done.Orders[i]))
	}
	page.Rows = rows
	return page
}

// exportedUnstated counts, by currency, the exported orders whose source states no total: nothing proves their sum.
func exportedUnstated(done *outbox.Result) map[money.Currency]int {
	count := map[money.Currency]int{}
	for i := range done.Orders {
		if d := done.Orders[i].Document; d != nil && !d.Proof.Stated {
			count[done.Orders[i].Currency]++
		}
	}
	return count
}

func headCells(texts ...string) (cells []sheet.Cell) {
	for _, t := range texts {
		cells = append(cells, sheet.Cell{Look: sheet.Header, Text: t})
	}
	return cells
}

var (
	controlHeads = headCells("Валюта", "Заказов", "Выгружено", "Удержано", "Выгружено на сумму", "Не наше (налог маркетплейса)", "Сумма документов", "Удержано на сумму", "Пропущено", "Пропущено на сумму", "Без итога в источнике")
	orderHeads   = headCells("Заказ", "Учётная запись", "Валюта", "Состояние", "Итог заказа", "Не входит в документ", "Сумма документа", "Разница", "в т. ч. НДС", "Дата документа", "Как сошлись суммы", "Почему не входит", "Файл и место")
)

func labelCell(s string) sheet.Cell        { return sheet.Cell{Text: s} }
func amountCell(a money.Amount) sheet.Cell { return sheet.Cell{Look: sheet.Money, Number: a} }
func wrappedCell(s string) sheet.Cell      { return sheet.Cell{Look: sheet.Wrapped, Text: s} }
func countCell(n int) sheet.Cell           { return sheet.Cell{Look: sheet.Count, Number: money.Int(int64(n))} }

func optionalCell(o money.Optional) sheet.Cell {
	if !o.Known {
		return labelCell("нет в источнике")
	}
	return amountCell(o.Value)
}

func controlRow(c money.Currency, s *convert.Sums, exportedUnstated int) []sheet.Cell {
	name := string(c)
	if name == "" {
		name = "валюта не указана"
	}
	return []sheet.Cell{
		labelCell(name), countCell(s.Orders), countCell(s.Exported), countCell(s.Held), amountCell(s.ExportedTotal), amountCell(s.Excluded),
		amountCell(s.Documents()), amountCell(s.HeldTotal), countCell(s.Skipped), amountCell(s.SkippedTotal), countCell(exportedUnstated + s.HeldUnstated + s.SkippedUnstated),
	}
}

// orderRow shows that order total − what is not the seller's − document = 0, or why there is no document.
func orderRow(o *convert.Outcome) []sheet.Cell {
	row := []sheet.Cell{labelCell(numberOf(o)), labelCell(o.Account), labelCell(string(o.Currency))}
	d := o.Document
	switch {
	case d != nil:
		p := d.Proof
		total, difference := amountCell(p.Total), amountCell(p.Total.Minus(p.Excluded).Minus(d.Total))
		if !p.Stated { // a sum of obmen's own proves nothing
			total, difference = optionalCell(money.Optional{}), labelCell("не с чем сверить")
		}
		row = append(row, labelCell("выгружен"), total, amountCell(p.Excluded), amountCell(d.Total), difference,
			amountCell(d.VAT), sheet.Cell{Look: sheet.Date, Date: d.Date}, wrappedCell(p.Wording), wrappedCell(p.Reason))
	case o.Hold != nil:
		row = append(row, withoutDocument(o, "удержан", "см. лист «Не сопоставлено»")...)
	default:
		row = append(row, withoutDocument(o, "пропущен", SkipWords(words.In(words.Russian), o.Rule))...)
	}
	return append(row, labelCell(o.Origin.String()))
}

// withoutDocument are the cells of an order without a document, as many as those of one with it.
func withoutDocument(o *convert.Outcome, state, why string) []sheet.Cell {
	return []sheet.Cell{labelCell(state), optionalCell(o.Total), labelCell(""), labelCell(""), labelCell(""), labelCell(""), labelCell(""), wrappedCell(why), labelCell("")}
}

// unmatchedSheet is the sheet of held orders and their cures. What an accountant does next stands first; the
// program's own words, with the values of the order, follow.
func unmatchedSheet(done *outbox.Result) sheet.Sheet {
	page := sheet.Sheet{Name: "Не сопоставлено", Header: 1, Widths: []float64{22, 16, 11, 16, 34, 50, 16, 34, 50, 50, 60}}
	page.Rows = append(page.Rows, headCells("Заказ", "Учётная запись", "Валюта", "Итог заказа", "Почему удержан", "Что сделать", "Файл для правки", "Строка, которую добавить", "Подробно (сообщение obmen)", "Подсказка obmen", "Файл и место"))
	for i := range done.Orders {
		o := &done.Orders[i]
		if o.Hold == nil {
			continue
		}
		why, cure := Words(words.In(words.Russian), o.Hold)
		page.Rows = append(page.Rows, []sheet.Cell{
			labelCell(numberOf(o)), labelCell(o.Account), labelCell(string(o.Currency)), optionalCell(o.Total), wrappedCell(why), wrappedCell(cure),
			labelCell(o.Hold.File), wrappedCell(strings.Join(o.Hold.Add, "\n")), wrappedCell(o.Hold.Sentence), wrappedCell(o.Hold.Cure), labelCell(o.Origin.String()),
		})
	}
	return page
}

// refusedSheet is the sheet of files that were not read: none of their orders stands on the other sheets.
func refusedSheet(done *outbox.Result) sheet.Sheet {
	page := sheet.Sheet{Name: "Не приняты", Header: 1, Widths: []float64{60, 70, 70}}
	page.Rows = append(page.Rows, headCells("Файл", "Почему не принят (сообщение obmen)", "Что сделать (подсказка obmen)"))
	for _, f := range done.Files {
		if f.Err != nil {
			page.Rows = append(page.Rows, []sheet.Cell{labelCell(f.Name), wrappedCell(f.Err.Error()), wrappedCell(f.Err.Hint())})
		}
	}
	return page
}

// numberOf is how the report calls an order, which may be one whose number cannot be read.
func numberOf(o *convert.Outcome) string { return cmp.Or(o.Order, "(без номера)") }

// SkipWords is why a rule left an order out.
func SkipWords(w *words.Words, rule convert.Rule) string {
	if code := "skip." + string(rule); w.Has(code) {
		return w.Say(code)
	}
	return rule.Meaning()
}

// Words is why an order is held and what to do, by the code alone: the values stand in its sentence.
func Words(w *words.Words, h *convert.Hold) (why, cure string) {
	return w.HoldCode(string(h.Code), h.File)
}
