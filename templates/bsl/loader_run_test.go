package bsl_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io/fs"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"obmen/templates"
	"obmen/templates/bsl"
	"obmen/templates/epf"
)

const samplesDir = "../../samples"

// built is the program, made once for all tests.
var built = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "obmen-bsl-")
	if err != nil {
		return "", err
	}
	program := filepath.Join(dir, "obmen")
	out, err := exec.Command("go", "build", "-o", program, "../../cmd/obmen").CombinedOutput()
	if err != nil {
		return "", errors.New(string(out))
	}
	return program, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if program, err := built(); err == nil {
		os.RemoveAll(filepath.Dir(program))
	}
	os.Exit(code)
}

// obmen runs the program; 3 is as good as 0, some samples are there to be held.
func obmen(t *testing.T, args ...string) string {
	t.Helper()
	program, err := built()
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(program, args...).CombinedOutput()
	if exit, ok := errors.AsType[*exec.ExitError](err); err != nil && (!ok || exit.ExitCode() != 3) {
		t.Fatalf("obmen %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// office is a base of 1C with the loader in it, and the folder that it shares with obmen.
type office struct {
	t      *testing.T
	base   *base
	dir    string
	module string
}

// article is the smallest configuration: one document, two catalogs.
func article(t *testing.T) *office {
	b := newBase()
	b.add("Справочник.Products", "sku:Строка0")
	b.add("Справочник.Customers", "first_name:Строка")
	b.add("Документ.SalesOrder", "Customer:Customers").section("Products", "Product:Products Quantity:Число Price:Число Amount:Число")
	return newOffice(t, b)
}

func newOffice(t *testing.T, b *base) *office {
	src, err := fs.ReadFile(templates.FS, "salesorder/1c/ObmenOrders.bsl")
	if err != nil {
		t.Fatal(err)
	}
	o := &office{t, b, t.TempDir(), string(src)}
	for _, name := range []string{"outbox", "ack", "catalogs"} {
		if err := os.MkdirAll(filepath.Join(o.dir, name), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	o.set("КаталогОбмена", o.dir)
	return o
}

func (o *office) set(name, value string) {
	o.t.Helper()
	var err error
	if o.module, err = epf.Set(o.module, name, value); err != nil {
		o.t.Fatal(err)
	}
}

// run gives the loader a command and returns what it wrote to the log.
func (o *office) run(command string) (string, error) {
	o.t.Helper()
	m, err := bsl.Parse(o.module)
	if err != nil {
		o.t.Fatal(err)
	}
	o.base.log = nil
	_, err = bsl.New(m, o.base.host()).Call("ВыполнитьКоманду", command)
	if fault, ok := errors.AsType[*bsl.Fault](err); ok {
		o.t.Fatal(fault)
	}
	return strings.Join(o.base.log, "\n"), err
}

func (o *office) load() string {
	o.t.Helper()
	log, err := o.run("Загрузить")
	if err != nil {
		o.t.Fatalf("%v\n%s", err, log)
	}
	return log
}

func (o *office) path(parts ...string) string {
	return filepath.Join(append([]string{o.dir}, parts...)...)
}

func (o *office) drop(name, text string) {
	o.t.Helper()
	if err := os.WriteFile(o.path("outbox", name), []byte(text), 0o666); err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) read(parts ...string) string {
	o.t.Helper()
	b, err := os.ReadFile(o.path(parts...))
	if err != nil {
		o.t.Fatal(err)
	}
	return string(b)
}

// files are the names in a folder.
func (o *office) files(parts ...string) string {
	o.t.Helper()
	entries, err := os.ReadDir(o.path(parts...))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		o.t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return strings.Join(names, " ")
}

func want(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %q, want %q", what, got, want)
	}
}

func wantIn(t *testing.T, what, got string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(got, part) {
			t.Errorf("%s: %q is not in %q", what, part, got)
		}
	}
}

// line is what a test order is made of.
type line struct{ id, sku, name, quantity, price, amount string }

const (
	orderID = "b025abda-4810-5e17-80c4-a4889bf445b5"
	otherID = "0c0ffee0-4810-5e17-80c4-a4889bf445b5"
	buyerID = "fe5178e3-ce3f-5125-924c-1add790dd0e5"
	mugID   = "6a248d17-0bd9-5068-bf19-01d14c7c657d"
	potID   = "5cefc0c4-f35f-5795-8995-b0eae8ab0653"
)

// cml is an order in CommerceML.
func cml(id, number, total, cancelled string, lines ...line) string {
	var b strings.Builder
	b.WriteString("<Документ><Ид>" + id + "</Ид><Номер>" + number + "</Номер><Дата>2026-11-06</Дата><ХозОперация>Заказ товара</ХозОперация>" +
		"<Роль>Продавец</Роль><Валюта>EUR</Валюта><Курс>94.1</Курс><Сумма>" + total + "</Сумма><Контрагенты><Контрагент><Ид>" + buyerID +
		"</Ид><Наименование>Розничный покупатель</Наименование><Роль>Покупатель</Роль></Контрагент></Контрагенты><Время>12:00:00</Время><Товары>")
	for _, l := range lines {
		b.WriteString("<Товар><Ид>" + l.id + "</Ид><Артикул>" + l.sku + "</Артикул><Наименование>" + l.name + "</Наименование><ЦенаЗаЕдиницу>" +
			l.price + "</ЦенаЗаЕдиницу><Количество>" + l.quantity + "</Количество><Сумма>" + l.amount + "</Сумма></Товар>")
	}
	b.WriteString("</Товары><ЗначенияРеквизитов><ЗначениеРеквизита><Наименование>Отменен</Наименование><Значение>" + cancelled +
		"</Значение></ЗначениеРеквизита></ЗначенияРеквизитов></Документ>")
	return b.String()
}

func cmlFile(orders ...string) string {
	return `<?xml version="1.0" encoding="UTF-8"?><КоммерческаяИнформация ВерсияСхемы="2.10">` + strings.Join(orders, "") + `</КоммерческаяИнформация>`
}

var mug = line{mugID, "AB-100", "Кружка", "2", "12.50", "25.00"}

func TestLoadsTwice(t *testing.T) {
	o := article(t)
	o.base.stores["Справочник.Products"].put(mugID, "Код=000000001", "Наименование=Кружка", "sku=AB-100")
	o.drop("a-1.xml", cmlFile(cml(orderID, "302-1", "25.00", "false", mug)))
	wantIn(t, "log", o.load(), "a-1.xml: заказов 1, создано 1", "создан элемент Розничный покупатель")

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
	want(t, "ack", o.read("ack", "a-1.xml.ok.xml"), `<?xml version="1.0" encoding="UTF-8"?><ack><order id="302-1" result="ok" number="000000001"></order></ack>`)
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
			return bsl.Raise("в этот период запись запрещена")
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
		"another root":  {"<Прочее/>", "это не файл заказов: в корне Прочее"},
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
	wantIn(t, "log", log, "заказ 302-1: будет создано", "заказ 302-2: нет в справочнике", "создано 1, ошибок 1; ничего не записано")
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

// What the loader makes of an exchange file is what stands in it, by another reader.
func TestReadsEverySample(t *testing.T) {
	out := t.TempDir()
	inputs, err := filepath.Glob(filepath.Join(samplesDir, "*", "*", "input"))
	if err != nil || len(inputs) == 0 {
		t.Fatalf("no samples: %v", err)
	}
	args := []string{"convert", "--config", samplesDir + "/obmen.toml", "--catalogs", samplesDir + "/catalogs", "--out", out, "--layout", "salesorder", "--layout", "commerceml"}
	obmen(t, append(args, inputs...)...)
	found, err := filepath.Glob(filepath.Join(samplesDir, "*", "*", "expected", "*.xml"))
	if err != nil {
		t.Fatal(err)
	}
	made, err := filepath.Glob(filepath.Join(out, "*.xml"))
	if err != nil || len(made) < 2 {
		t.Fatalf("obmen made %v, %v", made, err)
	}
	machine := bsl.New(loader(t))
	orders := 0
	for _, name := range append(found, made...) {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		v, err := machine.Call("ПрочитатьФайлЗаказов", name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		list, _ := v.(*bsl.Structure).Get("заказы")
		got := flat(list.(*bsl.Array))
		orders += len(list.(*bsl.Array).Items())
		if wanted := otherReading(t, text); !slices.Equal(got, wanted) {
			t.Errorf("%s: read\n%s\nwant\n%s", name, strings.Join(got, "\n"), strings.Join(wanted, "\n"))
		}
	}
	if orders < 50 {
		t.Errorf("only %d orders were read", orders)
	}
}

// flat writes what the loader read, an order and a line of it each on one line.
func flat(list *bsl.Array) []string {
	var out []string
	get := func(v any, names ...string) string {
		var cells []string
		for _, n := range names {
			switch x, _ := v.(*bsl.Structure).Get(n); x := x.(type) {
			case *big.Rat:
				cells = append(cells, strings.TrimSuffix(strings.TrimRight(x.FloatString(4), "0"), "."))
			case time.Time:
				cells = append(cells, x.Format("20060102150405"))
			case string:
				cells = append(cells, x)
			}
		}
		return strings.Join(cells, "|")
	}
	for _, o := range list.Items() {
		buyer, _ := o.(*bsl.Structure).Get("покупатель")
		out = append(out, get(o, "ид", "номер", "дата", "валюта", "сумма", "организация", "склад")+"|"+get(buyer, "ид", "код", "наименование", "имя", "почта"))
		lines, _ := o.(*bsl.Structure).Get("строки")
		for _, l := range lines.(*bsl.Array).Items() {
			out = append(out, "  "+get(l, "артикул", "наименование", "количество", "цена", "сумма", "суммандс"))
		}
	}
	return out
}

// otherReading is the same from Go's reader of XML.
func otherReading(t *testing.T, text []byte) []string {
	t.Helper()
	if bytes.Contains(text, []byte("<salesorders")) {
		return salesorderReading(t, text)
	}
	type value struct {
		Name  string `xml:"Наименование"`
		Value string `xml:"Значение"`
	}
	var file struct {
		Orders []struct {
			ID     string  `xml:"Ид"`
			Number string  `xml:"Номер"`
			Date   string  `xml:"Дата"`
			Time   string  `xml:"Время"`
			Cur    string  `xml:"Валюта"`
			Total  string  `xml:"Сумма"`
			Values []value `xml:"ЗначенияРеквизитов>ЗначениеРеквизита"`
			Buyer  struct {
				ID       string `xml:"Ид"`
				Name     string `xml:"Наименование"`
				First    string `xml:"Имя"`
				Contacts []struct {
					Kind  string `xml:"Тип"`
					Value string `xml:"Значение"`
				} `xml:"Контакты>Контакт"`
			} `xml:"Контрагенты>Контрагент"`
			Lines []struct {
				ID       string `xml:"Ид"`
				SKU      string `xml:"Артикул"`
				Name     string `xml:"Наименование"`
				Quantity string `xml:"Количество"`
				Price    string `xml:"ЦенаЗаЕдиницу"`
				Amount   string `xml:"Сумма"`
				VAT      string `xml:"Налоги>Налог>Сумма"`
			} `xml:"Товары>Товар"`
		} `xml:"Документ"`
	}
	if err := xml.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, o := range file.Orders {
		values := map[string]string{}
		for _, v := range o.Values {
			values[v.Name] = v.Value
		}
		email := ""
		for _, c := range o.Buyer.Contacts {
			if c.Kind == "Почта" {
				email = c.Value
			}
		}
		out = append(out, joined(o.ID, o.Number, digits(o.Date+o.Time), o.Cur, short(o.Total), values["Организация"], values["Склад"],
			o.Buyer.ID, values["Код контрагента"], o.Buyer.Name, o.Buyer.First, email))
		for _, l := range o.Lines {
			if l.SKU == "" && strings.HasPrefix(l.ID, "ORDER_") {
				l.SKU = l.ID
			}
			out = append(out, "  "+joined(l.SKU, l.Name, short(l.Quantity), short(l.Price), short(l.Amount), short(l.VAT)))
		}
	}
	return out
}

func salesorderReading(t *testing.T, text []byte) []string {
	t.Helper()
	var file struct {
		Orders []struct {
			ID     string `xml:"id"`
			Number string `xml:"number"`
			Date   string `xml:"date"`
			Cur    string `xml:"currency"`
			Total  string `xml:"total"`
			Org    string `xml:"organisation"`
			House  string `xml:"warehouse"`
			Buyer  struct {
				ID    string `xml:"id"`
				Code  string `xml:"code"`
				Name  string `xml:"name"`
				First string `xml:"first_name"`
				Email string `xml:"email"`
			} `xml:"customer"`
			Lines []struct {
				SKU      string `xml:"sku"`
				Name     string `xml:"name"`
				Quantity string `xml:"quantity"`
				Price    string `xml:"price"`
				Amount   string `xml:"amount"`
				VAT      string `xml:"vat"`
			} `xml:"lines>line"`
		} `xml:"orders>order"`
	}
	if err := xml.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, o := range file.Orders {
		out = append(out, joined(o.ID, o.Number, digits(o.Date), o.Cur, short(o.Total), o.Org, o.House, o.Buyer.ID, o.Buyer.Code, o.Buyer.Name, o.Buyer.First, o.Buyer.Email))
		for _, l := range o.Lines {
			out = append(out, "  "+joined(l.SKU, l.Name, short(l.Quantity), short(l.Price), short(l.Amount), short(l.VAT)))
		}
	}
	return out
}

func joined(cells ...string) string { return strings.Join(cells, "|") }

func digits(s string) string { return strings.NewReplacer("-", "", ":", "", "T", "").Replace(s) }

// short is a number without zeros that say nothing.
func short(s string) string {
	if !strings.Contains(s, ".") {
		if s == "" {
			return "0"
		}
		return s
	}
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}
