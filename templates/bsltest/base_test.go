package bsltest_test

import (
	"fmt"
	"maps"
	"math/big"
	"strings"
	"time"

	"github.com/google/uuid"

	"obmen/templates/bsltest"
)

// base is a base of 1C that lives in memory: as much of the platform as the loader asks for, so that its
// logic can be tried. It says nothing of how a real platform behaves where this one only believes to.
type base struct {
	stores  map[string]*store // by "Справочник.Products"
	enums   map[string][]string
	log     []string
	saved   map[string]map[string]*item // of a transaction that is open
	written int
	fail    func(*item) error // what Записать meets
}

// store is a catalog or a kind of documents.
type store struct {
	base     *base
	kind     string // Справочник, Документ
	name     string
	fields   map[string]string // attributes: Строка, Строка0 (without a length), Число, Булево, Дата, or a store's or enumeration's name
	sections map[string]map[string]string
	items    map[string]*item
}

// item is an object as it lies in the base, or as a form of it that is being written.
type item struct {
	store  *store
	id     string
	values map[string]any
	rows   map[string][]*item
	isNew  bool
}

func newBase() *base { return &base{stores: map[string]*store{}, enums: map[string][]string{}} }

// add makes a catalog or a kind of documents. fields are "Имя:Тип Имя:Тип".
func (b *base) add(full, fields string) *store {
	kind, name, _ := strings.Cut(full, ".")
	s := &store{base: b, kind: kind, name: name, fields: fieldList(fields), sections: map[string]map[string]string{}, items: map[string]*item{}}
	b.stores[full] = s
	return s
}

func (s *store) section(name, fields string) *store {
	s.sections[name] = fieldList(fields)
	return s
}

func fieldList(s string) map[string]string {
	out := map[string]string{}
	for f := range strings.FieldsSeq(s) {
		name, typ, _ := strings.Cut(f, ":")
		out[name] = typ
	}
	return out
}

// put writes an element of a catalog, "Имя=значение".
func (s *store) put(id string, values ...string) *item {
	if id == "" {
		id = uuid.NewString()
	}
	it := s.blank(id)
	it.isNew = false
	for _, v := range values {
		name, value, _ := strings.Cut(v, "=")
		it.values[strings.ToLower(name)] = value
	}
	s.items[id] = it
	return it
}

func (s *store) blank(id string) *item {
	it := &item{store: s, id: id, values: map[string]any{"пометкаудаления": false, "код": "", "наименование": "", "номер": "", "проведен": false, "дата": time.Time{}}, rows: map[string][]*item{}, isNew: true}
	for name, typ := range s.fields {
		it.values[strings.ToLower(name)] = zero(typ)
	}
	for name := range s.sections {
		it.rows[strings.ToLower(name)] = nil
	}
	return it
}

func zero(typ string) any {
	switch typ {
	case "Строка", "Строка0":
		return ""
	case "Число":
		return bsltest.Number(0)
	case "Булево":
		return false
	case "Дата":
		return time.Time{}
	}
	return nil
}

func (it *item) copy() *item {
	c := *it
	c.values = maps.Clone(it.values)
	c.rows = map[string][]*item{}
	for name, rows := range it.rows {
		c.rows[name] = nil
		for _, r := range rows {
			c.rows[name] = append(c.rows[name], r.copy())
		}
	}
	return &c
}

func (b *base) begin() {
	b.saved = map[string]map[string]*item{}
	for name, s := range b.stores {
		b.saved[name] = map[string]*item{}
		for id, it := range s.items {
			b.saved[name][id] = it.copy()
		}
	}
}

func (b *base) rollback() {
	for name, items := range b.saved {
		b.stores[name].items = items
	}
	b.saved = nil
}

// ref is a reference; equal ones are one.
type ref struct {
	store *store
	id    string
}

func (r ref) Put(string, any) bool { return false }

func (r ref) Get(name string) (any, bool) {
	it := r.store.items[r.id]
	if it == nil {
		return nil, false
	}
	v, ok := it.values[name]
	return v, ok
}

func (r ref) At(index any) (any, error) {
	v, ok := r.Get(strings.ToLower(index.(string)))
	if !ok {
		return nil, bsltest.Raise("поле объекта не обнаружено (%v)", index)
	}
	return v, nil
}

func (r ref) PutAt(any, any) error { return bsltest.Raise("a reference cannot be changed") }

func (r ref) Method(name string) bsltest.Func {
	switch name {
	case "получитьобъект":
		return func([]any) (any, error) {
			if it := r.store.items[r.id]; it != nil {
				return object{it.copy()}, nil
			}
			return nil, nil
		}
	case "уникальныйидентификатор":
		return func([]any) (any, error) { return id(r.id), nil }
	}
	return nil
}

// id is УникальныйИдентификатор.
type id string

// object is СправочникОбъект or ДокументОбъект; a row of a tabular section, too.
type object struct{ *item }

func (o object) Get(name string) (any, bool) {
	if _, ok := o.rows[name]; ok {
		return section{o.item, name}, true
	}
	if name == "ссылка" {
		return ref{o.store, o.id}, true
	}
	v, ok := o.values[name]
	return v, ok
}

func (o object) Put(name string, v any) bool {
	_, ok := o.values[name]
	if ok {
		o.values[name] = v
	}
	return ok
}

func (o object) At(index any) (any, error) {
	v, ok := o.Get(strings.ToLower(index.(string)))
	if !ok {
		return nil, bsltest.Raise("поле объекта не обнаружено (%v)", index)
	}
	return v, nil
}

func (o object) PutAt(index, v any) error {
	if !o.Put(strings.ToLower(index.(string)), v) {
		return bsltest.Raise("поле объекта не обнаружено (%v)", index)
	}
	return nil
}

func (o object) Method(name string) bsltest.Func {
	switch name {
	case "заполнить":
		return nothing
	case "проверитьзаполнение":
		return func([]any) (any, error) { return true, nil }
	case "установитьссылкунового":
		return func(args []any) (any, error) { o.id = args[0].(ref).id; return nil, nil }
	case "установитьпометкуудаления":
		return func(args []any) (any, error) {
			o.values["пометкаудаления"] = args[0]
			return nil, o.write()
		}
	case "записать":
		return func(args []any) (any, error) {
			if len(args) > 0 && args[0] == "Проведение" {
				o.values["проведен"] = true
			}
			return nil, o.write()
		}
	}
	return nil
}

func nothing([]any) (any, error) { return nil, nil }

func (o object) write() error {
	b := o.store.base
	if b.fail != nil {
		if err := b.fail(o.item); err != nil {
			return err
		}
	}
	if o.isNew && o.store.items[o.id] != nil {
		return bsltest.Raise("запись с такими ключевыми полями существует")
	}
	if o.values["номер"] == "" && o.store.kind == "Документ" {
		o.values["номер"] = fmt.Sprintf("%09d   ", len(o.store.items)+1)
	}
	o.isNew = false
	b.written++
	o.store.items[o.id] = o.copy()
	return nil
}

// section is a tabular section of an object.
type section struct {
	*item
	name string
}

func (s section) Get(string) (any, bool) { return nil, false }
func (s section) Put(string, any) bool   { return false }

func (s section) Method(name string) bsltest.Func {
	switch name {
	case "количество":
		return func([]any) (any, error) { return bsltest.Number(int64(len(s.rows[s.name]))), nil }
	case "очистить":
		return func([]any) (any, error) { s.rows[s.name] = nil; return nil, nil }
	case "добавить":
		return func([]any) (any, error) {
			row := &item{store: s.store, values: map[string]any{}, rows: map[string][]*item{}}
			for n, fields := range s.store.sections {
				if strings.ToLower(n) == s.name {
					for f, typ := range fields {
						row.values[strings.ToLower(f)] = zero(typ)
					}
				}
			}
			s.rows[s.name] = append(s.rows[s.name], row)
			return object{row}, nil
		}
	}
	return nil
}

func (s section) At(index any) (any, error) {
	n := int(index.(*big.Rat).Num().Int64())
	return object{s.rows[s.name][n]}, nil
}

func (s section) PutAt(any, any) error { return bsltest.Raise("a row cannot be replaced") }
