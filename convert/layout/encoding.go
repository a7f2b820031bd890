package layout

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// encoding is a character set of one byte a character that a file is written in. What it lacks becomes a
// character reference: nothing is lost, and any reader of XML gets the text back.
type encoding struct {
	name  string // as <?xml … ?> spells it
	bytes [0x2600]byte
}

const utf8Name = "utf-8"

// encodings are those that loaders of 1C are known to want (facts, onec 1.2 and 7).
var encodings = map[string]*charmap.Charmap{
	"windows-1251": charmap.Windows1251, "windows-1252": charmap.Windows1252, "koi8-r": charmap.KOI8R, "ibm866": charmap.CodePage866,
}

func newEncoding(name string, set *charmap.Charmap) *encoding {
	e := &encoding{name: name}
	for c := range 256 {
		r := set.DecodeByte(byte(c))
		if r < rune(len(e.bytes)) && xmlChar(r) && (r < 0x80 || r > 0x9F) { // those controls are no characters to most readers
			e.bytes[r] = byte(c)
		}
	}
	return e
}

// encoding is what the setting of that name chooses; nil is UTF-8.
func (c *folder) encoding() *encoding {
	name := strings.ToLower(c.settings.get("encoding"))
	if name == "" || name == utf8Name {
		return nil
	}
	if set, ok := encodings[name]; ok {
		return newEncoding(name, set)
	}
	known := []string{utf8Name}
	for name := range encodings {
		known = append(known, name)
	}
	slices.Sort(known)
	c.found = append(c.found, Mistake{
		File: c.name, Text: "the layout's setting encoding is " + strconv.Quote(name), Advice: "write one of " + strings.Join(known, ", "),
	})
	return nil
}

// has says whether the encoding has a character.
func (e *encoding) has(r rune) bool {
	return e == nil || uint(r) < uint(len(e.bytes)) && (e.bytes[r] != 0)
}

// append appends UTF-8 text in the encoding.
func (e *encoding) append(b, text []byte) []byte {
	for i := 0; i < len(text); {
		if c := text[i]; c < utf8.RuneSelf {
			b = append(b, c)
			i++
			continue
		}
		r, size := utf8.DecodeRune(text[i:])
		i += size
		if e.has(r) {
			b = append(b, e.bytes[r])
			continue
		}
		b = append(strconv.AppendInt(append(b, "&#"...), int64(r), 10), ';')
	}
	return b
}

var (
	xmlDeclaration = regexp.MustCompile(`^<\?xml\s[^>]*\?>`)
	declaredName   = regexp.MustCompile(`\s+encoding\s*=\s*("[^"]*"|'[^']*')`)
	declaredXML    = regexp.MustCompile(`version\s*=\s*("[^"]*"|'[^']*')`)
)

// declare gives a template the declaration of the encoding; a byte order mark is one of UTF-8. No line
// is added, so that mistakes keep their places.
func (e *encoding) declare(text string) string {
	if e == nil {
		return text
	}
	text = strings.TrimPrefix(text, byteOrderMark)
	declaration := xmlDeclaration.FindString(text)
	if declaration == "" {
		return `<?xml version="1.0" encoding="` + e.name + `"?>` + text
	}
	named := declaredName.ReplaceAllString(declaration, "")
	named = declaredXML.ReplaceAllString(named, `$0 encoding="`+e.name+`"`)
	return named + text[len(declaration):]
}
