package layout

import "text/template/parse"

// branch is {{if}} or {{with}}.
func (c *compiler) branch(word string, n *parse.BranchNode, sc *scope) []step {
	at := int(n.Position())
	inner := sc.inner()
	e, ok := c.pipe(n.Pipe, inner)
	holds, known := e.truth()
	switch {
	case !ok:
		holds = func(*state) bool { return false } // go on, for the mistakes within
	case word == "with" && e.kind == kindRecord:
		holds = func(*state) bool { return true }
	case !known:
		c.mistake(at, "ask for one of its fields", "%s is a %s and always there", e.path, e.kind)
		ok, holds = false, func(*state) bool { return false }
	}
	if len(n.Pipe.Decl) > 0 {
		c.declare(n.Pipe, inner, e)
	}
	outer := *inner
	if word == "with" {
		inner.dot = e
	}
	if ok && e.fixed {
		return c.fixedBranch(holds(&state{}), n, inner, &outer)
	}
	check := c.xml.branch(word, at)
	then := c.list(n.List, inner)
	check.next()
	otherwise := c.list(n.ElseList, &outer)
	check.end()
	return []step{func(s *state) {
		if holds(s) {
			run(then, s)
		} else {
			run(otherwise, s)
		}
	}}
}

// fixedBranch takes the side that a setting decides. It may hold half of an element, as the same
// setting can decide about the other half; the other side is checked for its fields only.
func (c *compiler) fixedBranch(holds bool, n *parse.BranchNode, inner, outer *scope) []step {
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
func (c *compiler) loop(n *parse.BranchNode, sc *scope) []step {
	at := int(n.Position())
	e, ok := c.pipe(n.Pipe, sc)
	inner := sc.inner()
	switch {
	case !ok:
		return nil
	case e.kind != kindList:
		c.mistake(at, "{{range}} goes over .Documents and .Lines; for a single value use {{with}}", "%s is %s, not a list", e.path, e.kind)
		return nil
	case sc.loops >= deepest:
		c.mistake(at, "use fewer of them", "more than %d {{range}} inside one another", deepest-1)
		return nil
	}
	number := sc.loops
	inner.loops++
	inner.dot = loop(number, e.of)
	c.loopVariables(n.Pipe, inner, number)
	check := c.xml.loop(at)
	body := c.list(n.List, inner)
	check.next()
	empty := c.list(n.ElseList, sc.inner())
	check.end()
	return []step{func(s *state) {
		length := e.length(s)
		for i := 0; i < length && s.err == nil; i++ {
			s.enter(number, i, e.at(s, i))
			run(body, s)
		}
		if length == 0 {
			run(empty, s)
		}
	}}
}

// loopVariables is {{range $element := …}} or {{range $index, $element := …}}.
func (c *compiler) loopVariables(p *parse.PipeNode, sc *scope, number int) {
	if p.IsAssign {
		c.mistake(int(p.Position()), "declare another variable with :=", "a variable cannot be changed")
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
