package tmpl

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"slices"
)

// digest is the SHA-256 of the bytes that a template of the file writes. A header can so tell the sum
// of what follows it while the file streams: the template is run twice, once for its sum.
func (c *call) digest() Expr {
	name, value := c.fixedText(0), c.arg(1, kindRecord)
	tree, ok := c.trees[name]
	switch {
	case c.failed:
		return fixedText("")
	case c.xml == nil:
		c.fail("write it into document.xml", "digest: there are no templates in a workbook")
		return fixedText("")
	case !ok || tree.Root == nil:
		c.fail("write {{define \""+name+"\"}} … {{end}} in the same file", "digest: there is no template %q", name)
		return fixedText("")
	}
	if slices.Contains(c.open, name) {
		c.fail("take it out of the template", "digest: template %q asks for its own", name)
		return fixedText("")
	}
	steps := c.apart(func() []Step {
		c.open = append(c.open, name)
		defer func() { c.open = c.open[:len(c.open)-1] }()
		return c.list(tree.Root, &scope{dot: value, root: value, loops: c.scope.loops})
	})
	return c.making(func(b []byte, s *State) []byte {
		sum := sha256.New()
		s.aside(sum, steps)
		return hex.AppendEncode(b, sum.Sum(nil))
	})
}

// apart compiles steps as if they stood between tags right here, and leaves the check of the XML around
// them as it was.
func (c *call) apart(compile func() []Step) []Step {
	around := c.xml
	check := *around
	check.mode, check.floor = inContent, max(1, len(check.stack))
	c.xml = &check
	steps := compile()
	if len(check.stack) > len(around.stack) {
		top := check.stack[len(check.stack)-1]
		check.fail(top.offset, "close it in the same template", "<%s> is not closed before the end of its template", top.name)
	}
	around.dead = check.dead
	c.xml = around
	return steps
}

// aside runs steps for their bytes alone; what they would report is reported when they are run in
// earnest.
func (s *State) aside(to hash.Hash, steps []Step) {
	w, out, made, document, report := s.W, s.Out, s.Made, s.document, s.Report
	s.W, s.Out, s.Made, s.Report = to, s.spare[:0], nil, Report{}
	Run(steps, s)
	s.Flush()
	s.spare = s.Out
	s.W, s.Out, s.Made, s.document, s.Report = w, out, made, document, report
}
