//go:build ignore

// Make writes the workbook templates of this folder and of ../orders and ../goods: go run make.go. They
// can as well be changed in Excel; what is set here is only how they look at first.
package main

import (
	"fmt"
	"log"
	"os"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"
)

// look is a column's kind of cell.
type look int

const (
	plain  look = iota
	code        // text that looks like a number and must not become one
	middle      // short words, centred
	money
	count
	day
)

type column struct {
	russian, english string
	cell             string
	look             look
	width            float64
}

var columns = []column{
	{"Номер заказа", "Order number", `{{.Number}}`, code, 22},
	{"Дата", "Date", `{{.Date}}`, day, 12},
	{"Статус", "Status", `STATUS`, plain, 18},
	{"Отменён", "Cancelled", `{{if .Cancelled}}YES{{else}}NO{{end}}`, middle, 11},
	{"Контрагент", "Customer", `{{.Customer.Name}}`, plain, 30},
	{"Код контрагента", "Customer code", `{{.Customer.Code}}`, code, 15},
	{"ИНН", "Tax number", `{{.Customer.TaxID}}`, code, 15},
	{"№ строки", "Line", `{{.Line.Number}}`, count, 9},
	{"Вид", "Kind", `{{if .Line.Service}}SERVICE{{else}}GOODS{{end}}`, middle, 10},
	{"Артикул", "Article", `{{.Line.SKU}}`, code, 20},
	{"Код номенклатуры", "Product code", `{{.Line.Code}}`, code, 16},
	{"Номенклатура", "Product", `{{.Line.Name}}`, plain, 40},
	{"Штрихкод", "Barcode", `{{.Line.Barcode}}`, code, 16},
	{"Количество", "Quantity", `{{.Line.Quantity}}`, count, 13},
	{"Единица", "Unit", `{{.Line.Unit}}`, middle, 11},
	{"Цена", "Price", `{{.Line.Price}}`, money, 12},
	{"Сумма", "Amount", `{{.Line.Amount}}`, money, 13},
	{"Ставка НДС", "VAT rate", `{{.Line.VATRate}}`, middle, 11},
	{"Сумма НДС", "VAT", `{{if .VATStated}}{{.Line.VAT}}{{end}}`, money, 12},
	{"НДС в сумме", "VAT included", `{{if .VATStated}}{{if .VATIncluded}}YES{{else}}NO{{end}}{{end}}`, middle, 11},
	{"Валюта", "Currency", `{{.Currency}}`, middle, 10},
	{"Сумма документа", "Document total", `{{.Total}}`, money, 13},
	{"Организация", "Organisation", `{{.Organisation}}`, plain, 22},
	{"Склад", "Warehouse", `{{.Warehouse}}`, plain, 18},
	{"Площадка", "Marketplace", `{{.SalesChannel | default .Marketplace}}`, plain, 16},
	{"Кто отгружает", "Shipped by", `SHIPPER`, middle, 13},
	{"Способ доставки", "Shipping", `{{.ServiceLevel}}`, plain, 16},
	{"Страна доставки", "Ship-to country", `{{.ShipTo.Country}}`, middle, 11},
	{"Номер по данным клиента", "Customer's order number", `{{.PurchaseOrder}}`, code, 18},
	{"SKU площадки", "Marketplace SKU", `{{.Line.SourceSKU}}`, code, 20},
	{"Название на площадке", "Marketplace title", `{{.Line.Title}}`, plain, 34},
	{"ASIN", "ASIN", `{{.Line.ASIN}}`, code, 14},
	{"Ид позиции", "Order item id", `{{.Line.ItemID}}`, code, 18},
	{"Комментарий", "Comment", `{{.Comment}}`, plain, 34},
	{"Сумма на площадке", "Marketplace total", `{{if .Proof.Stated}}{{.Proof.Total}}{{end}}`, money, 13},
	{"Не входит в сумму", "Excluded", `{{if .Proof.Excluded}}{{.Proof.Excluded}}{{end}}`, money, 12},
	{"Проверка суммы", "Proof", `PROOF`, plain, 30},
}

// orders has a row for each order: the columns above that name no line, and two of its own.
var orders = insert(without(columns, ".Line."), "ИНН",
	column{"Строк", "Lines", `{{len .Lines}}`, count, 8},
	column{"Сумма НДС", "VAT", `{{if .VATStated}}{{.VAT}}{{end}}`, money, 12},
)

// without leaves out the columns whose cells name something.
func without(columns []column, name string) (kept []column) {
	for _, c := range columns {
		if !strings.Contains(c.cell, name) {
			kept = append(kept, c)
		}
	}
	return kept
}

// insert puts columns behind the one of that title.
func insert(columns []column, title string, more ...column) []column {
	i := slices.IndexFunc(columns, func(c column) bool { return c.russian == title })
	return slices.Insert(slices.Clone(columns), i+1, more...)
}

// goods has what 1C fills a document's list of goods from, under the names that its columns have there.
var goods = []column{
	{"Штрихкод", "", `{{.Line.Barcode}}`, code, 16},
	{"Артикул", "", `{{.Line.SKU}}`, code, 20},
	{"Код", "", `{{.Line.Code}}`, code, 16},
	{"Номенклатура", "", `{{.Line.Name}}`, plain, 40},
	{"Количество", "", `{{.Line.Quantity}}`, count, 13},
	{"Единица измерения", "", `{{.Line.Unit}}`, middle, 12},
	{"Цена", "", `{{.Line.Price}}`, money, 12},
	{"Сумма", "", `{{.Line.Amount}}`, money, 13},
	{"Ставка НДС", "", `{{.Line.VATRate}}`, middle, 11},
	{"Сумма НДС", "", `{{if .VATStated}}{{.Line.VAT}}{{end}}`, money, 12},
	{"Номер заказа", "", `{{.Number}}`, code, 22},
	{"Дата", "", `{{.Date}}`, day, 12},
	{"Контрагент", "", `{{.Customer.Name}}`, plain, 30},
	{"Валюта", "", `{{.Currency}}`, middle, 10},
}

const (
	font   = "Arial"
	ink    = "1F2933"
	header = "DCE6F1"
	rule   = "D9DEE4"
)

func main() {
	log.SetFlags(0)
	russian := []string{
		"YES", "Да", "NO", "Нет", "GOODS", "Товар", "SERVICE", "Услуга", "PROOF", "{{.Proof.Wording}}",
		"STATUS", states("Ожидает", "Не отгружен", "Отгружен частично", "Отгружен", "Отменён"),
		"SHIPPER", `{{if eq .Channel "amazon"}}Amazon{{else if eq .Channel "merchant"}}Продавец{{end}}`,
	}
	english := []string{
		"YES", "Yes", "NO", "No", "GOODS", "Goods", "SERVICE", "Service", "PROOF", "{{.Proof.Name}}",
		"STATUS", states("Pending", "Unshipped", "Partially shipped", "Shipped", "Cancelled"),
		"SHIPPER", `{{if eq .Channel "amazon"}}Amazon{{else if eq .Channel "merchant"}}Seller{{end}}`,
	}
	inRussian := func(c column) string { return c.russian }
	inEnglish := func(c column) string { return c.english }
	write("sheet.xlsx", "Заказы", columns, inRussian, russian...)
	write("sheet.en.xlsx", "Orders", columns, inEnglish, english...)
	write("../orders/sheet.xlsx", "Заказы", orders, inRussian, russian...)
	write("../orders/sheet.en.xlsx", "Orders", orders, inEnglish, english...)
	write("../goods/sheet.xlsx", "Товары", goods, inRussian, russian...)
}

// states is a cell that words the states every source has; others stand as the source spells them.
func states(words ...string) string {
	var b strings.Builder
	for i, state := range []string{"pending", "unshipped", "partially-shipped", "shipped", "cancelled"} {
		word := "{{else if"
		if i == 0 {
			word = "{{if"
		}
		fmt.Fprintf(&b, "%s eq .Status %q}}%s", word, state, words[i])
	}
	return b.String() + "{{else}}{{or .StatusText .Status}}{{end}}"
}

func write(file, sheet string, columns []column, title func(column) string, replacements ...string) {
	words := strings.NewReplacer(replacements...)
	f := excelize.NewFile()
	must(f.SetSheetName("Sheet1", sheet))
	must(f.SetDefaultFont(font))
	top := style(f, headerStyle())
	for i, c := range columns {
		name, err := excelize.ColumnNumberToName(i + 1)
		must(err)
		must(f.SetColWidth(sheet, name, name, c.width))
		must(f.SetCellStr(sheet, name+"1", title(c)))
		must(f.SetCellStyle(sheet, name+"1", name+"1", top))
		must(f.SetCellStr(sheet, name+"2", words.Replace(c.cell)))
		must(f.SetCellStyle(sheet, name+"2", name+"2", style(f, cellStyle(c.look))))
	}
	last, err := excelize.CoordinatesToCellName(len(columns), 2)
	must(err)
	must(f.SetRowHeight(sheet, 1, 32))
	must(f.SetRowHeight(sheet, 2, 16))
	must(f.AutoFilter(sheet, "A1:"+last, nil))
	must(f.SetPanes(sheet, &excelize.Panes{
		Freeze: true, XSplit: 1, YSplit: 1, TopLeftCell: "B2", ActivePane: "bottomRight",
		Selection: []excelize.Selection{{SQRef: "B2", ActiveCell: "B2", Pane: "bottomRight"}},
	}))
	page(f, sheet)
	data, err := f.WriteToBuffer()
	must(err)
	must(os.WriteFile(file, data.Bytes(), 0o644))
}

// page makes a print legible: A3, on its side, two pages wide, the header on each.
func page(f *excelize.File, sheet string) {
	paper, orientation, wide, high := 8, "landscape", 2, 0
	must(f.SetPageLayout(sheet, &excelize.PageLayoutOptions{Size: &paper, Orientation: &orientation, FitToWidth: &wide, FitToHeight: &high}))
	fit := true
	must(f.SetSheetProps(sheet, &excelize.SheetPropsOptions{FitToPage: &fit}))
	must(f.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Titles", RefersTo: "'" + sheet + "'!$A:$A,'" + sheet + "'!$1:$1", Scope: sheet}))
	must(f.SetDocProps(&excelize.DocProperties{Creator: "obmen", LastModifiedBy: "obmen", Title: sheet, Created: "2000-01-01T00:00:00Z", Modified: "2000-01-01T00:00:00Z"}))
}

func headerStyle() *excelize.Style {
	return &excelize.Style{
		Font:      &excelize.Font{Family: font, Size: 10, Bold: true, Color: ink},
		Fill:      excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{header}},
		Alignment: &excelize.Alignment{Horizontal: "center", Vertical: "center", WrapText: true},
		Border:    []excelize.Border{{Type: "bottom", Style: 2, Color: "7A8CA0"}, {Type: "right", Style: 1, Color: rule}},
	}
}

func cellStyle(l look) *excelize.Style {
	s := &excelize.Style{
		Font:      &excelize.Font{Family: font, Size: 10, Color: ink},
		Alignment: &excelize.Alignment{Vertical: "center"},
		Border:    []excelize.Border{{Type: "bottom", Style: 1, Color: rule}, {Type: "right", Style: 1, Color: rule}},
	}
	date := "dd.mm.yyyy"
	switch l {
	case plain, code:
		s.NumFmt = 49 // @
	case middle:
		s.NumFmt = 49
		s.Alignment.Horizontal = "center"
	case money:
		s.NumFmt = 2 // 0.00
	case day:
		s.CustomNumFmt = &date
		s.Alignment.Horizontal = "center"
	}
	return s
}

func style(f *excelize.File, s *excelize.Style) int {
	id, err := f.NewStyle(s)
	must(err)
	return id
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
