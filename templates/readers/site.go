package readers

import (
	"strings"
	"time"

	"obmen/convert/money"
)

// What both site exchanges have in common: where a document says what.

const orderOperation = "заказ товара"

// documents are the orders of a file: direct children of its root (U, N).
func documents(root *node) []*node { return root.all("Документ") }

// isOrder reports whether a document is an order with a currency; anything else ends the load (U, N).
func isOrder(d *node) bool {
	return strings.ToLower(d.value("ХозОперация")) == orderOperation && d.value("Валюта") != ""
}

// moment is date and time of a document; nothing where they cannot be read.
func moment(d *node) string {
	text := strings.NewReplacer("-", "", ":", "").Replace(d.value("Дата") + d.value("Время"))
	for _, layout := range []string{"20060102150405", "20060102"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.Format("2006-01-02T15:04:05")
		}
	}
	return "0001-01-01T00:00:00"
}

// vatOf is the first tax of that list that is called НДС; nil without one.
func vatOf(parent *node) *node {
	for _, tax := range parent.child("Налоги").all("Налог") {
		if strings.EqualFold(tax.value("Наименование"), "НДС") {
			return tax
		}
	}
	return nil
}

// isCompany reports whether the buyer of a document is a company: its official name decides, an empty one
// too (U, N).
func isCompany(buyer *node) bool { return buyer.has("ОфициальноеНаименование") }

// contact is a buyer's contact of one type.
func contact(buyer *node, kind string) string {
	for _, c := range buyer.child("Контакты").all("Контакт") {
		if c.value("Тип") == kind {
			return c.value("Значение")
		}
	}
	return ""
}

// addressText is what becomes of an address: its one line, or, where its parts are given, a line made of
// those parts that a Russian address has (U).
func addressText(buyer *node) string {
	a := buyer.child("Адрес")
	text := a.value("Представление")
	parts := a.all("АдресноеПоле")
	if text == "" || len(parts) < 2 {
		return text
	}
	forms := []struct{ kind, before, after string }{
		{"Почтовый индекс", "", ""},
		{"Страна", "", ""},
		{"Регион", "", ""},
		{"Район", "", ""},
		{"Населенный пункт", "", ""},
		{"Город", "", " г"},
		{"Улица", "", " ул"},
		{"Дом", "дом № ", ""},
		{"Корпус", "", ""},
		{"Квартира", "квартира ", ""},
	}
	var line []string
	for _, f := range forms {
		for _, p := range parts {
			if v := p.value("Значение"); v != "" && p.value("Тип") == f.kind {
				line = append(line, f.before+v+f.after)
			}
		}
	}
	return strings.Join(line, ", ")
}

// statedRate is the rate that a file states in a line: that of its taxes counts before the item's.
func statedRate(line *node) (text string) {
	for _, r := range line.child("СтавкиНалогов").all("СтавкаНалога") {
		if strings.EqualFold(r.value("Наименование"), "НДС") {
			text = r.value("Ставка")
		}
	}
	if t := vatOf(line); t.has("Ставка") {
		text = t.value("Ставка")
	}
	return text
}

// compareRate notes a rate that a line has in the file and not in 1C.
func (r *Report) compareRate(order, stated, kept string) {
	percent, _, _ := strings.Cut(stated, "/")
	if rate, err := money.Parse(percent); err == nil && rate.Valid() && kept == WithoutVAT {
		r.keepSilent("order %s: VAT of %s becomes “Без НДС”", order, rate.String()+"%")
	}
}

// amounts of a line: the sum rules, and the price follows it where the file has none (U, N).
func amounts(line *node) (quantity money.Quantity, price, sum money.Amount) {
	quantity, price, sum = number(line.value("Количество")), number(line.value("ЦенаЗаЕдиницу")), number(line.value("Сумма"))
	if price.Sign() <= 0 && !quantity.IsZero() {
		price = sum.MulDiv(money.One, quantity, 2)
	}
	return quantity, price, sum
}

// lineDiscounts raises what a discount on a line raises: the comparison of its flag fails on the platform
// (U, N).
func lineDiscounts(line *node) error {
	for _, s := range line.child("Скидки").all("Скидка") {
		if s.has("УчтеноВСумме") {
			return raise("a discount in a line: the reader fails at its УчтеноВСумме")
		}
	}
	return nil
}

// isService reports whether a new item becomes a service (U, N).
func isService(line *node) bool {
	for _, p := range line.child("ЗначенияРеквизитов").all("ЗначениеРеквизита") {
		if p.value("Наименование") == "ТипНоменклатуры" {
			return strings.ToLower(p.value("Значение")) == "услуга"
		}
	}
	return false
}

// halves are the parts of a text before and after #.
func halves(text string) (before, after string, both bool) { return strings.Cut(text, "#") }
