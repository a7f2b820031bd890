package bsltest_test

import (
	"fmt"
	"strings"

	"github.com/google/uuid"

	"obmen/templates/bsltest"
)

// bag is an object of the platform that is made for one purpose.
type bag struct {
	props   map[string]any
	methods map[string]bsltest.Func
	at      func(name string) (any, bool)
}

func (o *bag) Get(name string) (any, bool) {
	if v, ok := o.props[name]; ok {
		return v, true
	}
	if o.at != nil {
		return o.at(name)
	}
	return nil, false
}

func (o *bag) Put(name string, v any) bool {
	_, ok := o.props[name]
	if ok {
		o.props[name] = v
	}
	return ok
}
func (o *bag) Method(name string) bsltest.Func { return o.methods[name] }

func (o *bag) At(index any) (any, error) {
	if v, ok := o.Get(strings.ToLower(index.(string))); ok {
		return v, nil
	}
	return nil, bsltest.Raise("поле объекта не обнаружено (%v)", index)
}
func (o *bag) PutAt(any, any) error { return bsltest.Raise("the collection cannot be changed") }

// host is the platform around a base.
func (b *base) host() bsltest.Host {
	return bsltest.Host{
		Funcs: map[string]bsltest.Func{
			"начатьтранзакцию":        func([]any) (any, error) { b.begin(); return nil, nil },
			"зафиксироватьтранзакцию": func([]any) (any, error) { b.saved = nil; return nil, nil },
			"отменитьтранзакцию":      func([]any) (any, error) { b.rollback(); return nil, nil },
			"записьжурналарегистрации": func(args []any) (any, error) {
				b.log = append(b.log, fmt.Sprintf("%v: %v", args[1], args[4]))
				return nil, nil
			},
			"сообщить":          nothing,
			"значениезаполнено": func(args []any) (any, error) { return args[0] != nil && args[0] != "", nil },
			"тип":               func(args []any) (any, error) { return args[0], nil },
			"строка":            func(args []any) (any, error) { return shown(args[0]), nil },
		},
		Types: map[string]bsltest.Func{
			"уникальныйидентификатор": func(args []any) (any, error) {
				if len(args) == 0 {
					return id(uuid.NewString()), nil
				}
				if args[0] == "" {
					return id(uuid.Nil.String()), nil
				}
				u, err := uuid.Parse(args[0].(string))
				if err != nil {
					return nil, bsltest.Raise("преобразование значения к типу УникальныйИдентификатор не может быть выполнено")
				}
				return id(u.String()), nil
			},
			"запрос": func([]any) (any, error) { return b.query(), nil },
			"блокировкаданных": func([]any) (any, error) {
				return &bag{methods: map[string]bsltest.Func{
					"добавить": func([]any) (any, error) {
						return &bag{props: map[string]any{"режим": nil}, methods: map[string]bsltest.Func{"установитьзначение": nothing}}, nil
					},
					"заблокировать": nothing,
				}}, nil
			},
		},
		Names: map[string]any{
			"документы":                 b.managers("Документ"),
			"справочники":               b.managers("Справочник"),
			"перечисления":              b.enumManagers(),
			"метаданные":                b.metadata(),
			"уровеньжурналарегистрации": bsltest.Enum{"ошибка": "Ошибка", "информация": "Информация"},
			"режимблокировкиданных":     bsltest.Enum{"исключительный": "Исключительный"},
			"режимзаписидокумента":      bsltest.Enum{"запись": "Запись", "проведение": "Проведение"},
		},
	}
}

func shown(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case id:
		return string(v)
	case ref:
		if it := v.store.items[v.id]; it != nil {
			return it.values["наименование"].(string)
		}
	}
	return fmt.Sprint(v)
}

// presentation is what people see of a value.
func (b *base) presentation(v any) string {
	for enum, values := range b.enums {
		for _, one := range values {
			if name, synonym, _ := strings.Cut(one, "="); v == enum+"."+name {
				return synonym
			}
		}
	}
	return shown(v)
}

func (b *base) managers(kind string) *bag {
	return &bag{at: func(name string) (any, bool) {
		for _, s := range b.stores {
			if s.kind == kind && strings.ToLower(s.name) == name {
				made := func([]any) (any, error) { return object{s.blank(uuid.NewString())}, nil }
				return &bag{methods: map[string]bsltest.Func{
					"получитьссылку":  func(args []any) (any, error) { return ref{s, string(args[0].(id))}, nil },
					"создатьдокумент": made, "создатьэлемент": made,
				}}, true
			}
		}
		return nil, false
	}}
}

func (b *base) enumManagers() *bag {
	return &bag{at: func(name string) (any, bool) {
		for enum, values := range b.enums {
			if strings.ToLower(enum) == name {
				e := &bag{props: map[string]any{}}
				for _, v := range values {
					n, _, _ := strings.Cut(v, "=")
					e.props[strings.ToLower(n)] = enum + "." + n
				}
				return e, true
			}
		}
		return nil, false
	}}
}
