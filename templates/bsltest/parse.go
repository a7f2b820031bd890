package bsltest

import (
	"fmt"
	"math/big"
	"slices"
	"strings"
)

type parser struct {
	tokens []token
	stack  []string // names of the regions around
}

// Parse reads a module. Module variables and a body outside procedures are refused: a common module
// of 1C may have neither.
func Parse(src string) (m *Module, err error) {
	tokens, err := lex(src)
	if err != nil {
		return nil, err
	}
	p := &parser{tokens: tokens}
	defer func() {
		if e, ok := recover().(*SyntaxError); ok {
			m, err = nil, e
		}
	}()
	m = &Module{byKey: map[string]*Proc{}}
	for p.regions(); p.peek().kind != end; p.regions() {
		proc := p.proc()
		if m.byKey[key(proc.Name)] != nil {
			p.fail(proc.Line, "%s is declared twice", proc.Name)
		}
		m.byKey[key(proc.Name)] = proc
		m.Procs = append(m.Procs, proc)
	}
	if len(p.stack) > 0 {
		p.fail(p.peek().line, "#Область %s is not closed", p.stack[0])
	}
	return m, nil
}

// fail ends the parsing; Parse returns the error.
func (p *parser) fail(line int, format string, args ...any) {
	panic(&SyntaxError{line, fmt.Sprintf(format, args...)})
}

func (p *parser) peek() token { return p.tokens[0] }

func (p *parser) next() token {
	t := p.tokens[0]
	if t.kind != end {
		p.tokens = p.tokens[1:]
	}
	return t
}

func (p *parser) accept(s string) bool {
	if p.peek().is(s) {
		p.next()
		return true
	}
	return false
}

func (p *parser) expect(s string) token {
	t := p.next()
	if !t.is(s) {
		p.fail(t.line, "%s where %s should be", t, s)
	}
	return t
}

func (p *parser) regions() {
	for p.peek().kind == region {
		t := p.next()
		switch {
		case t.text != "":
			p.stack = append(p.stack, t.text)
		case len(p.stack) == 0:
			p.fail(t.line, "#КонецОбласти without its beginning")
		default:
			p.stack = p.stack[:len(p.stack)-1]
		}
	}
}

var keywords = []string{
	"если", "тогда", "иначеесли", "иначе", "конецесли", "для", "каждого", "из", "по", "цикл", "конеццикла", "пока",
	"процедура", "функция", "конецпроцедуры", "конецфункции", "возврат", "прервать", "продолжить", "перем", "экспорт",
	"и", "или", "не", "новый", "попытка", "исключение", "вызватьисключение", "конецпопытки", "знач",
	"истина", "ложь", "неопределено", "null", "перейти", "выполнить", "асинх", "ждать",
}

// name is an identifier that is no keyword. Behind a point keywords are names, too.
func (p *parser) name(afterPoint bool) string {
	t := p.next()
	if t.kind != word || !afterPoint && slices.Contains(keywords, strings.ToLower(t.text)) {
		p.fail(t.line, "%s where a name should be", t)
	}
	return t.text
}

func (p *parser) proc() *Proc {
	t := p.next()
	isFunc := t.is("Функция")
	if !isFunc && !t.is("Процедура") {
		p.fail(t.line, "%s outside of procedures", t)
	}
	proc := &Proc{Name: p.name(false), Func: isFunc, Line: t.line}
	if len(p.stack) > 0 {
		proc.Region = p.stack[0]
	}
	p.expect("(")
	for !p.accept(")") {
		if len(proc.Params) > 0 {
			p.expect(",")
		}
		param := Param{ByValue: p.accept("Знач"), Name: p.name(false)}
		if p.accept("=") {
			param.Default = p.expr()
		}
		proc.Params = append(proc.Params, param)
	}
	proc.Export = p.accept("Экспорт")
	closing := "КонецПроцедуры"
	if isFunc {
		closing = "КонецФункции"
	}
	proc.body = p.block(closing)
	p.expect(closing)
	return proc
}

// block reads statements up to one of the closing words, which stays.
func (p *parser) block(closing ...string) []stmt {
	var body []stmt
	for {
		t := p.peek()
		switch {
		case slices.ContainsFunc(closing, t.is):
			return body
		case t.kind == end:
			p.fail(t.line, "the file ends before %s", closing[0])
		case t.is(";"):
			p.next()
			continue
		}
		body = append(body, p.stmt())
		if !p.accept(";") && !slices.ContainsFunc(closing, p.peek().is) {
			p.fail(p.peek().line, "%s where ; should be", p.peek())
		}
	}
}

func (p *parser) stmt() stmt {
	t := p.peek()
	switch {
	case p.accept("Если"):
		return p.ifStmt()
	case p.accept("Для"):
		return p.loop(t.line)
	case p.accept("Пока"):
		s := whileStmt{cond: p.expr()}
		s.body = p.loopBody()
		return s
	case p.accept("Попытка"):
		s := tryStmt{body: p.block("Исключение")}
		p.expect("Исключение")
		s.handler = p.block("КонецПопытки")
		p.expect("КонецПопытки")
		return s
	case p.accept("Возврат"):
		return returnStmt{p.optional(), t.line}
	case p.accept("ВызватьИсключение"):
		return raiseStmt{p.optional(), t.line}
	case p.accept("Прервать"):
		return breakStmt{}
	case p.accept("Продолжить"):
		return continueStmt{}
	}
	return p.simple(t.line)
}

// simple is an assignment or a call.
func (p *parser) simple(line int) stmt {
	x := p.postfix(p.primary())
	if p.accept("=") {
		switch x.(type) {
		case nameExpr, memberExpr, indexExpr:
			return assignStmt{x, p.expr(), line}
		}
		p.fail(line, "nothing can be assigned to this")
	}
	if _, ok := x.(callExpr); !ok {
		p.fail(line, "an expression that does nothing")
	}
	return callStmt{x, line}
}

func (p *parser) optional() expr {
	if p.peek().is(";") {
		return nil
	}
	return p.expr()
}

func (p *parser) ifStmt() stmt {
	s := ifStmt{}
	for {
		b := branch{cond: p.expr()}
		p.expect("Тогда")
		b.body = p.block("ИначеЕсли", "Иначе", "КонецЕсли")
		s.branches = append(s.branches, b)
		switch {
		case p.accept("ИначеЕсли"):
		case p.accept("Иначе"):
			s.branches = append(s.branches, branch{body: p.block("КонецЕсли")})
			p.expect("КонецЕсли")
			return s
		default:
			p.expect("КонецЕсли")
			return s
		}
	}
}

func (p *parser) loop(line int) stmt {
	if p.accept("Каждого") {
		s := eachStmt{name: p.name(false), line: line}
		p.expect("Из")
		s.in = p.expr()
		s.body = p.loopBody()
		return s
	}
	s := forStmt{name: p.name(false), line: line}
	p.expect("=")
	s.from = p.expr()
	p.expect("По")
	s.to = p.expr()
	s.body = p.loopBody()
	return s
}

func (p *parser) loopBody() []stmt {
	p.expect("Цикл")
	body := p.block("КонецЦикла")
	p.expect("КонецЦикла")
	return body
}

// levels of precedence, the weakest first: ИЛИ, И, НЕ, comparisons, sums, products.
func (p *parser) expr() expr {
	x := p.and()
	for p.peek().is("ИЛИ") {
		t := p.next()
		x = binaryExpr{"или", x, p.and(), t.line}
	}
	return x
}

func (p *parser) and() expr {
	x := p.not()
	for p.peek().is("И") {
		t := p.next()
		x = binaryExpr{"и", x, p.not(), t.line}
	}
	return x
}

func (p *parser) not() expr {
	if t := p.peek(); p.accept("НЕ") {
		return unaryExpr{"не", p.not(), t.line}
	}
	return p.binary(p.sum, "=", "<>", "<", ">", "<=", ">=")
}

func (p *parser) sum() expr { return p.binary(p.product, "+", "-") }

func (p *parser) product() expr { return p.binary(p.unary, "*", "/", "%") }

func (p *parser) binary(operand func() expr, ops ...string) expr {
	x := operand()
	for {
		t, found := p.peek(), false
		for _, op := range ops {
			if t.is(op) {
				p.next()
				x, found = binaryExpr{op, x, operand(), t.line}, true
				break
			}
		}
		if !found {
			return x
		}
	}
}

func (p *parser) unary() expr {
	if t := p.peek(); p.accept("-") {
		return unaryExpr{"-", p.unary(), t.line}
	}
	return p.postfix(p.primary())
}

func (p *parser) primary() expr {
	t := p.peek()
	switch {
	case t.kind == text:
		p.next()
		return literal{t.text}
	case t.kind == number:
		p.next()
		n, ok := new(big.Rat).SetString(t.text)
		if !ok {
			p.fail(t.line, "%s is no number", t)
		}
		return literal{n}
	case p.accept("Истина"):
		return literal{true}
	case p.accept("Ложь"):
		return literal{false}
	case p.accept("Неопределено"):
		return literal{nil}
	case p.accept("?"):
		return p.ternary()
	case p.accept("("):
		x := p.expr()
		p.expect(")")
		return x
	case p.accept("Новый"):
		x := newExpr{typ: p.name(false), line: t.line}
		x.key = key(x.typ)
		if p.accept("(") {
			x.args = p.args()
		}
		return x
	}
	name := p.name(false)
	return nameExpr{name, key(name), t.line}
}

func (p *parser) ternary() expr {
	var x ternaryExpr
	p.expect("(")
	x.cond = p.expr()
	p.expect(",")
	x.yes = p.expr()
	p.expect(",")
	x.no = p.expr()
	p.expect(")")
	return x
}

// args reads arguments behind the opening parenthesis; one that is left out is nil.
func (p *parser) args() []expr {
	var args []expr
	if p.accept(")") {
		return nil
	}
	for {
		if p.peek().is(",") || p.peek().is(")") {
			args = append(args, nil)
		} else {
			args = append(args, p.expr())
		}
		if p.accept(")") {
			return args
		}
		p.expect(",")
	}
}

func (p *parser) postfix(x expr) expr {
	for {
		t := p.peek()
		switch {
		case p.accept("."):
			name := p.name(true)
			x = memberExpr{x, name, key(name), t.line}
		case p.accept("["):
			x = indexExpr{x, p.expr(), t.line}
			p.expect("]")
		case t.is("("):
			switch x.(type) {
			case nameExpr, memberExpr:
			default:
				return x
			}
			p.next()
			x = callExpr{x, p.args(), t.line}
		default:
			return x
		}
	}
}
