package catalog

import (
	"slices"
	"strings"
	"unicode"
)

// The catalog files.
const (
	ProductsFile  = "products.csv"
	SKUsFile      = "skus.csv"
	CustomersFile = "customers.csv"
	BuyersFile    = "buyers.csv"
	VATFile       = "vat.csv"
	RatesFile     = "rates.csv"
)

// FileColumns describes one catalog file.
type FileColumns struct {
	File     string // "products.csv"
	Meaning  string
	Required bool
	Columns  []Column
}

// Column describes one column of a catalog file. Letter case, blanks and signs in a header do not
// matter, and ё is е.
type Column struct {
	Name     string   // canonical header
	Russian  []string // other headers it is known by, the one of 1C first
	Required bool     // the file must have it, and every row must fill it
	Meaning  string
}

// Columns describes every catalog file, in the order they are loaded.
func Columns() []FileColumns {
	out := slices.Clone(files)
	for i := range out {
		out[i].Columns = slices.Clone(out[i].Columns)
		for j := range out[i].Columns {
			out[i].Columns[j].Russian = slices.Clone(out[i].Columns[j].Russian)
		}
	}
	return out
}

// Header is the canonical header line of the file, "sku;marketplace;product;quantity;share".
func (f FileColumns) Header() string {
	names := make([]string, len(f.Columns))
	for i, c := range f.Columns {
		names[i] = c.Name
	}
	return strings.Join(names, ";")
}

// The order of the columns of a file is that of its row type's cells method.
var files = []FileColumns{
	{ProductsFile, "goods and services as 1C knows them", true, []Column{
		{"sku", []string{"Артикул"}, true, "article; unique"},
		{"id", []string{"Ид", "Идентификатор", "Уникальный идентификатор", "GUID"}, false, "1C's GUID of the product"},
		{"characteristic", []string{"Характеристика", "Ид характеристики"}, false, "1C's GUID of the characteristic, where the product has one"},
		{"code", []string{"Код"}, false, "code in 1C"},
		{"name", []string{"Наименование", "Название"}, true, "name in 1C"},
		{"unit", []string{"Единица", "Единица измерения", "Ед. изм.", "Ед."}, false, "unit of measure, шт"},
		{"vat", []string{"Ставка НДС", "НДС"}, false, "VAT rate: 20, 10%, 0, Без НДС; empty leaves it to 1C"},
		{"barcode", []string{"Штрихкод", "EAN"}, false, "barcode; one that stands on several lines is not used for matching"},
		{"kind", []string{"Вид", "Тип", "Тип номенклатуры"}, false, "goods or service (Товар, Услуга); empty is goods"},
		{"group", []string{"Группа"}, false, "group for the rules of vat.csv"},
		{"vat_fixed", []string{"Ставка НДС неизменна"}, false, "yes (да): vat holds in every country, whatever vat.csv says; empty is no"},
	}},
	{SKUsFile, "what a marketplace's SKU is in 1C; several lines for one SKU are a kit", false, []Column{
		{"sku", []string{"Артикул", "SKU продавца", "Артикул площадки"}, true, "SKU on the marketplace"},
		{"marketplace", []string{"Площадка", "Маркетплейс"}, false, "DE, amazon.de …; empty is any"},
		{"product", []string{"Номенклатура", "Товар"}, true, "sku, code or id of a line in products.csv"},
		{"quantity", []string{"Количество", "Кол-во"}, false, "units of the product in one sold unit, at most 3 decimal places; empty is 1"},
		{"share", []string{"Доля"}, false, "share of the money in a kit, any positive number; on all lines of the kit or on none"},
	}},
	{CustomersFile, "counterparties as 1C knows them", false, []Column{
		{"id", []string{"Ид", "Идентификатор", "Уникальный идентификатор", "GUID"}, false, "1C's GUID of the counterparty; unique"},
		{"code", []string{"Код"}, false, "code in 1C; unique"},
		{"name", []string{"Наименование", "Название"}, false, "full name; name or first_name is needed"},
		{"first_name", []string{"Имя"}, false, "first name"},
		{"email", []string{"Почта", "Эл. почта", "Электронная почта"}, false, "e-mail address"},
		{"phone", []string{"Телефон"}, false, "telephone; only its digits are compared"},
		{"tax_id", []string{"ИНН", "Налоговый номер"}, false, "tax number; a country prefix is part of it"},
		{"country", []string{"Страна"}, false, "two-letter country code"},
		{"kpp", []string{"КПП"}, false, "КПП of a legal entity of Russia, beside its tax_id"},
		{"kind", []string{"Вид", "Юр/физ лицо", "Вид контрагента", "Юридическое/физическое лицо"}, false, "company or person: what it is in 1C, whatever an order says; empty follows from tax_id"},
	}},
	{BuyersFile, "which counterparty stands for unknown buyers; the most specific line wins", false, []Column{
		{"marketplace", []string{"Площадка", "Маркетплейс"}, false, "DE, amazon.de …; empty is any"},
		{"country", []string{"Страна"}, false, "country of delivery; empty is any"},
		{"buyer", []string{"Покупатель"}, false, "b2b or b2c; empty is any"},
		{"channel", []string{"Канал"}, false, "who ships: amazon or merchant (FBA, FBM); empty is any"},
		{"customer", []string{"Контрагент"}, true, "code or id of a line in customers.csv"},
	}},
	{VATFile, "VAT by country of delivery and group of products", false, []Column{
		{"country", []string{"Страна"}, true, "two-letter country code"},
		{"group", []string{"Группа"}, false, "group of products.csv; empty is every other group"},
		{"rate", []string{"Ставка", "Ставка НДС"}, true, "VAT rate: 20, 5,5%, 0, Без НДС"},
		{"regime", []string{"Режим"}, false, "name of the tax regime, for the document"},
	}},
	{RatesFile, "exchange rates to 1C's own currency", false, []Column{
		{"date", []string{"Дата"}, true, "first day of the rate: 2026-11-23 or 23.11.2026"},
		{"currency", []string{"Валюта"}, true, "ISO letters, USD"},
		{"rate", []string{"Курс"}, true, "price of the number of units in nominal"},
		{"nominal", []string{"Кратность", "Номинал"}, false, "number of units; empty is 1"},
	}},
}

// columnsOf describes one file; the name is one of the constants.
func columnsOf(file string) FileColumns {
	i := slices.IndexFunc(files, func(f FileColumns) bool { return f.File == file })
	return files[i]
}

// byHeader maps every spelling of the columns to the canonical header.
func (f FileColumns) byHeader() map[string]string {
	names := make(map[string]string)
	for _, c := range f.Columns {
		names[headerKey(c.Name)] = c.Name
		for _, other := range c.Russian {
			names[headerKey(other)] = c.Name
		}
	}
	return names
}

// headerKey leaves only the letters and digits of a header.
func headerKey(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == 'ё':
			return 'е'
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			return r
		}
		return -1
	}, Normal(s))
}

// form is how a catalog file is written: its delimiter and its columns, by their canonical names where
// they have one.
type form struct {
	comma   rune
	headers []string
}

// Row writes a line for a catalog file, ready to paste: with the delimiter and the columns that the
// file has, or those of a new file where there is none. Cells are by canonical header; what the file
// has no column for is left out.
func (s *Snapshot) Row(file string, cells map[string]string) string {
	f, ok := s.forms[file]
	if !ok {
		f.comma = ';'
		for _, c := range columnsOf(file).Columns {
			f.headers = append(f.headers, c.Name)
		}
	}
	line := make([]string, len(f.headers))
	for i, name := range f.headers {
		line[i] = quoteCell(cells[name], f.comma)
	}
	return strings.Join(line, string(f.comma))
}

// quoteCell puts a cell into quotation marks where it needs them.
func quoteCell(cell string, comma rune) string {
	if !strings.ContainsAny(cell, string(comma)+"\"\r\n") {
		return cell
	}
	return `"` + strings.ReplaceAll(cell, `"`, `""`) + `"`
}
