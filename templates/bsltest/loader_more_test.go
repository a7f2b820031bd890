package bsltest_test

import (
	"io/fs"
	"math/big"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"obmen/templates"
	"obmen/templates/bsltest"
)

// The older file is loaded first, whatever their names are, so that the newer state stays.
func TestOlderFilesFirst(t *testing.T) {
	for _, names := range [][2]string{{"a.xml", "z.xml"}, {"z.xml", "a.xml"}} {
		o := article(t)
		o.base.stores["Справочник.Products"].put(mugID, "Наименование=Кружка")
		one := line{mugID, "AB-100", "Кружка", "1", "13.00", "13.00"}
		o.drop(names[0], cmlFile(cml(orderID, "302-1", "25.00", "false", mug)))
		o.drop(names[1], cmlFile(cml(orderID, "302-1", "13.00", "false", one)))
		yesterday := time.Now().Add(-24 * time.Hour)
		if err := os.Chtimes(o.path("outbox", names[0]), yesterday, yesterday); err != nil {
			t.Fatal(err)
		}
		o.load()
		if n := o.base.stores["Документ.SalesOrder"].items[orderID].rows["products"][0].values["quantity"].(*big.Rat); n.Cmp(big.NewRat(1, 1)) != 0 {
			t.Errorf("%s: the quantity is %v: the older file came last", names[0], n)
		}
	}
}

// Only the price differs: that is a change, too.
func TestPriceChanges(t *testing.T) {
	o := article(t)
	o.base.stores["Справочник.Products"].put(mugID, "Наименование=Кружка")
	o.drop("a.xml", cmlFile(cml(orderID, "302-1", "0.00", "false", line{mugID, "", "Кружка", "0", "1.00", "0.00"})))
	o.load()
	o.drop("b.xml", cmlFile(cml(orderID, "302-1", "0.00", "false", line{mugID, "", "Кружка", "0", "2.00", "0.00"})))
	wantIn(t, "log", o.load(), "изменено 1")
}

// A state that is older than the document's stays out, where the document keeps the time of its own.
func TestOlderStateStaysOut(t *testing.T) {
	o := article(t)
	o.base.stores["Документ.SalesOrder"].fields["Изменен"] = "Дата"
	o.set("ДокументИзменен", "Изменен")
	o.base.stores["Справочник.Products"].put(mugID, "Наименование=Кружка")
	at := func(day string) string {
		return "</Значение></ЗначениеРеквизита><ЗначениеРеквизита><Наименование>Дата изменения статуса</Наименование><Значение>2026-11-" + day + " 10:00:00</Значение></ЗначениеРеквизита></ЗначенияРеквизитов></Документ>"
	}
	dated := func(order, day string) string {
		return cmlFile(strings.Replace(order, "</Значение></ЗначениеРеквизита></ЗначенияРеквизитов></Документ>", at(day), 1))
	}
	one := line{mugID, "AB-100", "Кружка", "1", "13.00", "13.00"}
	o.drop("a.xml", dated(cml(orderID, "302-1", "25.00", "false", mug), "08"))
	o.load()
	o.drop("b.xml", dated(cml(orderID, "302-1", "13.00", "false", one), "07"))
	wantIn(t, "log", o.load(), "без изменений 1")
	wantIn(t, "ack", o.read("ack", "b.xml.ok.xml"), "в 1С уже более новое состояние заказа")
	o.drop("c.xml", dated(cml(orderID, "302-1", "13.00", "false", one), "09"))
	wantIn(t, "log", o.load(), "изменено 1")
}

// A file of a name that still lies in work waits: nothing is written over.
func TestSameNameInWork(t *testing.T) {
	o := article(t)
	o.base.stores["Справочник.Products"].put(mugID, "Наименование=Кружка")
	o.load()
	if err := os.Mkdir(o.path("1c", "work", "a.xml"), 0o777); err != nil { // nothing that a run could finish
		t.Fatal(err)
	}
	o.drop("a.xml", cmlFile(cml(orderID, "302-1", "25.00", "false", mug)))
	want(t, "log", o.load(), "")
	want(t, "outbox", o.files("outbox"), "a.xml")
}

// A buyer is looked up by id, code, tax number, e-mail, name and first name; the surest wins.
func TestFindsBuyers(t *testing.T) {
	keys := []string{"ид", "код", "инн", "почта", "наименование", "имя"}
	for i, name := range keys {
		b := newBase()
		b.add("Справочник.Products", "sku:Строка")
		b.add("Документ.SalesOrder", "Customer:Customers").section("Products", "Product:Products Quantity:Число Price:Число Amount:Число")
		customers := b.add("Справочник.Customers", "first_name:Строка ИНН:Строка Почта:Строка")
		o := newOffice(t, b)
		o.set("ПокупательИНН", "ИНН")
		o.set("ПокупательПочта", "Почта")
		values := map[string]string{"ид": buyerID, "код": "К1", "инн": "9900000001", "почта": "a@example.com", "наименование": "Анна Примерова", "имя": "Анна"}
		columns := []string{"", "Код", "ИНН", "Почта", "Наименование", "first_name"}
		var wanted *item
		for j := len(keys) - 1; j >= i; j-- { // one for each key that is as sure or less sure
			id := ""
			if j == 0 {
				id = buyerID
			}
			wanted = customers.put(id, columns[j]+"="+values[keys[j]])
		}
		m, err := bsltest.Parse(o.module)
		if err != nil {
			t.Fatal(err)
		}
		machine := bsltest.New(m, b.host())
		settings, err := machine.Call("НастройкиОбмена")
		if err != nil {
			t.Fatal(err)
		}
		order, err := machine.Call("НовыйЗаказ")
		if err != nil {
			t.Fatal(err)
		}
		buyer, _ := order.(*bsltest.Structure).Get("покупатель")
		for key, value := range values {
			buyer.(*bsltest.Structure).Put(key, value)
		}
		got, err := machine.Call("НайтиПокупателя", settings, buyer, true)
		if err != nil || got.(ref).id != wanted.id {
			t.Errorf("by %s: found %v, %v, want %v", name, got, err, wanted.values)
		}
	}
}

// What the loader writes, it writes under a hidden name first: nobody sees half a file.
func TestWritesUnderHiddenNames(t *testing.T) {
	src, err := fs.ReadFile(templates.FS, "salesorder/1c/ObmenOrders.bsl")
	if err != nil {
		t.Fatal(err)
	}
	writes := regexp.MustCompile(`(?:Новый ЗаписьТекста|Запись\.ОткрытьФайл)\(([\p{L}]+)`).FindAllStringSubmatch(string(src), -1)
	names := regexp.MustCompile(`Временный = ([\p{L}]+)\(`).FindAllStringSubmatch(string(src), -1)
	if len(writes) != 3 || len(names) != 3 {
		t.Fatalf("%d files are written, %d names are made: have a look at this test", len(writes), len(names))
	}
	for i := range writes {
		want(t, "written", writes[i][1], "Временный")
		want(t, "name", names[i][1], "ВременноеИмя")
	}
	name, err := bsltest.New(loader(t)).Call("ВременноеИмя", "ack", "a.xml.ok.xml")
	if err != nil || !strings.HasSuffix(name.(string), ".a.xml.ok.xml.tmp") {
		t.Errorf("the name is %v, %v", name, err)
	}
}
