package layout

import (
	"strings"

	"obmen/convert/money"
)

// call is one use of a function in a template.
type call struct {
	*compiler
	function *Function
	args     []expr
	offset   int
	scope    *scope
	failed   bool
}

// call finds the function and checks its arguments.
func (c *compiler) call(name string, args []expr, at int, sc *scope) (expr, bool) {
	f := function(name)
	if f == nil {
		hint := "functions: " + functionNames()
		if near := nearest(name, strings.Split(functionNames(), ", ")); near != "" {
			hint = "did you mean " + near + "?"
		}
		c.mistake(at, hint, "there is no function %q", name)
		return expr{}, false
	}
	if len(args) < f.least || f.most >= 0 && len(args) > f.most {
		c.mistake(at, "write "+f.Usage, "%s: wrong number of arguments: %d", name, len(args))
		return expr{}, false
	}
	use := &call{compiler: c, function: f, args: args, offset: at, scope: sc}
	e := f.build(use)
	if use.failed {
		return expr{}, false
	}
	e.path, e.fixed = args[len(args)-1].path, f.Name == "setting"
	if !e.fixed {
		e.fixed = true
		for _, a := range args {
			e.fixed = e.fixed && a.fixed
		}
	}
	return e, true
}

func function(name string) *Function {
	for i := range functions {
		if functions[i].Name == name {
			return &functions[i]
		}
	}
	return nil
}

func (c *call) fail(hint, format string, args ...any) {
	if !c.failed {
		c.mistake(c.offset, hint, format, args...)
	}
	c.failed = true
}

// arg is an argument that must be of a kind.
func (c *call) arg(i int, k kind) expr {
	e := c.args[i]
	if e.kind == k {
		return e
	}
	hint := "write " + c.function.Usage
	if k == kindText && e.printable() {
		hint = "make it one with text, money, qty or date"
	}
	c.fail(hint, "%s: %s is %s, not %s", c.function.Name, e.path, e.kind, k)
	return nothing(k)
}

// nothing stands in for a wrong argument, so that what is built of it is whole; it is never run.
func nothing(k kind) expr {
	e := fixedText("")
	e.kind = k
	e.table = func(*state) map[string]string { return nil }
	e.number = func(*state) money.Decimal { return money.Zero }
	return e
}

func (c *call) numeric(i int) expr {
	if e := c.args[i]; e.kind.numeric() {
		return e
	}
	return c.arg(i, kindAmount)
}

// fixedText is an argument that must be written in the template itself.
func (c *call) fixedText(i int) string {
	e := c.arg(i, kindText)
	if c.failed {
		return ""
	}
	if !e.fixed {
		c.fail("write "+c.function.Usage, "%s: %s must be a text in quotes", c.function.Name, e.path)
		return ""
	}
	return e.value(&state{})
}

func (c *call) fixedCount(i int) int {
	e := c.numeric(i)
	if c.failed {
		return 0
	}
	const most = 1 << 20
	n, whole := int64(0), false
	if e.fixed {
		n, whole = e.number(&state{}).Units(0)
	}
	if !whole || n < 0 || n > most {
		c.fail("write "+c.function.Usage, "%s: %s must be a whole number of at most %d", c.function.Name, e.path, most)
		return 0
	}
	return int(n)
}

func (c *call) making(f func([]byte, *state) []byte) expr { return expr{kind: kindText, made: f} }

func (c *call) texting(f func(*state) string) expr { return expr{kind: kindText, text: f} }

// index is where a {{range}} is, from 0.
func index(loop int) expr {
	return expr{kind: kindNumber, path: "index", number: func(s *state) money.Decimal { return money.Int(int64(s.counts[loop])) }}
}
