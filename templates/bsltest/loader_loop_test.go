package bsltest_test

import (
	"fmt"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"obmen/convert/catalog"
	"obmen/templates"
)

// The catalogs that the loader writes are what obmen reads.
func TestCatalogsForObmen(t *testing.T) {
	o := article(t)
	products := o.base.stores["Справочник.Products"]
	products.put(mugID, "Код=000000001", `Наименование=Кружка "Утро"; белая`, "sku=AB-100")
	products.put(potID, "Код=000000002", "Наименование=Чайник", "sku=00123")
	products.put("", "Наименование=Без артикула")
	products.put("", "Наименование=Старое", "sku=OLD").values["пометкаудаления"] = true
	o.base.stores["Справочник.Customers"].put(buyerID, "Наименование=Иван Петров", "first_name=Иван")
	log, err := o.run("Выгрузить")
	if err != nil {
		t.Fatal(err)
	}
	wantIn(t, "log", log, "products.csv: товаров 2, без артикула и потому не выгружено 1", "customers.csv: покупателей 1")
	want(t, "products", o.read("catalogs", "products.csv"), "\ufeffsku;id;code;name;unit;vat\r\n"+
		"AB-100;"+mugID+";000000001;\"Кружка \"\"Утро\"\"; белая\";;\r\n00123;"+potID+";000000002;Чайник;;\r\n")
	want(t, "folder", o.files("catalogs"), "customers.csv products.csv")

	snapshot, err := catalog.Load(os.DirFS(o.path("catalogs")))
	if err != nil {
		t.Fatal(err)
	}
	if p, ok := snapshot.Product("AB-100"); !ok || p.ID != mugID || p.Name != `Кружка "Утро"; белая` {
		t.Errorf("obmen reads %+v, %v", p, ok)
	}
	products.put("", "Код=000000003", "Наименование=Новый", "sku=N-1")
	if _, err := o.run("Выгрузить"); err != nil {
		t.Fatal(err)
	}
	wantIn(t, "products", o.read("catalogs", "products.csv"), "N-1;")
	customers, err := os.Stat(o.path("catalogs", "customers.csv"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.run("Выгрузить"); err != nil {
		t.Fatal(err)
	}
	if again, err := os.Stat(o.path("catalogs", "customers.csv")); err != nil || !os.SameFile(customers, again) || !again.ModTime().Equal(customers.ModTime()) {
		t.Error("a catalog without changes was written again")
	}
}

// typical is a configuration with organisations, currencies, rates of VAT and all that a preset names.
func typical(t *testing.T) *office {
	b := newBase()
	b.add("Справочник.Номенклатура", "Артикул:Строка ЕдиницаИзмерения:Строка СтавкаНДС:СтавкиНДС ЭтоГруппа:Булево")
	b.add("Справочник.ХарактеристикиНоменклатуры", "")
	b.add("Справочник.Контрагенты", "ИНН:Строка Партнер:Партнеры")
	b.add("Справочник.Партнеры", "")
	b.add("Справочник.Организации", "")
	b.add("Справочник.Склады", "")
	b.add("Справочник.Валюты", "")
	b.enums["СтавкиНДС"] = []string{"НДС22=22%", "НДС21=21%", "БезНДС=Без НДС"}
	b.enums["ХозяйственныеОперации"] = []string{"РеализацияКлиенту=Реализация клиенту"}
	b.add("Документ.ЗаказКлиента", "Контрагент:Контрагенты Партнер:Партнеры НомерПоДаннымКлиента:Строка Комментарий:Строка0 СуммаДокумента:Число Валюта:Валюты Организация:Организации "+
		"Склад:Склады ЦенаВключаетНДС:Булево ХозяйственнаяОперация:ХозяйственныеОперации").
		section("Товары", "Номенклатура:Номенклатура Характеристика:ХарактеристикиНоменклатуры Количество:Число КоличествоУпаковок:Число Цена:Число Сумма:Число СтавкаНДС:СтавкиНДС СуммаНДС:Число СуммаСНДС:Число Содержание:Строка0")
	b.stores["Справочник.Валюты"].put("", "Наименование=EUR", "Код=978")
	b.stores["Справочник.Партнеры"].put("", "Наименование=Розничный покупатель")
	b.stores["Справочник.Контрагенты"].put(buyerID, "Наименование=Розничный покупатель")
	o := newOffice(t, b)
	preset, err := fs.ReadFile(templates.FS, "salesorder/1c/ut11.txt")
	if err != nil {
		t.Fatal(err)
	}
	for l := range strings.Lines(string(preset)) {
		if name, value, ok := strings.Cut(l, "="); ok && !strings.HasPrefix(l, "#") {
			o.set(strings.TrimSpace(name), strings.TrimSpace(value))
		}
	}
	o.set("ЗначенияДокумента", "Партнер=Розничный покупатель; ХозяйственнаяОперация=РеализацияКлиенту")
	return o
}

const firmID = "5b2c9d5e-7b53-5a8e-9f0e-3c1a2b4d5e71"

var loopIDs = []string{"5b2c9d5e-7b53-5a8e-9f0e-3c1a2b4d5e81", "5b2c9d5e-7b53-5a8e-9f0e-3c1a2b4d5e82", "5b2c9d5e-7b53-5a8e-9f0e-3c1a2b4d5e83"}

// A document that somebody made by hand is the order's, if it has its number, its organisation and its buyer.
func TestDocumentMadeByHand(t *testing.T) {
	o := typical(t)
	o.base.stores["Справочник.Номенклатура"].put(mugID, "Наименование=Кружка", "Артикул=AB-100").values["этогруппа"] = false
	o.base.stores["Справочник.Номенклатура"].items[mugID].values["ставкандс"] = "СтавкиНДС.БезНДС"
	documents := o.base.stores["Документ.ЗаказКлиента"]
	byHand := func(id, number, of string) {
		it := documents.put(id, "номер="+number, "номерподаннымклиента="+of)
		it.values["контрагент"] = ref{o.base.stores["Справочник.Контрагенты"], buyerID}
		it.values["организация"] = ref{o.base.stores["Справочник.Организации"], firmID}
	}
	o.base.stores["Справочник.Организации"].put(firmID, "Наименование=ООО «Лесной двор»")
	o.base.stores["Справочник.Организации"].put(otherID, "Наименование=ООО «Другой»")
	ofFirm := func(order string) string {
		return cmlFile(strings.Replace(order, "<ЗначенияРеквизитов>", "<ЗначенияРеквизитов><ЗначениеРеквизита><Наименование>Организация</Наименование><Значение>ООО «Лесной двор»</Значение></ЗначениеРеквизита>", 1))
	}
	byHand(otherID, "000000007", "302-1")
	o.drop("a.xml", ofFirm(cml(orderID, "302-1", "25.00", "false", mug)))
	wantIn(t, "log", o.load(), "изменено 1")
	if len(documents.items) != 1 || len(documents.items[otherID].rows["товары"]) != 1 {
		t.Errorf("the documents are %v", documents.items)
	}
	byHand(potID, "000000008", "302-2")
	byHand(mugID, "000000009", "302-2")
	o.drop("b.xml", ofFirm(cml(buyerID, "302-2", "25.00", "false", mug)))
	wantIn(t, "log", o.load(), `Документ.ЗаказКлиента: несколько элементов, у которых НомерПоДаннымКлиента - "302-2"`)

	// another shop's order of that number, somebody else's text in that field, an order that names no organisation
	for i, spoil := range []func(it *item){
		func(it *item) {
			it.values["организация"] = ref{o.base.stores["Справочник.Организации"], otherID}
		},
		func(it *item) { it.values["контрагент"] = nil },
	} {
		byHand(firmID, "000000010", "302-3")
		spoil(documents.items[firmID])
		o.drop(fmt.Sprint("c", i, ".xml"), ofFirm(cml(loopIDs[i], "302-3", "25.00", "false", mug)))
		wantIn(t, "log", o.load(), "создано 1")
		delete(documents.items, loopIDs[i])
	}
	byHand(firmID, "000000010", "302-3")
	o.drop("d.xml", cmlFile(cml(loopIDs[2], "302-3", "25.00", "false", mug)))
	wantIn(t, "log", o.load(), "создано 1")

	if _, err := o.run("Выгрузить"); err != nil {
		t.Fatal(err)
	}
	want(t, "products", o.read("catalogs", "products.csv"), "\ufeffsku;id;code;name;unit;vat\r\nAB-100;"+mugID+";;Кружка;;Без НДС\r\n")
}

// withVAT is an order with VAT on top, an organisation and a characteristic.
const withVAT = `<Документ><Ид>` + orderID + `</Ид><Номер>302-1</Номер><Дата>2026-11-06</Дата><ХозОперация>Заказ товара</ХозОперация><Роль>Продавец</Роль>
<Валюта>EUR</Валюта><Сумма>121.00</Сумма><Контрагенты><Контрагент><Ид>` + buyerID + `</Ид><Наименование>Розничный покупатель</Наименование><Роль>Покупатель</Роль></Контрагент></Контрагенты>
<Комментарий>Amazon.es</Комментарий><Налоги><Налог><Наименование>НДС</Наименование><УчтеноВСумме>false</УчтеноВСумме><Сумма>21.00</Сумма></Налог></Налоги>
<Товары><Товар><Ид>` + mugID + `#` + potID + `</Ид><Наименование>Полотенце</Наименование><СтавкиНалогов><СтавкаНалога><Наименование>НДС</Наименование><Ставка>21</Ставка></СтавкаНалога></СтавкиНалогов>
<ЦенаЗаЕдиницу>50.00</ЦенаЗаЕдиницу><Количество>2</Количество><Сумма>100.00</Сумма><Налоги><Налог><Наименование>НДС</Наименование><УчтеноВСумме>false</УчтеноВСумме><Сумма>21.00</Сумма></Налог></Налоги></Товар></Товары>
<ЗначенияРеквизитов><ЗначениеРеквизита><Наименование>Организация</Наименование><Значение>ООО «Лесной двор»</Значение></ЗначениеРеквизита></ЗначенияРеквизитов></Документ>`

func TestTypicalConfiguration(t *testing.T) {
	o := typical(t)
	o.base.stores["Справочник.Номенклатура"].put(mugID, "Наименование=Полотенце", "Артикул=AB-310").values["этогруппа"] = false
	o.drop("a.xml", cmlFile(withVAT))
	wantIn(t, "no organisation", o.load(), "нет характеристики "+potID)
	o.base.stores["Справочник.ХарактеристикиНоменклатуры"].put(potID, "Наименование=синее")
	o.drop("a.xml", cmlFile(withVAT))
	wantIn(t, "no organisation", o.load(), `для реквизита Организация в 1С нет значения "ООО «Лесной двор»"`)
	o.base.stores["Справочник.Организации"].put("", "Наименование=ООО «Лесной двор»")
	o.drop("a.xml", cmlFile(withVAT))
	wantIn(t, "log", o.load(), "создано 1")

	doc := o.base.stores["Документ.ЗаказКлиента"].items[orderID]
	row := doc.rows["товары"][0].values
	for name, wanted := range map[string]any{
		"ставкандс": "СтавкиНДС.НДС21", "суммандс": big.NewRat(21, 1), "суммасндс": big.NewRat(121, 1), "количествоупаковок": big.NewRat(2, 1),
	} {
		if got, ok := row[name].(*big.Rat); ok && got.Cmp(wanted.(*big.Rat)) != 0 || !ok && row[name] != wanted {
			t.Errorf("%s is %v, want %v", name, row[name], wanted)
		}
	}
	if row["характеристика"].(ref).id != potID {
		t.Errorf("the characteristic is %v", row["характеристика"])
	}
	for name, wanted := range map[string]string{"организация": "ООО «Лесной двор»", "валюта": "EUR", "партнер": "Розничный покупатель", "контрагент": "Розничный покупатель"} {
		want(t, name, shown(doc.values[name]), wanted)
	}
	if doc.values["хозяйственнаяоперация"] != "ХозяйственныеОперации.РеализацияКлиенту" || doc.values["ценавключаетндс"] != false || doc.values["номерподаннымклиента"] != "302-1" {
		t.Errorf("the document is %v", doc.values)
	}
}

// init makes the folder one that obmen watches, and gives the name of its settings.
func (o *office) init(layout string) string {
	o.t.Helper()
	obmen(o.t, "init", o.dir)
	text := strings.Replace(o.read("obmen.toml"), `use = ["commerceml", "sheet"]`, `use = ["`+layout+`"]`, 1)
	text = strings.Replace(text, `settle   = "2s"`, `settle   = "50ms"`, 1)
	text += "\n[[account]]\nname = \"shop\"\ncurrency = \"USD\"\n" // the article's orders name none
	if err := os.WriteFile(o.path("obmen.toml"), []byte(text), 0o666); err != nil {
		o.t.Fatal(err)
	}
	return o.path("obmen.toml")
}

// sample drops the article's orders.
func (o *office) sample() {
	o.t.Helper()
	sample, err := os.ReadFile(filepath.Join(samplesDir, "shop-orders", "article-minimal", "input", "article.json"))
	if err != nil {
		o.t.Fatal(err)
	}
	if err := os.WriteFile(o.path("inbox", "orders.json"), sample, 0o666); err != nil {
		o.t.Fatal(err)
	}
}

// published is the name of the only exchange file that waits for 1C.
func (o *office) published() string {
	o.t.Helper()
	out, err := filepath.Glob(o.path("outbox", "*.xml"))
	if err != nil || len(out) != 1 {
		o.t.Fatalf("in the outbox: %v, %v", out, err)
	}
	return filepath.Base(out[0])
}

// What 1C refused comes again when it is asked for, and then it counts as loaded.
func TestRefusedComesAgain(t *testing.T) {
	o := article(t)
	config := o.init("salesorder")
	products := o.base.stores["Справочник.Products"]
	products.put(mugID, "Код=000000001", "Наименование=Кружка белая", "sku=AB-100")
	pot := products.put(potID, "Код=000000002", "Наименование=Чайник", "sku=AB-200")
	if _, err := o.run("Выгрузить"); err != nil {
		t.Fatal(err)
	}
	delete(products.items, potID) // gone between the export and the order
	o.sample()
	obmen(t, "watch", "--once", "--config", config)
	wantIn(t, "log", o.load(), "создано 1, ошибок 1")
	obmen(t, "watch", "--once", "--config", config)
	wantIn(t, "explain", obmen(t, "explain", "--config", config, "1002"), "нет в справочнике Products: Чайник")
	products.items[potID] = pot
	obmen(t, "replay", "--config", config, "--failed")
	obmen(t, "watch", "--once", "--config", config)
	wantIn(t, "log", o.load(), "создано 1")
	obmen(t, "watch", "--once", "--config", config)
	wantIn(t, "status", obmen(t, "status", "--json", "--config", config), `"loaded"`)
	if n := len(o.base.stores["Документ.SalesOrder"].items); n != 2 {
		t.Errorf("%d documents, want 2", n)
	}
}

// All of it: obmen converts what is dropped, the loader loads it, obmen reads the answers, and the
// catalogs that the loader writes are those that obmen converts with.
func TestTheWholeLoop(t *testing.T) {
	for _, layout := range []string{"salesorder", "commerceml"} {
		t.Run(layout, func(t *testing.T) {
			o := article(t)
			config := o.init(layout)
			products := o.base.stores["Справочник.Products"]
			products.put(mugID, "Код=000000001", "Наименование=Кружка белая", "sku=AB-100")
			products.put(potID, "Код=000000002", "Наименование=Чайник", "sku=AB-200")
			ivan := o.base.stores["Справочник.Customers"].put(buyerID, "Код=000000001", "first_name=Иван")
			if _, err := o.run("Обмен"); err != nil { // nothing to load yet, but catalogs to write
				t.Fatal(err)
			}
			o.sample()
			obmen(t, "watch", "--once", "--config", config)
			name := o.published()
			log, err := o.run("Обмен")
			if err != nil {
				t.Fatal(err)
			}
			wantIn(t, "log", log, name+": заказов 2, создано 2", "создан элемент справочника Customers: Мария")
			want(t, "ack", o.files("ack"), name+".ok.xml")
			obmen(t, "watch", "--once", "--config", config)
			want(t, "ack", strings.ReplaceAll(o.files("ack"), ".obmen-folder", ""), "")
			wantIn(t, "explain", obmen(t, "explain", "--config", config, "1001"), "000000001")
			for _, doc := range o.base.stores["Документ.SalesOrder"].items {
				if row := doc.rows["products"][0].values; row["product"].(ref).id == mugID && doc.values["customer"].(ref).id != ivan.id {
					t.Error("the mug went to somebody else than Иван")
				}
			}
			status := obmen(t, "status", "--json", "--config", config)
			wantIn(t, "status", status, `"loaded"`)
		})
	}
}

// rated is an order whose lines have a rate of VAT.
func rated(order, rate string) string {
	return strings.ReplaceAll(order, "</Товар>", "<СтавкиНалогов><СтавкаНалога><Наименование>НДС</Наименование><Ставка>"+rate+"</Ставка></СтавкаНалога></СтавкиНалогов></Товар>")
}

// The partner of УТ and ERP is the buyer's; a rate that 1C lacks is the one that the setting names; the log has the
// whole error, the answer the short one.
func TestPartnerRatesAndErrors(t *testing.T) {
	o := typical(t)
	goods := o.base.stores["Справочник.Номенклатура"]
	goods.put(mugID, "Наименование=Кружка", "Артикул=AB-100").values["этогруппа"] = false
	partner := o.base.stores["Справочник.Партнеры"].put(potID, "Наименование=Лесной двор")
	o.base.stores["Справочник.Контрагенты"].items[buyerID].values["партнер"] = ref{partner.store, potID}
	o.set("СтавкиНДС", "19%=Без НДС; 7% = 22%")
	o.drop("a.xml", cmlFile(rated(cml(orderID, "302-1", "25.00", "false", mug), "7")))
	wantIn(t, "log", o.load(), "создано 1")
	it := o.base.stores["Документ.ЗаказКлиента"].items[orderID]
	if it == nil || it.values["партнер"] != (ref{partner.store, potID}) {
		t.Fatalf("the document is %v", it)
	}
	if rate := it.rows["товары"][0].values["ставкандс"]; rate != "СтавкиНДС.НДС22" {
		t.Errorf("the rate is %v", rate)
	}
	o.drop("b.xml", cmlFile(rated(cml(otherID, "302-2", "25.00", "false", mug), "8")))
	wantIn(t, "log", o.load(), "{Модуль}: для реквизита СтавкаНДС в 1С нет значения")
	answer := o.read("ack", "b.xml.err.xml")
	wantIn(t, "answer", answer, "нет значения")
	if strings.Contains(answer, "{Модуль}") {
		t.Errorf("the answer has the whole error: %s", answer)
	}
}

// An order that fails takes what it has made with it, and the next one does not remember it.
func TestNothingIsRememberedOfAFailedOrder(t *testing.T) {
	o := typical(t)
	o.set("СоздаватьТовары", "да")
	o.drop("a.xml", cmlFile(rated(cml(orderID, "302-1", "50.00", "false", mug, mug), "8"), cml(otherID, "302-2", "25.00", "false", mug)))
	wantIn(t, "log", o.load(), "создано 1, ошибок 1")
	row := o.base.stores["Документ.ЗаказКлиента"].items[otherID].rows["товары"][0]
	product := row.values["номенклатура"].(ref)
	if product.store.items[product.id] == nil {
		t.Errorf("the line has a product that is not there: %v", product)
	}
}
