package layout

import (
	"time"

	"obmen/convert/document"
	"obmen/convert/money"
)

type doc = document.Document

var documentRecord = &record{"Document", []field{
	text("ID", "Ид", "UUID made of account and order id: the same order is the same object for ever", "5b2c9d5e-7b53-5a8e-9f0e-3c1a2b4d5e6f", func(d *doc) string { return d.ID }),
	text("Number", "Номер", "the marketplace's order id", "171-2000001-1000001", func(d *doc) string { return d.Number }),
	date("Date", "Дата", "when the order was placed, wall clock of the account's zone", "2026-11-22T18:04:05", func(d *doc) time.Time { return d.Date }),
	date("Updated", "Дата изменения", "last change the source knew, or Date", "2026-11-23T09:30:00", func(d *doc) time.Time { return d.Updated }),
	date("DeliverBy", "Дата доставки", "last day on which it was promised to arrive; empty when not known", "2026-11-27T23:59:59", func(d *doc) time.Time { return d.DeliverBy }),
	flag("Cancelled", "Отменен", "the whole order is cancelled", func(d *doc) bool { return d.Cancelled }),
	text("Action", "Действие", "new, update or cancel: what 1C should do with its document", "new", func(d *doc) string { return d.Action }),
	list("Changes", "Изменения", "what an update changes", changeRecord, func(d *doc) []document.Change { return d.Changes }),
	text("Status", "Статус", "pending, unshipped, partially-shipped, shipped, cancelled, unfulfillable or empty", "shipped", func(d *doc) string { return d.Status }),
	text("StatusText", "Статус на сайте", "the status as the source spells it", "Shipped", func(d *doc) string { return d.StatusText }),
	text("Format", "Формат источника", "source format the order was read by", "amazon-orders-2026-01-01", func(d *doc) string { return d.Format }),
	text("Origin", "Источник", "file and place the order was read from", "orders.json#/orders/0", func(d *doc) string { return d.Origin }),
	account("Account", "Учетная запись", "seller account; .Account.NAME is one of its constants", "example-eu", func(d *doc) string { return d.Account }, func(d *doc) map[string]string { return d.Constants }),
	text("Marketplace", "Страна площадки", "country code of the marketplace; empty for an own shop", "DE", func(d *doc) string { return d.Marketplace }),
	text("SalesChannel", "Площадка", "sales channel as the source names it", "Amazon.de", func(d *doc) string { return d.SalesChannel }),
	text("Channel", "Кто отгружает", "amazon, merchant or empty", "amazon", func(d *doc) string { return d.Channel }),
	text("ServiceLevel", "Способ доставки", "shipping service level", "Standard", func(d *doc) string { return d.ServiceLevel }),
	text("Payment", "Способ оплаты", "payment method", "CreditCard", func(d *doc) string { return d.Payment }),
	text("Programs", "Программы", "programs of the order, joined with a comma", "AMAZON_BUSINESS, PRIME", func(d *doc) string { return d.Programs }),
	flag("Business", "Заказ организации", "the buyer bought as a business", func(d *doc) bool { return d.Business }),
	text("PurchaseOrder", "Номер по данным клиента", "the business buyer's own order number", "PO-4711", func(d *doc) string { return d.PurchaseOrder }),
	text("SellerOrder", "Номер продавца", "the seller's own order number", "S-1001", func(d *doc) string { return d.SellerOrder }),
	text("Replaces", "Взамен заказа", "order id that this one replaces", "171-2000001-1000000", func(d *doc) string { return d.Replaces }),
	text("Organisation", "Организация", "name of the organisation in 1C", "ООО Пример", func(d *doc) string { return d.Organisation }),
	text("Warehouse", "Склад", "name of the warehouse in 1C, by channel", "Склад FBA", func(d *doc) string { return d.Warehouse }),
	constants("Constants", "Константы", "the account's free settings, as behind .Account; index .Constants \"NAME\" for a name with blanks", "Договор = Основной", func(d *doc) map[string]string { return d.Constants }),
	text("Currency", "Валюта", "ISO letters", "EUR", func(d *doc) string { return d.Currency }),
	text("CurrencyNumeric", "Код валюты", "ISO number, the key of 1C's currencies", "978", func(d *doc) string { return d.CurrencyNumeric }),
	number("Rate", "Курс", "rate of Nominal units in 1C's own currency; 1 when not known", "98.2341", func(d *doc) money.Decimal { return d.Rate }),
	number("Nominal", "Кратность", "units of the currency that Rate is for", "1", func(d *doc) money.Decimal { return d.Nominal }),
	amount("Total", "Сумма", "the document's sum, with VAT", "48.98", func(d *doc) money.Amount { return d.Total }),
	amount("VAT", "Сумма НДС", "VAT of the document", "8.16", func(d *doc) money.Amount { return d.VAT }),
	flag("VATIncluded", "Сумма включает НДС", "amounts contain the VAT", func(d *doc) bool { return d.VATIncluded }),
	flag("VATStated", "НДС известен", "rates are known; false leaves them to 1C's product cards", func(d *doc) bool { return d.VATStated }),
	part("Customer", "Контрагент", "the counterparty", customerRecord, func(d *doc) *document.Customer { return &d.Customer }),
	part("ShipTo", "Адрес доставки", "where the goods go", addressRecord, func(d *doc) *document.Address { return &d.ShipTo }),
	list("Lines", "Строки", "goods and services", lineRecord, func(d *doc) []document.Line { return d.Lines }),
	chosen("Goods", "Товары", "the lines that are goods", func(l *document.Line) bool { return !l.Service }),
	chosen("Services", "Услуги", "the lines that are services", func(l *document.Line) bool { return l.Service }),
	text("Comment", "Комментарий", "comment of the document", "Amazon.de, FBA", func(d *doc) string { return d.Comment }),
	part("Proof", "Проверка", "how the amounts follow from the source's", proofRecord, func(d *doc) *document.Proof { return &d.Proof }),
}}

var changeRecord = &record{"Change", []field{
	text("What", "Что", "what is different", "AB-100 Quantity", func(c *document.Change) string { return c.What }),
	text("Was", "Было", "as 1C got it before", "2", func(c *document.Change) string { return c.Was }),
	text("Now", "Стало", "as it is now", "1", func(c *document.Change) string { return c.Now }),
}}

var proofRecord = &record{"Proof", []field{
	text("Name", "Способ", "the reading of the amounts that reproduces the order total", "tax on top", func(p *document.Proof) string { return p.Name }),
	text("Wording", "Способ словами", "Name in Russian", "налог сверх цены", func(p *document.Proof) string { return p.Wording }),
	flag("Stated", "Итог заявлен", "the source stated a total that the amounts reproduce", func(p *document.Proof) bool { return p.Stated }),
	amount("Total", "Сумма на сайте", "the order total", "53.07", func(p *document.Proof) money.Amount { return p.Total }),
	amount("Excluded", "Не входит", "part of the order total that is not the seller's", "4.09", func(p *document.Proof) money.Amount { return p.Excluded }),
	text("Reason", "Почему не входит", "why it is excluded", "налог, который удержал и платит маркетплейс", func(p *document.Proof) string { return p.Reason }),
	amount("Tax", "Налог на сайте", "tax that the source states", "4.09", func(p *document.Proof) money.Amount { return p.Tax }),
}}

// chosen is a list of some of a document's lines. A document has few, so they are counted out each
// time and nothing is kept.
func chosen(name, russian, meaning string, fits func(*document.Line) bool) field {
	return field{
		name: name, russian: russian, meaning: meaning, kind: kindList, of: lineRecord,
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
