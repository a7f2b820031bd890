package bsl_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/google/uuid"

	"obmen/templates/bsl"
)

// bag is an object of the platform that is made for one purpose.
type bag struct {
	props   map[string]any
	methods map[string]bsl.Func
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
func (o *bag) Method(name string) bsl.Func { return o.methods[name] }

func (o *bag) At(index any) (any, error) {
	if v, ok := o.Get(strings.ToLower(index.(string))); ok {
		return v, nil
	}
	return nil, bsl.Raise("поле объекта не обнаружено (%v)", index)
}
func (o *bag) PutAt(any, any) error { return bsl.Raise("the collection cannot be changed") }

// host is the platform around a base.
func (b *base) host() bsl.Host {
	return bsl.Host{
		Funcs: map[string]bsl.Func{
			"начатьтранзакцию":        func([]any) (any, error) { b.begin(); return nil, nil },
			"зафиксироватьтранзакцию": func([]any) (any, error) { b.saved = nil; return nil, nil },
			"отменитьтранзакцию":      func([]any) (any, error) { b.rollback(); return nil, nil },
			"записьжурналарегистрации": func(args []any) (any, error) {
				b.log = append(b.log, fmt.Sprintf("%v: %v", args[1], args[4]))
				return nil, nil
			},
			"сообщить": nothing,
			"тип":      func(args []any) (any, error) { return args[0], nil },
			"строка":   func(args []any) (any, error) { return shown(args[0]), nil },
		},
		Types: map[string]bsl.Func{
			"уникальныйидентификатор": func(args []any) (any, error) {
				if len(args) == 0 {
					return id(uuid.NewString()), nil
				}
				if args[0] == "" {
					return id(uuid.Nil.String()), nil
				}
				u, err := uuid.Parse(args[0].(string))
				if err != nil {
					return nil, bsl.Raise("преобразование значения к типу УникальныйИдентификатор не может быть выполнено")
				}
				return id(u.String()), nil
			},
			"запрос": func([]any) (any, error) { return b.query(), nil },
			"блокировкаданных": func([]any) (any, error) {
				return &bag{methods: map[string]bsl.Func{
					"добавить": func([]any) (any, error) {
						return &bag{props: map[string]any{"режим": nil}, methods: map[string]bsl.Func{"установитьзначение": nothing}}, nil
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
			"уровеньжурналарегистрации": bsl.Enum{"ошибка": "Ошибка", "информация": "Информация"},
			"режимблокировкиданных":     bsl.Enum{"исключительный": "Исключительный"},
			"режимзаписидокумента":      bsl.Enum{"запись": "Запись", "проведение": "Проведение"},
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
				return &bag{methods: map[string]bsl.Func{
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

// metadata describes the stores.
func (b *base) metadata() *bag {
	return &bag{
		props: map[string]any{
			"документы": b.metaOf("Документ"), "справочники": b.metaOf("Справочник"), "перечисления": b.metaOf("Перечисление"),
			"свойстваобъектов": bsl.Enum{"видиерархии": bsl.Enum{"иерархиягруппиэлементов": "группы"}},
		},
		methods: map[string]bsl.Func{"найтипотипу": func(args []any) (any, error) {
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
		list = append(list, bsl.Enum{"имя": n, "синоним": synonym})
	}
	return &bag{props: map[string]any{"имя": name, "значенияперечисления": bsl.NewArray(list...), "вид": "Перечисление"}}
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
	return &bag{at: at, methods: map[string]bsl.Func{
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
			"вид": s.kind, "имя": s.name, "длинакода": bsl.Number(9), "длинаномера": bsl.Number(11), "длинанаименования": bsl.Number(150), "иерархический": s.kind == "Справочник" && s.fields["ЭтоГруппа"] != "",
			"видиерархии": "группы", "реквизиты": metaFields(full, s.fields),
			"табличныечасти": collection(sections, func(name string) any {
				return &bag{props: map[string]any{"реквизиты": metaFields(full+".ТабличнаяЧасть."+name, s.sections[name])}, methods: fullName(full + "." + name)}
			}),
		},
		methods: fullName(full),
	}
}

func fullName(name string) map[string]bsl.Func {
	return map[string]bsl.Func{"полноеимя": func([]any) (any, error) { return name, nil }}
}

func metaFields(_ string, fields map[string]string) *bag {
	return collection(slices.Sorted(maps.Keys(fields)), func(name string) any {
		typ := fields[name]
		length := int64(50)
		if typ == "Строка0" {
			typ, length = "Строка", 0
		}
		return &bag{props: map[string]any{"имя": name, "тип": &bag{
			props: map[string]any{"квалификаторыстроки": bsl.Enum{"длина": bsl.Number(length)}},
			methods: map[string]bsl.Func{
				"типы":             func([]any) (any, error) { return bsl.NewArray(typ), nil },
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
	return &bag{at: at, methods: map[string]bsl.Func{
		"найти": func(args []any) (any, error) { v, _ := at(args[0].(string)); return v, nil },
	}}
}

var (
	queryText  = regexp.MustCompile(`^ВЫБРАТЬ (ПЕРВЫЕ 2 )?(.*) ИЗ ((?:Справочник|Документ)\.[\p{L}\d_]+) КАК Т ГДЕ (.*?)( УПОРЯДОЧИТЬ ПО Код, Ссылка)?$`)
	queryField = regexp.MustCompile(`^(?:ПОДСТРОКА\(Т\.([\p{L}\d_]+), 1, 1000\)|Т\.([\p{L}\d_]+)|ПРЕДСТАВЛЕНИЕ\(Т\.([\p{L}\d_]+)\)|"") КАК ([\p{L}\d_]+)$`)
	queryWhere = regexp.MustCompile(`^(?:НЕ Т\.([\p{L}\d_]+)|(?:ПОДСТРОКА\(Т\.([\p{L}\d_]+), 1, 1000\)|Т\.([\p{L}\d_]+)) = &([\p{L}\d_]+))$`)
)

// query answers the few questions that the loader asks, and refuses any other.
func (b *base) query() *bag {
	params := map[string]any{}
	q := &bag{props: map[string]any{"текст": ""}}
	q.methods = map[string]bsl.Func{
		"установитьпараметр": func(args []any) (any, error) { params[args[0].(string)] = args[1]; return nil, nil },
		"выполнить": func([]any) (any, error) {
			rows, err := b.rows(q.props["текст"].(string), params)
			if err != nil {
				return nil, err
			}
			return &bag{methods: map[string]bsl.Func{
				"пустой":  func([]any) (any, error) { return len(rows) == 0, nil },
				"выбрать": func([]any) (any, error) { return selection(rows), nil },
			}}, nil
		},
	}
	return q
}

func selection(rows []map[string]any) *bag {
	s := &bag{}
	s.methods = map[string]bsl.Func{"следующий": func([]any) (any, error) {
		if len(rows) == 0 {
			return false, nil
		}
		s.props, rows = rows[0], rows[1:]
		return true, nil
	}}
	return s
}

func (b *base) rows(text string, params map[string]any) ([]map[string]any, error) {
	m := queryText.FindStringSubmatch(text)
	if m == nil {
		return nil, &bsl.Fault{Text: "a query of another form: " + text}
	}
	s := b.stores[m[3]]
	if s == nil {
		return nil, bsl.Raise("таблица не найдена %q", m[3])
	}
	var out []map[string]any
	for _, key := range slices.SortedFunc(maps.Keys(s.items), func(a, c string) int {
		return strings.Compare(s.items[a].values["код"].(string)+a, s.items[c].values["код"].(string)+c)
	}) {
		ok, err := s.items[key].matches(m[4], params)
		if err != nil {
			return nil, err
		}
		if ok && (m[1] == "" || len(out) < 2) {
			row, err := s.items[key].selected(m[2])
			if err != nil {
				return nil, err
			}
			out = append(out, row)
		}
	}
	return out, nil
}

func (it *item) field(name string) (any, error) {
	if name == "Ссылка" {
		return ref{it.store, it.id}, nil
	}
	v, ok := it.values[strings.ToLower(name)]
	if !ok {
		return nil, bsl.Raise("поле не найдено %q", name)
	}
	return v, nil
}

func (it *item) matches(where string, params map[string]any) (bool, error) {
	for cond := range strings.SplitSeq(where, " И ") {
		m := queryWhere.FindStringSubmatch(cond)
		if m == nil {
			return false, &bsl.Fault{Text: "a condition of another form: " + cond}
		}
		v, err := it.field(m[1] + m[2] + m[3])
		if err != nil {
			return false, err
		}
		if m[3] != "" && it.store.fields[m[3]] == "Строка0" {
			return false, bsl.Raise("нельзя сравнивать поля неограниченной длины")
		}
		if m[1] != "" && v != false || m[1] == "" && v != params[m[4]] {
			return false, nil
		}
	}
	return true, nil
}

func (it *item) selected(fields string) (map[string]any, error) {
	row := map[string]any{}
	for f := range strings.SplitSeq(strings.ReplaceAll(fields, ", 1, 1000)", "\x00"), ", ") {
		m := queryField.FindStringSubmatch(strings.ReplaceAll(f, "\x00", ", 1, 1000)"))
		if m == nil {
			return nil, &bsl.Fault{Text: "a field of another form: " + f}
		}
		row[strings.ToLower(m[4])] = ""
		if name := m[1] + m[2] + m[3]; name != "" {
			v, err := it.field(name)
			if err != nil {
				return nil, err
			}
			if m[3] != "" {
				v = it.store.base.presentation(v)
			}
			row[strings.ToLower(m[4])] = v
		}
	}
	return row, nil
}
