package bsltest_test

import (
	"encoding/xml"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"

	"obmen/convert/catalog"
	"obmen/templates"
	"obmen/templates/bsltest"
)

// The regions of the loader that stand-alone interpreters of the language can run.
var portableRegions = []string{"Настройки", "РазборИФайлы"}

func loader(t testing.TB) *bsltest.Module {
	t.Helper()
	src, err := fs.ReadFile(templates.FS, "salesorder/1c/ObmenOrders.bsl")
	if err != nil {
		t.Fatal(err)
	}
	m, err := bsltest.Parse(string(src))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func words(s string) []string { return strings.Fields(strings.ToLower(s)) }

// portable is what both 1C:Enterprise 8.3.11 and OneScript have, by the documentation of both; of it,
// what the loader uses. A name must be looked up in both before it is added here.
var portable = bsltest.Known{
	Funcs: words(`ПустаяСтрока СокрЛП НРег Лев Сред СтрДлина СтрНайти СтрЗаменить СтрРазделить СтрСоединить Число Дата Формат
		ОбъединитьПути НайтиФайлы СоздатьКаталог УдалитьФайлы ПереместитьФайл ПолучитьHexСтрокуИзДвоичныхДанных`),
	Types: words(`Массив Структура Соответствие ТаблицаЗначений Файл ЧтениеТекста ЗаписьТекста ЧтениеXML ЗаписьXML ХешированиеДанных`),
	Names: words(`Символы КодировкаТекста ТипУзлаXML ХешФункция`),
	Members: words(`Добавить Вставить Количество Колонки Сортировать Существует ЭтоФайл Размер ПолучитьВремяИзменения Имя ПолноеИмя
		Прочитать Закрыть Записать ЗаписатьСтроку ОткрытьФайл ТипУзла ЛокальноеИмя Значение ЗначениеАтрибута
		ЗаписатьОбъявлениеXML ЗаписатьНачалоЭлемента ЗаписатьАтрибут ЗаписатьТекст ЗаписатьКонецЭлемента ХешСумма
		ПС UTF8 SHA256 НачалоЭлемента КонецЭлемента Текст СекцияCDATA`),
}

// platform is what only 1C:Enterprise has.
var platform = bsltest.Known{
	Funcs: words(`НачатьТранзакцию ЗафиксироватьТранзакцию ОтменитьТранзакцию ЗаписьЖурналаРегистрации Сообщить Тип Строка
		КраткоеПредставлениеОшибки ПодробноеПредставлениеОшибки ИнформацияОбОшибке ЗначениеЗаполнено`),
	Types: words(`УникальныйИдентификатор Запрос БлокировкаДанных`),
	Names: words(`Метаданные Документы Справочники Перечисления УровеньЖурналаРегистрации РежимБлокировкиДанных РежимЗаписиДокумента`),
	Members: words(`Документы Справочники Перечисления Найти Содержит НайтиПоТипу ТабличныеЧасти Реквизиты ПолноеИмя Иерархический
		ВидИерархии ИерархияГруппИЭлементов СвойстваОбъектов ДлинаНомера ДлинаКода ДлинаНаименования Типы СодержитТип ПривестиЗначение
		КвалификаторыСтроки Длина ЗначенияПеречисления Синоним Тип Ошибка Информация
		ПолучитьСсылку ПолучитьОбъект СоздатьДокумент СоздатьЭлемент УстановитьСсылкуНового Заполнить ПроверитьЗаполнение
		УстановитьПометкуУдаления ПометкаУдаления Проведен Номер Дата Код Наименование Ссылка Проведение Запись Очистить
		УстановитьЗначение УстановитьПараметр Режим Исключительный Заблокировать Выполнить Выбрать Следующий Пустой УникальныйИдентификатор
		Ключ`),
}

// known are the names that a procedure may use: what the platform has, and the properties of the
// module's own structures. The portable regions have no base.
func known(m *bsltest.Module) func(*bsltest.Proc) bsltest.Known {
	own := structureNames(m)
	return func(p *bsltest.Proc) bsltest.Known {
		all := portable
		if !slices.Contains(portableRegions, p.Region) {
			all = bsltest.Known{
				Funcs: slices.Concat(portable.Funcs, platform.Funcs), Types: slices.Concat(portable.Types, platform.Types),
				Names: slices.Concat(portable.Names, platform.Names), Members: slices.Concat(portable.Members, platform.Members),
			}
		}
		all.Members = slices.Concat(all.Members, own)
		return all
	}
}

// structureNames are the properties that the module gives its structures and tables.
func structureNames(m *bsltest.Module) []string {
	var names []string
	for _, p := range m.Procs {
		for _, list := range slices.Concat(bsltest.NewArgs(p, "Структура"), bsltest.MethodArgs(p, "Вставить"), columnNames(p)) {
			for name := range strings.SplitSeq(list, ",") {
				names = append(names, strings.ToLower(strings.TrimSpace(name)))
			}
		}
	}
	return append(names, "артикул", "единица", "ставка", "имя", "почта", "телефон", "инн") // columns of the queries
}

// columnNames are the columns of a table: short texts that Добавить gets.
func columnNames(p *bsltest.Proc) []string {
	return slices.DeleteFunc(bsltest.MethodArgs(p, "Добавить"), func(s string) bool { return strings.Contains(s, " ") })
}

func TestLoaderIsRight(t *testing.T) {
	m := loader(t)
	for _, wrong := range bsltest.Check(m, known(m)) {
		t.Error(wrong)
	}
	for _, p := range m.Procs {
		for _, called := range m.Calls(p) {
			if slices.Contains(portableRegions, p.Region) && !slices.Contains(portableRegions, called.Region) {
				t.Errorf("%s is to run without a base and calls %s", p.Name, called.Name)
			}
		}
	}
	for _, name := range []string{"СведенияОВнешнейОбработке", "ВыполнитьКоманду", "ВыполнитьОбмен", "НастройкиОбмена", "ПрочитатьФайлЗаказов"} {
		if p := m.Proc(name); p == nil || !p.Export {
			t.Errorf("%s must be there and exported", name)
		}
	}
}

// What the loader says of itself to "Дополнительные отчеты и обработки".
func TestLoaderRegisters(t *testing.T) {
	v, err := bsltest.New(loader(t)).Call("СведенияОВнешнейОбработке")
	if err != nil {
		t.Fatal(err)
	}
	about := v.(*bsltest.Structure)
	for name, want := range map[string]any{"вид": "ДополнительнаяОбработка", "безопасныйрежим": false, "версия": "1.1"} {
		if got, _ := about.Get(name); got != want {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	commands, _ := about.Get("команды")
	var ids []string
	for _, row := range commands.(*bsltest.Table).Items() {
		if use, _ := row.(*bsltest.Structure).Get("использование"); use != "ВызовСерверногоМетода" {
			t.Errorf("a command is used as %v: the schedule needs the server", use)
		}
		id, _ := row.(*bsltest.Structure).Get("идентификатор")
		ids = append(ids, id.(string))
	}
	if want := []string{"Обмен", "Загрузить", "Проверить", "Выгрузить"}; !slices.Equal(ids, want) {
		t.Errorf("commands are %v, want %v", ids, want)
	}
}

// Every path that the loader asks for is a path of the layout's schema.
func TestTagsOfSalesorder(t *testing.T) {
	schema, err := fs.ReadFile(templates.FS, "salesorder/salesorder.xsd")
	if err != nil {
		t.Fatal(err)
	}
	paths := schemaPaths(t, schema)
	m := loader(t)
	asked := 0
	for name, root := range map[string][]string{
		"ЗаказИзSalesorder":    {"salesorders/orders/order/", "salesorders/orders/order/lines/line/", "salesorders/header/"},
		"СверитьИтоги":         {"salesorders/header/", "salesorders/header/sums/sum/"},
		"ПрочитатьФайлЗаказов": {"salesorders/header/"},
	} {
		p := m.Proc(name)
		for _, path := range slices.Concat(bsltest.TextArgs(p, "Значение", 1), bsltest.TextArgs(p, "Узлы", 1)) {
			asked++
			if !slices.ContainsFunc(root, func(r string) bool { return slices.Contains(paths, r+path) }) {
				t.Errorf("%s asks for %q, which the schema does not have", name, path)
			}
		}
	}
	if asked < 30 {
		t.Errorf("only %d paths were found in the module", asked)
	}
}

// schemaPaths lists the paths of elements that a schema with named types allows.
func schemaPaths(t *testing.T, schema []byte) []string {
	type element struct {
		Name  string    `xml:"name,attr"`
		Type  string    `xml:"type,attr"`
		Inner []element `xml:"complexType>sequence>element"`
	}
	var doc struct {
		Elements []element `xml:"element"`
		Types    []struct {
			Name     string    `xml:"name,attr"`
			Elements []element `xml:"sequence>element"`
		} `xml:"complexType"`
	}
	if err := xml.Unmarshal(schema, &doc); err != nil {
		t.Fatal(err)
	}
	types := map[string][]element{}
	for _, ct := range doc.Types {
		types[ct.Name] = ct.Elements
	}
	var paths []string
	var walk func(prefix string, list []element)
	walk = func(prefix string, list []element) {
		for _, e := range list {
			paths = append(paths, prefix+e.Name)
			walk(prefix+e.Name+"/", slices.Concat(e.Inner, types[e.Type]))
		}
	}
	walk("", doc.Elements)
	return paths
}

// Every path that the loader asks for is in the template, and so is every name of a "реквизит".
func TestTagsOfCommerceML(t *testing.T) {
	text, err := fs.ReadFile(templates.FS, "commerceml/document.xml")
	if err != nil {
		t.Fatal(err)
	}
	template := string(text)
	m := loader(t)
	asked := 0
	for _, name := range []string{"ЗаказИзCommerceML", "СтрокаИзCommerceML", "РеквизитыCommerceML"} {
		p := m.Proc(name)
		for _, path := range slices.Concat(bsltest.TextArgs(p, "Значение", 1), bsltest.TextArgs(p, "Узлы", 1)) {
			for tag := range strings.SplitSeq(path, "/") {
				asked++
				if !strings.Contains(template, "<"+tag+">") {
					t.Errorf("%s asks for %q, and the layout has no <%s>", name, path, tag)
				}
			}
		}
		for _, path := range bsltest.IndexTexts(p) {
			asked++
			if !strings.Contains(template, "<Наименование>"+path+"</Наименование>") {
				t.Errorf("%s asks for the value %q, which the layout does not give", name, path)
			}
		}
	}
	if asked < 30 {
		t.Errorf("only %d tags were found in the module", asked)
	}
}

// The columns that the loader writes are columns of the catalogs.
func TestColumnsOfCatalogs(t *testing.T) {
	machine := bsltest.New(loader(t))
	for function, file := range map[string]string{"ЗаголовокНоменклатуры": catalog.ProductsFile, "ЗаголовокПокупателей": catalog.CustomersFile} {
		v, err := machine.Call(function)
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(catalog.Columns(), func(f catalog.FileColumns) bool { return f.File == file })
		for _, c := range v.(*bsltest.Array).Items() {
			if !slices.ContainsFunc(catalog.Columns()[i].Columns, func(col catalog.Column) bool { return col.Name == c }) {
				t.Errorf("%s writes %v, which %s does not have", function, c, file)
			}
		}
	}
}

// Whoever reads the page finds every setting that it names in the module, and the other way round in
// the presets.
func TestPresetsNameSettings(t *testing.T) {
	src, err := fs.ReadFile(templates.FS, "salesorder/1c/ObmenOrders.bsl")
	if err != nil {
		t.Fatal(err)
	}
	presets, err := fs.Glob(templates.FS, "salesorder/1c/*.txt")
	if err != nil || len(presets) == 0 {
		t.Fatalf("no presets: %v", err)
	}
	for _, name := range presets {
		text, err := fs.ReadFile(templates.FS, name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`(?m)^([^#\n=]+) =`).FindAllStringSubmatch(string(text), -1) {
			if !strings.Contains(string(src), `Н.Вставить("`+m[1]+`",`) {
				t.Errorf("%s names %s, which is no setting", name, m[1])
			}
		}
	}
}
