package report

import (
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
	sheets := []sheet.Sheet{checked(done), unmatched(done), refused(done)}
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

// checked is the sheet of control totals and proofs.
func checked(done *outbox.Result) sheet.Sheet {
	rows := [][]sheet.Cell{{{Look: sheet.Title, Text: "Контрольные итоги"}}, controlHeads}
	unstated := exportedUnstated(done)
	for _, c := range done.Summary.CurrencyList() {
		rows = append(rows, controlRow(c, done.Summary.Currencies[c], unstated[c]))
	}
	if n := done.Refused(); n > 0 {
		rows = append(rows, nil, []sheet.Cell{label("Файлов не принято"), whole(n), label("см. лист «Не приняты»")})
	}
	rows = append(rows, nil, []sheet.Cell{{Look: sheet.Title, Text: "Проверка по заказам"}}, orderHeads)
	page := sheet.Sheet{Name: "Проверка", Header: len(rows), Widths: []float64{22, 16, 9, 14, 16, 16, 16, 14, 14, 18, 52, 44, 60}}
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

func heads(texts ...string) (cells []sheet.Cell) {
	for _, t := range texts {
		cells = append(cells, sheet.Cell{Look: sheet.Header, Text: t})
	}
	return cells
}

var (
	controlHeads = heads("Валюта", "Заказов", "Выгружено", "Удержано", "Выгружено на сумму", "Не наше (налог маркетплейса)", "Сумма документов", "Удержано на сумму", "Пропущено", "Пропущено на сумму", "Без итога в источнике")
	orderHeads   = heads("Заказ", "Учётная запись", "Валюта", "Состояние", "Итог заказа", "Не входит в документ", "Сумма документа", "Разница", "в т. ч. НДС", "Дата документа", "Как сошлись суммы", "Почему не входит", "Файл и место")
)

func label(s string) sheet.Cell        { return sheet.Cell{Text: s} }
func amount(a money.Amount) sheet.Cell { return sheet.Cell{Look: sheet.Money, Number: a} }
func wrapped(s string) sheet.Cell      { return sheet.Cell{Look: sheet.Wrapped, Text: s} }
func whole(n int) sheet.Cell           { return sheet.Cell{Look: sheet.Count, Number: money.Int(int64(n))} }

func optional(o money.Optional) sheet.Cell {
	if !o.Known {
		return label("нет в источнике")
	}
	return amount(o.Value)
}

func controlRow(c money.Currency, s *convert.Sums, exportedUnstated int) []sheet.Cell {
	name := string(c)
	if name == "" {
		name = "валюта не указана"
	}
	return []sheet.Cell{
		label(name), whole(s.Orders), whole(s.Exported), whole(s.Held), amount(s.ExportedTotal), amount(s.Excluded),
		amount(s.Documents()), amount(s.HeldTotal), whole(s.Skipped), amount(s.SkippedTotal), whole(exportedUnstated + s.HeldUnstated + s.SkippedUnstated),
	}
}

// orderRow shows that order total − what is not the seller's − document = 0, or why there is no document.
func orderRow(o *convert.Outcome) []sheet.Cell {
	row := []sheet.Cell{label(numberOf(o)), label(o.Account), label(string(o.Currency))}
	d := o.Document
	switch {
	case d != nil:
		p := d.Proof
		total, difference := amount(p.Total), amount(p.Total.Minus(p.Excluded).Minus(d.Total))
		if !p.Stated { // a sum of obmen's own proves nothing
			total, difference = optional(money.Optional{}), label("не с чем сверить")
		}
		row = append(row, label("выгружен"), total, amount(p.Excluded), amount(d.Total), difference,
			amount(d.VAT), sheet.Cell{Look: sheet.Date, Date: d.Date}, wrapped(p.Wording), wrapped(p.Reason))
	case o.Hold != nil:
		row = append(row, withoutDocument(o, "удержан", "см. лист «Не сопоставлено»")...)
	default:
		row = append(row, withoutDocument(o, "пропущен", SkipWords(words.In(words.Russian), o.Rule))...)
	}
	return append(row, label(o.Origin.String()))
}

// withoutDocument are the cells of an order without a document, as many as those of one with it.
func withoutDocument(o *convert.Outcome, state, why string) []sheet.Cell {
	return []sheet.Cell{label(state), optional(o.Total), label(""), label(""), label(""), label(""), label(""), wrapped(why), label("")}
}

// unmatched is the sheet of held orders and their cures. What an accountant does next stands first; the
// program's own words, with the values of the order, follow.
func unmatched(done *outbox.Result) sheet.Sheet {
	page := sheet.Sheet{Name: "Не сопоставлено", Header: 1, Widths: []float64{22, 16, 9, 16, 34, 50, 16, 34, 50, 50, 60}}
	page.Rows = append(page.Rows, heads("Заказ", "Учётная запись", "Валюта", "Итог заказа", "Почему удержан", "Что сделать", "Файл для правки", "Строка, которую добавить", "Подробно (сообщение obmen)", "Подсказка obmen", "Файл и место"))
	for i := range done.Orders {
		o := &done.Orders[i]
		if o.Hold == nil {
			continue
		}
		why, cure := Words(words.In(words.Russian), o.Hold)
		page.Rows = append(page.Rows, []sheet.Cell{
			label(numberOf(o)), label(o.Account), label(string(o.Currency)), optional(o.Total), wrapped(why), wrapped(cure),
			label(o.Hold.File), wrapped(strings.Join(o.Hold.Add, "\n")), wrapped(o.Hold.Sentence), wrapped(o.Hold.Cure), label(o.Origin.String()),
		})
	}
	return page
}

// refused is the sheet of files that were not read: none of their orders stands on the other sheets.
func refused(done *outbox.Result) sheet.Sheet {
	page := sheet.Sheet{Name: "Не приняты", Header: 1, Widths: []float64{60, 70, 70}}
	page.Rows = append(page.Rows, heads("Файл", "Почему не принят (сообщение obmen)", "Что сделать (подсказка obmen)"))
	for _, f := range done.Files {
		if f.Err != nil {
			page.Rows = append(page.Rows, []sheet.Cell{label(f.Name), wrapped(f.Err.Error()), wrapped(f.Err.Hint())})
		}
	}
	return page
}
