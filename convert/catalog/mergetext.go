package catalog

import (
	"bufio"
	"io"
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

// storable returns the text with "?" for each character that the encoding lacks, and their number.
func (e fileEncoding) storable(text string) (stored string, lost int) {
	if !e.ansi {
		return text, 0
	}
	stored = strings.Map(func(r rune) rune {
		if _, ok := charmap.Windows1251.EncodeRune(r); !ok {
			lost++
			return '?'
		}
		return r
	}, text)
	return stored, lost
}

// encodedWriter writes text in an encoding. Its first error stays.
type encodedWriter struct {
	to      *bufio.Writer
	encode  func(text string) []byte // nil for UTF-8
	written int64
	err     error
}

// writer begins a file with its mark.
func (e fileEncoding) writer(to io.Writer) *encodedWriter {
	w := &encodedWriter{to: bufio.NewWriterSize(to, 64<<10)}
	switch {
	case e.ansi:
		w.encode = toWindows1251
	case e.mark == markUTF16LE:
		w.encode = toUTF16(unicode.LittleEndian)
	case e.mark == markUTF16BE:
		w.encode = toUTF16(unicode.BigEndian)
	}
	w.bytes([]byte(e.mark))
	return w
}

func toUTF16(order unicode.Endianness) func(string) []byte {
	encoder := unicode.UTF16(order, unicode.IgnoreBOM).NewEncoder()
	return func(text string) []byte {
		wide, _ := encoder.Bytes([]byte(text)) // UTF-16 has every character
		return wide
	}
}

func toWindows1251(text string) []byte {
	out := make([]byte, 0, len(text))
	for _, r := range text {
		b, ok := charmap.Windows1251.EncodeRune(r)
		if !ok {
			b = '?'
		}
		out = append(out, b)
	}
	return out
}

// write writes whole characters.
func (w *encodedWriter) write(text string) {
	switch {
	case w.err != nil:
	case w.encode != nil:
		w.bytes(w.encode(text))
	default:
		var n int
		n, w.err = w.to.WriteString(text)
		w.written += int64(n)
	}
}

func (w *encodedWriter) bytes(b []byte) {
	if w.err == nil {
		var n int
		n, w.err = w.to.Write(b)
		w.written += int64(n)
	}
}

func (w *encodedWriter) flush() (int64, error) {
	if w.err == nil {
		w.err = w.to.Flush()
	}
	return w.written, w.err
}
