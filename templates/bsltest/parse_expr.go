package bsltest

import "math/big"

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
