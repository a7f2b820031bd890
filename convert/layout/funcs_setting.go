package layout

import (
	"slices"
	"strings"
)

// setting is known when the template is compiled, and so is whether it is one of the values that the
// template can do something with.
func (c *call) setting() expr {
	name := c.fixedText(0)
	value := c.compiler.settings.get(name)
	var allowed []string
	for i := range c.args[1:] {
		allowed = append(allowed, c.fixedText(i+1))
	}
	if len(allowed) > 0 && value == "" {
		value = allowed[0]
	}
	if len(allowed) > 1 && !slices.Contains(allowed, value) {
		// The default stands in for it, so that one wrong setting is one mistake.
		c.mistake(c.offset, "write one of "+strings.Join(allowed, ", "), "the layout's setting %s is %q", name, value)
		value = allowed[0]
	}
	return fixedText(value)
}
