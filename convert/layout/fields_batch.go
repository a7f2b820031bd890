package layout

import "time"

var batchRecord = &record{"Batch", []field{
	text("Account", "Учетная запись", "seller account of the whole file", "example-eu", func(b *Batch) string { return b.Account }),
	date("Created", "Дата формирования", "newest change among the orders: the file's own time", "2026-11-23T09:30:00", func(b *Batch) time.Time { return b.Created }),
	list("Documents", "Документы", "the documents of the file", documentRecord, func(b *Batch) []Document { return b.Documents }),
}}
