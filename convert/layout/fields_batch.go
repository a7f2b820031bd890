package layout

import (
	"time"

	"obmen/convert/document"
	"obmen/convert/money"
)

var batchRecord = &record{"Batch", []field{
	account("Account", "Учетная запись", "seller account of the whole file; .Account.NAME is one of its constants", "example-eu", func(b *file) string { return b.Account }, func(b *file) map[string]string { return b.Constants }),
	date("Created", "Дата формирования", "newest change among the orders: the file's own time", "2026-11-23T09:30:00", func(b *file) time.Time { return b.Created }),
	text("Template", "Хеш шаблона", "hash of the layout's templates and settings: a changed template has another", "51c73b6f7e24…", func(b *file) string { return b.template }),
	list("Constants", "Константы", "all constants of the account, by name", constantRecord, (*file).sortedConstants),
	list("Sums", "Итоги", "control totals, one for each currency", sumRecord, (*file).controlTotals),
	part("Message", "Сообщение", "the place of the file in a series of messages; empty for a file that stands alone", messageRecord, func(b *file) *document.Message { return &b.Message }),
	list("Documents", "Документы", "the documents of the file", documentRecord, func(b *file) []document.Document { return b.Documents }),
	pointers("NewCustomers", "Новые контрагенты", "counterparties of the file that 1C does not know yet, each once", customerRecord, func(b *file) []*document.Customer { return b.unknownTo1C().Customers }),
	pointers("CustomersWithoutID", "Контрагенты без ид 1С", "the new ones, and those the catalog has no id of, each once", customerRecord, func(b *file) []*document.Customer { return b.unknownTo1C().CustomersWithoutID }),
	pointers("ProductsWithoutID", "Номенклатура без ид 1С", "lines with products that are new or the catalog has no id of, each product once", lineRecord, func(b *file) []*document.Line { return b.unknownTo1C().ProductsWithoutID }),
	pointers("NewProducts", "Новая номенклатура", "lines with products that 1C does not know yet, each product once", lineRecord, func(b *file) []*document.Line { return b.unknownTo1C().Products }),
}}

var sumRecord = &record{"Sum", []field{
	text("Currency", "Валюта", "ISO letters", "EUR", func(s *document.Sum) string { return s.Currency }),
	number("Count", "Количество", "documents in this currency", "12", func(s *document.Sum) money.Decimal { return money.Int(int64(s.Count)) }),
	amount("Total", "Сумма", "sum of their totals", "1234.50", func(s *document.Sum) money.Amount { return s.Total }),
}}

var messageRecord = &record{"Message", []field{
	flag("Sent", "Отправляется", "the file is one of a series of messages between two nodes", func(m *document.Message) bool { return m.Sent }),
	number("Number", "Номер сообщения", "number of the message, from 1", "5", func(m *document.Message) money.Decimal { return money.Int(int64(m.Number)) }),
	number("Received", "Номер принятого", "number of 1C's last message that was read", "3", func(m *document.Message) money.Decimal { return money.Int(int64(m.Received)) }),
}}

var constantRecord = &record{"Constant", []field{
	text("Name", "Имя", "the constant's name in obmen.toml", "contract", func(c *document.Constant) string { return c.Name }),
	text("Value", "Значение", "its value", "Договор № 1", func(c *document.Constant) string { return c.Value }),
}}
