package layout

func (c *call) equal() expr {
	var same []func(*state) bool
	for _, other := range c.args[1:] {
		same = append(same, c.same(c.args[0], other))
	}
	if len(same) == 1 {
		return flagExpr(same[0])
	}
	return flagExpr(func(s *state) bool {
		for _, f := range same {
			if f(s) {
				return true
			}
		}
		return false
	})
}

func (c *call) differ() expr {
	same := c.same(c.args[0], c.args[1])
	return flagExpr(func(s *state) bool { return !same(s) })
}

// same compares values of one kind.
func (c *call) same(a, b expr) func(*state) bool {
	switch {
	case a.kind == kindText && b.kind == kindText && a.text != nil && b.text != nil:
		return func(s *state) bool { return a.text(s) == b.text(s) }
	case a.kind == kindText && b.kind == kindText:
		return func(s *state) bool { return a.value(s) == b.value(s) }
	case a.kind.numeric() && b.kind.numeric():
		return func(s *state) bool { return a.number(s) == b.number(s) }
	case a.kind == kindFlag && b.kind == kindFlag:
		return func(s *state) bool { return a.flag(s) == b.flag(s) }
	case a.kind == kindDate && b.kind == kindDate:
		return func(s *state) bool { return a.date(s).Equal(b.date(s)) }
	case a.kind == kindVAT && b.kind == kindVAT:
		return func(s *state) bool { return a.vat(s) == b.vat(s) }
	}
	c.fail("compare a text with a text in quotes, a number with a number", "%s: %s is %s, %s is %s", c.function.Name, a.path, a.kind, b.path, b.kind)
	return func(*state) bool { return false }
}

func (c *call) less() expr    { return c.order(0, 1, false) }
func (c *call) greater() expr { return c.order(1, 0, false) }
func (c *call) atLeast() expr { return c.order(0, 1, true) }
func (c *call) atMost() expr  { return c.order(1, 0, true) }

// order is a < b, or its contrary.
func (c *call) order(a, b int, contrary bool) expr {
	left, right := c.numeric(a), c.numeric(b)
	return flagExpr(func(s *state) bool { return left.number(s).Less(right.number(s)) != contrary })
}

func (c *call) not() expr {
	holds := c.conditions()[0]
	return flagExpr(func(s *state) bool { return !holds(s) })
}

func (c *call) and() expr {
	all := c.conditions()
	return flagExpr(func(s *state) bool {
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
func (c *call) or() expr {
	texts := true
	for _, a := range c.args {
		texts = texts && a.kind == kindText
	}
	if texts {
		return c.firstText(c.args)
	}
	any := c.conditions()
	return flagExpr(func(s *state) bool {
		for _, holds := range any {
			if holds(s) {
				return true
			}
		}
		return false
	})
}

func (c *call) conditions() []func(*state) bool {
	var list []func(*state) bool
	for _, a := range c.args {
		holds, ok := a.truth()
		if !ok {
			c.fail("ask for one of its fields", "%s: %s is a %s and always there", c.function.Name, a.path, a.kind)
		}
		list = append(list, holds)
	}
	return list
}

func (c *call) firstText(texts []expr) expr {
	for _, t := range texts {
		if t.text == nil {
			return c.firstMade(texts)
		}
	}
	return c.texting(func(s *state) string {
		for _, t := range texts {
			if text := t.text(s); text != "" {
				return text
			}
		}
		return ""
	})
}

func (c *call) firstMade(texts []expr) expr {
	return c.making(func(b []byte, s *state) []byte {
		start := len(b)
		for _, t := range texts {
			if b = t.append(b, s); len(b) > start {
				break
			}
		}
		return b
	})
}
