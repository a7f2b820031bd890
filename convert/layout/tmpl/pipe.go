package tmpl

import (
	"strings"
	"text/template/parse"

	"obmen/convert/money"
)

// compilePipe compiles "a | b | c": each result is the last argument of the next function.
func (c *Compiler) compilePipe(p *parse.PipeNode, sc *scope) (Expr, bool) {
	var value Expr
	for i, cmd := range p.Cmds {
		var last *Expr
		if i > 0 {
			last = &value
		}
		next, ok := c.compileCommand(cmd, last, sc)
		if !ok {
			return Expr{Kind: kindWrong}, false
		}
		value = next
	}
	return value, len(p.Cmds) > 0
}

// compileCommand is a function with its arguments, or a lone value.
func (c *Compiler) compileCommand(cmd *parse.CommandNode, last *Expr, sc *scope) (Expr, bool) {
	first := cmd.Args[0]
	if name, ok := first.(*parse.IdentifierNode); ok {
		args, ok := c.compileOperands(cmd.Args[1:], sc)
		if !ok {
			return Expr{}, false
		}
		if last != nil {
			args = append(args, *last)
		}
		return c.compileCall(name.Ident, args, int(name.Position()), sc)
	}
	if len(cmd.Args) > 1 || last != nil {
		c.AddMistake(int(cmd.Position()), "functions: "+functionNames(), "%s is not a function", first)
		return Expr{}, false
	}
	return c.compileOperand(first, sc)
}

func (c *Compiler) compileOperands(nodes []parse.Node, sc *scope) ([]Expr, bool) {
	var list []Expr
	for _, n := range nodes {
		e, ok := c.compileOperand(n, sc)
		if !ok {
			return nil, false
		}
		list = append(list, e)
	}
	return list, true
}

func (c *Compiler) compileOperand(node parse.Node, sc *scope) (Expr, bool) {
	at := int(node.Position())
	switch n := node.(type) {
	case *parse.DotNode:
		return c.compileDot(sc.dot, at)
	case *parse.FieldNode:
		return c.followPath(sc.dot, n.Ident, at)
	case *parse.VariableNode:
		return c.followPath(sc.findVariable(n.Ident[0]), n.Ident[1:], at)
	case *parse.ChainNode:
		e, ok := c.compileOperand(n.Node, sc)
		if !ok {
			return Expr{}, false
		}
		return c.followPath(e, n.Field, at)
	case *parse.PipeNode:
		return c.compilePipe(n, sc)
	case *parse.IdentifierNode:
		return c.compileCall(n.Ident, nil, at, sc)
	case *parse.StringNode:
		return fixedText(n.Text), true
	case *parse.BoolNode:
		e := flagExpr(func(*State) bool { return n.True })
		e.fixed = true
		return e, true
	case *parse.NumberNode:
		if d, err := money.Parse(n.Text); err == nil {
			return fixedNumber(d), true
		}
		c.AddMistake(at, "write it like 12 or 0.5", "%s is not a decimal number", n)
		return Expr{}, false
	}
	c.AddMistake(at, "use a field, a variable, a text in quotes or a number", "%s is not supported here", node)
	return Expr{}, false
}

func (c *Compiler) compileDot(e Expr, at int) (Expr, bool) {
	if e.Kind == kindWrong {
		return Expr{}, false
	}
	if e.Kind == 0 {
		c.AddMistake(at, "hand one over: {{template \"name\" .}}", "there is no value here")
		return Expr{}, false
	}
	return e, true
}

// findVariable finds a variable by its name; the parser has checked that it is declared.
func (sc *scope) findVariable(name string) Expr {
	for i := len(sc.variables) - 1; i >= 0; i-- {
		if sc.variables[i].name == name {
			return sc.variables[i].value
		}
	}
	return sc.root
}

// followPath follows fields from e: .Customer.Address.City.
func (c *Compiler) followPath(e Expr, names []string, at int) (Expr, bool) {
	e, ok := c.compileDot(e, at)
	if !ok {
		return Expr{}, false
	}
	for _, name := range names {
		switch {
		case e.Kind == kindConstants:
			e = c.compileConstant(e, name)
		case e.Kind == KindText && e.table != nil:
			if name == accountName {
				e.table = nil
			} else {
				e = c.compileConstant(e, name)
			}
		case e.Kind != kindRecord:
			c.AddMistake(at, fieldHint(name, e.of), "%s is %s and has no field %q", e.Path, e.Kind, name)
			return Expr{}, false
		case c.Line != nil && e.of == DocumentRecord && name == "Line":
			e, c.SawLine = *c.Line, true
		default:
			f := e.of.findField(name)
			if f == nil {
				c.AddMistake(at, fieldHint(name, e.of), "%s has no field %q", e.of.name, name)
				return Expr{}, false
			}
			e = e.followField(f)
		}
	}
	return e, true
}

// compileConstant is one of the account's, and notes that a template names it.
func (c *Compiler) compileConstant(e Expr, name string) Expr {
	c.Settings.Constants[name] = true
	return e.constantOf(name)
}

// fieldHint returns which field was probably meant: the nearest one of the record, or one of that name
// elsewhere.
func fieldHint(name string, r *record) string {
	if r != nil {
		for i := range r.fields {
			if strings.EqualFold(r.fields[i].russian, name) {
				return "the field is ." + r.fields[i].name
			}
		}
		if near := Nearest(name, r.fieldNames()); near != "" {
			return "did you mean ." + near + "?"
		}
	}
	for _, f := range Fields() {
		if f.Name == name {
			return name + " is a field of " + f.Record
		}
	}
	return "`obmen fields` lists all fields"
}
