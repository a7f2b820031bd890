package catalog

import (
	"errors"
	"strings"
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

// Marks that files begin with.
const (
	markUTF8    = "\xef\xbb\xbf"
	markUTF16LE = "\xff\xfe"
	markUTF16BE = "\xfe\xff"
	markZip     = "PK\x03\x04"
	markOLE     = "\xd0\xcf\x11\xe0"
)

// hasMark reports whether a file begins with a mark: then it is no windows-1251.
func hasMark(head string) bool {
	for _, mark := range []string{markUTF8, markUTF16LE, markUTF16BE, markZip, markOLE} {
		if strings.HasPrefix(head, mark) {
			return true
		}
	}
	return false
}

// decodeText returns a file as UTF-8 without a byte order mark: UTF-16 by its mark, UTF-8 where the bytes
// are valid UTF-8, windows-1251 otherwise, for 1C and Excel write it without any mark.
func decodeText(data string) (string, error) {
	switch {
	case strings.HasPrefix(data, markZip), strings.HasPrefix(data, markOLE):
		return "", textError{err: errWorkbook}
	case strings.HasPrefix(data, markUTF16LE), strings.HasPrefix(data, markUTF16BE):
		text, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder().String(data)
		if err != nil {
			return "", textError{err: errBinary}
		}
		return noZeros(text)
	}
	text, marked := strings.CutPrefix(data, markUTF8)
	if utf8.ValidString(text) {
		return noZeros(text)
	}
	if t := tallyOf(text); t.isBrokenUTF8() || marked {
		return "", textError{1 + strings.Count(text[:t.first], "\n"), errBroken}
	}
	return noZeros(fromWindows1251(text))
}

func noZeros(text string) (string, error) {
	if at := strings.IndexByte(text, 0); at >= 0 {
		return "", textError{1 + strings.Count(text[:at], "\n"), errBinary}
	}
	return text, nil
}

// tally tells UTF-8 with a few bad bytes from windows-1251, whose letters hardly ever form a valid
// sequence by chance.
type tally struct {
	good, bad int // characters beyond ASCII, and bytes that are of none
	first     int // place of the first bad byte
}

func tallyOf(text string) (t tally) {
	for i := 0; i < len(text); {
		if text[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, width := utf8.DecodeRuneInString(text[i:])
		switch {
		case r != utf8.RuneError || width > 1:
			t.good++
		case t.bad == 0:
			t.bad, t.first = 1, i
		default:
			t.bad++
		}
		i += width
	}
	return t
}

// add adds the numbers of a later part of the text.
func (t *tally) add(later tally) {
	t.good += later.good
	t.bad += later.bad
}

// isBrokenUTF8 says that it is UTF-8 with bad bytes: reading it as windows-1251 would turn every name into
// rubbish without a word.
func (t tally) isBrokenUTF8() bool { return t.good > t.bad }

var windows1251 = func() (letters [256]string) {
	for i := range letters {
		letters[i] = string(charmap.Windows1251.DecodeByte(byte(i)))
	}
	return letters
}()

func fromWindows1251(text string) string {
	var b strings.Builder
	b.Grow(len(text) + len(text)/2)
	for i := 0; i < len(text); {
		plain := i
		for i < len(text) && text[i] < utf8.RuneSelf {
			i++
		}
		b.WriteString(text[plain:i])
		for i < len(text) && text[i] >= utf8.RuneSelf {
			b.WriteString(windows1251[text[i]])
			i++
		}
	}
	return b.String()
}
