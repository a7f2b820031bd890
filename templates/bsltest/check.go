package bsltest

import (
	"fmt"
	"slices"
)

// Known is what a module may use of the platform, by names in lower case. Methods and properties are
// those of all objects together: what an object is cannot be seen from the text.
type Known struct {
	Funcs, Types, Names, Members []string
}

// Check lists what cannot be right in a module: calls of what nobody declares, wrong numbers of
// arguments, names that nobody assigns, procedures used as values, functions without a result, and
// parameters that are assigned without Знач, which would change the caller's variable.
func Check(m *Module, known func(p *Proc) Known) []string {
	c := &checker{module: m}
	for _, p := range m.Procs {
		c.proc, c.known = p, known(p)
		c.assigned = map[string]bool{}
		for _, param := range p.Params {
			c.assigned[key(param.Name)] = true
		}
		c.collect(p.body)
		c.block(p.body)
		if p.Func && !returns(p.body) {
			c.wrong(p.Line, "%s may end without Возврат", p.Name)
		}
	}
	return c.found
}

type checker struct {
	module   *Module
	proc     *Proc
	known    Known
	assigned map[string]bool
	found    []string
}

func (c *checker) wrong(line int, format string, args ...any) {
	c.found = append(c.found, fmt.Sprintf("line %d: %s", line, fmt.Sprintf(format, args...)))
}

// collect notes every variable that is assigned anywhere in the procedure.
func (c *checker) collect(body []stmt) {
	for _, s := range body {
		switch s := s.(type) {
		case assignStmt:
			if n, ok := s.target.(nameExpr); ok {
				c.assigned[key(n.name)] = true
				c.parameter(n)
			}
		case eachStmt:
			c.assigned[key(s.name)] = true
		case forStmt:
			c.assigned[key(s.name)] = true
		}
		for _, b := range blocks(s) {
			c.collect(b)
		}
	}
}

func (c *checker) parameter(n nameExpr) {
	for _, p := range c.proc.Params {
		if key(p.Name) == key(n.name) && !p.ByValue {
			c.wrong(n.line, "parameter %s is assigned and has no Знач", n.name)
		}
	}
}

// blocks are the statements inside a statement.
func blocks(s stmt) [][]stmt {
	switch s := s.(type) {
	case ifStmt:
		var out [][]stmt
		for _, b := range s.branches {
			out = append(out, b.body)
		}
		return out
	case eachStmt:
		return [][]stmt{s.body}
	case forStmt:
		return [][]stmt{s.body}
	case whileStmt:
		return [][]stmt{s.body}
	case tryStmt:
		return [][]stmt{s.body, s.handler}
	}
	return nil
}

// returns reports whether a body surely ends with Возврат or an exception.
func returns(body []stmt) bool {
	if len(body) == 0 {
		return false
	}
	switch s := body[len(body)-1].(type) {
	case returnStmt, raiseStmt:
		return true
	case tryStmt:
		return returns(s.body) && returns(s.handler)
	case ifStmt:
		last := s.branches[len(s.branches)-1]
		return last.cond == nil && !slices.ContainsFunc(s.branches, func(b branch) bool { return !returns(b.body) })
	}
	return false
}

func (c *checker) block(body []stmt) {
	for _, s := range body {
		switch s := s.(type) {
		case assignStmt:
			if _, ok := s.target.(nameExpr); !ok {
				c.expr(s.target)
			}
			c.expr(s.value)
		case callStmt:
			c.call(s.call.(callExpr), false)
		case ifStmt:
			for _, b := range s.branches {
				c.expr(b.cond)
			}
		case eachStmt:
			c.expr(s.in)
		case forStmt:
			c.expr(s.from)
			c.expr(s.to)
		case whileStmt:
			c.expr(s.cond)
		case returnStmt:
			if (s.value != nil) != c.proc.Func {
				c.wrong(s.line, "Возврат does not suit %s", c.proc.Name)
			}
			c.expr(s.value)
		case raiseStmt:
			c.expr(s.value)
		}
		for _, b := range blocks(s) {
			c.block(b)
		}
	}
}

func (c *checker) expr(x expr) {
	switch x := x.(type) {
	case nameExpr:
		if !c.assigned[key(x.name)] && !slices.Contains(c.known.Names, key(x.name)) {
			c.wrong(x.line, "nobody assigns %s in %s", x.name, c.proc.Name)
		}
	case memberExpr:
		c.expr(x.x)
		if !slices.Contains(c.known.Members, key(x.name)) {
			c.wrong(x.line, "no object has .%s", x.name)
		}
	case indexExpr:
		c.expr(x.x)
		c.expr(x.index)
	case callExpr:
		c.call(x, true)
	case newExpr:
		if !slices.Contains(c.known.Types, key(x.typ)) {
			c.wrong(x.line, "no type %s", x.typ)
		}
		c.all(x.args)
	case unaryExpr:
		c.expr(x.x)
	case binaryExpr:
		c.expr(x.x)
		c.expr(x.y)
	case ternaryExpr:
		c.all([]expr{x.cond, x.yes, x.no})
	}
}

func (c *checker) all(list []expr) {
	for _, x := range list {
		c.expr(x)
	}
}

func (c *checker) call(x callExpr, value bool) {
	c.all(x.args)
	name, ok := x.fn.(nameExpr)
	if !ok {
		c.expr(x.fn)
		return
	}
	p := c.module.Proc(name.name)
	if p == nil {
		if !slices.Contains(c.known.Funcs, key(name.name)) {
			c.wrong(x.line, "nobody declares %s", name.name)
		}
		return
	}
	if value && !p.Func {
		c.wrong(x.line, "%s is a procedure and has no value", p.Name)
	}
	least := 0
	for _, param := range p.Params {
		if param.Default == nil {
			least++
		}
	}
	if len(x.args) < least || len(x.args) > len(p.Params) {
		c.wrong(x.line, "%s takes %d to %d arguments, not %d", p.Name, least, len(p.Params), len(x.args))
	}
}
