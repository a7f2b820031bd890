package tmpl

import (
	"slices"
	"strings"
	"unicode/utf8"
)

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

// beginBranch begins the first side. It is nil, and checks nothing, where the text is not XML.
func (x *xmlCheck) beginBranch(word string, at int) *branchCheck {
	if x == nil {
		return nil
	}
	b := &branchCheck{x: x, word: word, at: at, before: *x, spaced: x.spaced, attrs: x.attrs}
	x.floor = max(len(x.stack), 1)
	return b
}

func (x *xmlCheck) beginLoop(at int) *branchCheck { return x.beginBranch("range", at) }

// nextSide ends a side and begins the other one.
func (b *branchCheck) nextSide() {
	if b == nil || b.x.dead {
		return
	}
	x := b.x
	switch {
	case x.mode != b.before.mode || x.mode == inValue && x.quote != b.before.quote:
		x.addMistake(b.at, "let it begin and end at the same kind of place", "{{%s}} begins %s and ends %s", b.word, b.before.mode, x.mode)
	case len(x.stack) > len(b.before.stack):
		top := x.stack[len(x.stack)-1]
		x.addMistake(top.offset, "close it on the same side", "<%s> is not closed before the end of its {{%s}}", top.name, b.word)
	case b.word == "range" && len(x.attrs) > len(b.before.attrs) && x.mode == inTag:
		x.addMistake(b.at, "an attribute can stand once in a tag", "{{range}} repeats attributes")
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

// endBranch ends the last side.
func (b *branchCheck) endBranch() {
	if b == nil {
		return
	}
	b.nextSide()
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

// xmlCheck follows the literal text of a template and holds that whatever the values are, the file
// is well-formed: tags balance on every way through the template, and actions stand only between
// tags or inside a quoted attribute value. All other markup must be whole between two actions.
//
// It stops at the first mistake, as what follows would only be its consequences.
type xmlCheck struct {
	Place
	mode  xmlMode
	quote byte
	// spaced: white space has been seen since the tag's name or last attribute.
	spaced   bool
	attrs    []string // of the tag being read
	stack    []element
	floor    int  // elements below were opened outside of the branch being read
	rooted   bool // the root has been closed
	encoding *Encoding
	dead     bool
}

type xmlMode uint8

const (
	inContent xmlMode = iota
	inTag             // after the name or an attribute
	inValue
)

type element struct {
	name     string
	offset   int
	declares []string // prefixes of namespaces
}

func (x *xmlCheck) addMistake(offset int, hint, format string, args ...any) {
	if !x.dead {
		x.AddMistake(offset, hint, format, args...)
	}
	x.dead = true
}

// checkLiteral reads text that stands in the template as it is.
func (x *xmlCheck) checkLiteral(text string, at int) {
	x.checkCharacters(text, at)
	if at == 0 && strings.HasPrefix(text, byteOrderMark) {
		text, at = text[len(byteOrderMark):], len(byteOrderMark)
	}
	for text != "" && !x.dead {
		n := 0
		switch x.mode {
		case inContent:
			n = x.checkContent(text, at)
		case inTag:
			n = x.checkTag(text, at)
		case inValue:
			n = x.attributeValue(text, at)
		}
		text, at = text[n:], at+n
	}
}

// checkValue returns how an action that prints must escape at this place.
func (x *xmlCheck) checkValue(at int) escaping {
	const hint = "an action may stand between tags or inside the quotes of an attribute"
	switch {
	case x.mode == inValue:
		return inQuotes
	case x.mode == inTag:
		x.addMistake(at, hint, "an action inside a tag")
	case len(x.stack) == 0:
		x.addMistake(at, hint, "an action outside of the root element")
	}
	return inElement
}

// checkCharacters refuses what XML cannot carry.
func (x *xmlCheck) checkCharacters(text string, at int) {
	for i, r := range text {
		_, size := utf8.DecodeRuneInString(text[i:])
		if !xmlChar(r) || r == utf8.RuneError && size == 1 {
			x.addMistake(at+i, "save the template as UTF-8 without control characters", "a character that XML cannot carry (byte %#02x)", text[i])
			return
		}
	}
}

// checkContent reads up to the end of the next markup, and gives how much that is.
func (x *xmlCheck) checkContent(text string, at int) int {
	n := strings.IndexAny(text, "<&>")
	if n < 0 {
		n = len(text)
	}
	if len(x.stack) == 0 && strings.Trim(text[:n], " \t\r\n") != "" {
		x.addMistake(at, "move it into the root element", "text outside of the root element")
		return len(text)
	}
	if n > 0 || n == len(text) {
		return n
	}
	switch text[0] {
	case '&':
		return x.checkEntity(text, at)
	case '>':
		x.addMistake(at, "write &gt;", "a lone >")
		return len(text)
	}
	return x.checkMarkup(text, at)
}

// checkMarkup reads what begins with <.
func (x *xmlCheck) checkMarkup(text string, at int) int {
	switch {
	case strings.HasPrefix(text, "<!--"):
		return x.checkComment(text, at)
	case strings.HasPrefix(text, "<![CDATA["):
		if len(x.stack) == 0 {
			x.addMistake(at, "move it into the root element", "text outside of the root element")
		}
		n := x.skipUntil(text, at, "<![CDATA[", "]]>")
		x.checkEncodable(text[:n], at, "<![CDATA[ … ]]>")
		return n
	case strings.HasPrefix(text, "<?"):
		return x.checkInstruction(text, at)
	case strings.HasPrefix(text, "<!"):
		x.addMistake(at, "remove it", "a document type declaration is not supported")
		return len(text)
	case strings.HasPrefix(text, "</"):
		return x.closeTag(text, at)
	}
	return x.openTag(text, at)
}

func (x *xmlCheck) skipUntil(text string, at int, from, to string) int {
	end := strings.Index(text[len(from):], to)
	if end < 0 {
		x.addMistake(at, "no action may stand in it", "%s is not ended by %s before the next action", from, to)
		return len(text)
	}
	return len(from) + end + len(to)
}

func (x *xmlCheck) checkComment(text string, at int) int {
	n := x.skipUntil(text, at, "<!--", "-->")
	if x.dead {
		return n
	}
	body := text[len("<!--") : n-len("-->")]
	x.checkEncodable(body, at, "a comment")
	if i := strings.Index(body+"-", "--"); i >= 0 {
		x.addMistake(at+len("<!--")+i, "use a single hyphen", "-- inside a comment")
	}
	return n
}

func (x *xmlCheck) checkInstruction(text string, at int) int {
	n := x.skipUntil(text, at, "<?", "?>")
	if x.dead {
		return n
	}
	body := text[2 : n-2]
	x.checkEncodable(body, at, "<? … ?>")
	name := body[:nameLength(body)]
	switch {
	case name == "xml":
		if strings.TrimPrefix(x.Text[:at], byteOrderMark) != "" {
			x.addMistake(at, "move it to the very beginning", "<?xml … ?> must begin the file")
		}
		x.checkDeclaration(body, at)
	case name == "" || strings.EqualFold(name, "xml"):
		x.addMistake(at, `write <?xml version="1.0" encoding="UTF-8"?>`, "a broken <? … ?>")
	}
	return n
}

// checkDeclaration holds the text of <?xml … ?> to what the engine writes.
func (x *xmlCheck) checkDeclaration(body string, at int) {
	fields := strings.Fields(strings.ReplaceAll(body, "'", `"`))
	good := len(fields) >= 2 && fields[1] == `version="1.0"`
	for _, f := range fields[min(2, len(fields)):] {
		name, value, _ := strings.Cut(f, "=")
		good = good && (name == "encoding" && strings.EqualFold(value, `"`+x.encodingName()+`"`) || f == `standalone="yes"` || f == `standalone="no"`)
	}
	if !good || len(fields) > 4 {
		x.addMistake(at, `write <?xml version="1.0" encoding="UTF-8"?>`, "the declaration must name version 1.0 and, if any, the encoding UTF-8")
	}
}

// checkEncodable refuses characters that the file's encoding lacks where no reference can stand for them.
func (x *xmlCheck) checkEncodable(text string, at int, where string) {
	for i, r := range text {
		if !x.encoding.has(r) {
			x.addMistake(at+i, `write it otherwise, or choose encoding = "utf-8"`, "%s lacks the character %q of %s", x.encodingName(), r, where)
			return
		}
	}
}

func (x *xmlCheck) encodingName() string {
	if x.encoding == nil {
		return utf8Name
	}
	return x.encoding.name
}

// checkEntity reads &amp; and the like.
func (x *xmlCheck) checkEntity(text string, at int) int {
	end := strings.IndexByte(text, ';')
	if end < 0 || !knownEntity(text[1:end]) {
		x.addMistake(at, "write &amp; for & itself; known are &lt; &gt; &amp; &quot; &apos; and &#NUMBER;", "an unknown entity")
		return len(text)
	}
	return end + 1
}

// closeTag reads </name>.
func (x *xmlCheck) closeTag(text string, at int) int {
	name := text[2 : 2+nameLength(text[2:])]
	rest := strings.TrimLeft(text[2+len(name):], " \t\r\n")
	if name == "" || !strings.HasPrefix(rest, ">") {
		x.addMistake(at, "write </name>", "a broken closing tag")
		return len(text)
	}
	x.popElement(name, at)
	return len(text) - len(rest) + 1
}

func (x *xmlCheck) popElement(name string, at int) {
	if len(x.stack) == 0 {
		x.addMistake(at, "remove it", "</%s> closes nothing", name)
		return
	}
	top := x.stack[len(x.stack)-1]
	switch {
	case top.name != name:
		x.addMistake(at, "close elements in the contrary order of their opening", "</%s> where </%s> is expected, opened in line %d", name, top.name, x.lineAt(top.offset))
	case len(x.stack) <= x.floor:
		x.addMistake(at, "open and close an element on the same side", "</%s> closes an element from outside of this {{if}}, {{with}} or {{range}}", name)
	default:
		x.stack = x.stack[:len(x.stack)-1]
		x.rooted = len(x.stack) == 0
	}
}

// checkEnd is the end of the template.
func (x *xmlCheck) checkEnd() {
	switch {
	case x.dead:
	case x.mode != inContent:
		x.addMistake(len(x.Text), "complete the tag", "the file ends inside a tag")
	case len(x.stack) > 0:
		top := x.stack[len(x.stack)-1]
		x.addMistake(top.offset, "write </"+top.name+">", "<%s> is never closed", top.name)
	case !x.rooted:
		x.addMistake(len(x.Text), "write one element around everything", "the file has no root element")
	}
}

func (x *xmlCheck) hasAttribute(name string) bool { return slices.Contains(x.attrs, name) }
