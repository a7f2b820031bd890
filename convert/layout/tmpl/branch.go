package tmpl

import "text/template/parse"

// compileBranch is {{if}} or {{with}}.
func (c *Compiler) compileBranch(word string, n *parse.BranchNode, sc *scope) []Step {
	at := int(n.Position())
	inner := sc.innerScope()
	e, ok := c.compilePipe(n.Pipe, inner)
	holds, known := e.truthOf()
	switch {
	case !ok:
		holds = func(*State) bool { return false } // go on, for the mistakes within
	case word == "with" && e.Kind == kindRecord:
		holds = func(*State) bool { return true }
	case !known:
		c.AddMistake(at, "ask for one of its fields", "%s is a %s and always there", e.Path, e.Kind)
		ok, holds = false, func(*State) bool { return false }
	}
	if len(n.Pipe.Decl) > 0 {
		c.declareVariable(n.Pipe, inner, e)
	}
	outer := *inner
	if word == "with" {
		inner.dot = e
	}
	if ok && e.fixed {
		return c.fixedBranch(holds(&State{}), n, inner, &outer)
	}
	check := c.xml.beginBranch(word, at)
	then := c.compileList(n.List, inner)
	check.nextSide()
	otherwise := c.compileList(n.ElseList, &outer)
	check.endBranch()
	return []Step{func(s *State) {
		if holds(s) {
			Run(then, s)
		} else {
			Run(otherwise, s)
		}
	}}
}

// fixedBranch takes the side that a setting decides. It may hold half of an element, as the same
// setting can decide about the other half; the other side is checked for its fields only.
func (c *Compiler) fixedBranch(holds bool, n *parse.BranchNode, inner, outer *scope) []Step {
	taken, left := n.List, n.ElseList
	takenScope, leftScope := inner, outer
	if !holds {
		taken, left, takenScope, leftScope = left, taken, leftScope, takenScope
	}
	xml := c.xml
	c.xml = nil
	c.compileList(left, leftScope)
	c.xml = xml
	return c.compileList(taken, takenScope)
}

// compileLoop is {{range}}.
func (c *Compiler) compileLoop(n *parse.BranchNode, sc *scope) []Step {
	at := int(n.Position())
	e, ok := c.compilePipe(n.Pipe, sc)
	inner := sc.innerScope()
	switch {
	case !ok:
		return nil
	case e.Kind != kindList:
		c.AddMistake(at, "{{range}} goes over .Documents and .Lines; for a single value use {{with}}", "%s is %s, not a list", e.Path, e.Kind)
		return nil
	case sc.loops >= deepest:
		c.AddMistake(at, "use fewer of them", "more than %d {{range}} inside one another", deepest-1)
		return nil
	}
	number := sc.loops
	inner.loops++
	inner.dot = Loop(number, e.of)
	c.loopVariables(n.Pipe, inner, number)
	check := c.xml.beginLoop(at)
	body := c.compileList(n.List, inner)
	check.nextSide()
	empty := c.compileList(n.ElseList, sc.innerScope())
	check.endBranch()
	return []Step{func(s *State) {
		length := e.length(s)
		for i := 0; i < length && s.Err == nil; i++ {
			s.Enter(number, i, e.at(s, i))
			Run(body, s)
		}
		if length == 0 {
			Run(empty, s)
		}
	}}
}

// loopVariables is {{range $element := …}} or {{range $index, $element := …}}.
func (c *Compiler) loopVariables(p *parse.PipeNode, sc *scope, number int) {
	if p.IsAssign {
		c.AddMistake(int(p.Position()), "declare another variable with :=", "a variable cannot be changed")
		return
	}
	names := p.Decl
	if len(names) == 2 {
		sc.variables = append(sc.variables, variable{names[0].Ident[0], loopIndex(number)})
		names = names[1:]
	}
	if len(names) == 1 {
		sc.variables = append(sc.variables, variable{names[0].Ident[0], sc.dot})
	}
}
