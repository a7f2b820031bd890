package tmpl

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// openTag reads <name; its attributes follow in mode inTag.
func (x *xmlCheck) openTag(text string, at int) int {
	name := text[1 : 1+nameLength(text[1:])]
	switch {
	case name == "":
		x.addMistake(at, "write &lt; for < itself", "< without a name after it")
		return len(text)
	case len(x.stack) == 0 && x.rooted:
		x.addMistake(at, "write one element around everything", "<%s> is a second root element", name)
	case len(x.stack) == 0 && x.floor > 0:
		x.addMistake(at, "take it out: a file must always have its root", "the root element is inside {{if}}, {{with}} or {{range}}")
	}
	x.checkEncodable(name, at, "a name")
	x.stack = append(x.stack, element{name: name, offset: at})
	x.mode, x.spaced, x.attrs = inTag, false, nil
	return 1 + len(name)
}

// checkTag reads white space, an attribute up to its opening quote, or the tag's end.
func (x *xmlCheck) checkTag(text string, at int) int {
	if rest := strings.TrimLeft(text, " \t\r\n"); len(rest) < len(text) {
		x.spaced = true
		return len(text) - len(rest)
	}
	top := x.stack[len(x.stack)-1].name
	switch {
	case text[0] == '>':
		x.mode = inContent
		x.checkPrefixes(at)
		return 1
	case strings.HasPrefix(text, "/>"):
		x.mode = inContent
		x.checkPrefixes(at)
		x.popElement(top, at)
		return 2
	}
	name := text[:nameLength(text)]
	value := strings.TrimLeft(text[len(name):], " \t\r\n")
	quoted := strings.TrimLeft(strings.TrimPrefix(value, "="), " \t\r\n")
	switch {
	case name == "" || !x.spaced:
		x.addMistake(at, "write <name attribute=\"value\">", "a broken tag <%s", top)
	case !strings.HasPrefix(value, "=") || quoted == "" || quoted[0] != '"' && quoted[0] != '\'':
		x.addMistake(at, "write "+name+"=\"…\"", "attribute %q without a quoted value", name)
	case x.hasAttribute(name):
		x.addMistake(at, "remove one of them", "attribute %q stands twice in <%s>", name, top)
	default:
		x.checkEncodable(name, at, "a name")
		x.attrs = append(slices.Clip(x.attrs), name)
		x.mode, x.quote = inValue, quoted[0]
		return len(text) - len(quoted) + 1
	}
	return len(text)
}

// attributeValue reads up to the closing quote or past an entity.
func (x *xmlCheck) attributeValue(text string, at int) int {
	n := strings.IndexAny(text, "<&"+string(x.quote))
	switch {
	case n < 0:
		return len(text)
	case n > 0:
		return n
	case text[0] == '&':
		return x.checkEntity(text, at)
	case text[0] == '<':
		x.addMistake(at, "write &lt;, or close the quotes before it", "< inside an attribute's value")
		return len(text)
	}
	x.mode, x.spaced = inTag, false
	return 1
}

// checkPrefixes holds at the end of a tag that the prefixes of its names are declared, on it or around it.
func (x *xmlCheck) checkPrefixes(at int) {
	top := &x.stack[len(x.stack)-1]
	top.declares = nil
	for _, a := range x.attrs {
		if prefix, ok := strings.CutPrefix(a, "xmlns:"); ok {
			top.declares = append(top.declares, prefix)
		}
	}
	for _, name := range append([]string{top.name}, x.attrs...) {
		prefix, _, ok := strings.Cut(name, ":")
		if ok && prefix != "xml" && prefix != "xmlns" && !x.isDeclared(prefix) {
			x.addMistake(at, `declare it: xmlns:`+prefix+`="…"`, "the prefix of %s is not declared", name)
		}
	}
}

func (x *xmlCheck) isDeclared(prefix string) bool {
	for _, e := range x.stack {
		if slices.Contains(e.declares, prefix) {
			return true
		}
	}
	return false
}

// knownEntity judges what stands between & and ;.
func knownEntity(name string) bool {
	switch name {
	case "lt", "gt", "amp", "quot", "apos":
		return true
	}
	digits, isNumber := strings.CutPrefix(name, "#")
	base := 10
	if hex, ok := strings.CutPrefix(digits, "x"); ok {
		digits, base = hex, 16
	}
	n, err := strconv.ParseUint(digits, base, 31)
	return isNumber && err == nil && xmlChar(rune(n))
}

// nameLength is the length of the XML name that text begins with, 0 without one.
func nameLength(text string) int {
	for i, r := range text {
		if !nameStart(r) && (i == 0 || !nameRest(r)) {
			return i
		}
	}
	return len(text)
}

// nameStart is the production NameStartChar of XML 1.0.
func nameStart(r rune) bool {
	switch {
	case r < utf8.RuneSelf:
		return r == ':' || r == '_' || 'A' <= r && r <= 'Z' || 'a' <= r && r <= 'z'
	case r == 0xD7, r == 0xF7, r == 0x37E, r == utf8.RuneError:
		return false
	}
	return 0xC0 <= r && r <= 0x2FF || 0x370 <= r && r <= 0x1FFF || r == 0x200C || r == 0x200D ||
		0x2070 <= r && r <= 0x218F || 0x2C00 <= r && r <= 0x2FEF || 0x3001 <= r && r <= 0xD7FF ||
		0xF900 <= r && r <= 0xFDCF || 0xFDF0 <= r && r <= 0xFFFD || 0x10000 <= r && r <= 0xEFFFF
}

// nameRest is what NameChar has beyond NameStartChar.
func nameRest(r rune) bool {
	return r == '-' || r == '.' || '0' <= r && r <= '9' || r == 0xB7 ||
		0x300 <= r && r <= 0x36F || r == 0x203F || r == 0x2040
}
