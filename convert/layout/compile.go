package layout

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"text/template/parse"
)

// mostNodes ends the compilation of templates that include one another without end.
const mostNodes = 100_000

// compiler turns the tree of one template into steps.
type compiler struct {
	place
	trees    map[string]*parse.Tree
	settings *settings
	xml      *xmlCheck // nil where the text is not XML: a workbook's cell
	line     *expr     // the line of a workbook's row; nil in XML
	sawLine  bool      // the template depends on it
	open     []string  // templates being included
	used     map[string]bool
	nodes    int
}

// scope is what names mean at a place of the template.
type scope struct {
	dot, root expr
	variables []variable
	loops     int // the next free one
}

type variable struct {
	name  string
	value expr
}

// compile parses text and compiles it with dot and $ as given.
func (c *compiler) compile(dot, root expr, loops int) []step {
	tree, ok := c.parse()
	if !ok {
		return nil
	}
	c.used = map[string]bool{}
	steps := c.list(tree.Root, &scope{dot: dot, root: root, loops: loops})
	for name, t := range c.trees {
		if t != tree && !c.used[name] {
			c.mistake(int(t.Root.Pos), "use it with {{template}} or remove it", "{{define %q}} is used nowhere", name)
		}
	}
	return steps
}

func (c *compiler) parse() (*parse.Tree, bool) {
	const name = "template"
	tree := parse.New(name)
	tree.Mode = parse.SkipFuncCheck // unknown functions are found by call, all of them and with a hint
	c.trees = map[string]*parse.Tree{}
	if _, err := tree.Parse(c.text, "", "", c.trees); err != nil {
		c.syntax(strings.TrimPrefix(err.Error(), "template: "+name+":"))
		return nil, false
	}
	if tree.Root == nil {
		tree.Root = &parse.ListNode{}
	}
	return tree, true
}

// syntax reports what the parser says, which gives its line in its text only: "12: unexpected EOF".
func (c *compiler) syntax(message string) {
	number, rest, _ := strings.Cut(message, ": ")
	line, err := strconv.Atoi(number)
	if err != nil {
		line, rest = 1, message
	}
	m := Mistake{File: c.file, Line: line, Cell: c.cell, Text: rest, Advice: "compare the action with the examples in README.md"}
	if c.cell != "" {
		m.Line = 0
	}
	*c.found = append(*c.found, m)
}

func (c *compiler) list(n *parse.ListNode, sc *scope) []step {
	var steps []step
	if n == nil {
		return nil
	}
	for _, node := range n.Nodes {
		if c.nodes++; c.nodes > mostNodes {
			if c.nodes == mostNodes+1 {
				c.mistake(int(node.Position()), "include fewer templates in one another", "the template is too large")
			}
			return nil
		}
		steps = append(steps, c.node(node, sc)...)
	}
	return steps
}

func (c *compiler) node(node parse.Node, sc *scope) []step {
	at := int(node.Position())
	switch n := node.(type) {
	case *parse.TextNode:
		return c.literal(n.Text, at)
	case *parse.ActionNode:
		return c.action(n.Pipe, sc)
	case *parse.IfNode:
		return c.branch("if", &n.BranchNode, sc)
	case *parse.WithNode:
		return c.branch("with", &n.BranchNode, sc)
	case *parse.RangeNode:
		return c.loop(&n.BranchNode, sc)
	case *parse.TemplateNode:
		return c.include(n, sc)
	case *parse.CommentNode:
		return nil
	}
	c.mistake(at, "use {{if}} around what shall be left out", "%s is not supported here", node)
	return nil
}

func (c *compiler) literal(text []byte, at int) []step {
	if c.xml != nil {
		c.xml.literal(string(text), at)
	}
	text = bytes.Clone(text)
	return []step{func(s *state) { s.out = append(s.out, text...) }}
}

// action is {{.Field}} or {{$name := .Field}}.
func (c *compiler) action(p *parse.PipeNode, sc *scope) []step {
	e, ok := c.pipe(p, sc)
	if len(p.Decl) > 0 {
		c.declare(p, sc, e)
		return nil
	}
	where := rawText
	if c.xml != nil {
		where = c.xml.value(int(p.Position()))
	}
	if !ok {
		return nil
	}
	if !e.printable() {
		c.mistake(int(p.Position()), printHint(e), "%s is a %s and cannot be printed", e.path, e.kind)
		return nil
	}
	return []step{printing(e, where)}
}

func printHint(e expr) string {
	switch e.kind {
	case kindList:
		return "use {{range ." + lastName(e.path) + "}} … {{end}}"
	case kindConstants:
		return "name one of them: {{.Constants.NAME}}"
	}
	return "name one of its fields: " + strings.Join(e.of.names(), ", ")
}

func lastName(path string) string { return path[strings.LastIndexByte(path, '.')+1:] }

// printing writes a value where it stands, escaped for that place.
func printing(e expr, where escaping) step {
	switch {
	case where == rawText, e.kind.numeric(), e.kind == kindFlag:
		return func(s *state) { s.out = e.append(s.out, s) }
	case e.kind == kindText && e.text != nil:
		get, field := e.text, e.path
		return func(s *state) {
			var lost int
			if s.out, lost = escape(s.out, get(s), where); lost > 0 {
				s.replaced(field, lost, false)
			}
		}
	}
	return func(s *state) {
		var lost int
		s.made = e.append(s.made[:0], s)
		if s.out, lost = escape(s.out, s.made, where); lost > 0 {
			s.replaced(e.path, lost, false)
		}
	}
}

// declare gives an expression another name. It is not computed here: see expr.
func (c *compiler) declare(p *parse.PipeNode, sc *scope, e expr) {
	if p.IsAssign || len(p.Decl) > 1 {
		c.mistake(int(p.Position()), "declare another variable with :=", "a variable cannot be changed")
		return
	}
	sc.variables = append(slices.Clip(sc.variables), variable{p.Decl[0].Ident[0], e})
}

// inner is a scope within sc, which its own variables do not leave.
func (sc *scope) inner() *scope {
	in := *sc
	in.variables = slices.Clip(in.variables)
	return &in
}

// include is {{template "name" .}}: the template's steps, in place.
func (c *compiler) include(n *parse.TemplateNode, sc *scope) []step {
	at := int(n.Position())
	tree, ok := c.trees[n.Name]
	if !ok || tree.Root == nil {
		c.mistake(at, "write {{define %q}} … {{end}} in the same file", "there is no template %q", n.Name)
		return nil
	}
	c.used[n.Name] = true
	if slices.Contains(c.open, n.Name) {
		c.mistake(at, "use {{range}} to repeat something", "template %q includes itself", n.Name)
		return nil
	}
	var dot expr
	if n.Pipe != nil {
		if dot, ok = c.pipe(n.Pipe, sc); !ok {
			return nil
		}
	}
	c.open = append(c.open, n.Name)
	steps := c.list(tree.Root, &scope{dot: dot, root: dot, loops: sc.loops})
	c.open = c.open[:len(c.open)-1]
	return steps
}
