package tmpl

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// Encoding is a character set of one byte a character that a file is written in. What it lacks becomes a
// character reference: nothing is lost, and any reader of XML gets the text back.
type Encoding struct {
	name  string // as <?xml … ?> spells it
	bytes [0x2600]byte
}

// utf8Name is the encoding of every file that asks for no other.
const utf8Name = "utf-8"

// charsets are those that loaders of 1C are known to want.
var charsets = map[string]*charmap.Charmap{
	"windows-1251": charmap.Windows1251, "windows-1252": charmap.Windows1252, "koi8-r": charmap.KOI8R, "ibm866": charmap.CodePage866,
}

// FindEncoding returns the encoding of a name in any letter case; nil is UTF-8, the one of an empty name.
func FindEncoding(name string) (e *Encoding, ok bool) {
	name = strings.ToLower(name)
	if name == "" || name == utf8Name {
		return nil, true
	}
	set, ok := charsets[name]
	if !ok {
		return nil, false
	}
	return newEncoding(name, set), true
}

// EncodingNames returns the names that FindEncoding knows, sorted.
func EncodingNames() []string {
	names := append(slices.Collect(maps.Keys(charsets)), utf8Name)
	slices.Sort(names)
	return names
}

func newEncoding(name string, set *charmap.Charmap) *Encoding {
	e := &Encoding{name: name}
	for c := range 256 {
		r := set.DecodeByte(byte(c))
		if r < rune(len(e.bytes)) && xmlChar(r) && (r < 0x80 || r > 0x9F) { // those controls are no characters to most readers
			e.bytes[r] = byte(c)
		}
	}
	return e
}

// has reports whether the encoding has a character.
func (e *Encoding) has(r rune) bool {
	return e == nil || uint(r) < uint(len(e.bytes)) && (e.bytes[r] != 0)
}

// append appends UTF-8 text in the encoding.
func (e *Encoding) append(b, text []byte) []byte {
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

const byteOrderMark = "\uFEFF"

// Declare returns a template the declaration of the encoding; a byte order mark is one of UTF-8. No line
// is added, so that mistakes keep their places.
func (e *Encoding) Declare(text string) string {
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
