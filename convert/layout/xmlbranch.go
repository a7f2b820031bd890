package layout

import "slices"

// branchCheck holds that every side of {{if}}, {{with}} and {{range}} leaves the XML as it found it,
// so that it does not matter which one is taken or how often.
type branchCheck struct {
	x      *xmlCheck
	word   string
	at     int
	before xmlCheck
	spaced bool     // after every side so far
	attrs  []string // that any side has
}

// branch begins the first side. It is nil, and checks nothing, where the text is not XML.
func (x *xmlCheck) branch(word string, at int) *branchCheck {
	if x == nil {
		return nil
	}
	b := &branchCheck{x: x, word: word, at: at, before: *x, spaced: x.spaced, attrs: x.attrs}
	x.floor = max(len(x.stack), 1)
	return b
}

func (x *xmlCheck) loop(at int) *branchCheck { return x.branch("range", at) }

// next ends a side and begins the other one.
func (b *branchCheck) next() {
	if b == nil || b.x.dead {
		return
	}
	x := b.x
	switch {
	case x.mode != b.before.mode || x.mode == inValue && x.quote != b.before.quote:
		x.fail(b.at, "let it begin and end at the same kind of place", "{{%s}} begins %s and ends %s", b.word, b.before.mode, x.mode)
	case len(x.stack) > len(b.before.stack):
		top := x.stack[len(x.stack)-1]
		x.fail(top.offset, "close it on the same side", "<%s> is not closed before the end of its {{%s}}", top.name, b.word)
	case b.word == "range" && len(x.attrs) > len(b.before.attrs) && x.mode == inTag:
		x.fail(b.at, "an attribute can stand once in a tag", "{{range}} repeats attributes")
	}
	b.spaced = b.spaced && x.spaced
	for _, name := range x.attrs {
		if !slices.Contains(b.attrs, name) {
			b.attrs = append(slices.Clip(b.attrs), name)
		}
	}
	if !x.dead {
		x.mode, x.quote, x.spaced, x.attrs, x.stack = b.before.mode, b.before.quote, b.before.spaced, b.before.attrs, b.before.stack
	}
}

// end ends the last side.
func (b *branchCheck) end() {
	if b == nil {
		return
	}
	b.next()
	b.x.floor = b.before.floor
	if b.x.mode == inTag {
		b.x.spaced, b.x.attrs = b.spaced, b.attrs
	}
}

func (m xmlMode) String() string {
	switch m {
	case inTag:
		return "inside a tag"
	case inValue:
		return "inside an attribute's value"
	}
	return "between tags"
}
