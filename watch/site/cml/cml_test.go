package cml_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"obmen/watch/site/cml"
)

const states = `<?xml version="1.0" encoding="UTF-8"?>
<КоммерческаяИнформация xmlns="urn:1C.ru:commerceml_205" ВерсияСхемы="2.05" ДатаФормирования="2026-11-30T10:00:00">
 <Документ>
  <Ид>6a248d17-0bd9-5068-bf19-01d14c7c657d</Ид>
  <Номер> 000123 </Номер><Дата>2026-11-29</Дата><Время>10:20:00</Время>
  <ХозОперация>Заказ товара</ХозОперация><Роль>Продавец</Роль>
  <Валюта>EUR</Валюта><Курс>1</Курс><Сумма>119.00</Сумма>
  <Контрагенты><Контрагент><Наименование>Example</Наименование></Контрагент></Контрагенты>
  <Товары><Товар><Ид>1</Ид><Сумма>5</Сумма><ЗначенияРеквизитов><ЗначениеРеквизита><Наименование>Отменен</Наименование><Значение>true</Значение></ЗначениеРеквизита></ЗначенияРеквизитов></Товар></Товары>
  <ЗначенияРеквизитов>
   <ЗначениеРеквизита><Наименование>Номер по 1С</Наименование><Значение>СА00-000123</Значение></ЗначениеРеквизита>
   <ЗначениеРеквизита><Наименование>Дата по 1С</Наименование><Значение>2026-11-29T10:20:00</Значение></ЗначениеРеквизита>
   <ЗначениеРеквизита><Наименование>ПометкаУдаления</Наименование><Значение>false</Значение></ЗначениеРеквизита>
   <ЗначениеРеквизита><Наименование>Проведен</Наименование><Значение>true</Значение></ЗначениеРеквизита>
   <ЗначениеРеквизита><Наименование>Номер оплаты по 1C</Наименование><Значение>7</Значение></ЗначениеРеквизита>
   <ЗначениеРеквизита><Наименование>Дата отгрузки по 1С</Наименование><Значение>T</Значение></ЗначениеРеквизита>
   <ЗначениеРеквизита><Наименование>Статус заказа</Наименование><Значение>В работе</Значение></ЗначениеРеквизита>
  </ЗначенияРеквизитов>
 </Документ>
 <Документ><Номер>7</Номер><ХозОперация>Выплата безналичных денег</ХозОперация></Документ>
 <Документ><Номер>7/1</Номер><ХозОперация>Эквайринговая операция</ХозОперация><Номер1С>ЭО-7</Номер1С><Дата1С>2026-12-01</Дата1С><Основание>6a248d17-0bd9-5068-bf19-01d14c7c657d</Основание></Документ>
 <Документ><Номер>9</Номер><Дата>2026-12-02</Дата><ХозОперация>Отпуск товара</ХозОперация><Основание>000125</Основание></Документ>
 <Документ><Номер>10</Номер><ХозОперация>Отпуск товара</ХозОперация><ПометкаУдаления>true</ПометкаУдаления><Основание>000126</Основание></Документ>
 <Документ><Номер>127</Номер><Номер1С>СА-127</Номер1С><ХозОперация>Заказ товара</ХозОперация><ПодчиненныеДокументы><ПодчиненныйДокумент><Номер>3</Номер><ХозОперация>Выплата наличных денег</ХозОперация></ПодчиненныйДокумент></ПодчиненныеДокументы></Документ>
 <Документ><Номер>8</Номер><ХозОперация>Возврат товара</ХозОперация><Основание>000125</Основание></Документ>
 <Контейнер><Документ><Номер>124</Номер><ПометкаУдаления>true</ПометкаУдаления></Документ></Контейнер>
</КоммерческаяИнформация>
`

var wantStates = []cml.Order{
	{
		ID: "6a248d17-0bd9-5068-bf19-01d14c7c657d", Number: "000123", Currency: "EUR", Total: "119.00",
		Number1C: "СА00-000123", Date1C: "2026-11-29T10:20:00", Status: "В работе", Posted: true, Payment: cml.Event{Number: "7"},
	},
	{Number: "000123", Part: cml.PaymentAlone, Payment: cml.Event{Number: "ЭО-7", Date: "2026-12-01"}},
	{Number: "000125", Part: cml.ShipmentAlone, Shipment: cml.Event{Number: "9", Date: "2026-12-02"}},
	{Number: "000126", Part: cml.ShipmentAlone},
	{Number: "127", Number1C: "СА-127", Payment: cml.Event{Number: "3"}},
	{Number: "124", Deleted: true},
}

func orders(file string) (list []cml.Order, err error) {
	err = cml.ReadOrders(strings.NewReader(file), func(o cml.Order) error { list = append(list, o); return nil })
	return list, err
}

func TestReadOrders(t *testing.T) {
	ansi, err := charmap.Windows1251.NewEncoder().String(strings.Replace(states, "UTF-8", "windows-1251", 1))
	if err != nil {
		t.Fatal(err)
	}
	wide, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(strings.Replace(states, "UTF-8", "UTF-16", 1))
	if err != nil {
		t.Fatal(err)
	}
	for name, file := range map[string]string{
		"utf-8": states, "byte order mark": "\ufeff" + states, "windows-1251": ansi, "utf-16": wide,
		"no namespace": strings.Replace(states, ` xmlns="urn:1C.ru:commerceml_205"`, "", 1),
		"with prefix":  strings.NewReplacer("xmlns=", "xmlns:c=", "<К", "<c:К", "</К", "</c:К").Replace(states),
	} {
		t.Run(name, func(t *testing.T) {
			got, err := orders(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(wantStates, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A file that ends anywhere is told from one that is wrong: the rest may still come.
func TestTruncated(t *testing.T) {
	whole := strings.TrimSpace(states)
	for n := range len(whole) - 1 {
		if _, err := orders(whole[:n]); !errors.Is(err, cml.ErrTruncated) {
			t.Fatalf("cut after %d bytes: %v", n, err)
		}
	}
}

func TestRefused(t *testing.T) {
	for name, file := range map[string]string{
		"no commerceml": "<html><body></body></html>",
		"no xml":        "success",
		"wrong ends":    "<КоммерческаяИнформация>\n<Документ></КоммерческаяИнформация>",
		"encoding":      `<?xml version="1.0" encoding="koi9"?><КоммерческаяИнформация/>`,
		"entity":        "<КоммерческаяИнформация><Документ><Номер>&bomb;</Номер></Документ></КоммерческаяИнформация>",
		"too large":     "<КоммерческаяИнформация><Документ><Номер>" + strings.Repeat("x", cml.ElementLimit+1<<20),
		"too deep":      "<КоммерческаяИнформация>" + strings.Repeat("<a>", 1000),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := orders(file)
			if _, refused := errors.AsType[*cml.Error](err); !refused || errors.Is(err, cml.ErrTruncated) {
				t.Errorf("got %v", err)
			}
		})
	}
}

const catalog = `<?xml version="1.0" encoding="UTF-8"?>
<КоммерческаяИнформация ВерсияСхемы="2.05">
 <Классификатор><Группы><Группа><Ид>g</Ид><Наименование>Все</Наименование></Группа></Группы></Классификатор>
 <Каталог СодержитТолькоИзменения="false">
  <Товары>
   <Товар>
    <Ид>6a248d17-0bd9-5068-bf19-01d14c7c657d</Ид><Штрихкод>4600000000015</Штрихкод><Артикул>AB-100</Артикул>
    <Наименование>Кофе &quot;Утро&quot;</Наименование>
    <БазоваяЕдиница Код="796 " НаименованиеПолное="Штука">шт</БазоваяЕдиница>
    <СтавкиНалогов><СтавкаНалога><Наименование>НДС</Наименование><Ставка>20</Ставка></СтавкаНалога></СтавкиНалогов>
    <ЗначенияРеквизитов>
     <ЗначениеРеквизита><Наименование>ТипНоменклатуры</Наименование><Значение>Товар</Значение></ЗначениеРеквизита>
     <ЗначениеРеквизита><Наименование>Код</Наименование><Значение>00-01</Значение></ЗначениеРеквизита>
    </ЗначенияРеквизитов>
   </Товар>
   <Товар Статус="Удален"><Ид>b</Ид><БазоваяЕдиница НаименованиеПолное="Штука">796 </БазоваяЕдиница></Товар>
  </Товары>
 </Каталог>
</КоммерческаяИнформация>`

const offers = `<КоммерческаяИнформация><ПакетПредложений СодержитТолькоИзменения="true"><Предложения>
<Предложение><Ид>a#c</Ид><Артикул>AB</Артикул><Наименование>Кофе (крупный)</Наименование><Штрихкод>46</Штрихкод></Предложение>
<Предложение><Ид>a#a</Ид></Предложение>
</Предложения></ПакетПредложений></КоммерческаяИнформация>`

func goods(file string) (list []cml.Product, c cml.Catalog, err error) {
	c, err = cml.ReadGoods(strings.NewReader(file), func(p cml.Product) error { list = append(list, p); return nil })
	return list, c, err
}

func TestReadGoods(t *testing.T) {
	list, c, err := goods(catalog)
	want := []cml.Product{
		{ID: "6a248d17-0bd9-5068-bf19-01d14c7c657d", SKU: "AB-100", Code: "00-01", Name: `Кофе "Утро"`, Unit: "шт", VAT: "20", Barcode: "4600000000015", Kind: "Товар"},
		{ID: "b", Unit: "Штука", Deleted: true},
	}
	if diff := cmp.Diff(want, list); err != nil || !c.Full || c.Offers || diff != "" {
		t.Errorf("%v, %+v\n%s", err, c, diff)
	}
	_, c, err = goods(strings.Replace(catalog, `="false"`, `="true"`, 1))
	if err != nil || c.Full {
		t.Errorf("%v, %+v", err, c)
	}
}

func TestReadOffers(t *testing.T) {
	list, c, err := goods(offers)
	want := []cml.Product{
		{ID: "a", Characteristic: "c", Offer: true, SKU: "AB", Name: "Кофе (крупный)", Barcode: "46"},
		{ID: "a", Offer: true},
	}
	if diff := cmp.Diff(want, list); err != nil || c.Full || !c.Offers || diff != "" {
		t.Errorf("%v, %+v\n%s", err, c, diff)
	}
}

// Whatever comes is read to its end or refused, and twice the same.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{states, catalog, offers, "", "\xff\xfe<", "<КоммерческаяИнформация/>"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, file string) {
		first, err := orders(file)
		again, err2 := orders(file)
		if (err == nil) != (err2 == nil) || !cmp.Equal(first, again) {
			t.Errorf("%v, then %v", err, err2)
		}
		if _, refused := errors.AsType[*cml.Error](err); err != nil && !refused && !errors.Is(err, io.EOF) {
			t.Errorf("%T", err)
		}
		_, _, _ = goods(file)
	})
}
