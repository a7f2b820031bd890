package readers_test

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// element is an element of a file, with all that is in it.
type element struct {
	XMLName xml.Name
	Text    string    `xml:",chardata"`
	Kids    []element `xml:",any"`
}

func (e *element) all(path ...string) []*element {
	found := []*element{e}
	for _, name := range path {
		var next []*element
		for _, one := range found {
			for i := range one.Kids {
				if one.Kids[i].XMLName.Local == name {
					next = append(next, &one.Kids[i])
				}
			}
		}
		found = next
	}
	return found
}

func (e *element) value(path ...string) string {
	if found := e.all(path...); len(found) > 0 {
		return strings.TrimSpace(found[0].Text)
	}
	return ""
}

// each calls f for the element and all within it.
func (e *element) each(f func(*element)) {
	f(e)
	for i := range e.Kids {
		e.Kids[i].each(f)
	}
}

// The properties of an order that the site exchanges know, and that none of them takes for something else.
var knownProperties = []string{
	"Статус заказа", "Отменен", "Дата отгрузки", "Организация", "Склад", "Договор контрагента", "Получатель", "Номер заказа на сайте", "Адрес доставки",
}

var sixDigits = regexp.MustCompile(`^\d{1,6}$`)

// breaks says what of a file of CommerceML УТ, ERP and УНФ would not read alike; empty when they would.
func breaks(file []byte) string {
	if !bytes.HasPrefix(file, []byte("\ufeff<?xml")) {
		return "no byte order mark"
	}
	var root element
	if err := xml.Unmarshal(file, &root); err != nil {
		return err.Error()
	}
	wrong := ""
	root.each(func(e *element) {
		switch name := e.XMLName.Local; {
		case e.XMLName.Space != "":
			wrong = name + " has a namespace"
		case slices.Contains([]string{"Контейнер", "Склады", "Скидки", "АдресноеПоле", "Единица", "Коэффициент"}, name):
			wrong = "there is " + name
		case len(e.Kids) == 0 && strings.TrimSpace(e.Text) == "":
			wrong = name + " is empty"
		case name == "Наименование" && (utf8.RuneCountInString(e.Text) > 100 || strings.Contains(e.Text, "#")):
			wrong = "the name " + e.Text
		}
	})
	numbers := map[string]bool{}
	for _, d := range root.all("Документ") {
		number := d.value("Номер")
		if wrong == "" {
			wrong = breaksOrder(d)
		}
		if wrong == "" && (!sixDigits.MatchString(number) || numbers[number]) {
			wrong = "its number is no six digits of its own"
		}
		if numbers[number] = true; wrong != "" {
			return number + ": " + wrong
		}
	}
	return wrong
}

func breaksOrder(d *element) string {
	if d.value("ХозОперация") != "Заказ товара" || d.value("Валюта") == "" || d.value("Ид") == "" || len(d.all("Контрагенты", "Контрагент")) != 1 {
		return "operation, currency, id or buyer"
	}
	buyer := d.all("Контрагенты", "Контрагент")[0]
	if buyer.value("КПП") != "" && buyer.value("ИНН") == "" {
		return "КПП without ИНН"
	}
	properties := map[string]string{}
	for _, p := range d.all("ЗначенияРеквизитов", "ЗначениеРеквизита") {
		properties[p.value("Наименование")] = p.value("Значение")
		if !slices.Contains(knownProperties, p.value("Наименование")) {
			return "the property " + p.value("Наименование")
		}
	}
	if buyer.value("Адрес", "Представление") != properties["Адрес доставки"] || properties["Отменен"] == "" || properties["Номер заказа на сайте"] == "" {
		return "address, cancellation or the marketplace's number"
	}
	return breaksTaxes(d)
}

// breaksTaxes looks at lines and their rates: taxes stand only where something is taxed, every line has its rate, and
// the document has the one that all lines have.
func breaksTaxes(d *element) string {
	var rates []string
	taxed := false
	for _, l := range d.all("Товары", "Товар") {
		if l.value("Артикул") == "" || l.value("БазоваяЕдиница") == "" || l.value("Количество") == "0" {
			return "a line without article, unit or quantity"
		}
		rate := l.value("СтавкиНалогов", "СтавкаНалога", "Ставка")
		if tax := l.all("Налоги", "Налог"); rate == "" || len(tax) > 0 && tax[0].value("Ставка") != rate {
			return "a line with the rate " + rate
		}
		taxed = taxed || rate != "Без налога"
		if !slices.Contains(rates, rate) {
			rates = append(rates, rate)
		}
	}
	taxes := d.all("Налоги", "Налог")
	switch {
	case taxed != (len(taxes) > 0), len(rates) == 0:
		return fmt.Sprintf("%d taxes with the rates %q", len(taxes), rates)
	case !taxed:
		return ""
	case taxes[0].value("УчтеноВСумме") != "true":
		return "VAT on top"
	case (len(rates) == 1) != (taxes[0].value("Ставка") != ""):
		return fmt.Sprintf("the document has the rate %q, its lines %q", taxes[0].value("Ставка"), rates)
	}
	return ""
}
