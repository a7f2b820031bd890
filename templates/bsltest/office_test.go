package bsltest_test

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"obmen/templates"
	"obmen/templates/bsltest"
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
	m, err := bsltest.Parse(o.module)
	if err != nil {
		o.t.Fatal(err)
	}
	o.base.log = nil
	_, err = bsltest.New(m, o.base.host()).Call("ВыполнитьКоманду", command)
	if fault, ok := errors.AsType[*bsltest.Fault](err); ok {
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
