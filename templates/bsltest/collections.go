package bsltest

import (
	"math/big"
	"slices"
	"strings"
	"time"
)

func collections() Host {
	return Host{Types: map[string]Func{
		"массив":          func([]any) (any, error) { return &Array{}, nil },
		"соответствие":    func([]any) (any, error) { return &Map{}, nil },
		"структура":       newStructure,
		"таблицазначений": func([]any) (any, error) { return newTable(), nil },
	}}
}

// Array is Массив.
type Array struct{ items []any }

// NewArray makes one of values.
func NewArray(items ...any) *Array { return &Array{items} }

// Items are the elements.
func (a *Array) Items() []any { return slices.Clone(a.items) }

func (a *Array) Get(string) (any, bool) { return nil, false }
func (a *Array) Put(string, any) bool   { return false }

func (a *Array) Method(name string) Func {
	switch name {
	case "добавить":
		return func(args []any) (any, error) { a.items = append(a.items, arg(args, 0)); return nil, nil }
	case "количество":
		return func([]any) (any, error) { return Number(int64(len(a.items))), nil }
	}
	return nil
}

func arg(args []any, i int) any {
	if i >= len(args) || args[i] == missing {
		return nil
	}
	return args[i]
}

func (a *Array) At(index any) (any, error) {
	i, ok := whole(index)
	if !ok || i < 0 || i >= len(a.items) {
		return nil, Raise("the index is out of bounds")
	}
	return a.items[i], nil
}

func whole(v any) (int, bool) {
	n, ok := v.(*big.Rat)
	if !ok || !n.IsInt() {
		return 0, false
	}
	return int(n.Num().Int64()), true
}

func (a *Array) PutAt(index, value any) error {
	i, ok := whole(index)
	if !ok || i < 0 || i >= len(a.items) {
		return Raise("the index is out of bounds")
	}
	a.items[i] = value
	return nil
}

// Structure is Структура: properties by name, in their order.
type Structure struct {
	names  []string
	values map[string]any
}

func newStructure(args []any) (any, error) {
	s := &Structure{values: map[string]any{}}
	if len(args) == 0 {
		return s, nil
	}
	names, ok := args[0].(string)
	if !ok {
		return nil, &Fault{0, "Структура takes names in a text"}
	}
	list := strings.Split(names, ",")
	if len(args)-1 > len(list) {
		return nil, &Fault{0, "Структура has more values than names"}
	}
	for i, name := range list {
		s.set(strings.TrimSpace(name), arg(args, i+1))
	}
	return s, nil
}

func (s *Structure) set(name string, value any) {
	if _, ok := s.values[key(name)]; !ok {
		s.names = append(s.names, name)
	}
	s.values[key(name)] = value
}

func (s *Structure) Get(name string) (any, bool) { v, ok := s.values[name]; return v, ok }

func (s *Structure) Put(name string, value any) bool {
	if _, ok := s.values[name]; !ok {
		return false
	}
	s.values[name] = value
	return true
}

func (s *Structure) Method(name string) Func {
	if name == "вставить" {
		return func(args []any) (any, error) {
			name, ok := arg(args, 0).(string)
			if !ok {
				return nil, &Fault{0, "Вставить takes a name"}
			}
			s.set(name, arg(args, 1))
			return nil, nil
		}
	}
	return nil
}

func (s *Structure) At(index any) (any, error) {
	name, ok := index.(string)
	if !ok {
		return nil, &Fault{0, "a property is named by a text"}
	}
	v, ok := s.values[key(name)]
	if !ok {
		return nil, &Fault{0, "Структура has no " + name}
	}
	return v, nil
}

func (s *Structure) PutAt(index, value any) error {
	name, ok := index.(string)
	if !ok || !s.Put(key(name), value) {
		return &Fault{0, "Структура has no such property"}
	}
	return nil
}

// Items are Ключ and Значение.
func (s *Structure) Items() []any {
	var out []any
	for _, name := range s.names {
		out = append(out, Enum{"ключ": name, "значение": s.values[key(name)]})
	}
	return out
}

// Map is Соответствие. Its keys here are texts, numbers and the like.
type Map struct {
	keys   []any
	values []any
}

func (m *Map) find(k any) int {
	return slices.IndexFunc(m.keys, func(other any) bool { return equal(k, other) })
}

func (m *Map) Get(string) (any, bool) { return nil, false }
func (m *Map) Put(string, any) bool   { return false }

func (m *Map) Method(name string) Func {
	switch name {
	case "вставить":
		return func(args []any) (any, error) { return nil, m.PutAt(arg(args, 0), arg(args, 1)) }
	case "количество":
		return func([]any) (any, error) { return Number(int64(len(m.keys))), nil }
	}
	return nil
}

func (m *Map) At(k any) (any, error) {
	if i := m.find(k); i >= 0 {
		return m.values[i], nil
	}
	return nil, nil
}

func (m *Map) PutAt(k, value any) error {
	if i := m.find(k); i >= 0 {
		m.values[i] = value
		return nil
	}
	m.keys, m.values = append(m.keys, k), append(m.values, value)
	return nil
}

// Items are Ключ and Значение.
func (m *Map) Items() []any {
	var out []any
	for i := range m.keys {
		out = append(out, Enum{"ключ": m.keys[i], "значение": m.values[i]})
	}
	return out
}

// Table is ТаблицаЗначений.
type Table struct {
	columns *columns
	rows    []*Structure
}

type columns struct {
	Enum
	names []string
}

func newTable() *Table { return &Table{columns: &columns{Enum: Enum{}}} }

func (c *columns) Method(name string) Func {
	if name == "добавить" {
		return func(args []any) (any, error) { c.names = append(c.names, arg(args, 0).(string)); return nil, nil }
	}
	return nil
}

func (t *Table) Get(name string) (any, bool) { return t.columns, name == "колонки" }
func (t *Table) Put(string, any) bool        { return false }

// Items are the rows.
func (t *Table) Items() []any {
	var out []any
	for _, r := range t.rows {
		out = append(out, r)
	}
	return out
}

func (t *Table) Method(name string) Func {
	switch name {
	case "добавить":
		return func([]any) (any, error) {
			row := &Structure{values: map[string]any{}}
			for _, c := range t.columns.names {
				row.set(c, nil)
			}
			t.rows = append(t.rows, row)
			return row, nil
		}
	case "сортировать":
		return func(args []any) (any, error) {
			s, err := texts(args, 1)
			if err != nil {
				return nil, err
			}
			t.sort(strings.Split(s[0], ","))
			return nil, nil
		}
	}
	return nil
}

// texts checks that all arguments are texts.
func texts(args []any, n int) ([]string, error) {
	if len(args) != n {
		return nil, &Fault{0, "wrong number of arguments"}
	}
	out := make([]string, n)
	for i, a := range args {
		s, ok := a.(string)
		if !ok {
			return nil, &Fault{0, "an argument must be Строка, not " + typeName(a)}
		}
		out[i] = s
	}
	return out, nil
}

func (t *Table) sort(by []string) {
	slices.SortStableFunc(t.rows, func(a, b *Structure) int {
		for _, name := range by {
			name = key(strings.TrimSpace(name))
			if c := order(a.values[name], b.values[name]); c != 0 {
				return c
			}
		}
		return 0
	})
}

func order(a, b any) int {
	switch x := a.(type) {
	case string:
		return strings.Compare(x, b.(string))
	case time.Time:
		return x.Compare(b.(time.Time))
	case *big.Rat:
		return x.Cmp(b.(*big.Rat))
	}
	return 0
}

// ofTexts makes a function of one that has texts only.
func ofTexts(n int, f func(s []string) any) Func {
	return func(args []any) (any, error) {
		s, err := texts(args, n)
		if err != nil {
			return nil, err
		}
		return f(s), nil
	}
}
