package tmpl

import "text/template/parse"

// branch is {{if}} or {{with}}.
func (c *Compiler) branch(word string, n *parse.BranchNode, sc *scope) []Step {
	at := int(n.Position())
	inner := sc.inner()
	e, ok := c.pipe(n.Pipe, inner)
	holds, known := e.truth()
	switch {
	case !ok:
		holds = func(*State) bool { return false } // go on, for the mistakes within
	case word == "with" && e.Kind == kindRecord:
		holds = func(*State) bool { return true }
	case !known:
		c.Mistake(at, "ask for one of its fields", "%s is a %s and always there", e.Path, e.Kind)
		ok, holds = false, func(*State) bool { return false }
	}
	if len(n.Pipe.Decl) > 0 {
		c.declare(n.Pipe, inner, e)
	}
	outer := *inner
	if word == "with" {
		inner.dot = e
	}
	if ok && e.fixed {
		return c.fixedBranch(holds(&State{}), n, inner, &outer)
	}
	check := c.xml.branch(word, at)
	then := c.list(n.List, inner)
	check.next()
	otherwise := c.list(n.ElseList, &outer)
	check.end()
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
	c.list(left, leftScope)
	c.xml = xml
	return c.list(taken, takenScope)
}

// loop is {{range}}.
func (c *Compiler) loop(n *parse.BranchNode, sc *scope) []Step {
	at := int(n.Position())
	e, ok := c.pipe(n.Pipe, sc)
	inner := sc.inner()
	switch {
	case !ok:
		return nil
	case e.Kind != kindList:
		c.Mistake(at, "{{range}} goes over .Documents and .Lines; for a single value use {{with}}", "%s is %s, not a list", e.Path, e.Kind)
		return nil
	case sc.loops >= deepest:
		c.Mistake(at, "use fewer of them", "more than %d {{range}} inside one another", deepest-1)
		return nil
	}
	number := sc.loops
	inner.loops++
	inner.dot = Loop(number, e.of)
	c.loopVariables(n.Pipe, inner, number)
	check := c.xml.loop(at)
	body := c.list(n.List, inner)
	check.next()
	empty := c.list(n.ElseList, sc.inner())
	check.end()
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
		c.Mistake(int(p.Position()), "declare another variable with :=", "a variable cannot be changed")
		return
	}
	names := p.Decl
	if len(names) == 2 {
		sc.variables = append(sc.variables, variable{names[0].Ident[0], index(number)})
		names = names[1:]
	}
	if len(names) == 1 {
		sc.variables = append(sc.variables, variable{names[0].Ident[0], sc.dot})
	}
}
