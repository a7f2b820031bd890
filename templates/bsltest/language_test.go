package bsltest_test

import (
	"errors"
	"math/big"
	"strings"
	"testing"

	"obmen/templates/bsltest"
)

// run calls Ф of a module.
func run(t *testing.T, src string, args ...any) (any, error) {
	t.Helper()
	m, err := bsltest.Parse(src)
	if err != nil {
		t.Fatal(err)
	}
	return bsltest.New(m).Call("Ф", args...)
}

func TestLanguage(t *testing.T) {
	for name, tt := range map[string]struct {
		body string
		want any
	}{
		"sums":              {`Возврат 2 + 3 * 4 - 6 / 4;`, big.NewRat(25, 2)},
		"exact":             {`Возврат 0.1 + 0.2 = 0.3;`, true},
		"and before or":     {`Возврат Истина ИЛИ Ложь И Ложь;`, true},
		"not":               {`Возврат НЕ 1 = 2 И НЕ Ложь;`, true},
		"lazy":              {`Возврат Ложь И 1/0 = 1;`, false},
		"texts":             {"Возврат \"а\"\"б\" + \"\n\t|в\";", "а\"б\nв"},
		"letter case":       {`абВ = 1; возврат АБВ;`, bsltest.Number(1)},
		"ternary":           {`Возврат ?(1 < 2, "да", "нет");`, "да"},
		"else if":           {`Если Ложь Тогда Возврат 1; ИначеЕсли Истина Тогда Возврат 2; Иначе Возврат 3; КонецЕсли;`, bsltest.Number(2)},
		"for":               {`С = 0; Для Н = 1 По 4 Цикл Если Н = 3 Тогда Продолжить; КонецЕсли; С = С + Н; КонецЦикла; Возврат С;`, bsltest.Number(7)},
		"while and break":   {`Н = 0; Пока Истина Цикл Н = Н + 1; Если Н = 5 Тогда Прервать; КонецЕсли; КонецЦикла; Возврат Н;`, bsltest.Number(5)},
		"return out of for": {`Для Каждого Х Из СтрРазделить("а,б", ",") Цикл Возврат Х; КонецЦикла; Возврат 0;`, "а"},
		"try":               {`Попытка ВызватьИсключение "беда"; Исключение Возврат КраткоеПредставлениеОшибки(ИнформацияОбОшибке()); КонецПопытки; Возврат 0;`, "беда"},
		"raise again":       {`Попытка Попытка ВызватьИсключение "а"; Исключение ВызватьИсключение; КонецПопытки; Исключение Возврат КраткоеПредставлениеОшибки(ИнформацияОбОшибке()); КонецПопытки; Возврат 0;`, "а"},
		"return in handler": {`Попытка Х = Число("ж"); Исключение Возврат 7; КонецПопытки; Возврат 0;`, bsltest.Number(7)},
		"structure":         {`С = Новый Структура("А, Б", 1); С.Вставить("В", 2); С.б = 3; Возврат С.А + С["Б"] + С.В;`, bsltest.Number(6)},
		"map":               {`С = Новый Соответствие; С.Вставить("а", 1); С.Вставить("а", 2); Возврат С["а"] = 2 И С["б"] = Неопределено;`, true},
		"each of a map":     {`С = Новый Соответствие; С.Вставить("а", "1"); Для Каждого К Из С Цикл Возврат К.Ключ + К.Значение; КонецЦикла; Возврат 0;`, "а1"},
		"date":              {`Возврат Дата("20261122180405") > Дата(2026, 11, 22);`, true},
		"text functions":    {`Возврат Лев("абв", 2) + Сред("абв", 3) + Сред("абвг", 2, 1) + НРег("Я") + СокрЛП(" ю ");`, "абвбяю"},
		"find":              {`Возврат СтрНайти("абв", "в") * 10 + СтрНайти("абв", "г");`, bsltest.Number(30)},
		"format":            {`Возврат Формат(1234.50, "ЧРД=.; ЧГ=0") + Формат(0, "ЧГ=0") + Формат(0, "ЧГ=0; ЧН=0");`, "1234.5" + "" + "0"},
		"sort":              {`Т = Новый ТаблицаЗначений; Т.Колонки.Добавить("А"); С = Т.Добавить(); С.А = "б"; С = Т.Добавить(); С.А = "а"; Т.Сортировать("А"); Р = ""; Для Каждого С Из Т Цикл Р = Р + С.А; КонецЦикла; Возврат Р;`, "аб"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := run(t, "Функция Ф()\n"+tt.body+"\nКонецФункции")
			if err != nil {
				t.Fatal(err)
			}
			if a, ok := got.(*big.Rat); ok {
				if b, ok := tt.want.(*big.Rat); !ok || a.Cmp(b) != 0 {
					t.Fatalf("got %v, want %v", got, tt.want)
				}
			} else if got != tt.want {
				t.Fatalf("got %v, want %v", got, tt.want)
			}
		})
	}
}

// What the platform would bear and we do not is a fault, and no Попытка hides it.
func TestFaults(t *testing.T) {
	for body, want := range map[string]string{
		`Возврат Неведомое;`:                        "nobody has assigned",
		`Возврат Неведомая(1);`:                     "no function",
		`Возврат "а" + 1;`:                          "Строка + Число",
		`Х = 1; Если Х Тогда КонецЕсли;`:            "must be Истина or Ложь",
		`С = Новый Структура; Возврат С.Нет;`:       "no property",
		`Возврат Новый Неведомый;`:                  "no type",
		`М = Новый Массив; М.Неведомый();`:          "no method",
		`Возврат Формат(1.5, "ЧГ=0");`:              "ЧРД",
		`Попытка Х = Нет; Исключение КонецПопытки;`: "nobody has assigned",
	} {
		_, err := run(t, "Функция Ф()\n"+body+"\nКонецФункции")
		if _, ok := errors.AsType[*bsltest.Fault](err); !ok || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "line 2") {
			t.Errorf("%s: got %v, want %q", body, err, want)
		}
	}
}

func TestSyntaxErrors(t *testing.T) {
	for src, want := range map[string]string{
		"Процедура А()\nЕсли Истина Тогда\nКонецПроцедуры": "line 3",
		"Процедура А()\nКонецФункции":                      "where a name should be",
		"Процедура А()\nХ = \"а\nКонецПроцедуры":           "without \"|\"",
		"Процедура А()\nХ = 1 У = 2;\nКонецПроцедуры":      "where ; should be",
		"Перем А;": "outside of procedures",
		"Процедура А()\nКонецПроцедуры\nПроцедура а()\nКонецПроцедуры": "twice",
		"Процедура Если()\nКонецПроцедуры":                             "where a name should be",
		"#Область А\nПроцедура А()\nКонецПроцедуры":                    "is not closed",
		"Процедура А()\nХ;\nКонецПроцедуры":                            "does nothing",
		"Процедура А()\nХ = (1;\nКонецПроцедуры":                       "where ) should be",
		"Процедура А()\nХ = 1 @ 2;\nКонецПроцедуры":                    "means nothing",
	} {
		_, err := bsltest.Parse(src)
		if _, ok := errors.AsType[*bsltest.SyntaxError](err); !ok || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", src, err, want)
		}
	}
}

func TestCheck(t *testing.T) {
	known := bsltest.Known{Funcs: []string{"сокрлп"}, Types: []string{"массив"}, Names: []string{"символы"}, Members: []string{"пс", "добавить"}}
	for body, want := range map[string]string{
		`Х = СокрЛП(Символы.ПС); М = Новый Массив; М.Добавить(Х);`: "",
		`Неведомая();`:     "nobody declares",
		`Х = У;`:           "nobody assigns У",
		`Х = Новый Карта;`: "no type",
		`М = Новый Массив; М.Взять();`: "no object has",
		`Б(1, 2, 3);`: "takes 1 to 2",
		`Б();`:        "takes 1 to 2",
		`Х = Б(1);`:   "has no value",
		`Парам = 1;`:  "has no Знач",
		`Возврат 1;`:  "does not suit",
	} {
		m, err := bsltest.Parse("Процедура А(Парам, Знач Иной = 0)\nИной = 1;\n" + body + "\nКонецПроцедуры\nПроцедура Б(А, Б = 1)\nКонецПроцедуры")
		if err != nil {
			t.Fatal(err)
		}
		got := strings.Join(bsltest.Check(m, func(*bsltest.Proc) bsltest.Known { return known }), "\n")
		if want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("%s: found %q, want %q", body, got, want)
		}
	}
	m, err := bsltest.Parse("Функция А(Х)\nЕсли Х Тогда\nВозврат 1;\nКонецЕсли;\nКонецФункции")
	if err != nil {
		t.Fatal(err)
	}
	if got := bsltest.Check(m, func(*bsltest.Proc) bsltest.Known { return known }); len(got) != 1 || !strings.Contains(got[0], "without Возврат") {
		t.Errorf("found %q", got)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("Функция Ф(А, Знач Б = \"\") Экспорт\nВозврат ?(А = 1, Б[0].В(Новый Г), -1);\nКонецФункции")
	f.Fuzz(func(t *testing.T, src string) {
		m, err := bsltest.Parse(src)
		if (m == nil) == (err == nil) {
			t.Fatalf("%v and %v", m, err)
		}
	})
}
