package bsltest_test

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"obmen/templates/bsltest"
)

var (
	queryText  = regexp.MustCompile(`^ВЫБРАТЬ (ПЕРВЫЕ 2 )?(.*) ИЗ ((?:Справочник|Документ)\.[\p{L}\d_]+) КАК Т ГДЕ (.*?)( УПОРЯДОЧИТЬ ПО Код, Ссылка)?$`)
	queryField = regexp.MustCompile(`^(?:ПОДСТРОКА\(Т\.([\p{L}\d_]+), 1, 1000\)|Т\.([\p{L}\d_]+)|ПРЕДСТАВЛЕНИЕ\(Т\.([\p{L}\d_]+)\)|"") КАК ([\p{L}\d_]+)$`)
	queryWhere = regexp.MustCompile(`^(?:НЕ Т\.([\p{L}\d_]+)|(?:ПОДСТРОКА\(Т\.([\p{L}\d_]+), 1, 1000\)|Т\.([\p{L}\d_]+)) = &([\p{L}\d_]+))$`)
)

// query answers the few questions that the loader asks, and refuses any other.
func (b *base) query() *bag {
	params := map[string]any{}
	q := &bag{props: map[string]any{"текст": ""}}
	q.methods = map[string]bsltest.Func{
		"установитьпараметр": func(args []any) (any, error) { params[args[0].(string)] = args[1]; return nil, nil },
		"выполнить": func([]any) (any, error) {
			rows, err := b.rows(q.props["текст"].(string), params)
			if err != nil {
				return nil, err
			}
			return &bag{methods: map[string]bsltest.Func{
				"пустой":  func([]any) (any, error) { return len(rows) == 0, nil },
				"выбрать": func([]any) (any, error) { return selection(rows), nil },
			}}, nil
		},
	}
	return q
}

func selection(rows []map[string]any) *bag {
	s := &bag{}
	s.methods = map[string]bsltest.Func{"следующий": func([]any) (any, error) {
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
		return nil, &bsltest.Fault{Text: "a query of another form: " + text}
	}
	s := b.stores[m[3]]
	if s == nil {
		return nil, bsltest.Raise("таблица не найдена %q", m[3])
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
		return nil, bsltest.Raise("поле не найдено %q", name)
	}
	return v, nil
}

func (it *item) matches(where string, params map[string]any) (bool, error) {
	for cond := range strings.SplitSeq(where, " И ") {
		m := queryWhere.FindStringSubmatch(cond)
		if m == nil {
			return false, &bsltest.Fault{Text: "a condition of another form: " + cond}
		}
		v, err := it.field(m[1] + m[2] + m[3])
		if err != nil {
			return false, err
		}
		if m[3] != "" && it.store.fields[m[3]] == "Строка0" {
			return false, bsltest.Raise("нельзя сравнивать поля неограниченной длины")
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
			return nil, &bsltest.Fault{Text: "a field of another form: " + f}
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
