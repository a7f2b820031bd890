package tmpl

import (
	"cmp"
	"time"

	"obmen/convert/document"
	"obmen/convert/money"
)

var BatchRecord = &record{"Batch", []field{
	accountField("Account", "Учетная запись", "seller account of the whole file; .Account.NAME is one of its constants", "example-eu", func(b *File) string { return b.Account }, func(b *File) map[string]string { return b.Constants }),
	dateField("Created", "Дата формирования", "newest change among the orders: the file's own time", "2026-11-23T09:30:00", func(b *File) time.Time { return b.Created }),
	textField("Template", "Хеш шаблона", "hash of the layout's templates and settings: a changed template has another", "51c73b6f7e24…", func(b *File) string { return b.Template }),
	listField("Constants", "Константы", "all constants of the account, by name", constantRecord, (*File).sortedConstants),
	listField("Sums", "Итоги", "control totals, one for each currency", sumRecord, (*File).controlTotals),
	recordField("Message", "Сообщение", "the place of the file in a series of messages; empty for a file that stands alone", messageRecord, func(b *File) *document.Message { return &b.Message }),
	listField("Documents", "Документы", "the documents of the file", DocumentRecord, func(b *File) []document.Document { return b.Documents }),
	pointersField("NewCustomers", "Новые контрагенты", "counterparties of the file that 1C does not know yet, each once", customerRecord, func(b *File) []*document.Customer { return b.unknownTo1C().Customers }),
	pointersField("CustomersWithoutID", "Контрагенты без ид 1С", "the new ones, and those the catalog has no id of, each once", customerRecord, func(b *File) []*document.Customer { return b.unknownTo1C().CustomersWithoutID }),
	pointersField("ProductsWithoutID", "Номенклатура без ид 1С", "lines with products that are new or the catalog has no id of, each product once", LineRecord, func(b *File) []*document.Line { return b.unknownTo1C().ProductsWithoutID }),
	pointersField("NewProducts", "Новая номенклатура", "lines with products that 1C does not know yet, each product once", LineRecord, func(b *File) []*document.Line { return b.unknownTo1C().Products }),
}}

var sumRecord = &record{"Sum", []field{
	textField("Currency", "Валюта", "ISO letters", "EUR", func(s *document.Sum) string { return s.Currency }),
	numberField("Count", "Количество", "documents in this currency", "12", func(s *document.Sum) money.Decimal { return money.Int(int64(s.Count)) }),
	amountField("Total", "Сумма", "sum of their totals", "1234.50", func(s *document.Sum) money.Amount { return s.Total }),
}}

var messageRecord = &record{"Message", []field{
	flagField("Sent", "Отправляется", "the file is one of a series of messages between two nodes", func(m *document.Message) bool { return m.Sent }),
	numberField("Number", "Номер сообщения", "number of the message, from 1", "5", func(m *document.Message) money.Decimal { return money.Int(int64(m.Number)) }),
	numberField("Received", "Номер принятого", "number of 1C's last message that was read", "3", func(m *document.Message) money.Decimal { return money.Int(int64(m.Received)) }),
}}

var constantRecord = &record{"Constant", []field{
	textField("Name", "Имя", "the constant's name in obmen.toml", "contract", func(c *document.Constant) string { return c.Name }),
	textField("Value", "Значение", "its value", "Договор № 1", func(c *document.Constant) string { return c.Value }),
}}

var customerRecord = &record{"Customer", []field{
	textField("ID", "Ид", "1C's GUID, or ours for a counterparty that 1C shall create", "7c9e6679-7425-40de-944b-e07fc1f90ae7", func(c *document.Customer) string { return c.ID }),
	textField("Code", "Код", "the counterparty's code in 1C", "00-000045", func(c *document.Customer) string { return c.Code }),
	textField("Name", "Наименование", "name in 1C", "Розничный покупатель Amazon DE", func(c *document.Customer) string { return c.Name }),
	textField("FirstName", "Имя", "first name", "Иван", func(c *document.Customer) string { return c.FirstName }),
	textField("LastName", "Фамилия", "last name", "Примеров", func(c *document.Customer) string { return c.LastName }),
	textField("Email", "Почта", "e-mail address", "buyer@example.com", func(c *document.Customer) string { return c.Email }),
	textField("Phone", "Телефон", "telephone", "+49 30 0000000", func(c *document.Customer) string { return c.Phone }),
	textField("TaxID", "ИНН", "tax number: ИНН, VAT id", "DE000000000", func(c *document.Customer) string { return c.TaxID }),
	textField("INN", "Российский ИНН", "TaxID where it is a Russian one: ten or twelve digits, and the buyer is from no other country", "7700000000", (*document.Customer).INN),
	textField("CountryNumeric", "Код страны", "ISO number of the country; empty where it is not known", "276", func(c *document.Customer) string { return document.CountryOf(c.Country).Numeric }),
	textField("CountryName", "Наименование страны", "name of the country in 1C's classifier", "ГЕРМАНИЯ", func(c *document.Customer) string { return document.CountryOf(c.Country).Name }),
	textField("KPP", "КПП", "КПП of a legal entity, from customers.csv", "000000000", func(c *document.Customer) string { return c.KPP }),
	textField("Country", "Страна", "country code", "DE", func(c *document.Customer) string { return c.Country }),
	flagField("Company", "Юридическое лицо", "a legal entity", func(c *document.Customer) bool { return c.Company }),
	flagField("IDFrom1C", "Ид из 1С", "ID is 1C's own, from the catalog; false where it is ours", func(c *document.Customer) bool { return c.IDFrom1C }),
	flagField("New", "Новый", "1C does not know the counterparty yet", func(c *document.Customer) bool { return c.New }),
	flagField("Retail", "Розничный", "one collective buyer stands for people the source does not name", func(c *document.Customer) bool { return c.Retail }),
	recordField("Address", "Адрес", "the counterparty's address", addressRecord, func(c *document.Customer) *document.Address { return &c.Address }),
}}

var addressRecord = &record{"Address", []field{
	textField("Full", "Представление", "on one line, postcode first", "10115, DE, Berlin, Beispielstr. 1", func(a *document.Address) string { return a.Full }),
	textField("Name", "Получатель", "who receives", "Erika Beispiel", func(a *document.Address) string { return a.Name }),
	textField("Street", "Улица", "street, house and what follows", "Beispielstr. 1", func(a *document.Address) string { return a.Street }),
	textField("City", "Город", "city", "Berlin", func(a *document.Address) string { return a.City }),
	textField("State", "Регион", "state or region", "BE", func(a *document.Address) string { return a.State }),
	textField("Postcode", "Индекс", "postcode", "10115", func(a *document.Address) string { return a.Postcode }),
	textField("Country", "Страна", "country code", "DE", func(a *document.Address) string { return a.Country }),
	textField("Phone", "Телефон", "telephone of the recipient", "+49 30 0000000", func(a *document.Address) string { return a.Phone }),
}}

type doc = document.Document

var DocumentRecord = &record{"Document", []field{
	textField("ID", "Ид", "UUID made of account and order id: the same order is the same object for ever", "5b2c9d5e-7b53-5a8e-9f0e-3c1a2b4d5e6f", func(d *doc) string { return d.ID }),
	textField("Number", "Номер", "the marketplace's order id", "171-2000001-1000001", func(d *doc) string { return d.Number }),
	textField("Number1C", "Номер для 1С", "the number under which 1C finds the order again: six digits, counted over all accounts and given once", "000123", (*doc).NumberOfSite),
	dateField("Date", "Дата", "when the order was placed, wall clock of the account's zone", "2026-11-22T18:04:05", func(d *doc) time.Time { return d.Date }),
	dateField("Updated", "Дата изменения", "last change the source knew, or Date", "2026-11-23T09:30:00", func(d *doc) time.Time { return d.Updated }),
	dateField("DeliverBy", "Дата доставки", "last day on which it was promised to arrive; empty when not known", "2026-11-27T23:59:59", func(d *doc) time.Time { return d.DeliverBy }),
	flagField("Cancelled", "Отменен", "the whole order is cancelled", func(d *doc) bool { return d.Cancelled }),
	textField("Action", "Действие", "new, update or cancel: what 1C should do with its document", "new", func(d *doc) string { return d.Action }),
	listField("Changes", "Изменения", "what an update changes", changeRecord, func(d *doc) []document.Change { return d.Changes }),
	textField("Status", "Статус", "pending, unshipped, partially-shipped, shipped, cancelled, unfulfillable or empty", "shipped", func(d *doc) string { return d.Status }),
	textField("StatusText", "Статус на сайте", "the status as the source spells it", "Shipped", func(d *doc) string { return d.StatusText }),
	textField("Format", "Формат источника", "source format the order was read by", "amazon-orders-2026-01-01", func(d *doc) string { return d.Format }),
	textField("Origin", "Источник", "file and place the order was read from", "orders.json#/orders/0", func(d *doc) string { return d.Origin }),
	accountField("Account", "Учетная запись", "seller account; .Account.NAME is one of its constants", "example-eu", func(d *doc) string { return d.Account }, func(d *doc) map[string]string { return d.Constants }),
	textField("Marketplace", "Страна площадки", "country code of the marketplace; empty for an own shop", "DE", func(d *doc) string { return d.Marketplace }),
	textField("SalesChannel", "Площадка", "sales channel as the source names it", "Amazon.de", func(d *doc) string { return d.SalesChannel }),
	textField("Channel", "Кто отгружает", "amazon, merchant or empty", "amazon", func(d *doc) string { return d.Channel }),
	textField("ServiceLevel", "Способ доставки", "shipping service level", "Standard", func(d *doc) string { return d.ServiceLevel }),
	textField("Payment", "Способ оплаты", "payment method", "CreditCard", func(d *doc) string { return d.Payment }),
	textField("Programs", "Программы", "programs of the order, joined with a comma", "AMAZON_BUSINESS, PRIME", func(d *doc) string { return d.Programs }),
	flagField("Business", "Заказ организации", "the buyer bought as a business", func(d *doc) bool { return d.Business }),
	textField("PurchaseOrder", "Номер по данным клиента", "the business buyer's own order number", "PO-4711", func(d *doc) string { return d.PurchaseOrder }),
	textField("SellerOrder", "Номер продавца", "the seller's own order number", "S-1001", func(d *doc) string { return d.SellerOrder }),
	textField("Replaces", "Взамен заказа", "order id that this one replaces", "171-2000001-1000000", func(d *doc) string { return d.Replaces }),
	textField("Organisation", "Организация", "name of the organisation in 1C", "ООО Пример", func(d *doc) string { return d.Organisation }),
	textField("Warehouse", "Склад", "name of the warehouse in 1C, by channel", "Склад FBA", func(d *doc) string { return d.Warehouse }),
	constantsField("Constants", "Константы", "the account's free settings, as behind .Account; index .Constants \"NAME\" for a name with blanks", "Договор = Основной", func(d *doc) map[string]string { return d.Constants }),
	textField("Currency", "Валюта", "ISO letters", "EUR", func(d *doc) string { return d.Currency }),
	textField("CurrencyName", "Наименование валюты", "what 1C calls the currency: the layout's setting currency_names, else the ISO letters", "EUR", func(d *doc) string { return cmp.Or(d.CurrencyName, d.Currency) }),
	textField("CurrencyNumeric", "Код валюты", "ISO number, the key of 1C's currencies", "978", func(d *doc) string { return d.CurrencyNumeric }),
	numberField("Rate", "Курс", "rate of Nominal units in 1C's own currency; 1 when not known", "98.2341", func(d *doc) money.Decimal { return d.Rate }),
	numberField("Nominal", "Кратность", "units of the currency that Rate is for", "1", func(d *doc) money.Decimal { return d.Nominal }),
	amountField("Total", "Сумма", "the document's sum, with VAT", "48.98", func(d *doc) money.Amount { return d.Total }),
	amountField("VAT", "Сумма НДС", "VAT of the document", "8.16", func(d *doc) money.Amount { return d.VAT }),
	flagField("VATIncluded", "Сумма включает НДС", "amounts contain the VAT", func(d *doc) bool { return d.VATIncluded }),
	flagField("Taxed", "Облагается НДС", "a line has VAT by a rate, 0 % included", (*doc).Taxed),
	vatField("CommonRate", "Общая ставка НДС", "the rate of all lines; empty where they differ", "20%", (*doc).CommonRate),
	flagField("VATStated", "НДС известен", "rates are known; false leaves them to 1C's product cards", func(d *doc) bool { return d.VATStated }),
	recordField("Customer", "Контрагент", "the counterparty", customerRecord, func(d *doc) *document.Customer { return &d.Customer }),
	recordField("ShipTo", "Адрес доставки", "where the goods go", addressRecord, func(d *doc) *document.Address { return &d.ShipTo }),
	listField("Lines", "Строки", "goods and services", LineRecord, func(d *doc) []document.Line { return d.Lines }),
	chosenLines("Goods", "Товары", "the lines that are goods", func(l *document.Line) bool { return !l.Service }),
	chosenLines("Services", "Услуги", "the lines that are services", func(l *document.Line) bool { return l.Service }),
	textField("Comment", "Комментарий", "comment of the document", "Amazon.de, FBA", func(d *doc) string { return d.Comment }),
	recordField("Proof", "Проверка", "how the amounts follow from the source's", proofRecord, func(d *doc) *document.Proof { return &d.Proof }),
}}

var changeRecord = &record{"Change", []field{
	textField("What", "Что", "what is different", "AB-100 Quantity", func(c *document.Change) string { return c.What }),
	textField("Was", "Было", "as 1C got it before", "2", func(c *document.Change) string { return c.Was }),
	textField("Now", "Стало", "as it is now", "1", func(c *document.Change) string { return c.Now }),
}}

var proofRecord = &record{"Proof", []field{
	textField("Name", "Способ", "the reading of the amounts that reproduces the order total", "tax on top", func(p *document.Proof) string { return p.Name }),
	textField("Wording", "Способ словами", "Name in Russian", "налог сверх цены", func(p *document.Proof) string { return p.Wording }),
	flagField("Stated", "Итог заявлен", "the source stated a total that the amounts reproduce", func(p *document.Proof) bool { return p.Stated }),
	amountField("Total", "Сумма на сайте", "the order total", "53.07", func(p *document.Proof) money.Amount { return p.Total }),
	amountField("Excluded", "Не входит", "part of the order total that is not the seller's", "4.09", func(p *document.Proof) money.Amount { return p.Excluded }),
	textField("Reason", "Почему не входит", "why it is excluded", "налог, который удержал и платит маркетплейс", func(p *document.Proof) string { return p.Reason }),
	amountField("Tax", "Налог на сайте", "tax that the source states", "4.09", func(p *document.Proof) money.Amount { return p.Tax }),
}}

// chosenLines is a list of some of a document's lines. A document has few, so they are counted out each
// time and nothing is kept.
func chosenLines(name, russian, meaning string, fits func(*document.Line) bool) field {
	return field{
		words: words{name: name, russian: russian, meaning: meaning}, kind: kindList, of: LineRecord,
		length: func(r any) (n int) {
			for i := range r.(*doc).Lines {
				if fits(&r.(*doc).Lines[i]) {
					n++
				}
			}
			return n
		},
		at: func(r any, n int) any {
			lines := r.(*doc).Lines
			for i := range lines {
				if !fits(&lines[i]) {
					continue
				}
				if n == 0 {
					return &lines[i]
				}
				n--
			}
			return nil
		},
	}
}

var LineRecord = &record{"Line", []field{
	numberField("Number", "Номер строки", "from 1", "1", func(l *document.Line) money.Decimal { return money.Int(int64(l.Number)) }),
	textField("Kind", "Вид", "goods, shipping, gift-wrap, cod or other: all but goods are services", "goods", func(l *document.Line) string { return l.Kind }),
	flagField("Service", "Услуга", "a service, not goods", func(l *document.Line) bool { return l.Service }),
	textField("ProductID", "Ид номенклатуры", "1C's GUID, or ours for a product that 1C shall create", "6f0b6f2e-6a0d-4c1f-9d1c-2f6f0f0b0a02", func(l *document.Line) string { return l.ProductID }),
	textField("Characteristic", "Ид характеристики", "1C's GUID of the characteristic; empty without one", "0d1f2a3b-4c5d-4e6f-8a9b-0c1d2e3f4a5b", func(l *document.Line) string { return l.Characteristic }),
	textField("Code", "Код", "the product's code in 1C", "00-00000123", func(l *document.Line) string { return l.Code }),
	textField("SKU", "Артикул", "the product's article in 1C", "AB-100", func(l *document.Line) string { return l.SKU }),
	textField("Name", "Номенклатура", "the product's name in 1C", "Кружка синяя", func(l *document.Line) string { return l.Name }),
	textField("Unit", "Единица", "unit of measure", "шт", func(l *document.Line) string { return l.Unit }),
	textField("Barcode", "Штрихкод", "the product's barcode", "4006381333931", func(l *document.Line) string { return l.Barcode }),
	flagField("NewProduct", "Новая номенклатура", "1C does not know the product yet", func(l *document.Line) bool { return l.NewProduct }),
	numberField("Quantity", "Количество", "in units of 1C", "2", func(l *document.Line) money.Decimal { return l.Quantity }),
	amountField("Price", "Цена", "of one unit, after discounts", "12.50", func(l *document.Line) money.Amount { return l.Price }),
	amountField("Amount", "Сумма", "Price × Quantity, exactly", "25.00", func(l *document.Line) money.Amount { return l.Amount }),
	vatField("VATRate", "Ставка НДС", "rate of VAT; empty when not known", "20%", func(l *document.Line) money.VATRate { return l.VATRate }),
	amountField("VAT", "Сумма НДС", "inside Amount or on top of it, see Document.VATIncluded", "4.17", func(l *document.Line) money.Amount { return l.VAT }),
	textField("SourceSKU", "SKU площадки", "article as the marketplace spells it", "ab-100", func(l *document.Line) string { return l.SourceSKU }),
	textField("ASIN", "ASIN", "Amazon's product number", "B00EXAMPLE", func(l *document.Line) string { return l.ASIN }),
	textField("ItemID", "Ид позиции", "the marketplace's order item id", "10000000000001", func(l *document.Line) string { return l.ItemID }),
	textField("Title", "Название на площадке", "the marketplace's title", "Blue mug, 0.3 l", func(l *document.Line) string { return l.Title }),
}}
