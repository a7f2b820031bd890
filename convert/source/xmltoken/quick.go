package xmltoken

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"sync"
	"unicode/utf8"

	"obmen/convert/source/input"
)

// QuickReader reads the XML that Amazon writes: a declaration, elements with attributes, text in UTF-8 with
// the usual references. It refuses everything else with errUnusual, be it right or wrong: encoding/xml,
// which takes some four times as long, then reads the file from its beginning (see envelope.read). So it
// never has to say what is wrong with a file.
type quickReader struct {
	from    io.Reader
	buf     []byte // buf[pos:] is read and not taken yet
	pos     int
	base    int64 // position of buf[0] in the stream
	lines   int   // line ends taken
	ended   bool
	closing bool     // the end of an element without content comes next
	open    []string // names of the open elements
	names   map[string]string
	decoded []byte // text without references
}

var errUnusual = errors.New("XML for encoding/xml")

const (
	QuickBufferSize = 256 << 10 // no tag or text of a report comes near it
	quickMostNames  = 1000      // of elements, and of currencies
)

var quickBuffers = sync.Pool{New: func() any { return new(make([]byte, QuickBufferSize)) }}

// NewQuickReader makes a reader; close gives its buffer back.
func newQuickReader(from io.Reader) *quickReader {
	return &quickReader{from: from, buf: (*quickBuffers.Get().(*[]byte))[:0], names: map[string]string{}}
}

func (q *quickReader) close() {
	buf := q.buf
	q.buf = nil
	quickBuffers.Put(&buf)
}

func (q *quickReader) offset() int64 { return q.base + int64(q.pos) }

func (q *quickReader) line() int { return q.lines + 1 }

func (q *quickReader) next() (Token, error) {
	if q.closing {
		q.closing = false
		return q.endElement(), nil
	}
	if q.pos == len(q.buf) {
		if err := q.fillBuffer(); err != nil {
			return Token{}, err
		}
		if q.pos == len(q.buf) {
			return Token{}, io.EOF
		}
	}
	if q.buf[q.pos] != '<' {
		return q.textToken()
	}
	tag, err := q.takeUntil('>', 1)
	switch {
	case err != nil:
		return Token{}, err
	case len(tag) < 2:
		return Token{}, errUnusual
	case tag[1] == '/':
		return q.endTag(tag[2:])
	case tag[1] == '?':
		return q.declaration(tag)
	}
	return q.startTag(tag[1:])
}

// fillBuffer fills the buffer. At the end of the stream it gives nothing, and io.EOF is for next to say.
func (q *quickReader) fillBuffer() error {
	if q.ended {
		return nil
	}
	waiting := copy(q.buf[:cap(q.buf)], q.buf[q.pos:])
	q.base += int64(q.pos)
	q.pos = 0
	if waiting == cap(q.buf) {
		return errUnusual
	}
	n, err := io.ReadFull(q.from, q.buf[waiting:cap(q.buf)])
	q.buf = q.buf[:waiting+n]
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		q.ended, err = true, nil
	}
	return err
}

// takeUntil takes what stands before a byte, and as many bytes behind it as behind counts.
func (q *quickReader) takeUntil(c byte, behind int) ([]byte, error) {
	for searched := 0; ; {
		if i := bytes.IndexByte(q.buf[q.pos+searched:], c); i >= 0 {
			found := q.buf[q.pos : q.pos+searched+i]
			q.lines += bytes.Count(found, []byte{'\n'})
			q.pos += len(found) + behind
			return found, nil
		}
		searched = len(q.buf) - q.pos
		if err := q.fillBuffer(); err != nil {
			return nil, err
		}
		if rest := q.buf[q.pos:]; len(rest) == searched {
			if len(q.open) > 0 || len(bytes.TrimSpace(rest)) > 0 {
				return nil, errUnusual
			}
			q.pos = len(q.buf)
			return rest, nil // blanks behind the last tag
		}
	}
}

// declaration takes <?xml version="1.0"…?> at the beginning.
func (q *quickReader) declaration(tag []byte) (Token, error) {
	first := q.base == 0 && q.pos == len(tag)+1
	if !first || !bytes.HasPrefix(tag, []byte(`<?xml version="1.0"`)) || tag[len(tag)-1] != '?' || !isPlainText(tag[1:]) {
		return Token{}, errUnusual
	}
	return Token{}, nil
}

func (q *quickReader) endTag(name []byte) (Token, error) {
	if n := len(q.open); n == 0 || q.open[n-1] != string(name) {
		return Token{}, errUnusual
	}
	return q.endElement(), nil
}

func (q *quickReader) endElement() Token {
	last := len(q.open) - 1
	name := q.open[last]
	q.open = q.open[:last]
	return Token{Kind: End, Name: name}
}

func (q *quickReader) startTag(tag []byte) (Token, error) {
	if last := len(tag) - 1; tag[last] == '/' {
		q.closing, tag = true, tag[:last]
	}
	size := nameSize(tag)
	name, err := q.intern(tag[:size])
	if err != nil || size == 0 {
		return Token{}, errUnusual
	}
	q.open = append(q.open, name)
	t := Token{Kind: Start, Name: name}
	for tag = tag[size:]; len(tag) > 0; {
		attribute, value, rest, ok := cutAttribute(tag)
		if !ok {
			return Token{}, errUnusual
		}
		if tag = rest; string(attribute) == "currency" {
			if t.currency, err = q.intern(value); err != nil {
				return Token{}, err
			}
		}
	}
	return t, nil
}

// intern is a text that comes again and again.
func (q *quickReader) intern(text []byte) (string, error) {
	if s, ok := q.names[string(text)]; ok {
		return s, nil
	}
	if len(q.names) == quickMostNames {
		return "", errUnusual
	}
	s := string(text)
	q.names[s] = s
	return s, nil
}

// cutAttribute cuts the first attribute off a tag, with the blanks before and behind it; the name without
// its prefix.
func cutAttribute(tag []byte) (name, value, rest []byte, ok bool) {
	begin := input.SkipBlanks(tag, 0)
	if begin == len(tag) {
		return nil, nil, nil, true
	}
	size := nameSize(tag[begin:])
	if begin == 0 || size == 0 {
		return nil, nil, nil, false
	}
	name, rest = tag[begin:begin+size], tag[begin+size:]
	if len(rest) > 0 && rest[0] == ':' {
		size = nameSize(rest[1:])
		if size == 0 {
			return nil, nil, nil, false
		}
		name, rest = rest[1:1+size], rest[1+size:]
	}
	if len(rest) < 3 || rest[0] != '=' || rest[1] != '"' {
		return nil, nil, nil, false
	}
	value, rest, ok = bytes.Cut(rest[2:], []byte{'"'})
	return name, value, rest, ok && isPlainText(value)
}

// nameSize is the length of the name that a text begins with.
func nameSize(b []byte) int {
	for i, c := range b {
		switch letter := c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_'; {
		case letter, i > 0 && (c >= '0' && c <= '9' || c == '-' || c == '.'):
		default:
			return i
		}
	}
	return len(b)
}

// textToken takes the text up to the next tag.
func (q *quickReader) textToken() (Token, error) {
	raw, err := q.takeUntil('<', 0)
	if err == nil && !isPlainText(raw) {
		raw, err = q.resolveReferences(raw)
	}
	return Token{Kind: Text, Text: raw}, err
}

// isPlainText reports whether a text means what it shows: no reference, no tag, nothing that XML forbids or
// changes. Characters near the end of the basic plane, of which XML forbids two, are not asked about.
func isPlainText(text []byte) bool {
	ascii := true
	for i, c := range text {
		switch {
		case c >= utf8.RuneSelf:
			if ascii = false; c == 0xef {
				return false
			}
		case c < ' ' && c != '\n' && c != '\t', c == '&', c == '<':
			return false
		case c == '>' && i >= 2 && text[i-1] == ']' && text[i-2] == ']':
			return false
		}
	}
	return ascii || utf8.Valid(text)
}

var xmlReferences = []struct{ name, means string }{
	{"&amp;", "&"}, {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", `"`}, {"&apos;", "'"}, {"&#39;", "'"}, {"&#34;", `"`},
}

// resolveReferences is a text with the characters that its references stand for, and with plain line ends.
func (q *quickReader) resolveReferences(raw []byte) ([]byte, error) {
	q.decoded = q.decoded[:0]
	for len(raw) > 0 {
		special := bytes.IndexAny(raw, "&\r")
		if special < 0 {
			special = len(raw)
		}
		if !isPlainText(raw[:special]) {
			return nil, errUnusual
		}
		q.decoded = append(q.decoded, raw[:special]...)
		if raw = raw[special:]; len(raw) == 0 {
			break
		}
		size := 0
		if bytes.HasPrefix(raw, []byte("\r\n")) {
			size, q.decoded = len("\r\n"), append(q.decoded, '\n')
		}
		for _, r := range xmlReferences {
			if bytes.HasPrefix(raw, []byte(r.name)) {
				size, q.decoded = len(r.name), append(q.decoded, r.means...)
			}
		}
		if size == 0 {
			return nil, fmt.Errorf("%w: %.8q", errUnusual, raw)
		}
		raw = raw[size:]
	}
	return q.decoded, nil
}

// Token is a piece of XML: of a start its name and its attribute "currency", of a text what it says.
// The zero value is anything else, such as a comment. The text is good until the next token.
type Token struct {
	Kind     Kind
	Name     string
	currency string
	Text     []byte
}

type Kind byte

const (
	Start Kind = 1 + iota
	End
	Text
)

// Tokens are the tokens of a file.
type Tokens interface {
	next() (Token, error)
	offset() int64 // behind the last token
	line() int     // at the end of the last token
}

// StandardReader reads tokens by encoding/xml.
type standardReader struct{ *xml.Decoder }

func (s standardReader) offset() int64 { return s.InputOffset() }

func (s standardReader) line() int {
	line, _ := s.InputPos()
	return line
}

func (s standardReader) next() (Token, error) {
	tok, err := s.Token()
	if err != nil {
		return Token{}, err
	}
	switch t := tok.(type) {
	case xml.StartElement:
		start := Token{Kind: Start, Name: t.Name.Local}
		for _, a := range t.Attr {
			if a.Name.Local == "currency" {
				start.currency = a.Value
			}
		}
		return start, nil
	case xml.EndElement:
		return Token{Kind: End, Name: t.Name.Local}, nil
	case xml.CharData:
		return Token{Kind: Text, Text: t}, nil
	case xml.Directive:
		return Token{}, fmt.Errorf("%w: a document type declaration at byte %d", input.ErrHostile, s.InputOffset())
	}
	return Token{}, nil
}
