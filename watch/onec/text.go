package onec

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/unicode"
)

// mostWords is how many bytes are kept of the words of an answer.
const mostWords = 4 << 10

// errNoAnswer is what every fault of an answer is.
var errNoAnswer = errors.New("no answer")

var (
	markUTF8    = []byte("\xef\xbb\xbf")
	markUTF16LE = []byte("\xff\xfe")
	markUTF16BE = []byte("\xfe\xff")
)

// utf16Of returns the decoder of text in UTF-16; nil for any other text. What Notepad and the console of Windows
// write begins with a mark. Without one every other byte is the block of a letter: 0 of Latin, 4 of Cyrillic. No
// other text has such bytes.
func utf16Of(text []byte) *encoding.Decoder {
	blocks := [2]int{}
	begin := text[:min(len(text), 64)]
	for i, b := range begin {
		if b == 0 || b == 4 {
			blocks[i%2]++
		}
	}
	most := len(begin) / 4 // more than half of the letters
	switch {
	case bytes.HasPrefix(text, markUTF16LE), blocks[1] > most && blocks[1] > blocks[0]:
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder()
	case bytes.HasPrefix(text, markUTF16BE), blocks[0] > most:
		return unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewDecoder()
	}
	return nil
}

// decodeText reads words that a person, a batch file or 1C wrote: UTF-8, UTF-16, or else windows-1251, in which
// every byte is a letter.
func decodeText(text []byte) string {
	if d := utf16Of(text); d != nil {
		if plain, err := d.Bytes(text); err == nil {
			return string(plain)
		}
	}
	text = bytes.TrimPrefix(text, markUTF8)
	if !utf8.Valid(text) {
		if plain, err := charmap.Windows1251.NewDecoder().Bytes(text); err == nil {
			text = plain
		}
	}
	return string(text)
}

// cleanText makes one paragraph of the words of an answer, no longer than anybody reads.
func cleanText(text string) string {
	text = strings.TrimSpace(strings.Map(func(r rune) rune {
		if r == 0 || r == '\ufeff' {
			return -1
		}
		return r
	}, text))
	if len(text) > mostWords {
		text = strings.ToValidUTF8(text[:mostWords], "") + " …"
	}
	return text
}

// declaration is the XML declaration: <?xml version="1.1" encoding="windows-1251"?>.
var (
	declaration  = regexp.MustCompile(`^\s*<\?xml\b[^>]*\?>`)
	declaredName = regexp.MustCompile(`\bencoding\s*=\s*["']([^"']*)["']`)
)

// decodeXML returns a document in UTF-8 without its declaration, so that any encoding and XML 1.1 are read. A
// declaration that its bytes contradict counts for nothing.
func decodeXML(text []byte) ([]byte, error) {
	if d := utf16Of(text); d != nil {
		plain, err := d.Bytes(text)
		return declaration.ReplaceAll(plain, nil), err
	}
	text = bytes.TrimPrefix(text, markUTF8)
	head := declaration.Find(text)
	label := "utf-8"
	if m := declaredName.FindSubmatch(head); m != nil {
		label = strings.ToLower(string(m[1]))
	}
	text = text[len(head):]
	if utf8.Valid(text) { // ASCII too, whatever it is said to be
		return text, nil
	}
	if strings.HasPrefix(label, "utf") {
		label = "windows-1251"
	}
	e, err := htmlindex.Get(label)
	if err != nil {
		return nil, fmt.Errorf("%w: encoding %q is not known", errNoAnswer, label)
	}
	return e.NewDecoder().Bytes(text)
}
