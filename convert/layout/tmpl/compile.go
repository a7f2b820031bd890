// Package tmpl is the language of templates: the syntax of text/template over the fields of a document.
//
// A template is compiled to a list of small steps over typed fields: nothing is looked up by name while
// a file is written, and every value is escaped by the engine, never by the template.
package tmpl

import (
	"bytes"
	"slices"
	"strings"
	"text/template/parse"
)

// mostNodes ends the compilation of templates that include one another without end.
const mostNodes = 100_000

// Compiler turns the tree of one template into steps.
type Compiler struct {
	Place
	trees    map[string]*parse.Tree
	Settings *Settings
	xml      *xmlCheck // nil where the text is not XML: a workbook's cell
	Line     *Expr     // the line of a workbook's row; nil in XML
	SawLine  bool      // the template depends on it
	open     []string  // templates being included
	used     map[string]bool
	nodes    int
}

// CompileXML compiles an XML template. Its $ and first dot are the batch.
func CompileXML(p Place, s *Settings, e *Encoding) []Step {
	c := &Compiler{Place: p, Settings: s, xml: &xmlCheck{Place: p, encoding: e}}
	batch := Loop(0, BatchRecord)
	known := len(*p.Found)
	steps := c.Compile(batch, batch, 1)
	if len(*p.Found) == known {
		c.xml.checkEnd()
	}
	return steps
}

// scope is what names mean at a place of the template.
type scope struct {
	dot, root Expr
	variables []variable
	loops     int // the next free one
}

type variable struct {
	name  string
	value Expr
}

// Compile parses text and compiles it with dot and $ as given.
func (c *Compiler) Compile(dot, root Expr, loops int) []Step {
	tree, ok := c.parseText()
	if !ok {
		return nil
	}
	c.used = map[string]bool{}
	before := len(*c.Found)
	steps := c.compileList(tree.Root, &scope{dot: dot, root: root, loops: loops})
	if len(*c.Found) > before {
		return nil // what stands behind a mistake was not looked at, and may be used there
	}
	for name, t := range c.trees {
		if t != tree && !c.used[name] {
			c.AddMistake(int(t.Root.Pos), "use it with {{template}} or remove it", "{{define %q}} is used nowhere", name)
		}
	}
	return steps
}

func (c *Compiler) parseText() (*parse.Tree, bool) {
	const name = "template"
	tree := parse.New(name)
	tree.Mode = parse.SkipFuncCheck // unknown functions are found by call, all of them and with a hint
	c.trees = map[string]*parse.Tree{}
	if _, err := tree.Parse(c.Text, "", "", c.trees); err != nil {
		c.reportSyntax(strings.TrimPrefix(err.Error(), "template: "+name+":"))
		return nil, false
	}
	if tree.Root == nil {
		tree.Root = &parse.ListNode{}
	}
	return tree, true
}

func (c *Compiler) compileList(n *parse.ListNode, sc *scope) []Step {
	var steps []Step
	if n == nil {
		return nil
	}
	for _, node := range n.Nodes {
		if c.nodes++; c.nodes > mostNodes {
			if c.nodes == mostNodes+1 {
				c.AddMistake(int(node.Position()), "include fewer templates in one another", "the template is too large")
			}
			return nil
		}
		steps = append(steps, c.compileNode(node, sc)...)
	}
	return steps
}

func (c *Compiler) compileNode(node parse.Node, sc *scope) []Step {
	at := int(node.Position())
	switch n := node.(type) {
	case *parse.TextNode:
		return c.compileLiteral(n.Text, at)
	case *parse.ActionNode:
		return c.compileAction(n.Pipe, sc)
	case *parse.IfNode:
		return c.compileBranch("if", &n.BranchNode, sc)
	case *parse.WithNode:
		return c.compileBranch("with", &n.BranchNode, sc)
	case *parse.RangeNode:
		return c.compileLoop(&n.BranchNode, sc)
	case *parse.TemplateNode:
		return c.includeTemplate(n, sc)
	case *parse.CommentNode:
		return nil
	}
	c.AddMistake(at, "use {{if}} around what shall be left out", "%s is not supported here", node)
	return nil
}

func (c *Compiler) compileLiteral(text []byte, at int) []Step {
	if c.xml != nil {
		c.xml.checkLiteral(string(text), at)
	}
	text = bytes.Clone(text)
	return []Step{func(s *State) { s.Out = append(s.Out, text...) }}
}

// compileAction is {{.Field}} or {{$name := .Field}}.
func (c *Compiler) compileAction(p *parse.PipeNode, sc *scope) []Step {
	e, ok := c.compilePipe(p, sc)
	if len(p.Decl) > 0 {
		c.declareVariable(p, sc, e)
		return nil
	}
	where := rawText
	if c.xml != nil {
		where = c.xml.checkValue(int(p.Position()))
	}
	if !ok {
		return nil
	}
	if !e.isPrintable() {
		c.AddMistake(int(p.Position()), printHint(e), "%s is a %s and cannot be printed", e.Path, e.Kind)
		return nil
	}
	return []Step{printStep(e, where)}
}

func printHint(e Expr) string {
	switch e.Kind {
	case kindList:
		return "use {{range ." + lastName(e.Path) + "}} … {{end}}"
	case kindConstants:
		return "name one of them: {{.Constants.NAME}}"
	}
	return "name one of its fields: " + strings.Join(e.of.fieldNames(), ", ")
}

func lastName(path string) string { return path[strings.LastIndexByte(path, '.')+1:] }

// printStep writes a value where it stands, escaped for that place.
func printStep(e Expr, where escaping) Step {
	switch {
	case where == rawText, e.Kind.Numeric(), e.Kind == kindFlag:
		return func(s *State) { s.Out = e.append(s.Out, s) }
	case e.Kind == KindText && e.Text != nil:
		get, field := e.Text, e.Path
		return func(s *State) {
			var lost int
			if s.Out, lost = Escape(s.Out, get(s), where); lost > 0 {
				s.Replaced(field, lost, false)
			}
		}
	}
	return func(s *State) {
		var lost int
		s.Made = e.append(s.Made[:0], s)
		if s.Out, lost = Escape(s.Out, s.Made, where); lost > 0 {
			s.Replaced(e.Path, lost, false)
		}
	}
}

// declareVariable returns an expression another name. It is not computed here: see expr.
func (c *Compiler) declareVariable(p *parse.PipeNode, sc *scope, e Expr) {
	if p.IsAssign || len(p.Decl) > 1 {
		c.AddMistake(int(p.Position()), "declare another variable with :=", "a variable cannot be changed")
		return
	}
	sc.variables = append(slices.Clip(sc.variables), variable{p.Decl[0].Ident[0], e})
}

// innerScope is a scope within sc, which its own variables do not leave.
func (sc *scope) innerScope() *scope {
	in := *sc
	in.variables = slices.Clip(in.variables)
	return &in
}

// includeTemplate is {{template "name" .}}: the template's steps, in place.
func (c *Compiler) includeTemplate(n *parse.TemplateNode, sc *scope) []Step {
	at := int(n.Position())
	tree, ok := c.trees[n.Name]
	if !ok || tree.Root == nil {
		c.AddMistake(at, "write {{define %q}} … {{end}} in the same file", "there is no template %q", n.Name)
		return nil
	}
	c.used[n.Name] = true
	if slices.Contains(c.open, n.Name) {
		c.AddMistake(at, "use {{range}} to repeat something", "template %q includes itself", n.Name)
		return nil
	}
	var dot Expr
	if n.Pipe != nil {
		if dot, ok = c.compilePipe(n.Pipe, sc); !ok {
			return nil
		}
	}
	c.open = append(c.open, n.Name)
	steps := c.compileList(tree.Root, &scope{dot: dot, root: dot, loops: sc.loops})
	c.open = c.open[:len(c.open)-1]
	return steps
}

// Single reports whether the template is one action, or one action inside {{if}}: its value is then a
// cell's own, with its kind. It compiles again what compile has found to be right.
func (c *Compiler) Single(dot Expr) (e Expr, holds func(*State) bool, ok bool) {
	tree, ok := c.parseText()
	if !ok || len(tree.Root.Nodes) != 1 {
		return Expr{}, nil, false
	}
	sc := &scope{dot: dot, root: Loop(BatchLoop, BatchRecord), loops: FirstFreeLoop}
	node := tree.Root.Nodes[0]
	if branch, isIf := node.(*parse.IfNode); isIf && branch.ElseList == nil && len(branch.List.Nodes) == 1 {
		condition, ok := c.compilePipe(branch.Pipe, sc)
		if !ok || len(branch.Pipe.Decl) > 0 {
			return Expr{}, nil, false
		}
		holds, _ = condition.truthOf()
		node = branch.List.Nodes[0]
	}
	action, ok := node.(*parse.ActionNode)
	if !ok || len(action.Pipe.Decl) > 0 {
		return Expr{}, nil, false
	}
	e, ok = c.compilePipe(action.Pipe, sc)
	return e, holds, ok
}

// reportSyntax reports what the parser found. It names the place where it gave up; what is open there is found
// here, since that is where the hand is needed.
func (c *Compiler) reportSyntax(message string) {
	line, m := parserMistake(message)
	a := scanActions(c.Text)
	switch {
	case a.text != "":
		line, m.Text, m.Advice = lineAt(c.Text, a.at), a.text, a.advice
	case len(a.open) > 0 && strings.Contains(message, "unexpected EOF"):
		last := a.open[len(a.open)-1]
		line, m.Text = lineAt(c.Text, last.at), "this {{"+last.word+"}} has no {{end}}"
		m.Advice = "write {{end}} where it ends"
	case strings.Contains(message, "unexpected {{end}}"):
		m.Text, m.Advice = "an {{end}} too many", "each {{if}}, {{with}}, {{range}} and {{define}} has one {{end}}"
	}
	m.File, m.Cell = c.File, c.Cell
	if c.Cell == "" {
		m.Line = line
	}
	*c.Found = append(*c.Found, m)
}
