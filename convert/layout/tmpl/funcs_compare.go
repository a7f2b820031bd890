package tmpl

func (c *call) compileEqual() Expr {
	var same []func(*State) bool
	for _, other := range c.args[1:] {
		same = append(same, c.compareSame(c.args[0], other))
	}
	if len(same) == 1 {
		return flagExpr(same[0])
	}
	return flagExpr(func(s *State) bool {
		for _, f := range same {
			if f(s) {
				return true
			}
		}
		return false
	})
}

func (c *call) compileDiffer() Expr {
	same := c.compareSame(c.args[0], c.args[1])
	return flagExpr(func(s *State) bool { return !same(s) })
}

// compareSame compares values of one kind.
func (c *call) compareSame(a, b Expr) func(*State) bool {
	switch {
	case a.Kind == KindText && b.Kind == KindText && a.Text != nil && b.Text != nil:
		return func(s *State) bool { return a.Text(s) == b.Text(s) }
	case a.Kind == KindText && b.Kind == KindText:
		return func(s *State) bool { return a.textValue(s) == b.textValue(s) }
	case a.Kind.Numeric() && b.Kind.Numeric():
		return func(s *State) bool { return a.Number(s) == b.Number(s) }
	case a.Kind == kindFlag && b.Kind == kindFlag:
		return func(s *State) bool { return a.flag(s) == b.flag(s) }
	case a.Kind == KindDate && b.Kind == KindDate:
		return func(s *State) bool { return a.Date(s).Equal(b.Date(s)) }
	case a.Kind == kindVAT && b.Kind == kindVAT:
		return func(s *State) bool { return a.vat(s) == b.vat(s) }
	}
	c.addMistake("compare a text with a text in quotes, a number with a number", "%s: %s is %s, %s is %s", c.function.Name, a.Path, a.Kind, b.Path, b.Kind)
	return func(*State) bool { return false }
}

func (c *call) compileLess() Expr    { return c.compareOrder(0, 1, false) }
func (c *call) compileGreater() Expr { return c.compareOrder(1, 0, false) }
func (c *call) atLeast() Expr        { return c.compareOrder(0, 1, true) }
func (c *call) atMost() Expr         { return c.compareOrder(1, 0, true) }

// compareOrder is a < b, or its contrary.
func (c *call) compareOrder(a, b int, contrary bool) Expr {
	left, right := c.numericArgument(a), c.numericArgument(b)
	return flagExpr(func(s *State) bool { return left.Number(s).Less(right.Number(s)) != contrary })
}

func (c *call) compileNot() Expr {
	holds := c.conditionsOf()[0]
	return flagExpr(func(s *State) bool { return !holds(s) })
}

func (c *call) compileAnd() Expr {
	all := c.conditionsOf()
	return flagExpr(func(s *State) bool {
		for _, holds := range all {
			if !holds(s) {
				return false
			}
		}
		return true
	})
}

// compileOr returns the first text that is not empty, so that {{or .A .B}} prints it; among other kinds it is
// a condition.
func (c *call) compileOr() Expr {
	texts := true
	for _, a := range c.args {
		texts = texts && a.Kind == KindText
	}
	if texts {
		return c.firstText(c.args)
	}
	any := c.conditionsOf()
	return flagExpr(func(s *State) bool {
		for _, holds := range any {
			if holds(s) {
				return true
			}
		}
		return false
	})
}

func (c *call) conditionsOf() []func(*State) bool {
	var list []func(*State) bool
	for _, a := range c.args {
		holds, ok := a.truthOf()
		if !ok {
			c.addMistake("ask for one of its fields", "%s: %s is a %s and always there", c.function.Name, a.Path, a.Kind)
		}
		list = append(list, holds)
	}
	return list
}

func (c *call) firstText(texts []Expr) Expr {
	for _, t := range texts {
		if t.Text == nil {
			return c.firstMade(texts)
		}
	}
	return c.plainText(func(s *State) string {
		for _, t := range texts {
			if text := t.Text(s); text != "" {
				return text
			}
		}
		return ""
	})
}

func (c *call) firstMade(texts []Expr) Expr {
	return c.madeText(func(b []byte, s *State) []byte {
		start := len(b)
		for _, t := range texts {
			if b = t.append(b, s); len(b) > start {
				break
			}
		}
		return b
	})
}
