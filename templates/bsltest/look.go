package bsltest

import "slices"

// Calls lists the procedures of the module that a procedure calls.
func (m *Module) Calls(p *Proc) []*Proc {
	var out []*Proc
	eachExpr(p.body, func(x expr) {
		if call, ok := x.(callExpr); ok {
			if name, ok := call.fn.(nameExpr); ok {
				if q := m.Proc(name.name); q != nil && !slices.Contains(out, q) {
					out = append(out, q)
				}
			}
		}
	})
	return out
}

// TextArgs lists the texts that stand as the n-th argument (from 0) where a procedure calls a function.
func TextArgs(p *Proc, function string, n int) []string {
	var out []string
	eachExpr(p.body, func(x expr) {
		call, ok := x.(callExpr)
		if !ok || len(call.args) <= n {
			return
		}
		name, ok := call.fn.(nameExpr)
		text, ok2 := call.args[n].(literal)
		if s, isText := text.value.(string); ok && ok2 && isText && key(name.name) == key(function) {
			out = append(out, s)
		}
	})
	return out
}

// eachExpr visits every expression inside statements.
func eachExpr(body []stmt, visit func(expr)) {
	var walk func(x expr)
	all := func(list ...expr) {
		for _, x := range list {
			walk(x)
		}
	}
	walk = func(x expr) {
		if x == nil {
			return
		}
		visit(x)
		switch x := x.(type) {
		case memberExpr:
			walk(x.x)
		case indexExpr:
			all(x.x, x.index)
		case callExpr:
			walk(x.fn)
			all(x.args...)
		case newExpr:
			all(x.args...)
		case unaryExpr:
			walk(x.x)
		case binaryExpr:
			all(x.x, x.y)
		case ternaryExpr:
			all(x.cond, x.yes, x.no)
		}
	}
	for _, s := range body {
		all(expressions(s)...)
		for _, b := range blocks(s) {
			eachExpr(b, visit)
		}
	}
}

// expressions are those that stand in a statement itself.
func expressions(s stmt) []expr {
	switch s := s.(type) {
	case assignStmt:
		return []expr{s.target, s.value}
	case callStmt:
		return []expr{s.call}
	case ifStmt:
		var out []expr
		for _, b := range s.branches {
			out = append(out, b.cond)
		}
		return out
	case eachStmt:
		return []expr{s.in}
	case forStmt:
		return []expr{s.from, s.to}
	case whileStmt:
		return []expr{s.cond}
	case returnStmt:
		return []expr{s.value}
	case raiseStmt:
		return []expr{s.value}
	}
	return nil
}

// NewArgs lists the first texts that "Новый" of a type gets in a procedure.
func NewArgs(p *Proc, typ string) []string {
	var out []string
	eachExpr(p.body, func(x expr) {
		if n, ok := x.(newExpr); ok && key(n.typ) == key(typ) && len(n.args) > 0 {
			out = append(out, textOf(n.args[0])...)
		}
	})
	return out
}

// MethodArgs lists the first texts that calls of a method get, whatever the object.
func MethodArgs(p *Proc, method string) []string {
	var out []string
	eachExpr(p.body, func(x expr) {
		call, ok := x.(callExpr)
		if !ok || len(call.args) == 0 {
			return
		}
		if member, ok := call.fn.(memberExpr); ok && key(member.name) == key(method) {
			out = append(out, textOf(call.args[0])...)
		}
	})
	return out
}

// IndexTexts lists the texts that stand in [].
func IndexTexts(p *Proc) []string {
	var out []string
	eachExpr(p.body, func(x expr) {
		if i, ok := x.(indexExpr); ok {
			out = append(out, textOf(i.index)...)
		}
	})
	return out
}

func textOf(x expr) []string {
	if l, ok := x.(literal); ok {
		if s, ok := l.value.(string); ok {
			return []string{s}
		}
	}
	return nil
}
