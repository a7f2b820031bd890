package bsltest

import (
	"errors"
	"math/big"
	"time"
)

// missing stands for an argument that is left out.
var missing = &struct{ _ byte }{}

func lineOf(x expr) int {
	switch x := x.(type) {
	case nameExpr:
		return x.line
	case memberExpr:
		return x.line
	case indexExpr:
		return x.line
	case callExpr:
		return x.line
	case newExpr:
		return x.line
	case unaryExpr:
		return x.line
	case binaryExpr:
		return x.line
	case ternaryExpr:
		return lineOf(x.cond)
	}
	return 0
}

func (f *frame) eval(x expr) (any, error) {
	switch x := x.(type) {
	case literal:
		return x.value, nil
	case nameExpr:
		if v, ok := f.vars[x.key]; ok {
			return v, nil
		}
		if v, ok := f.m.host.Names[x.key]; ok {
			return v, nil
		}
		return nil, &Fault{x.line, "nobody has assigned " + x.name}
	case memberExpr:
		return f.member(x)
	case indexExpr:
		return f.index(x)
	case callExpr:
		return f.callExpr(x)
	case newExpr:
		return f.make(x)
	case unaryExpr:
		return f.unary(x)
	case binaryExpr:
		return f.binary(x)
	case ternaryExpr:
		yes, err := f.truth(x.cond)
		if err != nil {
			return nil, err
		}
		if yes {
			return f.eval(x.yes)
		}
		return f.eval(x.no)
	}
	panic("an expression that nobody evaluates")
}

func (f *frame) object(x expr, line int) (Object, error) {
	v, err := f.eval(x)
	if err != nil {
		return nil, err
	}
	o, ok := v.(Object)
	if !ok {
		return nil, &Fault{line, "no object: " + typeName(v)}
	}
	return o, nil
}

func (f *frame) member(x memberExpr) (any, error) {
	o, err := f.object(x.x, x.line)
	if err != nil {
		return nil, err
	}
	v, ok := o.Get(x.key)
	if !ok {
		return nil, &Fault{x.line, typeName(o) + " has no property " + x.name}
	}
	return v, nil
}

func (f *frame) index(x indexExpr) (any, error) {
	v, err := f.eval(x.x)
	if err != nil {
		return nil, err
	}
	i, err := f.eval(x.index)
	if err != nil {
		return nil, err
	}
	list, ok := v.(Indexed)
	if !ok {
		return nil, &Fault{x.line, "no [] at " + typeName(v)}
	}
	out, err := list.At(i)
	return out, at(err, x.line)
}

// at gives faults of the platform's side their line.
func at(err error, line int) error {
	if fault, ok := errors.AsType[*Fault](err); ok && fault.Line == 0 {
		return &Fault{line, fault.Text}
	}
	return err
}

func (f *frame) args(list []expr) ([]any, error) {
	args := make([]any, len(list))
	for i, x := range list {
		if x == nil {
			args[i] = missing
			continue
		}
		v, err := f.eval(x)
		if err != nil {
			return nil, err
		}
		args[i] = v
	}
	return args, nil
}

func (f *frame) callExpr(x callExpr) (any, error) {
	var fn Func
	name := ""
	switch callee := x.fn.(type) {
	case memberExpr:
		o, err := f.object(callee.x, x.line)
		if err != nil {
			return nil, err
		}
		if fn = o.Method(callee.key); fn == nil {
			return nil, &Fault{x.line, typeName(o) + " has no method " + callee.name}
		}
		name = callee.name
	case nameExpr:
		name = callee.name
		fn = f.m.host.Funcs[callee.key]
	}
	args, err := f.args(x.args)
	if err != nil {
		return nil, err
	}
	if p := f.m.module.Proc(name); fn == nil && p != nil {
		return f.m.call(p, args, x.line)
	}
	if fn == nil {
		return nil, &Fault{x.line, "no function " + name}
	}
	v, err := fn(args)
	return v, at(err, x.line)
}

func (f *frame) make(x newExpr) (any, error) {
	fn := f.m.host.Types[x.key]
	if fn == nil {
		return nil, &Fault{x.line, "no type " + x.typ}
	}
	args, err := f.args(x.args)
	if err != nil {
		return nil, err
	}
	v, err := fn(args)
	return v, at(err, x.line)
}

func (f *frame) assign(s assignStmt) error {
	v, err := f.eval(s.value)
	if err != nil {
		return err
	}
	switch target := s.target.(type) {
	case nameExpr:
		f.vars[target.key] = v
	case memberExpr:
		o, err := f.object(target.x, s.line)
		if err != nil {
			return err
		}
		if !o.Put(target.key, v) {
			return &Fault{s.line, typeName(o) + " has no property " + target.name}
		}
	case indexExpr:
		x, err := f.eval(target.x)
		if err != nil {
			return err
		}
		i, err := f.eval(target.index)
		if err != nil {
			return err
		}
		list, ok := x.(Indexed)
		if !ok {
			return &Fault{s.line, "no [] at " + typeName(x)}
		}
		return at(list.PutAt(i, v), s.line)
	}
	return nil
}

func (f *frame) unary(x unaryExpr) (any, error) {
	if x.op == "не" {
		b, err := f.truth(x.x)
		return !b, err
	}
	v, err := f.eval(x.x)
	if err != nil {
		return nil, err
	}
	n, ok := v.(*big.Rat)
	if !ok {
		return nil, &Fault{x.line, "- of " + typeName(v)}
	}
	return new(big.Rat).Neg(n), nil
}

func (f *frame) binary(x binaryExpr) (any, error) {
	if x.op == "и" || x.op == "или" {
		left, err := f.truth(x.x)
		if err != nil || left == (x.op == "или") {
			return left, err
		}
		return f.truth(x.y)
	}
	a, err := f.eval(x.x)
	if err != nil {
		return nil, err
	}
	b, err := f.eval(x.y)
	if err != nil {
		return nil, err
	}
	switch x.op {
	case "=":
		return equal(a, b), nil
	case "<>":
		return !equal(a, b), nil
	}
	if v, ok := compute(x.op, a, b); ok {
		return v, nil
	}
	return nil, &Fault{x.line, typeName(a) + " " + x.op + " " + typeName(b)}
}

// compute joins two texts, or counts with two numbers; times can be compared.
func compute(op string, a, b any) (any, bool) {
	switch x := a.(type) {
	case string:
		y, ok := b.(string)
		return x + y, ok && op == "+"
	case time.Time:
		y, ok := b.(time.Time)
		if !ok {
			return nil, false
		}
		return ordered(op, x.Compare(y))
	case *big.Rat:
		y, ok := b.(*big.Rat)
		if !ok {
			return nil, false
		}
		switch op {
		case "+":
			return new(big.Rat).Add(x, y), true
		case "-":
			return new(big.Rat).Sub(x, y), true
		case "*":
			return new(big.Rat).Mul(x, y), true
		case "/":
			if y.Sign() == 0 {
				return nil, false
			}
			return new(big.Rat).Quo(x, y), true
		}
		return ordered(op, x.Cmp(y))
	}
	return nil, false
}

func ordered(op string, cmp int) (any, bool) {
	switch op {
	case "<":
		return cmp < 0, true
	case ">":
		return cmp > 0, true
	case "<=":
		return cmp <= 0, true
	case ">=":
		return cmp >= 0, true
	}
	return nil, false
}
