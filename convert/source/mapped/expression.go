package mapped

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/vm"

	"obmen/convert/money"
)

// expression is a computed field. It sees the order, its line or a row of a table through functions that
// take a path, and nothing else: no clock, no file, no network, no loop.
type expression struct {
	text    string
	program *vm.Program
	paths   []*path
	scope   scope
}

// scope is what an expression stands for, and so what it may look at.
type scope string

const (
	scopeOrder scope = "order"
	scopeLine  scope = "line"
	scopeRow   scope = "row"
)

// record is what an expression sees of an order, a line or a row. A path that leads nowhere is an error for
// numbers, and "" for texts; has tells them apart.
type record struct {
	Text   func(string) string                 `expr:"text"`
	Has    func(string) bool                   `expr:"has"`
	Money  func(string) (money.Decimal, error) `expr:"money"`
	Number func(string) (money.Decimal, error) `expr:"number"`
	Sum    func(string) (money.Decimal, error) `expr:"sum"`
}

type (
	orderView struct {
		Order record `expr:"order"`
	}
	lineView struct {
		Order record `expr:"order"`
		Line  record `expr:"line"`
	}
	rowView struct {
		Row record `expr:"row"`
	}
)

func (s scope) view() any {
	switch s {
	case scopeLine:
		return lineView{}
	case scopeRow:
		return rowView{}
	}
	return orderView{}
}

var decimalType = reflect.TypeFor[money.Decimal]()

// exactOptions are the operators of exact decimals. The language's own functions are left out: some loop,
// some ask the clock.
var exactOptions = []expr.Option{
	expr.DisableAllBuiltins(),
	expr.MaxNodes(1000),
	binary("plus", "+", money.Decimal.Plus), binary("minus", "-", money.Decimal.Minus), binary("times", "*", money.Decimal.Times),
	expr.Operator("+", "plus"), expr.Operator("-", "minus"), expr.Operator("*", "times"),
	compare("less", func(a, b money.Decimal) bool { return a.Less(b) }), expr.Operator("<", "less"),
	compare("more", func(a, b money.Decimal) bool { return b.Less(a) }), expr.Operator(">", "more"),
	compare("atMost", func(a, b money.Decimal) bool { return !b.Less(a) }), expr.Operator("<=", "atMost"),
	compare("atLeast", func(a, b money.Decimal) bool { return !a.Less(b) }), expr.Operator(">=", "atLeast"),
	compare("same", func(a, b money.Decimal) bool { return a == b }), expr.Operator("==", "same"),
	compare("differ", func(a, b money.Decimal) bool { return a != b }), expr.Operator("!=", "differ"),
	expr.Function("dec", func(p ...any) (any, error) { return money.Parse(p[0].(string)) }, new(func(string) money.Decimal)),
	expr.Function("abs", func(p ...any) (any, error) { return p[0].(money.Decimal).Abs(), nil }, new(func(money.Decimal) money.Decimal)),
	expr.Function("lower", func(p ...any) (any, error) { return strings.ToLower(p[0].(string)), nil }, new(func(string) string)),
	expr.Function("trim", func(p ...any) (any, error) { return strings.TrimSpace(p[0].(string)), nil }, new(func(string) string)),
}

func binary(name, operator string, f func(a, b money.Decimal) money.Decimal) expr.Option {
	return expr.Function(name, func(p ...any) (any, error) {
		sum := f(p[0].(money.Decimal), p[1].(money.Decimal))
		if !sum.Valid() {
			return nil, fmt.Errorf("%s %s %s has more digits than an amount", p[0], operator, p[1])
		}
		return sum, nil
	}, new(func(money.Decimal, money.Decimal) money.Decimal))
}

func compare(name string, f func(a, b money.Decimal) bool) expr.Option {
	return expr.Function(name, func(p ...any) (any, error) {
		return f(p[0].(money.Decimal), p[1].(money.Decimal)), nil
	}, new(func(money.Decimal, money.Decimal) bool))
}

// inspector looks at an expression before it is checked: it collects the paths, and refuses what would
// not be exact.
type inspector struct {
	mapping *Mapping
	found   []located
	bad     []located
}

type located struct {
	from int // in runes
	text string
	cure string
}

var readers = []string{"text", "has", "money", "number", "sum"}

const cureExact = `write exact numbers as dec("1.50"), and use + - * only`

// Visit is that of ast.Visitor.
func (v *inspector) Visit(n *ast.Node) {
	refuse := func(cure, format string, args ...any) {
		v.bad = append(v.bad, located{(*n).Location().From, fmt.Sprintf(format, args...), cure})
	}
	switch x := (*n).(type) {
	case *ast.FloatNode:
		refuse(cureExact, "a number with a point is not exact")
	case *ast.BinaryNode:
		if x.Operator == "/" || x.Operator == "**" || x.Operator == "^" || x.Operator == "%" || x.Operator == ".." {
			refuse(cureExact, "%s is not exact", x.Operator)
		}
	case *ast.CallNode:
		v.call(x, refuse)
	}
}

func (v *inspector) call(x *ast.CallNode, refuse func(cure, format string, args ...any)) {
	if name, ok := x.Callee.(*ast.IdentifierNode); ok && name.Value == "dec" && len(x.Arguments) == 1 {
		if s, ok := x.Arguments[0].(*ast.StringNode); !ok {
			refuse(cureExact, "dec takes a number in quotes")
		} else if _, err := money.Parse(s.Value); err != nil {
			refuse(cureExact, "dec: %v", err)
		}
	}
	member, ok := x.Callee.(*ast.MemberNode)
	if !ok || len(x.Arguments) != 1 {
		return
	}
	if name, ok := member.Property.(*ast.StringNode); !ok || !contains(readers, name.Value) {
		return
	}
	s, ok := x.Arguments[0].(*ast.StringNode)
	if !ok {
		refuse(`write the path in quotes: line.money("total")`, "a path that is computed")
		return
	}
	v.found = append(v.found, located{x.Arguments[0].Location().From, s.Value, ""})
}

func contains(list []string, s string) bool {
	for _, e := range list {
		if e == s {
			return true
		}
	}
	return false
}

// want is what an expression must come to.
type want string

const (
	wantAmount want = "an exact number"
	wantText   want = "a text"
	wantFlag   want = "true or false"
)

func (w want) fits(t reflect.Type) bool {
	switch {
	case t == nil:
		return false
	case w == wantAmount:
		return t == decimalType
	case w == wantFlag:
		return t.Kind() == reflect.Bool
	}
	return t.Kind() == reflect.String || t == decimalType || t.Kind() == reflect.Bool
}

// compile makes an expression of a text that begins with "=" at a place of the mapping.
func (c *compiler) compile(text string, at position, s scope, w want) *expression {
	body := strings.TrimLeft(strings.TrimPrefix(text, "="), " ")
	place := func(runes int) position { return runePosition(body, runes, at, len(text)-len(body)) }
	look := &inspector{mapping: c.m}
	options := append([]expr.Option{expr.Env(s.view()), expr.Patch(look)}, exactOptions...)
	program, err := expr.Compile(body, options...)
	for _, b := range look.bad {
		c.mistake(place(b.from), b.cure, "%s", b.text)
	}
	var bad *file.Error
	switch {
	case len(look.bad) > 0:
		return nil
	case errors.As(err, &bad):
		c.mistake(place(bad.From), cureExpression(s), "%s", plainMessage.Replace(bad.Message))
		return nil
	case err != nil:
		c.mistake(at, cureExpression(s), "%v", err)
		return nil
	}
	if t := program.Node().Type(); !w.fits(t) {
		c.mistake(at, cureExpression(s), "the expression comes to %s and not to %s", typeName(t), w)
		return nil
	}
	var paths []*path
	for _, f := range look.found {
		paths = append(paths, c.pathOf(f.text, place(f.from)))
	}
	if c.expressions++; c.expressions == maxExpressions+1 {
		c.mistake(at, "split the source into two mappings", "more than %d expressions", maxExpressions)
	}
	return &expression{body, program, paths, s}
}

// plainMessage spells the types of Go as a mapping's author knows them.
var plainMessage = strings.NewReplacer("type mapped.record has no method", "there is no function", "money.Decimal", "exact number", "mapped.record", "an order, line or row")

const maxExpressions = 1000

func cureExpression(s scope) string {
	return fmt.Sprintf(`an expression uses %s.text, has, money, number and sum with a path in quotes, + - * and comparisons`, s)
}

func typeName(t reflect.Type) string {
	switch {
	case t == nil:
		return "nothing"
	case t == decimalType:
		return "an exact number"
	}
	return t.String()
}

// runePosition is the place of a rune in a text that begins skip bytes behind a place.
func runePosition(text string, runes int, at position, skip int) position {
	offset := 0
	for range runes {
		if offset >= len(text) {
			break
		}
		_, size := utf8.DecodeRuneInString(text[offset:])
		offset += size
	}
	before := text[:offset]
	if n := strings.Count(before, "\n"); n > 0 {
		return position{at.line + n, offset - strings.LastIndexByte(before, '\n')}
	}
	return position{at.line, at.column + skip + offset}
}
