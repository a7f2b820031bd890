package input

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"obmen/convert/order"
)

// Charset is how the text of a file is encoded, and how many bytes of byte order mark stand before it.
type Charset struct {
	encoding encoding.Encoding // nil is UTF-8
	mark     int
}

var (
	littleEndian = unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	bigEndian    = unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
)

// The names of charsets as Amazon and others spell them, in small letters and digits. ISO-8859-1 is
// read as Windows-1252, which says the same and more: euro signs and curly quotes are in real reports.
var charsets = map[string]encoding.Encoding{
	"utf8":        nil,
	"utf16le":     littleEndian,
	"utf16be":     bigEndian,
	"usascii":     charmap.Windows1252,
	"cp1252":      charmap.Windows1252,
	"windows1252": charmap.Windows1252,
	"iso88591":    charmap.Windows1252,
	"latin1":      charmap.Windows1252,
	"iso885915":   charmap.ISO8859_15,
	"iso88592":    charmap.ISO8859_2,
	"cp1250":      charmap.Windows1250,
	"windows1250": charmap.Windows1250,
	"cp1251":      charmap.Windows1251,
	"windows1251": charmap.Windows1251,
	"windows31j":  japanese.ShiftJIS,
	"shiftjis":    japanese.ShiftJIS,
	"sjis":        japanese.ShiftJIS,
	"mskanji":     japanese.ShiftJIS,
	"cp932":       japanese.ShiftJIS,
	"ms932":       japanese.ShiftJIS,
	"cp943c":      japanese.ShiftJIS,
	"eucjp":       japanese.EUCJP,
}

// nameSeparators are what the spellings of one name differ in.
var nameSeparators = strings.NewReplacer("-", "", "_", "", " ", "", ":", "", `"`, "")

// CharsetNamed finds a charset by name; "Shift_JIS", "shift-jis" and "SHIFTJIS" are one.
func CharsetNamed(name string) (encoding.Encoding, bool) {
	enc, ok := charsets[strings.ToLower(nameSeparators.Replace(name))]
	return enc, ok
}

// markedCharset finds the charset that the first bytes of a file tell: a byte order mark, or the zero bytes
// that UTF-16 without a mark puts between the letters of a header line.
func markedCharset(head []byte) (Charset, bool) {
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		return Charset{nil, 3}, true
	case bytes.HasPrefix(head, []byte("\xff\xfe")):
		return Charset{littleEndian, 2}, true
	case bytes.HasPrefix(head, []byte("\xfe\xff")):
		return Charset{bigEndian, 2}, true
	case len(head) < 4:
		return Charset{}, false
	case head[0] != 0 && head[1] == 0 && head[2] != 0 && head[3] == 0:
		return Charset{littleEndian, 0}, true
	case head[0] == 0 && head[1] != 0 && head[2] == 0 && head[3] != 0:
		return Charset{bigEndian, 0}, true
	}
	return Charset{}, false
}

// decodeHead returns the beginning of a file as UTF-8 where its first bytes tell its encoding, and as it
// is otherwise. A character cut at the end is dropped.
func decodeHead(head []byte) []byte {
	cs, ok := markedCharset(head)
	if !ok {
		return head
	}
	head = head[cs.mark:]
	if cs.encoding == nil {
		return head
	}
	out, err := cs.encoding.NewDecoder().Bytes(head[:len(head)&^1])
	if err != nil {
		return head
	}
	return bytes.TrimSuffix(out, []byte("\ufffd"))
}

// OpenUnicode opens a file whose encoding is UTF-8 unless its first bytes say UTF-16; a byte order
// mark is dropped. JSON is never anything else.
func OpenUnicode(in Input) (io.ReadCloser, error) {
	cs, err := MarkedCharset(in)
	if err != nil {
		return nil, err
	}
	return cs.Open(in)
}

// MarkedCharset looks at the first bytes of a file for its charset; UTF-8 when they do not tell.
func MarkedCharset(in Input) (Charset, error) {
	r, err := in.Open()
	if err != nil {
		return Charset{}, err
	}
	defer r.Close()
	var head [4]byte
	n, err := io.ReadFull(r, head[:])
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return Charset{}, err
	}
	cs, _ := markedCharset(head[:n])
	return cs, nil
}

// Open opens a file as UTF-8 text without its byte order mark.
func (c Charset) Open(in Input) (io.ReadCloser, error) {
	r, err := in.Open()
	if err != nil {
		return nil, err
	}
	if _, err := io.CopyN(io.Discard, r, int64(c.mark)); err != nil {
		r.Close()
		return nil, err
	}
	if c.encoding == nil {
		return r, nil
	}
	return decoded{transform.NewReader(r, c.encoding.NewDecoder()), r}, nil
}

// FindCharset finds the encoding of a file by the first of these that tells: byte order mark, declared charset, valid UTF-8 to
// the last byte, then CP932 for a Japanese file and Windows-1252 for any other. A declared UTF-8 that
// the bytes disprove is not believed.
func FindCharset(in Input) (Charset, error) {
	cs, err := MarkedCharset(in)
	if err != nil {
		return Charset{}, in.RefuseOpen(err)
	}
	if cs != (Charset{}) {
		return cs, nil
	}
	if in.Charset != "" {
		enc, known := CharsetNamed(in.Charset)
		if !known {
			return Charset{}, UnknownCharset(in, in.Charset)
		}
		if enc != nil {
			return Charset{enc, 0}, nil
		}
	}
	valid, err := AllUTF8(in, false)
	if err != nil || valid {
		return Charset{}, err
	}
	return LegacyCharset(in)
}

// LegacyCharset chooses for a file that is not Unicode and whose charset is not declared.
func LegacyCharset(in Input) (Charset, error) {
	japan, err := isJapanese(in)
	if err != nil {
		return Charset{}, err
	}
	if japan {
		return Charset{japanese.ShiftJIS, 0}, nil
	}
	return Charset{charmap.Windows1252, 0}, nil
}

func UnknownCharset(in Input, name string) error {
	return NewFileError(
		order.Origin{File: in.Name},
		fmt.Errorf("unknown charset %q", Shorten(name)),
		"name one that the report uses: UTF-8, Cp1252, ISO-8859-1, windows-31j or UTF-16LE",
	)
}

// FindXMLCharset climbs a ladder like that of FindCharset: what the XML declaration names comes after a
// byte order mark and before all else, unless it names UTF-8 and the bytes disprove it.
func FindXMLCharset(in Input) (Charset, error) {
	cs, err := MarkedCharset(in)
	if err != nil {
		return Charset{}, in.RefuseOpen(err)
	}
	if cs != (Charset{}) {
		return cs, nil
	}
	name, err := declaredCharset(in)
	if err != nil {
		return Charset{}, in.RefuseOpen(err)
	}
	enc, known := CharsetNamed(name)
	switch {
	case name != "" && !known:
		return Charset{}, UnknownCharset(in, name)
	case enc != nil:
		return Charset{enc, 0}, nil
	}
	valid, err := AllUTF8(in, true)
	if err != nil || valid {
		return Charset{}, err
	}
	if enc, known := CharsetNamed(in.Charset); known && enc != nil {
		return Charset{enc, 0}, nil
	}
	return LegacyCharset(in)
}

// declaredCharset is the encoding that the XML declaration names: <?xml version="1.0" encoding="ISO-8859-1"?>.
func declaredCharset(in Input) (string, error) {
	r, err := in.Open()
	if err != nil {
		return "", err
	}
	defer r.Close()
	head, err := io.ReadAll(io.LimitReader(r, 512))
	if err != nil {
		return "", err
	}
	head, _, whole := bytes.Cut(head, []byte("?>"))
	_, head, named := bytes.Cut(head, []byte("encoding"))
	head = bytes.TrimLeft(head, " \t\r\n=")
	if !whole || !named || len(head) == 0 {
		return "", nil
	}
	name, _, _ := bytes.Cut(head[1:], head[:1]) // quoted or in apostrophes
	return string(name), nil
}

// ReadHead returns the first HeadSize bytes of the file, in UTF-8 where a byte order mark names the
// encoding. The error is a *FileError.
func (in Input) ReadHead() ([]byte, error) {
	r, err := in.Open()
	if err != nil {
		return nil, in.RefuseOpen(err)
	}
	defer r.Close()
	head, err := io.ReadAll(io.LimitReader(r, HeadSize))
	if err != nil {
		return nil, in.Refuse(err, "check the disk or share the file is on")
	}
	return decodeHead(head), nil
}
