package layout_test

import (
	"time"

	"obmen/convert/document"
	"obmen/convert/money"
)

func dec(s string) money.Decimal { return money.MustParse(s) }

func at(s string) time.Time {
	t, err := time.Parse("2006-01-02 15:04:05", s)
	if err != nil {
		panic(err)
	}
	return t
}

// varied is a batch with something of everything. Amounts of whole is false have three decimal
// places, which CommerceML's schema does not allow.
func varied(whole bool) document.Batch {
	b := document.Batch{Account: "example-eu", Created: at("2026-11-23 09:30:00")}
	b.Documents = []document.Document{multiLine(), japanese(), hostile(), cancelled(), company(), bare()}
	if !whole {
		b.Documents = append(b.Documents, dinars())
	}
	return b
}

func multiLine() document.Document {
	return document.Document{
		Identity: document.Identity{ID: "5b2c9d5e-7b53-5a8e-9f0e-3c1a2b4d5e6f", Number: "171-2000001-1000001"},
		Dates:    document.Dates{Date: at("2026-11-22 18:04:05"), Updated: at("2026-11-23 09:30:00")},
		Stage:    document.Stage{Status: "shipped", StatusText: "Shipped"}, Sale: document.Sale{
			Format: "amazon-orders-2026-01-01", Origin: "orders.json#/orders/0",
			Account: "example-eu", Marketplace: "DE", SalesChannel: "Amazon.de", Channel: "amazon",
			ServiceLevel: "Standard", Payment: "CreditCard", Programs: "PRIME",
		},
		Assignment: document.Assignment{Organisation: "ООО «Пример»", Warehouse: "Склад FBA", Constants: map[string]string{"Соглашение": "Розница"}},
		Amounts: document.Amounts{
			Currency: "EUR", CurrencyNumeric: "978", Rate: dec("98.2341"), Nominal: dec("1"),
			Total: dec("60.99"), VAT: dec("9.74"), VATIncluded: true, VATStated: true,
		},
		Customer: document.Customer{
			ID: "7c9e6679-7425-40de-944b-e07fc1f90ae7", Code: "00-000045", Name: "Иван Примеров", FirstName: "Иван", LastName: "Примеров",
			Email: "buyer@example.com", Phone: "+49 30 0000000", Country: "DE",
			Address: document.Address{Full: "10115, DE, Berlin, Beispielstr. 1", Postcode: "10115", Country: "DE", City: "Berlin", Street: "Beispielstr. 1"},
		},
		ShipTo:  document.Address{Full: "10115, DE, Berlin, Beispielstr. 1", Name: "Иван Примеров", Country: "DE", Phone: "+49 30 0000000"},
		Comment: "Amazon.de, FBA",
		Proof:   document.Proof{Name: "tax inside", Wording: "налог внутри цены", Stated: true, Total: dec("60.99"), Tax: dec("9.74")},
		Lines: []document.Line{
			{
				Number: 1, Kind: "goods", Product: document.Product{
					ProductID: "6f0b6f2e-6a0d-4c1f-9d1c-2f6f0f0b0a02", Characteristic: "0d1f2a3b-4c5d-4e6f-8a9b-0c1d2e3f4a5b",
					Code: "00-00000123", SKU: "00123", Name: "Кружка «Синяя», 0,3 л", Unit: "шт", Barcode: "04006381333931",
				},
				LineAmounts: document.LineAmounts{Quantity: dec("2"), Price: dec("12.50"), Amount: dec("25"), VATRate: money.PercentVAT(dec("19")), VAT: dec("3.99")},
				SourceItem:  document.SourceItem{SourceSKU: "00123", ASIN: "B00EXAMPLE", ItemID: "10000000000001", Title: "Blue mug, 0.3 l"},
			},
			{
				Number: 2, Kind: "goods", Product: document.Product{ProductID: "same-id", Characteristic: "same-id", SKU: "4E10", Name: "Чай", Unit: "кг", Barcode: "123", NewProduct: true},
				LineAmounts: document.LineAmounts{Quantity: dec("1.5"), Price: dec("20"), Amount: dec("30"), VATRate: money.PercentVAT(dec("7")), VAT: dec("1.96")},
			},
			{
				Number: 3, Kind: "shipping", Service: true, Product: document.Product{NewProduct: true, SKU: "ORDER_DELIVERY", Name: "Доставка заказа", Unit: "шт"},
				LineAmounts: document.LineAmounts{Quantity: dec("1"), Price: dec("4.99"), Amount: dec("4.99"), VATRate: money.PercentVAT(dec("19")), VAT: dec("0.80")},
			},
			{Number: 4, Kind: "gift-wrap", Service: true, Product: document.Product{ProductID: "c0ffee00-0000-4000-8000-000000000001", Name: "Упаковка"}, LineAmounts: document.LineAmounts{Quantity: dec("1"), Price: dec("1"), Amount: dec("1"), VATRate: money.NoVAT}},
		},
	}
}

func japanese() document.Document {
	d := base("250-1234567-7654321", "JPY", "392")
	d.Rate, d.Nominal = dec("63.1234"), dec("100")
	d.Customer = document.Customer{ID: "retail-jp", Name: "Розничный покупатель Amazon JP", Retail: true}
	d.ShipTo = document.Address{Full: "100-0001, JP, 東京都千代田区", City: "千代田区"}
	d.Lines = []document.Line{goods("JP-1", "青いマグカップ 🍵", "1", "1200", "1200")}
	d.Total = dec("1200")
	return d
}

func hostile() document.Document {
	d := base("<&>\"'", "USD", "840")
	d.Comment = "bell \a, cut \xff\xfe, noncharacter \uFFFE, return\r\nline\ttab ]]> <![CDATA[ &amp; _x0041_ {{.Number}}"
	d.Customer.Name = "=HYPERLINK(\"http://example.com\",\"x\")"
	d.Organisation = "+7 -1 @SUM(A1)"
	d.Lines = []document.Line{goods("=1+1", " <b>5 > 3 & 2 < 4</b> ", "1", "0.1", "0.1")}
	d.Lines[0].Unit = "мешок"
	d.Total = dec("0.1")
	return d
}

func cancelled() document.Document {
	d := base("171-2000001-1000002", "EUR", "978")
	d.Cancelled, d.Status, d.StatusText = true, "cancelled", "Canceled"
	return d
}

func company() document.Document {
	d := base("171-2000001-1000003", "USD", "840")
	d.Customer = document.Customer{
		ID: "7c9e6679-7425-40de-944b-e07fc1f90ae8", Name: "Beispiel GmbH", TaxNumbers: document.TaxNumbers{TaxID: "DE000000000"}, Company: true,
		Address: document.Address{Full: "10115, Berlin"},
	}
	d.PurchaseOrder, d.Business = "PO-4711", true
	d.Total, d.VATStated, d.VAT = dec("120"), true, dec("20")
	d.Proof = document.Proof{Name: "tax on top", Wording: "налог сверх цены", Stated: true, Total: dec("129.90"), Excluded: dec("9.90"), Reason: "налог, который удержал и платит маркетплейс", Tax: dec("9.90")}
	d.Lines = []document.Line{goods("0001", "Widget", "100000", "0.001", "100")}
	d.Lines[0].VATRate, d.Lines[0].VAT = money.PercentVAT(dec("20")), dec("20")
	d.Lines[0].Price, d.Lines[0].Quantity = dec("1"), dec("100")
	return d
}

// bare has only what every document has.
func bare() document.Document {
	d := document.Document{Identity: document.Identity{ID: "order-1", Number: "1001"}, Dates: document.Dates{Date: at("2026-01-02 00:00:00")}, Amounts: document.Amounts{Currency: "RUB"}}
	d.Customer.TaxID = "7700000000"
	d.Lines = []document.Line{{Kind: "cod", Service: true, LineAmounts: document.LineAmounts{Quantity: dec("1")}, Product: document.Product{NewProduct: true}}}
	return d
}

func dinars() document.Document {
	d := base("171-2000001-1000004", "KWD", "414")
	d.Lines = []document.Line{goods("KW-1", "Lamp", "1", "1.125", "1.125")}
	d.Total = dec("1.125")
	return d
}

func base(number, currency, numeric string) document.Document {
	return document.Document{
		Identity: document.Identity{ID: "id-" + numeric, Number: number}, Dates: document.Dates{Date: at("2026-11-21 23:59:59"), Updated: at("2026-11-22 00:00:00")},
		Amounts:  document.Amounts{Currency: currency, CurrencyNumeric: numeric, Rate: money.One, Nominal: money.One},
		Customer: document.Customer{ID: "retail", Name: "Розничный покупатель"},
	}
}

func goods(sku, name, quantity, price, amount string) document.Line {
	return document.Line{
		Number: 1, Kind: "goods", Product: document.Product{ProductID: "id-of-" + sku, SKU: sku, Name: name, Unit: "шт"},
		LineAmounts: document.LineAmounts{Quantity: dec(quantity), Price: dec(price), Amount: dec(amount)},
	}
}
