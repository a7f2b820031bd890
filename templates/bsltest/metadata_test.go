package bsltest_test

import (
	"maps"
	"slices"
	"strings"

	"obmen/templates/bsltest"
)

// metadata describes the stores.
func (b *base) metadata() *bag {
	return &bag{
		props: map[string]any{
			"документы": b.metaOf("Документ"), "справочники": b.metaOf("Справочник"), "перечисления": b.metaOf("Перечисление"),
			"свойстваобъектов": bsltest.Enum{"видиерархии": bsltest.Enum{"иерархиягруппиэлементов": "группы"}},
		},
		methods: map[string]bsltest.Func{"найтипотипу": func(args []any) (any, error) {
			typ := args[0].(string)
			if s := b.stores["Справочник."+typ]; s != nil {
				return b.metaStore(s), nil
			}
			if values, ok := b.enums[typ]; ok {
				return metaEnum(typ, values), nil
			}
			return nil, nil
		}},
	}
}

func metaEnum(name string, values []string) *bag {
	var list []any
	for _, v := range values {
		n, synonym, _ := strings.Cut(v, "=")
		list = append(list, bsltest.Enum{"имя": n, "синоним": synonym})
	}
	return &bag{props: map[string]any{"имя": name, "значенияперечисления": bsltest.NewArray(list...), "вид": "Перечисление"}}
}

// metaOf is a collection of descriptions.
func (b *base) metaOf(kind string) *bag {
	at := func(name string) (any, bool) {
		for _, s := range b.stores {
			if s.kind == kind && strings.EqualFold(s.name, name) {
				return b.metaStore(s), true
			}
		}
		return nil, false
	}
	return &bag{at: at, methods: map[string]bsltest.Func{
		"найти":    func(args []any) (any, error) { v, _ := at(args[0].(string)); return v, nil },
		"содержит": func(args []any) (any, error) { return args[0].(*bag).props["вид"] == kind, nil },
	}}
}

func (b *base) metaStore(s *store) *bag {
	var sections []string
	for name := range s.sections {
		sections = append(sections, name)
	}
	full := s.kind + "." + s.name
	return &bag{
		props: map[string]any{
			"вид": s.kind, "имя": s.name, "длинакода": bsltest.Number(9), "длинаномера": bsltest.Number(11), "длинанаименования": bsltest.Number(150), "иерархический": s.kind == "Справочник" && s.fields["ЭтоГруппа"] != "",
			"видиерархии": "группы", "реквизиты": metaFields(full, s.fields),
			"табличныечасти": collection(sections, func(name string) any {
				return &bag{props: map[string]any{"реквизиты": metaFields(full+".ТабличнаяЧасть."+name, s.sections[name])}, methods: fullName(full + "." + name)}
			}),
		},
		methods: fullName(full),
	}
}

func fullName(name string) map[string]bsltest.Func {
	return map[string]bsltest.Func{"полноеимя": func([]any) (any, error) { return name, nil }}
}

func metaFields(_ string, fields map[string]string) *bag {
	return collection(slices.Sorted(maps.Keys(fields)), func(name string) any {
		typ := fields[name]
		length := int64(50)
		if typ == "Строка0" {
			typ, length = "Строка", 0
		}
		return &bag{props: map[string]any{"имя": name, "тип": &bag{
			props: map[string]any{"квалификаторыстроки": bsltest.Enum{"длина": bsltest.Number(length)}},
			methods: map[string]bsltest.Func{
				"типы":             func([]any) (any, error) { return bsltest.NewArray(typ), nil },
				"содержиттип":      func(args []any) (any, error) { return args[0] == typ, nil },
				"привестизначение": func(args []any) (any, error) { return args[0], nil },
			},
		}}}
	})
}

func collection(names []string, make func(string) any) *bag {
	at := func(name string) (any, bool) {
		for _, n := range names {
			if strings.EqualFold(n, name) {
				return make(n), true
			}
		}
		return nil, false
	}
	return &bag{at: at, methods: map[string]bsltest.Func{
		"найти": func(args []any) (any, error) { v, _ := at(args[0].(string)); return v, nil },
	}}
}
