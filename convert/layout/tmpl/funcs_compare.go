package tmpl

func (c *call) equal() Expr {
	var same []func(*State) bool
	for _, other := range c.args[1:] {
		same = append(same, c.same(c.args[0], other))
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

func (c *call) differ() Expr {
	same := c.same(c.args[0], c.args[1])
	return flagExpr(func(s *State) bool { return !same(s) })
}

// same compares values of one kind.
func (c *call) same(a, b Expr) func(*State) bool {
	switch {
	case a.Kind == KindText && b.Kind == KindText && a.Text != nil && b.Text != nil:
		return func(s *State) bool { return a.Text(s) == b.Text(s) }
	case a.Kind == KindText && b.Kind == KindText:
		return func(s *State) bool { return a.value(s) == b.value(s) }
	case a.Kind.Numeric() && b.Kind.Numeric():
		return func(s *State) bool { return a.Number(s) == b.Number(s) }
	case a.Kind == kindFlag && b.Kind == kindFlag:
		return func(s *State) bool { return a.flag(s) == b.flag(s) }
	case a.Kind == KindDate && b.Kind == KindDate:
		return func(s *State) bool { return a.Date(s).Equal(b.Date(s)) }
	case a.Kind == kindVAT && b.Kind == kindVAT:
		return func(s *State) bool { return a.vat(s) == b.vat(s) }
	}
	c.fail("compare a text with a text in quotes, a number with a number", "%s: %s is %s, %s is %s", c.function.Name, a.Path, a.Kind, b.Path, b.Kind)
	return func(*State) bool { return false }
}

func (c *call) less() Expr    { return c.order(0, 1, false) }
func (c *call) greater() Expr { return c.order(1, 0, false) }
func (c *call) atLeast() Expr { return c.order(0, 1, true) }
func (c *call) atMost() Expr  { return c.order(1, 0, true) }

// order is a < b, or its contrary.
func (c *call) order(a, b int, contrary bool) Expr {
	left, right := c.numeric(a), c.numeric(b)
	return flagExpr(func(s *State) bool { return left.Number(s).Less(right.Number(s)) != contrary })
}

func (c *call) not() Expr {
	holds := c.conditions()[0]
	return flagExpr(func(s *State) bool { return !holds(s) })
}

func (c *call) and() Expr {
	all := c.conditions()
	return flagExpr(func(s *State) bool {
		for _, holds := range all {
			if !holds(s) {
				return false
			}
		}
		return true
	})
}

// or gives the first text that is not empty, so that {{or .A .B}} prints it; among other kinds it is
// a condition.
func (c *call) or() Expr {
	texts := true
	for _, a := range c.args {
		texts = texts && a.Kind == KindText
	}
	if texts {
		return c.firstText(c.args)
	}
	any := c.conditions()
	return flagExpr(func(s *State) bool {
		for _, holds := range any {
			if holds(s) {
				return true
			}
		}
		return false
	})
}

func (c *call) conditions() []func(*State) bool {
	var list []func(*State) bool
	for _, a := range c.args {
		holds, ok := a.truth()
		if !ok {
			c.fail("ask for one of its fields", "%s: %s is a %s and always there", c.function.Name, a.Path, a.Kind)
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
	return c.texting(func(s *State) string {
		for _, t := range texts {
			if text := t.Text(s); text != "" {
				return text
			}
		}
		return ""
	})
}

func (c *call) firstMade(texts []Expr) Expr {
	return c.making(func(b []byte, s *State) []byte {
		start := len(b)
		for _, t := range texts {
			if b = t.append(b, s); len(b) > start {
				break
			}
		}
		return b
	})
}
