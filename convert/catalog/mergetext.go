package catalog

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// fileEncoding is how a file's text becomes bytes again; its value is the mark at the beginning.
type fileEncoding struct {
	mark string
	ansi bool // windows-1251
}

// encodingOf is the encoding that decode finds. A file of ASCII alone becomes UTF-8 with a mark, so that
// Excel reads what is added.
func encodingOf(data string) fileEncoding {
	for _, mark := range []string{markUTF8, markUTF16LE, markUTF16BE} {
		if strings.HasPrefix(data, mark) {
			return fileEncoding{mark: mark}
		}
	}
	if !utf8.ValidString(data) {
		return fileEncoding{ansi: true}
	}
	if strings.IndexFunc(data, func(r rune) bool { return r >= utf8.RuneSelf }) < 0 {
		return fileEncoding{mark: markUTF8}
	}
	return fileEncoding{}
}

// encode counts the characters that the encoding lacks; each becomes "?".
func (e fileEncoding) encode(text string) (out []byte, unwritten int) {
	switch {
	case e.ansi:
		return toWindows1251(text)
	case e.mark == markUTF16LE, e.mark == markUTF16BE:
		order := unicode.LittleEndian
		if e.mark == markUTF16BE {
			order = unicode.BigEndian
		}
		wide, _ := unicode.UTF16(order, unicode.UseBOM).NewEncoder().Bytes([]byte(text)) // UTF-16 has every character
		return wide, 0
	}
	return []byte(e.mark + text), 0
}

func toWindows1251(text string) (out []byte, unwritten int) {
	out = make([]byte, 0, len(text))
	for _, r := range text {
		b, ok := charmap.Windows1251.EncodeRune(r)
		if !ok {
			b = '?'
			unwritten++
		}
		out = append(out, b)
	}
	return out, unwritten
}
