package heldbook

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"obmen/convert/catalog"
	"obmen/convert/layout/sheet"
	"obmen/convert/money"
	"obmen/watch/desk/words"
	"obmen/watch/ledger"
)

// column is a column of the workbook. Those that are read have a name that stands in no other.
type column struct {
	code  string // of its heading
	width float64
	right bool // its cells are numbers
	fill  bool // a person fills it in
}

// columns are those of the sheet of orders.
var columns = []column{
	{"list.order", 21, false, false},
	{"list.ordered", 11, false, false},
	{"list.country", 8, false, false},
	{"list.amount", 11, true, false},
	{"list.currency", 8, false, false},
	{"list.title", 26, false, false},
	{"word.heldbook.sku", 17, false, false},
	{"word.heldbook.marketplace", 11, false, false},
	{"word.heldbook.product", 17, false, true},
	{"word.heldbook.quantity", 13, false, true},
	{"word.heldbook.answer", 28, false, false},
	{"word.heldbook.why", 36, false, false},
	{"list.since", 11, false, false},
	{"list.account", 12, false, false},
}

// needed are the columns that are read.
var needed = []string{"list.order", "word.heldbook.sku", "word.heldbook.marketplace", "word.heldbook.product", "word.heldbook.quantity"}

// row is an order that waits, or one of the SKUs that it waits for.
type row struct {
	*ledger.Hold
	item  *ledger.HoldLine // nil where no product is to be filled in
	first bool             // of its order
}

// sheets returns what the workbook shows and the time it is of; no sheets without orders.
func (b *book) sheets(ctx context.Context) ([]sheet.Sheet, time.Time, error) {
	holds, err := b.Desk.Ledger.Holds(ctx, ledger.HoldFilter{Route: b.route.Name, Limit: mostRows + 1})
	if err != nil || len(holds) == 0 {
		b.entries = map[cell]*entry{}
		return nil, time.Time{}, err
	}
	more := len(holds) > mostRows
	holds = holds[:min(len(holds), mostRows)]
	rows, at := rowsOf(holds), time.Time{}
	for i := range holds {
		if holds[i].Since.After(at) {
			at = holds[i].Since
		}
	}
	b.forgetGone(rows)
	cat, err := b.Desk.Catalog()
	if err != nil {
		cat = nil // the orders are shown all the same
	}
	list := []sheet.Sheet{b.orders(rows, cat)}
	if more {
		list[0].Rows[rowBelowHow] = []sheet.Cell{{Look: sheet.Faint, Text: b.Words.Say("heldbook.more-orders", "Most", b.Words.Number(mostRows))}}
	}
	if cat != nil {
		list = append(list, b.products(cat))
	}
	return list, at, nil
}

// rowsOf lists the SKUs that orders wait for, those of most orders first, then the other orders, the oldest first.
func rowsOf(holds []ledger.Hold) (rows []row) {
	waiting := map[line]int{}
	for i := range holds {
		h, first := &holds[i], true
		for j := range h.Details.Lines {
			if item := &h.Details.Lines[j]; h.File == catalog.SKUsFile && item.Cells["sku"] != "" {
				rows = append(rows, row{h, item, first})
				waiting[lineOf(item)]++
				first = false
			}
		}
		if first {
			rows = append(rows, row{h, nil, true})
		}
	}
	slices.SortStableFunc(rows, func(a, b row) int {
		n, m := 0, 0
		var one, other line
		if a.item != nil {
			one = lineOf(a.item)
			n = waiting[one]
		}
		if b.item != nil {
			other = lineOf(b.item)
			m = waiting[other]
		}
		return cmp.Or(cmp.Compare(m, n), cmp.Compare(one.sku, other.sku), cmp.Compare(one.marketplace, other.marketplace), a.Since.Compare(b.Since))
	})
	return rows
}

func lineOf(item *ledger.HoldLine) line { return line{item.Cells["sku"], item.Cells["marketplace"]} }

func (r *row) cell() cell {
	l := lineOf(r.item)
	return cell{r.Order, l.sku, l.marketplace}
}

// forgetGone forgets what was typed for orders that wait no more.
func (b *book) forgetGone(rows []row) {
	there := map[cell]bool{}
	for i := range rows {
		if rows[i].item != nil {
			there[rows[i].cell()] = true
		}
	}
	for at := range b.entries {
		if !there[at] {
			delete(b.entries, at)
		}
	}
}

// rowBelowHow is empty where all orders are listed.
const rowBelowHow = 2

func (b *book) orders(rows []row, cat *catalog.Snapshot) sheet.Sheet {
	w := b.Words
	page := sheet.Sheet{Name: w.Say("dayreport.held-sheet"), Frozen: true}
	page.Rows = [][]sheet.Cell{
		{{Look: sheet.Title, Text: w.Say("dayreport.held-title")}},
		{{Look: sheet.Faint, Text: w.Say("heldbook.how")}},
		nil,
	}
	head := make([]sheet.Cell, len(columns))
	for i, c := range columns {
		page.Widths = append(page.Widths, c.width)
		head[i] = sheet.Cell{Look: sheet.Header, Text: capital(w.Say(c.code))}
		switch {
		case c.right:
			head[i].Look = sheet.HeaderRight
		case c.fill:
			head[i].Look = sheet.HeaderInput
		}
	}
	page.Rows = append(page.Rows, head)
	page.Header = len(page.Rows)
	hints := map[string]string{}
	for i := range rows {
		page.Rows = append(page.Rows, b.cellsOf(&rows[i], cat, hints))
	}
	return page
}

// capital makes the first letter of a heading a capital one.
func capital(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + s[size:]
}

// cellsOf are the cells of a row, in the order of the columns.
func (b *book) cellsOf(r *row, cat *catalog.Snapshot, hints map[string]string) []sheet.Cell {
	w := b.Words
	text := func(s string) sheet.Cell { return sheet.Cell{Look: sheet.Wrapped, Text: s} }
	sum, ordered, title := text(""), text(""), r.Details.Title
	if total, err := money.Parse(r.Total); err == nil && r.Total != "" && r.first { // once an order: she may sum the column up
		sum = sheet.Cell{Look: sheet.Money, Number: total}
		if money.Currency(r.Currency).Places() == 0 {
			sum.Look = sheet.Count
		}
	}
	if !r.Details.Ordered.IsZero() {
		ordered = sheet.DayCell(r.Details.Ordered)
	}
	var sku line
	product, quantity, answer := text(""), text(""), ""
	if r.item != nil {
		sku, title = lineOf(r.item), cmp.Or(r.item.Title, title)
		product, quantity = sheet.Cell{Look: sheet.Input}, sheet.Cell{Look: sheet.Input}
		if e := b.entries[r.cell()]; e != nil {
			answer = w.Text(e.answer)
			if !e.taken {
				product.Text, quantity.Text = e.product, e.quantity
			}
		} else {
			answer = b.hintFor(sku.sku, cat, hints)
		}
	}
	why, cure := w.HoldCode(r.Code, r.File)
	if r.item != nil {
		cure = ""
	} else if len(r.Add) > 0 {
		cure = strings.TrimSpace(cure + "\n" + strings.Join(r.Add, "\n"))
	}
	return []sheet.Cell{
		text(r.Order), ordered, text(r.Details.Country), sum, text(r.Currency), text(title), text(sku.sku), text(sku.marketplace),
		product, quantity, text(answer), text(strings.TrimSpace(why + "\n" + cure)), sheet.DayCell(r.Since.Local()), text(r.Account),
	}
}

// hintFor names the product that an SKU looks like: a question, never an answer.
func (b *book) hintFor(sku string, cat *catalog.Snapshot, hints map[string]string) string {
	if cat == nil {
		return ""
	}
	hint, known := hints[sku]
	if !known {
		if near := cat.Suggest(sku, 1); len(near) > 0 {
			p := &near[0].Product
			hint = b.Words.Say("heldbook.like", "SKU", cmp.Or(p.SKU, p.Code), "Name", p.Name)
		}
		hints[sku] = hint
	}
	return hint
}

// products lists the products of the catalog, to be copied from; where there are too many it says where to search.
func (b *book) products(cat *catalog.Snapshot) sheet.Sheet {
	w := b.Words
	all, _ := cat.Len()
	page := sheet.Sheet{Name: w.Say("heldbook.products"), Frozen: true, Widths: []float64{24, 16, 60, 18}}
	page.Rows = [][]sheet.Cell{{{Look: sheet.Title, Text: w.Say("heldbook.products")}}}
	if all > mostProducts {
		page.Rows = append(page.Rows, []sheet.Cell{{Look: sheet.Faint, Text: w.Say("heldbook.too-many", "N", w.Number(all), "Most", w.Number(mostProducts))}})
	}
	var head []sheet.Cell
	for _, code := range []string{"word.heldbook.product-sku", "word.heldbook.product-code", "word.heldbook.product-name", "word.heldbook.product-barcode"} {
		head = append(head, sheet.Cell{Look: sheet.Header, Text: w.Say(code)})
	}
	page.Rows = append(page.Rows, nil, head)
	page.Header = len(page.Rows)
	for p := range cat.Products() {
		if len(page.Rows) >= mostProducts {
			break
		}
		page.Rows = append(page.Rows, []sheet.Cell{
			{Text: p.SKU}, {Text: p.Code}, {Look: sheet.Wrapped, Text: p.Name}, {Text: p.Barcode},
		})
	}
	return page
}

// readRows returns the rows of a saved workbook into which something was typed.
func readRows(ctx context.Context, data []byte) ([]typed, error) {
	f, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{RawCellValue: true, UnzipSizeLimit: mostUnzipped, UnzipXMLSizeLimit: mostUnzipped})
	if err != nil {
		return nil, fmt.Errorf("not a whole workbook: %w", err)
	}
	defer f.Close()
	for _, name := range f.GetSheetList() {
		list, found, err := readSheet(ctx, f, name)
		if found || err != nil {
			return list, err
		}
	}
	return nil, fmt.Errorf("no sheet has the columns %s", strings.Join(headings(words.In(words.English)), ", "))
}

func headings(w *words.Words) (list []string) {
	for _, code := range needed {
		list = append(list, w.Say(code))
	}
	return list
}

// readSheet reads a sheet; it is none of ours without our columns.
func readSheet(ctx context.Context, f *excelize.File, name string) (list []typed, found bool, err error) {
	const mostAbove = 20 // rows above the headings
	rows, err := f.Rows(name)
	if err != nil {
		return nil, false, err
	}
	defer rows.Close()
	var at []int
	for n := 0; rows.Next(); n++ {
		cells, err := rows.Columns(excelize.Options{RawCellValue: true})
		if err != nil {
			return nil, false, err
		}
		switch {
		case at == nil && n > mostAbove:
			return nil, false, ctx.Err()
		case n > mostRead:
			return nil, true, fmt.Errorf("sheet %q has more than %d rows", name, mostRead)
		case at == nil:
			at = columnsIn(cells)
		default:
			if t, filled := typedIn(cells, at); filled {
				list = append(list, t)
			}
		}
	}
	return list, at != nil, cmp.Or(rows.Error(), ctx.Err())
}

// columnsIn finds the columns by their headings, in any language and wherever a person has moved them; nil when one
// is not there.
func columnsIn(cells []string) []int {
	for _, lang := range words.Languages() {
		var at []int
		for _, heading := range headings(words.In(lang)) {
			i := slices.IndexFunc(cells, func(c string) bool { return strings.EqualFold(strings.TrimSpace(c), heading) })
			if i >= 0 {
				at = append(at, i)
			}
		}
		if len(at) == len(needed) {
			return at
		}
	}
	return nil
}

func typedIn(cells []string, at []int) (t typed, filled bool) {
	read := func(n int) string {
		if at[n] >= len(cells) {
			return ""
		}
		return strings.TrimSpace(cells[at[n]])
	}
	t = typed{cell{read(0), read(1), read(2)}, read(3), strings.Replace(read(4), ",", ".", 1)}
	return t, t.sku != "" && t.product != ""
}
