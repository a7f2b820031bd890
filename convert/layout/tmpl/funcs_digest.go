package tmpl

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"slices"
)

// compileDigest is the SHA-256 of the bytes that a template of the file writes. A header can so tell the sum
// of what follows it while the file streams: the template is run twice, once for its sum.
func (c *call) compileDigest() Expr {
	name, value := c.fixedText(0), c.argument(1, kindRecord)
	tree, ok := c.trees[name]
	switch {
	case c.failed:
		return fixedText("")
	case c.xml == nil:
		c.addMistake("write it into document.xml", "digest: there are no templates in a workbook")
		return fixedText("")
	case !ok || tree.Root == nil:
		c.addMistake("write {{define \""+name+"\"}} … {{end}} in the same file", "digest: there is no template %q", name)
		return fixedText("")
	}
	if slices.Contains(c.open, name) {
		c.addMistake("take it out of the template", "digest: template %q asks for its own", name)
		return fixedText("")
	}
	steps := c.compileApart(func() []Step {
		c.open = append(c.open, name)
		defer func() { c.open = c.open[:len(c.open)-1] }()
		return c.compileList(tree.Root, &scope{dot: value, root: value, loops: c.scope.loops})
	})
	return c.madeText(func(b []byte, s *State) []byte {
		sum := sha256.New()
		s.runAside(sum, steps)
		return hex.AppendEncode(b, sum.Sum(nil))
	})
}

// compileApart compiles steps as if they stood between tags right here, and leaves the check of the XML around
// them as it was.
func (c *call) compileApart(compile func() []Step) []Step {
	around := c.xml
	check := *around
	check.mode, check.floor = inContent, max(1, len(check.stack))
	c.xml = &check
	steps := compile()
	if len(check.stack) > len(around.stack) {
		top := check.stack[len(check.stack)-1]
		check.addMistake(top.offset, "close it in the same template", "<%s> is not closed before the end of its template", top.name)
	}
	around.dead = check.dead
	c.xml = around
	return steps
}

// runAside runs steps for their bytes alone; what they would report is reported when they are run in
// earnest.
func (s *State) runAside(to hash.Hash, steps []Step) {
	w, out, made, document, report := s.W, s.Out, s.Made, s.document, s.Report
	s.W, s.Out, s.Made, s.Report = to, s.spare[:0], nil, Report{}
	Run(steps, s)
	s.Flush()
	s.spare = s.Out
	s.W, s.Out, s.Made, s.document, s.Report = w, out, made, document, report
}
