package bsltest

import (
	"fmt"
	"math/big"
	"time"
)

// Values are nil (Неопределено), bool, string, *big.Rat, time.Time (Дата, without a zone) and objects.

// Func is a function or method of the platform.
type Func func(args []any) (any, error)

// Object is a value with properties and methods. Names are asked for in lower case.
type Object interface {
	Get(name string) (any, bool)
	Put(name string, value any) bool
	Method(name string) Func // nil if there is none
}

// Indexed is an object whose parts are reached by [].
type Indexed interface {
	At(index any) (any, error)
	PutAt(index, value any) error
}

// Iterable is what "Для Каждого" goes through.
type Iterable interface{ Items() []any }

// Host is what the platform gives a module.
type Host struct {
	Funcs map[string]Func // global functions, by their names in lower case
	Types map[string]Func // what "Новый" makes
	Names map[string]any  // global properties: collections, enumerations
}

// Exception is an error that "Попытка" catches.
type Exception struct{ Text string }

func (e *Exception) Error() string { return e.Text }

// Raise makes an exception of the platform's side.
func Raise(format string, args ...any) error { return &Exception{fmt.Sprintf(format, args...)} }

// Fault is a mistake in the module, or something that this package does not know.
type Fault struct {
	Line int
	Text string
}

func (e *Fault) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Text) }

// Enum is an object with fixed values, by their names in lower case.
type Enum map[string]any

func (e Enum) Get(name string) (any, bool) { v, ok := e[name]; return v, ok }
func (e Enum) Put(string, any) bool        { return false }
func (e Enum) Method(string) Func          { return nil }

// constants makes an enumeration whose values are their own names.
func constants(names ...string) Enum {
	e := Enum{}
	for _, n := range names {
		e[key(n)] = constant(n)
	}
	return e
}

type constant string

// Number is a whole number as a value.
func Number(n int64) *big.Rat { return new(big.Rat).SetInt64(n) }

func equal(a, b any) bool {
	switch x := a.(type) {
	case *big.Rat:
		y, ok := b.(*big.Rat)
		return ok && x.Cmp(y) == 0
	case time.Time:
		y, ok := b.(time.Time)
		return ok && x.Equal(y)
	}
	return a == b
}

// typeName is for messages.
func typeName(v any) string {
	switch v.(type) {
	case nil:
		return "Неопределено"
	case bool:
		return "Булево"
	case string:
		return "Строка"
	case *big.Rat:
		return "Число"
	case time.Time:
		return "Дата"
	}
	return fmt.Sprintf("%T", v)
}
