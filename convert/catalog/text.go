package catalog

import (
	"bytes"
	"errors"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// Why a file is not text; each has its hint.
var (
	errWorkbook = errors.New("a workbook, not a CSV file")
	errBinary   = errors.New("not a text file")
	errBroken   = errors.New("broken UTF-8")
)

var textHints = map[error]string{
	errWorkbook: "open it in Excel and save it as CSV",
	errBinary:   "save it as CSV in UTF-8",
	errBroken:   "save the file as UTF-8 again",
}

// textError says where a file stops being text.
type textError struct {
	line int // 0 when it is the whole file
	err  error
}

func (e textError) Error() string { return e.err.Error() }

var (
	markUTF8    = []byte("\xef\xbb\xbf")
	markUTF16LE = []byte("\xff\xfe")
	markUTF16BE = []byte("\xfe\xff")
	markZip     = []byte("PK\x03\x04")
	markOLE     = []byte("\xd0\xcf\x11\xe0")
)

// decode gives a file as UTF-8 without a byte order mark: UTF-16 by its mark, UTF-8 where the bytes
// are valid UTF-8, windows-1251 otherwise, for 1C and Excel write it without any mark.
func decode(data []byte) ([]byte, error) {
	switch {
	case bytes.HasPrefix(data, markZip), bytes.HasPrefix(data, markOLE):
		return nil, textError{err: errWorkbook}
	case bytes.HasPrefix(data, markUTF16LE), bytes.HasPrefix(data, markUTF16BE):
		text, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder().Bytes(data)
		if err != nil {
			return nil, textError{err: errBinary}
		}
		return noZeros(text)
	}
	text, marked := bytes.CutPrefix(data, markUTF8)
	if utf8.Valid(text) {
		return noZeros(text)
	}
	if at, broken := brokenUTF8(text); broken || marked {
		return nil, textError{1 + bytes.Count(text[:at], []byte("\n")), errBroken}
	}
	text, err := charmap.Windows1251.NewDecoder().Bytes(text)
	if err != nil {
		return nil, textError{err: errBinary}
	}
	return noZeros(text)
}

func noZeros(text []byte) ([]byte, error) {
	if at := bytes.IndexByte(text, 0); at >= 0 {
		return nil, textError{1 + bytes.Count(text[:at], []byte("\n")), errBinary}
	}
	return text, nil
}

// brokenUTF8 tells UTF-8 with a few bad bytes from windows-1251, whose letters hardly ever form a
// valid sequence by chance. It gives the place of the first bad byte. Reading such a file as
// windows-1251 would turn every name into rubbish without a word.
func brokenUTF8(text []byte) (first int, broken bool) {
	first = -1
	good, bad := 0, 0
	for i := 0; i < len(text); {
		r, width := utf8.DecodeRune(text[i:])
		switch {
		case r == utf8.RuneError && width == 1:
			if bad++; first < 0 {
				first = i
			}
		case width > 1:
			good++
		}
		i += width
	}
	return first, good > bad
}
