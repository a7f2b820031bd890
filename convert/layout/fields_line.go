package layout

import (
	"obmen/convert/document"
	"obmen/convert/money"
)

var lineRecord = &record{"Line", []field{
	number("Number", "Номер строки", "from 1", "1", func(l *document.Line) money.Decimal { return money.Int(int64(l.Number)) }),
	text("Kind", "Вид", "goods, shipping, gift-wrap, cod or other: all but goods are services", "goods", func(l *document.Line) string { return l.Kind }),
	flag("Service", "Услуга", "a service, not goods", func(l *document.Line) bool { return l.Service }),
	text("ProductID", "Ид номенклатуры", "1C's GUID, or ours for a product that 1C shall create", "6f0b6f2e-6a0d-4c1f-9d1c-2f6f0f0b0a02", func(l *document.Line) string { return l.ProductID }),
	text("Characteristic", "Ид характеристики", "1C's GUID of the characteristic; empty without one", "0d1f2a3b-4c5d-4e6f-8a9b-0c1d2e3f4a5b", func(l *document.Line) string { return l.Characteristic }),
	text("Code", "Код", "the product's code in 1C", "00-00000123", func(l *document.Line) string { return l.Code }),
	text("SKU", "Артикул", "the product's article in 1C", "AB-100", func(l *document.Line) string { return l.SKU }),
	text("Name", "Номенклатура", "the product's name in 1C", "Кружка синяя", func(l *document.Line) string { return l.Name }),
	text("Unit", "Единица", "unit of measure", "шт", func(l *document.Line) string { return l.Unit }),
	text("Barcode", "Штрихкод", "the product's barcode", "4006381333931", func(l *document.Line) string { return l.Barcode }),
	flag("NewProduct", "Новая номенклатура", "1C does not know the product yet", func(l *document.Line) bool { return l.NewProduct }),
	number("Quantity", "Количество", "in units of 1C", "2", func(l *document.Line) money.Decimal { return l.Quantity }),
	amount("Price", "Цена", "of one unit, after discounts", "12.50", func(l *document.Line) money.Amount { return l.Price }),
	amount("Amount", "Сумма", "Price × Quantity, exactly", "25.00", func(l *document.Line) money.Amount { return l.Amount }),
	vatRate("VATRate", "Ставка НДС", "rate of VAT; empty when not known", "20%", func(l *document.Line) money.VATRate { return l.VATRate }),
	amount("VAT", "Сумма НДС", "inside Amount or on top of it, see Document.VATIncluded", "4.17", func(l *document.Line) money.Amount { return l.VAT }),
	text("SourceSKU", "SKU площадки", "article as the marketplace spells it", "ab-100", func(l *document.Line) string { return l.SourceSKU }),
	text("ASIN", "ASIN", "Amazon's product number", "B00EXAMPLE", func(l *document.Line) string { return l.ASIN }),
	text("ItemID", "Ид позиции", "the marketplace's order item id", "10000000000001", func(l *document.Line) string { return l.ItemID }),
	text("Title", "Название на площадке", "the marketplace's title", "Blue mug, 0.3 l", func(l *document.Line) string { return l.Title }),
}}
