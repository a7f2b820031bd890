package readers

import (
	"fmt"
	"strings"
	"testing"
)

// anOrder is a file of CommerceML with one document, changed by pairs of texts.
func anOrder(changes ...string) string {
	text := `<?xml version="1.0" encoding="UTF-8"?>
<КоммерческаяИнформация ВерсияСхемы="2.10"><Документ>
<Ид>40ea79d9-e041-50c4-984a-8caa89394167</Ид><Номер>1201</Номер><Дата>2026-11-18</Дата><Время>10:00:00</Время>
<ХозОперация>Заказ товара</ХозОперация><Валюта>RUB</Валюта>
<Контрагенты><Контрагент><Ид>1</Ид><Наименование>Иван Образцов</Наименование></Контрагент></Контрагенты>
<Налоги><Налог><Наименование>НДС</Наименование><УчтеноВСумме>true</УчтеноВСумме><Сумма>0</Сумма></Налог></Налоги>
<Товары><Товар><Ид>6a248d17-0bd9-5068-bf19-01d14c7c657d</Ид><Артикул>AB-100</Артикул><Наименование>Кружка</Наименование>
<СтавкиНалогов><СтавкаНалога><Наименование>НДС</Наименование><Ставка>20</Ставка></СтавкаНалога></СтавкиНалогов>
<ЦенаЗаЕдиницу>60</ЦенаЗаЕдиницу><Количество>2</Количество><Сумма>120</Сумма></Товар></Товары>
<ЗначенияРеквизитов><ЗначениеРеквизита><Наименование>Отменен</Наименование><Значение>false</Значение></ЗначениеРеквизита></ЗначенияРеквизитов>
</Документ></КоммерческаяИнформация>`
	r := strings.NewReplacer(changes...)
	return r.Replace(text)
}

func aBase() *Base {
	return &Base{
		Currency: "RUB", Currencies: []string{"EUR", "USD"}, Codes: map[string]string{"643": "RUB", "978": "EUR"},
		Rates:         []string{"0", "10", "18", "20"},
		Organisations: []Named{{ID: "5b2c9d5e-7b53-5a8e-9f0e-3c1a2b4d5e6f", Name: "ООО Пример"}},
		Warehouses:    []Named{{Name: "Основной склад"}},
	}
}

// story reads files one after another and tells what the base holds.
func story(r Reader, files ...string) string {
	b := aBase()
	var said []string
	for _, f := range files {
		report := r.Read(b, []byte(f))
		said = append(said, report.Messages...)
		said = append(said, report.Silent...)
	}
	for _, o := range b.Orders {
		text := fmt.Sprintf("%s %s %s", o.Number, o.Total.Text(2), o.Currency)
		for _, l := range o.Lines {
			text += fmt.Sprintf(" [%s×%s %s НДС %s %s]", l.Quantity, l.Price.Text(2), l.Total.Text(2), l.Rate, l.VAT.Text(2))
		}
		if o.Cancelled {
			text += " cancelled"
		}
		if !o.Posted {
			text += " unposted"
		}
		said = append(said, text)
	}
	return strings.Join(append(said, fmt.Sprintf("%d items, %d buyers", len(b.Items), len(b.Buyers))), "\n")
}

// Each rule of the site exchanges makes the difference that its source describes.
func TestSiteRules(t *testing.T) {
	trade, small := Trade{}, Small{Node{}}
	const lineTax = `<СтавкиНалогов><СтавкаНалога><Наименование>НДС</Наименование><Ставка>20</Ставка></СтавкаНалога></СтавкиНалогов>`
	for _, c := range []struct {
		name  string
		r     Reader
		files []string
		want  string // a part of the story
	}{
		{"УТ: once", trade, []string{anOrder()}, "ТД00-000001 120.00 RUB [2×60.00 120.00 НДС 20 0.00]\n1 items, 1 buyers"},
		{"УТ: again", trade, []string{anOrder(), anOrder()}, "ТД00-000001 120.00 RUB [2×60.00 120.00 НДС 20 0.00]\n1 items"},
		{"УТ: a long number doubles", trade, []string{anOrder("1201", "171-2000001-1000001"), anOrder("1201", "171-2000001-1000001")}, "ТД00-000002"},
		{"УТ: eleven characters are found", trade, []string{anOrder("1201", "12345678901"), anOrder("1201", "12345678901")}, "ТД00-000001 120.00 RUB [2×60.00 120.00 НДС 20 0.00]\n1 items"},
		{"УТ: without the attribute every read doubles", Trade{Node{NoNumberAttribute: true}}, []string{anOrder(), anOrder()}, "ТД00-000002"},
		{"УТ: the currency's name", trade, []string{anOrder("RUB", "KWD")}, "no currency called KWD, so the figures stand there in RUB"},
		{"УТ: a foreign rate", trade, []string{anOrder("<Ставка>20", "<Ставка>19")}, "НДС Без НДС 0.00"},
		{"УТ: 0 % is none", trade, []string{anOrder("<Ставка>20", "<Ставка>0")}, "НДС Без НДС 0.00"},
		{"УТ: VAT on top is lost", trade, []string{anOrder(">true<", ">false<")}, " 120.00 RUB [2×60.00 120.00 НДС 20 0.00]"},
		{"УТ: a rate leaks to the next line", trade, []string{anOrder("</Товар></Товары>", "</Товар><Товар><Наименование>Б</Наименование><Количество>1</Количество><Сумма>1</Сумма></Товар></Товары>")}, "[1×1.00 1.00 НДС 20 0.00]"},
		{"УТ: # in a name rolls back", trade, []string{anOrder("Кружка", "Краска #12")}, "nothing of the file was loaded: item Краска : # in the name"},
		{"УТ: a cancelled one", trade, []string{anOrder(), anOrder(">false</З", ">true</З")}, "cancelled"},
		{"УТ: a cancelled one stays cancelled", trade, []string{anOrder(">false</З", ">true</З"), anOrder("60", "61")}, "is not updated"},
		{"УТ: cancelled without reasons", Trade{Node{NoCancelReasons: true}}, []string{anOrder(">false</З", ">true</З")}, "the cancellation is not written"},
		{"УТ: windows-1251", trade, []string{string([]byte{'<', 0xCA, '/', '>'})}, "cannot be read"},
		{"УТ: a container", trade, []string{anOrder("<Документ>", "<Контейнер><Документ>", "</Документ>", "</Документ></Контейнер>")}, "no documents in the file"},
		{"УТ: a namespace", trade, []string{anOrder("<КоммерческаяИнформация ", `<КоммерческаяИнформация xmlns="urn:1C.ru:commerceml_2" `)}, "nothing of the file was loaded"},
		{"УТ: no operation", trade, []string{anOrder("Заказ товара", "Продажа")}, "the load stopped"},
		{"УТ: no currency", trade, []string{anOrder("<Валюта>RUB</Валюта>", "<Валюта/>")}, "the load stopped"},
		{"УТ: the same buyer as a company", trade, []string{anOrder(), anOrder("1201", "1202", "</Наименование></К", "</Наименование><ОфициальноеНаименование/></К")}, "1 items, 2 buyers"},
		{"УТ: an item's article is not kept", trade, []string{anOrder("<Ид>6a248d17-0bd9-5068-bf19-01d14c7c657d</Ид>", ""), anOrder("1201", "1202", "<Ид>6a248d17-0bd9-5068-bf19-01d14c7c657d</Ид>", "", "Кружка", "Кружка белая")}, "2 items"},
		{"УТ: a long name is created each time", trade, []string{anOrder("Кружка", strings.Repeat("я", 101), "<Ид>6a248d17-0bd9-5068-bf19-01d14c7c657d</Ид>", ""), anOrder("1201", "1202", "Кружка", strings.Repeat("я", 101), "<Ид>6a248d17-0bd9-5068-bf19-01d14c7c657d</Ид>", "")}, "2 items"},
		{"УТ: a discount of a line", trade, []string{anOrder("</Товар>", "<Скидки><Скидка><УчтеноВСумме>true</УчтеноВСумме></Скидка></Скидки></Товар>")}, "nothing of the file was loaded"},

		{"УНФ: once", small, []string{anOrder()}, "00СА-001201 120.00 RUB [2×60.00 120.00 НДС 20 20.00]\n1 items, 1 buyers"},
		{"УНФ: again", small, []string{anOrder("1201", "171-2000001-1000001"), anOrder("1201", "171-2000001-1000001")}, "00СА-171200 120.00 RUB [2×60.00 120.00 НДС 20 20.00]\n1 items"},
		{"УНФ: numbers collide at six digits", small, []string{anOrder("1201", "171-2000001-1000001"), anOrder("1201", "171-2000002-1000001")}, "another has this number (site order 171-2000001-1000001), so it is not posted"},
		{"УНФ: letters vanish", small, []string{anOrder("1201", "A-7"), anOrder("1201", "B-7")}, "another has this number"},
		{"УНФ: VAT on top is computed", small, []string{anOrder(">true<", ">false<")}, " 144.00 RUB [2×60.00 144.00 НДС 20 24.00]"},
		{"УНФ: no taxes at all", small, []string{anOrder("<Налоги>", "<Н>", "</Налоги>", "</Н>")}, "НДС Без НДС 0.00"},
		{"УНФ: taxes without a rate are 20", small, []string{anOrder(lineTax, "")}, "НДС 20 20.00"},
		{"УНФ: 0 % is real", small, []string{anOrder("<Ставка>20", "<Ставка>0")}, "НДС 0 0.00"},
		{"УНФ: a cancelled one is finished", small, []string{anOrder(">false</З", ">true</З"), anOrder("60", "61")}, "is finished and not updated"},
		{"УНФ: windows-1251 is read", small, []string{"<?xml version='1.0' encoding='windows-1251'?>" + string([]byte{'<', 0xCA, '/', '>'})}, "no documents in the file"},
		{"УНФ: delivery services", Small{Node{DeliveryServices: true}}, []string{anOrder("<Ид>6a248d17-0bd9-5068-bf19-01d14c7c657d</Ид>", "<Ид>ORDER_DELIVERY</Ид>")}, " 0.00 RUB\n"},
		{"УНФ: КПП alone joins buyers", small, []string{anOrder("</Наименование></К", "</Наименование><КПП>770101001</КПП></К"), anOrder("1201", "1202", "Иван Образцов</Наименование>", "ООО</Наименование><КПП>770101001</КПП>")}, "1 buyers"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := story(c.r, c.files...); !strings.Contains(got, c.want) {
				t.Errorf("%s\nwant %s", got, c.want)
			}
		})
	}
}

// aMessage is a file of EnterpriseData with one order, changed by pairs of texts.
func aMessage(changes ...string) string {
	text := `<Message xmlns:msg="http://www.1c.ru/SSL/Exchange/Message"><msg:Header>
<msg:Format>http://v8.1c.ru/edi/edi_stnd/EnterpriseData/1.16</msg:Format></msg:Header><Body>
<Справочник.Номенклатура><КлючевыеСвойства><Ссылка>6a248d17-0bd9-5068-bf19-01d14c7c657d</Ссылка><Наименование>Кружка</Наименование></КлючевыеСвойства></Справочник.Номенклатура>
<Документ.ЗаказКлиента><КлючевыеСвойства><Ссылка>40ea79d9-e041-50c4-984a-8caa89394167</Ссылка><Дата>2026-11-18T10:00:00</Дата><Номер>1201</Номер>
<Организация><Наименование>ООО Пример</Наименование></Организация></КлючевыеСвойства>
<Валюта><ДанныеКлассификатора><Код>643</Код><Наименование>RUB</Наименование></ДанныеКлассификатора></Валюта><Сумма>120</Сумма>
<Контрагент><Наименование>Иван Образцов</Наименование></Контрагент><СуммаВключаетНДС>true</СуммаВключаетНДС>
<Товары><Строка><ДанныеНоменклатуры><Номенклатура><Ссылка>6a248d17-0bd9-5068-bf19-01d14c7c657d</Ссылка><Наименование>Кружка</Наименование></Номенклатура></ДанныеНоменклатуры>
<Количество>2</Количество><Сумма>120</Сумма><Цена>60</Цена><СтавкаНДС>НДС20</СтавкаНДС><СуммаНДС>20</СуммаНДС></Строка></Товары>
</Документ.ЗаказКлиента></Body></Message>`
	return strings.NewReplacer(changes...).Replace(text)
}

// Each rule of EnterpriseData makes the difference that its source describes.
func TestMessageRules(t *testing.T) {
	trade, small := TradeMessage(Node{}), SmallMessage(Node{})
	const removed = `<Message><Header><Format>x/1.16</Format></Header><Body><УдалениеОбъекта><СсылкаНаОбъект><СсылкаНаОбъект><ЗаказКлиентаСсылка>40ea79d9-e041-50c4-984a-8caa89394167</ЗаказКлиентаСсылка></СсылкаНаОбъект></СсылкаНаОбъект></УдалениеОбъекта></Body></Message>`
	for _, c := range []struct {
		name  string
		r     Reader
		files []string
		want  string
	}{
		{"УНФ: once", small, []string{aMessage()}, "1201 120.00 RUB [2×60.00 120.00 НДС 20 20.00]\n1 items, 1 buyers"},
		{"УНФ: again", small, []string{aMessage(), aMessage("Номер>1201", "Номер>1202")}, "1201 120.00 RUB [2×60.00 120.00 НДС 20 20.00]\n1 items"},
		{"УНФ: 1.17 is refused", small, []string{aMessage("1.16", "1.17")}, "the version 1.17 is not supported"},
		{"УТ: 1.17 is read", trade, []string{aMessage("1.16", "1.17")}, "1201 120.00 RUB"},
		{"ERP: 1.17 is refused", EnterpriseMessage(Node{}), []string{aMessage("1.16", "1.17")}, "the version 1.17 is not supported"},
		{"an item without a reference is empty", small, []string{aMessage("<Номенклатура><Ссылка>6a248d17-0bd9-5068-bf19-01d14c7c657d</Ссылка>", "<Номенклатура>")}, "the line is without an item"},
		{"an item that never comes is broken", small, []string{aMessage("Справочник.Номенклатура", "Справочник.Неведомое")}, "refers to an item that is not in the base"},
		{"УТ: an organisation without a reference", trade, []string{aMessage()}, "Организация ООО Пример has no reference"},
		{"УНФ: another organisation is created", small, []string{aMessage("ООО Пример", "ООО Другая")}, "Организация ООО Другая is not in the base: it was created"},
		{"УНФ: no rate is the item's own", small, []string{aMessage("<СтавкаНДС>НДС20</СтавкаНДС>", "")}, "takes its item's own"},
		{"one number of two orders", small, []string{aMessage(), aMessage("40ea79d9", "50ea79d9")}, "another has this number, so it is not posted"},
		{"deleted", small, []string{aMessage(), removed}, "НДС 20 20.00] unposted"},
		{"deleted, and loaded again", small, []string{aMessage(), removed, aMessage()}, "НДС 20 20.00]\n"},
		{"no header", small, []string{"<Message/>"}, "no message of EnterpriseData"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := story(c.r, c.files...); !strings.Contains(got, c.want) {
				t.Errorf("%s\nwant %s", got, c.want)
			}
		})
	}
}

// A model takes any bytes, gives the same base each time, and never loses an order that is there.
func FuzzReaders(f *testing.F) {
	for _, text := range []string{anOrder(), anOrder("1201", ""), aMessage(), aMessage("1.16", "1.17"), "<a/>", ""} {
		f.Add([]byte(text), uint8(0))
		f.Add([]byte(text), uint8(5))
	}
	f.Fuzz(func(t *testing.T, file []byte, which uint8) {
		target := targets[int(which)%len(targets)]
		node := Node{NoVariants: which&16 != 0, BuyersByTaxID: which&32 != 0, DeliveryServices: which&64 != 0}
		r := target.Site(node)
		if which&128 != 0 {
			r = target.Message(node)
		}
		a, b := aBase(), aBase()
		r.Read(a, file)
		r.Read(b, file)
		if fmt.Sprint(*a) != fmt.Sprint(*b) {
			t.Fatal("two bases differ")
		}
		before := len(a.Orders)
		r.Read(a, file)
		if len(a.Orders) < before {
			t.Fatal("an order is gone")
		}
		for i := range a.Orders {
			if o := &a.Orders[i]; o.Buyer >= len(a.Buyers) {
				t.Fatal("a buyer that is not there")
			} else {
				for _, l := range o.Lines {
					if l.Item >= len(a.Items) {
						t.Fatal("an item that is not there")
					}
				}
			}
		}
	})
}
