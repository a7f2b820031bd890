package bsltest_test

import (
	"math/big"
	"os"
	"strings"
	"testing"
	"time"

	"obmen/templates/bsltest"
)

func TestLoadsTwice(t *testing.T) {
	o := article(t)
	o.base.stores["Справочник.Products"].put(mugID, "Код=000000001", "Наименование=Кружка", "sku=AB-100")
	o.drop("a-1.xml", cmlFile(cml(orderID, "302-1", "25.00", "false", mug)))
	wantIn(t, "log", o.load(), "a-1.xml: заказов 1, создано 1", "для заказа создан элемент справочника Customers: Розничный покупатель")

	doc := o.base.stores["Документ.SalesOrder"].items[orderID]
	if doc == nil || len(doc.rows["products"]) != 1 {
		t.Fatalf("the document is %+v", doc)
	}
	row := doc.rows["products"][0].values
	if row["amount"].(*big.Rat).Cmp(big.NewRat(25, 1)) != 0 || row["product"].(ref).id != mugID || doc.values["customer"].(ref).id != buyerID {
		t.Errorf("the row is %v, the buyer %v", row, doc.values["customer"])
	}
	if when := doc.values["дата"].(time.Time); !when.Equal(time.Date(2026, 11, 6, 12, 0, 0, 0, time.UTC)) || doc.values["проведен"] != false {
		t.Errorf("the date is %v, posted: %v", when, doc.values["проведен"])
	}
	want(t, "ack", o.read("ack", "a-1.xml.ok.xml"), "\ufeff"+`<?xml version="1.0" encoding="UTF-8"?><ack><order id="302-1" result="ok" number="000000001"></order></ack>`)
	want(t, "archive", o.files("1c", "archive"), "a-1.xml")
	want(t, "work and outbox", o.files("1c", "work")+o.files("outbox"), "")

	written := o.base.written
	o.drop("a-1.xml", cmlFile(cml(orderID, "302-1", "25.00", "false", mug)))
	wantIn(t, "log", o.load(), "без изменений 1")
	if o.base.written != written {
		t.Error("the same order was written again")
	}
	want(t, "archive", o.files("1c", "archive"), "a-1.2.xml a-1.xml")
}

func TestChangesAndCancels(t *testing.T) {
	o := article(t)
	o.base.stores["Справочник.Products"].put(mugID, "Наименование=Кружка", "sku=AB-100")
	o.drop("a.xml", cmlFile(cml(orderID, "302-1", "25.00", "false", mug)))
	o.load()
	doc := func() *item { return o.base.stores["Документ.SalesOrder"].items[orderID] }

	one := line{mugID, "AB-100", "Кружка", "1", "12.50", "12.50"}
	o.drop("b.xml", cmlFile(cml(orderID, "302-1", "12.50", "false", one)))
	wantIn(t, "change", o.load(), "изменено 1")
	if q := doc().rows["products"][0].values["quantity"].(*big.Rat); q.Cmp(big.NewRat(1, 1)) != 0 {
		t.Errorf("the quantity is %v", q)
	}

	doc().values["проведен"] = true
	o.drop("c.xml", cmlFile(cml(orderID, "302-1", "25.00", "false", mug)))
	wantIn(t, "a posted one stays", o.load(), "Ошибка: c.xml: заказ 302-1: документ № 000000001 проведён, а заказ изменился")
	wantIn(t, "ack", o.read("ack", "c.xml.err.xml"), `<order id="302-1" result="error">документ № 000000001 проведён`)
	want(t, "error", o.files("1c", "error"), "c.xml")
	o.drop("d.xml", cmlFile(cml(orderID, "302-1", "12.50", "true", one)))
	wantIn(t, "a posted one is not cancelled", o.load(), "проведён, а заказ отменён")

	doc().values["проведен"] = false
	o.drop("e.xml", cmlFile(cml(orderID, "302-1", "12.50", "true", one), cml(otherID, "302-9", "12.50", "true", one)))
	wantIn(t, "cancel", o.load(), "отменено 1, без изменений 1")
	if doc().values["пометкаудаления"] != true || o.base.stores["Документ.SalesOrder"].items[otherID] != nil {
		t.Error("the cancelled order must be marked, and none made")
	}
	o.drop("f.xml", cmlFile(cml(orderID, "302-1", "12.50", "true", one)))
	wantIn(t, "cancel again", o.load(), "без изменений 1")
	o.drop("g.xml", cmlFile(cml(orderID, "302-1", "12.50", "false", one)))
	wantIn(t, "a deleted one", o.load(), "помечен на удаление в 1С")
}

// An order fails alone, with all that it would have brought.
func TestOneOrderFails(t *testing.T) {
	o := article(t)
	o.base.stores["Справочник.Products"].put(mugID, "Наименование=Кружка", "sku=AB-100")
	unknown := line{otherID, "ZZ-9", "Чайник", "1", "3.00", "3.00"}
	o.base.fail = func(it *item) error {
		if it.store.kind == "Документ" && it.values["customer"] != nil && len(it.rows["products"]) > 1 {
			return bsltest.Raise("в этот период запись запрещена")
		}
		return nil
	}
	o.drop("a.xml", cmlFile(
		cml(orderID, "302-1", "28.00", "false", mug, unknown),
		cml(otherID, "302-2", "50.00", "false", mug, mug)))
	log := o.load()
	wantIn(t, "log", log, "нет в справочнике Products: Чайник (артикул ZZ-9)", "в этот период запись запрещена", "ошибок 2")
	if n := len(o.base.stores["Справочник.Customers"].items); n != 0 {
		t.Errorf("%d buyers are left of orders that failed", n)
	}
	o.base.fail = nil
	o.drop("b.xml", cmlFile(cml(otherID, "302-2", "50.00", "false", mug, mug), cml(orderID, "302-1", "28.00", "false", mug, unknown)))
	wantIn(t, "log", o.load(), "создано 1, ошибок 1")
	wantIn(t, "ack", o.read("ack", "b.xml.err.xml"), `<order id="302-2" result="ok" number="000000001">`, `<order id="302-1" result="error">`)
}

func TestFindsInThisOrder(t *testing.T) {
	for name, tt := range map[string]struct {
		line  line
		want  string
		wrong string
	}{
		"by id":                {line{mugID, "AB-200", "Чайник", "1", "1.00", "1.00"}, mugID, ""},
		"by article":           {line{otherID, "AB-200", "Кружка", "1", "1.00", "1.00"}, potID, ""},
		"by name":              {line{"", "", "Кружка", "1", "1.00", "1.00"}, mugID, ""},
		"not one that is gone": {line{"", "OLD", "Старое", "1", "1.00", "1.00"}, "", "нет в справочнике Products: Старое (артикул OLD)"},
		"never one of two":     {line{"", "", "Дважды", "1", "1.00", "1.00"}, "", "несколько элементов, у которых Наименование - \"Дважды\""},
	} {
		t.Run(name, func(t *testing.T) {
			o := article(t)
			products := o.base.stores["Справочник.Products"]
			products.put(mugID, "Наименование=Кружка", "sku=AB-100")
			products.put(potID, "Наименование=Чайник", "sku=AB-200")
			products.put("", "Наименование=Старое", "sku=OLD").values["пометкаудаления"] = true
			products.put("", "Наименование=Дважды", "sku=X1")
			products.put("", "Наименование=Дважды", "sku=X2")
			o.drop("a.xml", cmlFile(cml(orderID, "302-1", "1.00", "false", tt.line)))
			log := o.load()
			if tt.wrong != "" {
				wantIn(t, "log", log, tt.wrong)
				return
			}
			got := o.base.stores["Документ.SalesOrder"].items[orderID].rows["products"][0].values["product"].(ref).id
			if got != tt.want {
				t.Errorf("found %s, want %s", got, tt.want)
			}
		})
	}
}

func TestBadFiles(t *testing.T) {
	good := cml(orderID, "302-1", "25.00", "false", mug)
	for name, tt := range map[string]struct{ text, want string }{
		"cut off":       {cmlFile(good)[:900], "не загружен"},
		"no XML":        {"PK\x03\x04", "не загружен"},
		"no orders":     {cmlFile(), "в файле нет заказов"},
		"changed sum":   {cmlFile(strings.Replace(good, "<Сумма>25.00</Сумма><Контрагенты>", "<Сумма>26.00</Сумма><Контрагенты>", 1)), "по строкам 25, сумма заказа 26"},
		"changed price": {cmlFile(strings.Replace(good, "12.50", "12.51", 1)), "цена × количество ≠ 25"},
		"no number":     {cmlFile(strings.Replace(good, "302-1", "", 1)), "заказ без Ид или номера"},
		"no amount":     {cmlFile(strings.Replace(good, "12.50", "12,5O", 1)), `заказ 302-1, строка 1, ЦенаЗаЕдиницу: "12,5O" - не число`},
	} {
		t.Run(name, func(t *testing.T) {
			o := article(t)
			o.base.stores["Справочник.Products"].put(mugID, "Наименование=Кружка")
			o.drop("a.xml", tt.text)
			o.drop("b.xml", cmlFile(good))
			wantIn(t, "log", o.load(), "Ошибка: a.xml: не загружен", tt.want, "b.xml: заказов 1, создано 1")
			wantIn(t, "ack", o.read("ack", "a.xml.err"), strings.TrimPrefix(tt.want, "не загружен"))
			want(t, "error", o.files("1c", "error"), "a.xml")
			want(t, "archive", o.files("1c", "archive"), "b.xml")
		})
	}
}

// A file of zero bytes, a hidden one and one with another ending are not for the loader.
func TestLeavesAlone(t *testing.T) {
	o := article(t)
	for _, name := range []string{"empty.xml", ".a.xml.tmp", "orders.xlsx"} {
		o.drop(name, strings.Repeat("x", len(name)-len("empty.xml")))
	}
	o.drop(".hidden.xml", cmlFile())
	want(t, "log", o.load(), "")
	want(t, "outbox", o.files("outbox"), ".a.xml.tmp .hidden.xml empty.xml orders.xlsx")
	o.drop("Message_A_B.xml", "<Message><Body/></Message>") // another exchange uses the folder, too
	want(t, "log", o.load(), "Информация: Message_A_B.xml: не файл заказов (в корне Message), оставлен на месте")
	want(t, "outbox", o.files("outbox"), ".a.xml.tmp .hidden.xml Message_A_B.xml empty.xml orders.xlsx")
}

// What a killed run had taken is loaded by the next one, before anything else.
func TestGoesOnAfterAKill(t *testing.T) {
	o := article(t)
	o.base.stores["Справочник.Products"].put(mugID, "Наименование=Кружка")
	o.load()
	if err := os.WriteFile(o.path("1c", "work", "z.xml"), []byte(cmlFile(cml(orderID, "302-1", "25.00", "false", mug))), 0o666); err != nil {
		t.Fatal(err)
	}
	o.drop("a.xml", cmlFile(cml(otherID, "302-2", "25.00", "false", mug)))
	log := o.load()
	if z, a := strings.Index(log, "z.xml: заказов 1, создано 1"), strings.Index(log, "a.xml: заказов 1, создано 1"); z < 0 || a < z {
		t.Errorf("the log is %s", log)
	}
	want(t, "acks", o.files("ack"), "a.xml.ok.xml z.xml.ok.xml")
}

// Without the folder of answers nothing is lost: the file waits in work.
func TestNoPlaceForTheAnswer(t *testing.T) {
	o := article(t)
	o.base.stores["Справочник.Products"].put(mugID, "Наименование=Кружка")
	o.drop("a.xml", cmlFile(cml(orderID, "302-1", "25.00", "false", mug)))
	if err := os.Remove(o.path("ack")); err != nil {
		t.Fatal(err)
	}
	wantIn(t, "log", o.load(), "остаётся в work")
	if err := os.Mkdir(o.path("ack"), 0o777); err != nil {
		t.Fatal(err)
	}
	wantIn(t, "log", o.load(), "без изменений 1")
	wantIn(t, "ack", o.read("ack", "a.xml.ok.xml"), `number="000000001"`)
}

func TestDryRun(t *testing.T) {
	o := article(t)
	o.base.stores["Справочник.Products"].put(mugID, "Наименование=Кружка")
	o.drop("a.xml", cmlFile(cml(orderID, "302-1", "25.00", "false", mug), cml(otherID, "302-2", "1.00", "false", line{"", "Q", "Нет", "1", "1.00", "1.00"})))
	log, err := o.run("Проверить")
	if err != nil {
		t.Fatal(err)
	}
	wantIn(t, "log", log, "заказ 302-1: документ будет создан", "заказ 302-2: нет в справочнике", "создано 1, ошибок 1; ничего не записано")
	want(t, "folders", o.files("outbox")+o.files("ack")+o.files("1c"), "a.xml")
	if o.base.written != 0 {
		t.Errorf("%d objects were written", o.base.written)
	}
}

func TestPosts(t *testing.T) {
	o := article(t)
	o.set("ПроводитьДокументы", "да")
	o.set("НомерИзЗаказа", "да")
	o.base.stores["Справочник.Products"].put(mugID, "Наименование=Кружка")
	o.drop("a.xml", cmlFile(cml(orderID, "302-1", "25.00", "false", mug)))
	o.load()
	doc := o.base.stores["Документ.SalesOrder"].items[orderID]
	if doc.values["проведен"] != true || doc.values["номер"] != "302-1" {
		t.Errorf("the document is %v", doc.values)
	}
	o.drop("b.xml", cmlFile(cml(otherID, "171-2000001-1000001", "25.00", "false", mug)))
	wantIn(t, "a number that 1C would cut", o.load(), "номер 171-2000001-1000001 длиннее номера документа в 1С")
}

// A wrong name is told by name, before any file is touched.
func TestWrongSettings(t *testing.T) {
	for name, value := range map[string]string{
		"Документ": "SalesOrders", "ТабличнаяЧасть": "Goods", "СтрокаЦена": "Cost", "Номенклатура": "Items", "ПокупательИмя": "name", "ДокументВалюта": "Валюта",
	} {
		o := article(t)
		o.set(name, value)
		o.drop("a.xml", cmlFile(cml(orderID, "302-1", "25.00", "false", mug)))
		_, err := o.run("Загрузить")
		if err == nil || !strings.Contains(err.Error(), value) || !strings.Contains(err.Error(), "настройка "+name) {
			t.Errorf("%s = %s: got %v", name, value, err)
		}
		want(t, "outbox", o.files("outbox"), "a.xml")
	}
	o := article(t)
	o.set("КаталогОбмена", "")
	if _, err := o.run("Загрузить"); err == nil || !strings.Contains(err.Error(), "КаталогОбмена") {
		t.Errorf("without a folder: %v", err)
	}
	o.set("КаталогОбмена", `/nowhere/obmen`)
	if _, err := o.run("Загрузить"); err == nil || !strings.Contains(err.Error(), "учётная запись сервера") {
		t.Errorf("with a folder that is not there: %v", err)
	}
}
