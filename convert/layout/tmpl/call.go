package tmpl

import (
	"strings"

	"obmen/convert/money"
)

// Function describes one function that templates can call.
type Function struct {
	Name    string
	Usage   string // "trunc NUMBER TEXT"
	Meaning string

	least, most int // arguments; most < 0: any number
	build       func(*call) Expr
}

// call is one use of a function in a template.
type call struct {
	*Compiler
	function *Function
	args     []Expr
	offset   int
	scope    *scope
	failed   bool
}

// compileCall finds the function and checks its arguments.
func (c *Compiler) compileCall(name string, args []Expr, at int, sc *scope) (Expr, bool) {
	f := findFunction(name)
	if f == nil {
		hint := "functions: " + functionNames()
		if near := Nearest(name, strings.Split(functionNames(), ", ")); near != "" {
			hint = "did you mean " + near + "?"
		}
		c.AddMistake(at, hint, "there is no function %q", name)
		return Expr{}, false
	}
	if len(args) < f.least || f.most >= 0 && len(args) > f.most {
		c.AddMistake(at, "write "+f.Usage, "%s: wrong number of arguments: %d", name, len(args))
		return Expr{}, false
	}
	use := &call{Compiler: c, function: f, args: args, offset: at, scope: sc}
	e := f.build(use)
	if use.failed {
		return Expr{}, false
	}
	e.Path, e.fixed = args[len(args)-1].Path, f.Name == "setting"
	if !e.fixed {
		e.fixed = true
		for _, a := range args {
			e.fixed = e.fixed && a.fixed
		}
	}
	return e, true
}

func functionNames() string {
	names := make([]string, len(functions))
	for i, f := range functions {
		names[i] = f.Name
	}
	return strings.Join(names, ", ")
}

var functions []Function

func findFunction(name string) *Function {
	for i := range functions {
		if functions[i].Name == name {
			return &functions[i]
		}
	}
	return nil
}

func (c *call) addMistake(hint, format string, args ...any) {
	if !c.failed {
		c.AddMistake(c.offset, hint, format, args...)
	}
	c.failed = true
}

// argument is an argument that must be of a kind.
func (c *call) argument(i int, k kind) Expr {
	e := c.args[i]
	if e.Kind == k {
		return e
	}
	hint := "write " + c.function.Usage
	if k == KindText && e.isPrintable() {
		hint = "make it one with text, money, qty or date"
	}
	c.addMistake(hint, "%s: %s is %s, not %s", c.function.Name, e.Path, e.Kind, k)
	return standIn(k)
}

// standIn stands in for a wrong argument, so that what is built of it is whole; it is never run.
func standIn(k kind) Expr {
	e := fixedText("")
	e.Kind = k
	e.table = func(*State) map[string]string { return nil }
	e.Number = func(*State) money.Decimal { return money.Zero }
	return e
}

func (c *call) numericArgument(i int) Expr {
	if e := c.args[i]; e.Kind.Numeric() {
		return e
	}
	return c.argument(i, kindAmount)
}

// fixedText is an argument that must be written in the template itself.
func (c *call) fixedText(i int) string {
	e := c.argument(i, KindText)
	if c.failed {
		return ""
	}
	if !e.fixed {
		c.addMistake("write "+c.function.Usage, "%s: %s must be a text in quotes", c.function.Name, e.Path)
		return ""
	}
	return e.textValue(&State{})
}

func (c *call) fixedCount(i int) int {
	e := c.numericArgument(i)
	if c.failed {
		return 0
	}
	const most = 1 << 20
	n, whole := int64(0), false
	if e.fixed {
		n, whole = e.Number(&State{}).Units(0)
	}
	if !whole || n < 0 || n > most {
		c.addMistake("write "+c.function.Usage, "%s: %s must be a whole number of at most %d", c.function.Name, e.Path, most)
		return 0
	}
	return int(n)
}

func (c *call) madeText(f func([]byte, *State) []byte) Expr { return Expr{Kind: KindText, made: f} }

func (c *call) plainText(f func(*State) string) Expr { return Expr{Kind: KindText, Text: f} }

// loopIndex is where a {{range}} is, from 0.
func loopIndex(loop int) Expr {
	return Expr{Kind: kindNumber, Path: "index", Number: func(s *State) money.Decimal { return money.Int(int64(s.counts[loop])) }}
}

// Nearest is the name that word was probably meant to be; empty when none is close.
func Nearest(word string, names []string) string {
	best, least := "", 1+max(1, len([]rune(word))/3)
	for _, name := range names {
		if strings.EqualFold(name, word) {
			return name
		}
		if d := editDistance([]rune(strings.ToLower(word)), []rune(strings.ToLower(name))); d < least {
			best, least = name, d
		}
	}
	return best
}

// editDistance counts the letters to insert, delete or change to make b of a.
func editDistance(a, b []rune) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j := range b {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
