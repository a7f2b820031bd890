// Package cml reads the CommerceML files that 1C's "Обмен с сайтом" sends to a site: orders with what
// became of them in 1C, products, and offers. CommerceML 2.03 to 3.1 is understood, with and without a
// namespace, bare or with every document in a Контейнер, in UTF-8, UTF-16 and windows-1251.
//
// Files are read as a stream: one order, product or offer is in memory at a time, and each may have at
// most ElementLimit bytes. What a file has besides is passed over.
package cml

import (
	"bufio"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// ElementLimit is how many bytes one order, product or offer may have: many times what a real one
// has.
const ElementLimit = 8 << 20

// root is the outermost element of every CommerceML file.
const root = "КоммерческаяИнформация"

// ErrTruncated is the cause when a file ends in its middle: the rest may still come.
var ErrTruncated = errors.New("the file ends in its middle")

// Error refuses a file.
type Error struct {
	Line int // 1-based, of the place where reading stopped
	Err  error
}

func (e *Error) Error() string { return fmt.Sprintf("line %d: %v", e.Line, e.Err) }

func (e *Error) Unwrap() error { return e.Err }

// Hint returns the next step.
func (e *Error) Hint() string {
	return "repeat the exchange in 1C; if the file is refused again, look at the exchange's settings and additional processing"
}

// reader walks through one file.
type reader struct {
	xml   *xml.Decoder
	guard *guard
	path  []string // names of the open elements, from the root on
	root  bool     // the root has begun
}

func newReader(r io.Reader) (*reader, error) {
	text, err := utf8Text(r)
	if err != nil {
		return nil, err
	}
	g := &guard{r: text, left: ElementLimit}
	d := xml.NewDecoder(g)
	d.CharsetReader = charset
	return &reader{xml: d, guard: g}, nil
}

// utf8Text decodes what a byte order mark announces; the XML declaration rules without one.
func utf8Text(r io.Reader) (io.Reader, error) {
	b := bufio.NewReaderSize(r, 64<<10)
	head, err := b.Peek(2)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	switch string(head) {
	case "\xff\xfe", "\xfe\xff":
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder().Reader(b), nil
	}
	if mark, _ := b.Peek(3); string(mark) == "\xef\xbb\xbf" {
		_, err = b.Discard(3)
	} else {
		err = nil
	}
	return b, err
}

// charset serves the encodings that 1C declares. UTF-16 was decoded by its mark before.
func charset(name string, r io.Reader) (io.Reader, error) {
	switch strings.ToLower(name) {
	case "windows-1251", "cp1251":
		return charmap.Windows1251.NewDecoder().Reader(r), nil
	case "utf-8", "utf8", "utf-16", "":
		return r, nil
	}
	return nil, fmt.Errorf("encoding %q is not known", name)
}

// errTooLarge is the cause when an element has more than ElementLimit bytes.
var errTooLarge = fmt.Errorf("one element has more than %d bytes", ElementLimit)

// guard bounds what the decoder takes in for one element.
type guard struct {
	r    io.Reader
	left int
	err  error // why the file cannot be read on, but for its end
	seen int64 // bytes that were read
	end  bool  // there are no more
}

func (g *guard) Read(p []byte) (int, error) {
	if g.left <= 0 {
		g.err = errTooLarge
		return 0, g.err
	}
	n, err := g.r.Read(p[:min(len(p), g.left)])
	g.left -= n
	g.seen += int64(n)
	g.end = g.end || errors.Is(err, io.EOF)
	if err != nil && !errors.Is(err, io.EOF) {
		g.err = err
	}
	return n, err
}

// refill gives the next element its bytes; the decoder's buffer is on top of them.
func (g *guard) refill() { g.left = ElementLimit }

// next returns the next start of an element, and io.EOF behind the root's end.
func (r *reader) next() (xml.StartElement, error) {
	for {
		r.guard.refill()
		token, err := r.xml.Token()
		if err != nil {
			return xml.StartElement{}, r.refuse(err)
		}
		switch t := token.(type) {
		case xml.EndElement:
			r.path = r.path[:len(r.path)-1]
		case xml.CharData:
			if len(r.path) == 0 && strings.Trim(string(t), " \t\r\n") != "" {
				return xml.StartElement{}, r.refuse(errNoXML)
			}
		case xml.StartElement:
			r.root = true
			if len(r.path) == 0 && t.Name.Local != root {
				return t, r.refuse(fmt.Errorf("<%s> is no CommerceML: its outermost element is <%s>", clip(t.Name.Local), root))
			}
			if len(r.path) == maxDepth {
				return t, r.refuse(errTooDeep)
			}
			r.path = append(r.path, t.Name.Local)
			return t, nil
		}
	}
}

var errNoXML = errors.New("text that is no XML")

// maxDepth is how deep elements may stand in one another; groups of products are the deepest of them.
const maxDepth = 200

var errTooDeep = fmt.Errorf("elements stand more than %d deep in one another", maxDepth)

// decode reads the element that next returned, whole.
func (r *reader) decode(to any, start *xml.StartElement) error {
	r.path = r.path[:len(r.path)-1]
	return r.refuse(r.xml.DecodeElement(to, start))
}

// skip passes over the element that next returned, however long it is.
func (r *reader) skip() error {
	for depth := len(r.path) - 1; ; {
		r.guard.refill()
		token, err := r.xml.Token()
		if err != nil {
			return r.refuse(err)
		}
		switch token.(type) {
		case xml.StartElement:
			r.path = append(r.path, "")
		case xml.EndElement:
			r.path = r.path[:len(r.path)-1]
			if len(r.path) == depth {
				return nil
			}
		}
		if len(r.path) > maxDepth {
			return r.refuse(errTooDeep)
		}
	}
}

// refuse tells a file that ends too early from one that is no XML.
func (r *reader) refuse(err error) error {
	if err == nil {
		return nil
	}
	syntax, isSyntax := errors.AsType[*xml.SyntaxError](err)
	switch {
	case errors.Is(err, io.EOF) && len(r.path) == 0 && r.root:
		return io.EOF
	case r.guard.err != nil:
		err = r.guard.err
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), isSyntax && (syntax.Msg == "unexpected EOF" || r.inCharacter(syntax)):
		err = ErrTruncated
	}
	line, _ := r.xml.InputPos()
	return &Error{Line: line, Err: err}
}

// inCharacter reports whether a mistake is only that the file ends within a character.
func (r *reader) inCharacter(err *xml.SyntaxError) bool {
	return err.Msg == "invalid UTF-8" && r.guard.end && r.guard.seen-r.xml.InputOffset() < 2*utf8.UTFMax
}

// property is a ЗначениеРеквизита. Of several values the first counts, as in 1C.
type property struct {
	Name   string   `xml:"Наименование"`
	Values []string `xml:"Значение"`
}

func (p *property) value() string {
	if len(p.Values) == 0 {
		return ""
	}
	return strings.TrimSpace(p.Values[0])
}

// clip keeps messages short.
func clip(s string) string {
	const most = 40
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}

// parseFlag reads the spellings of a flag.
func parseFlag(s string) bool {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "true", "1", "да", "истина":
		return true
	}
	return false
}
