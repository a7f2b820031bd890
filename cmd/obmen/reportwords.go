package main

import (
	"cmp"

	"obmen/convert"
)

// What the report says in Russian. The values of an order stand beside it, in the program's own words.

var skippedBecause = map[convert.Rule]string{
	convert.SkipCancelled:     "отменён до выгрузки",
	convert.SkipMultiChannel:  "продан не на Amazon, Amazon его только отправил: это перемещение товара, а не продажа",
	convert.SkipUnfulfillable: "не может быть отправлен",
	convert.SkipDuplicate:     "тот же заказ встретился дважды",
	convert.SkipOlder:         "есть более новое состояние заказа",
	convert.SkipKnown:         "уже выгружен, и ничего не изменилось",
}

// heldWords is why an order was held, and what to do.
type heldWords struct{ why, cure string }

// numberOf is how the report calls an order, which may be one whose number cannot be read.
func numberOf(o *convert.Outcome) string { return cmp.Or(o.Order, "(без номера)") }

func inRussian(h *convert.Hold) (why, cure string) {
	words, known := heldBecause[h.Code]
	switch {
	case !known:
		return string(h.Code), ""
	case h.Code == convert.UnknownSKU && h.File == "": // no catalog can name an item without an SKU
		return words.why, "дайте товару SKU на площадке или ищите товары по штрихкоду или ASIN: product_by в разделе учётной записи в obmen.toml"
	}
	return words.why, words.cure
}

var heldBecause = map[convert.Code]heldWords{
	convert.Unreadable: {
		"значение в заказе не читается",
		"что именно не читается, сказано в столбце «Подробно»; исправьте исходный файл или скачайте его заново",
	},
	convert.Pending: {
		"оплата не подтверждена, суммы могут измениться",
		"ничего: заказ выгрузится, когда придёт его новое состояние",
	},
	convert.ItemsMissing: {
		"нет файла с позициями заказа",
		"передайте вместе с заказами файл с их позициями (getOrderItems)",
	},
	convert.OrderMissing: {
		"есть позиции, но нет самого заказа",
		"передайте вместе с позициями файл с самими заказами (getOrders)",
	},
	convert.NoPrices: {
		"в источнике нет цен",
		"скачайте в Seller Central отчёт «All Orders» за те же дни и возьмите его",
	},
	convert.NoLines: {
		"в заказе нет позиций",
		"сравните заказ с тем, что показывает площадка или магазин",
	},
	convert.TotalMismatch: {
		"суммы позиций не сходятся с итогом заказа",
		"сравните заказ с тем, что показывает площадка или магазин; если файл верен, сообщите эти суммы авторам obmen",
	},
	convert.TaxReadingUnknown: {
		"неизвестно, включён ли налог в цены",
		`укажите один раз в разделе учётной записи в obmen.toml: tax = "inside" (налог в цене) или tax = "on-top" (налог сверху)`,
	},
	convert.TaxMixed: {
		"налог платят и маркетплейс, и продавец",
		`если весь налог платит кто-то один, укажите это в разделе учётной записи в obmen.toml: tax_by = "seller" или tax_by = "marketplace"`,
	},
	convert.WithheldTaxUnknown: {
		"маркетплейс удержал налог, но не назвал его",
		"возьмите источник, в котором налог указан: Orders API 2026-01-01 или отчёт «All Orders» с расчётом НДС",
	},
	convert.VATDiffers: {
		"НДС по ставкам справочника не равен налогу в заказе",
		"добавьте ставку страны доставки в vat.csv или исправьте ставку товара в products.csv",
	},
	convert.VATRateMissing: {
		"у части позиций нет ставки НДС",
		"заполните столбец vat у товара в products.csv или добавьте в vat.csv правило для его страны и группы",
	},
	convert.ZeroTotal: {
		"итог равен нулю без понятной причины",
		"сравните заказ с тем, что показывает площадка или магазин; если товар действительно отдан бесплатно, заведите заказ в 1С вручную",
	},
	convert.NegativeLine: {
		"скидка больше суммы, к которой относится",
		"сравните заказ с тем, что показывает площадка или магазин; если всё верно, заведите его в 1С вручную",
	},
	convert.AmountNoQuantity: {
		"есть сумма, но нет количества",
		"сравните заказ с тем, что показывает площадка или магазин",
	},
	convert.NotDivisible: {
		"сумма строки не делится на количество без остатка",
		"заведите заказ в 1С вручную",
	},
	convert.TooManyPlaces: {
		"сумма точнее, чем хранит 1С",
		"сравните заказ с тем, что показывает площадка или магазин; если всё верно, заведите его в 1С вручную, округлив по вашим правилам учёта",
	},
	convert.TooLarge: {
		"слишком большая сумма",
		"проверьте суммы в исходном файле",
	},
	convert.UnknownSKU: {
		"товар не найден в справочнике",
		"добавьте эту строку в skus.csv; в столбце product должен стоять артикул, код или ид товара из 1С",
	},
	convert.UnknownCustomer: {
		"покупатель не найден в справочнике",
		`добавьте покупателя в customers.csv или укажите в obmen.toml unknown_customer = "create" (создавать) либо "default" (один покупатель на всех)`,
	},
	convert.AmbiguousCustomer: {
		"покупателю подходят несколько контрагентов",
		"сделайте этих контрагентов различимыми в customers.csv или уберите этот признак из [match] customer в obmen.toml",
	},
	convert.SameNumber: {
		"два заказа с одним номером",
		"заказы двух магазинов преобразуйте по отдельности, с --account ИМЯ; из двух состояний одного заказа оставьте новое",
	},
	convert.AccountUnknown: {
		"неизвестно, чьей учётной записи заказ",
		"преобразуйте файл с --account ИМЯ или оставьте эту площадку в obmen.toml одной учётной записи",
	},
	convert.Internal: {
		"не прошла внутренняя проверка obmen",
		"сообщите суммы этого заказа авторам obmen",
	},
}
