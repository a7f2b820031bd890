package jsontree

import (
	"errors"
	"io"
	"strconv"
	"sync"

	"obmen/convert/source/input"
)

// Scanner walks the JSON values of a stream, one after another: into objects and arrays by their
// members and elements, over everything else value by value. Its errors are ErrBroken, what reading the
// stream ended with, io.EOF where nothing comes any more, and those of Doc.
type Scanner struct {
	from   io.Reader
	buf    []byte // buf[pos:] is read and not taken yet
	pos    int
	base   int64 // position of buf[0] in the stream
	taken  int64 // position behind the value, name or bracket taken last
	ended  bool  // buf holds the stream's end, with a blank behind it that ends a number
	levels []level
}

// level is an object or array that is open.
type level struct {
	array bool
	count int    // members or elements begun
	ready bool   // the comma before the next element, or the colon before the value, was taken
	name  string // of the member begun last
	names map[string]bool
}

// bufferSize is some fifty orders. The one that it cuts is read again from its beginning.
const bufferSize = 128 << 10

var buffers = sync.Pool{New: func() any { return new(make([]byte, bufferSize)) }}

// NewScanner makes a scanner; close gives its buffer back.
func NewScanner(from io.Reader) *Scanner {
	return &Scanner{from: from, buf: (*buffers.Get().(*[]byte))[:0]}
}

func (s *Scanner) Close() {
	if buf := s.buf; cap(buf) <= 2*bufferSize {
		buffers.Put(&buf)
	}
	s.buf = nil
}

// fillBuffer reads as much again as is waiting in the buffer, and no less than fills it: so a long value is
// not looked at over and over.
func (s *Scanner) fillBuffer() error {
	if s.ended {
		return io.EOF
	}
	waiting := s.buf[s.pos:]
	s.base += int64(s.pos)
	if len(waiting) > cap(s.buf)/2 {
		s.buf = append(make([]byte, 0, 2*cap(s.buf)), waiting...)
	} else {
		s.buf = append(s.buf[:0], waiting...)
	}
	s.pos = 0
	n, err := io.ReadFull(s.from, s.buf[len(s.buf):cap(s.buf)-1])
	s.buf = s.buf[:len(s.buf)+n]
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		s.ended, s.buf = true, append(s.buf, '\n')
		return nil
	}
	if n > 0 {
		return nil // the error comes again with the next bytes, if they are wanted
	}
	return err
}

// nextByte returns the first byte that is no blank, without taking it.
func (s *Scanner) nextByte() (byte, error) {
	for {
		if s.pos = input.SkipBlanks(s.buf, s.pos); s.pos < len(s.buf) {
			return s.buf[s.pos], nil
		}
		if err := s.fillBuffer(); err != nil {
			return 0, err
		}
	}
}

// nextInside is next where the stream must not end.
func (s *Scanner) nextInside() (byte, error) {
	c, err := s.nextByte()
	if errors.Is(err, io.EOF) {
		err = ErrBroken
	}
	return c, err
}

// Peek returns the first byte of the next value, or the bracket that closes an array. It takes the comma or
// colon before.
func (s *Scanner) Peek() (byte, error) {
	if len(s.levels) == 0 {
		return s.nextByte()
	}
	c, err := s.nextInside()
	top := &s.levels[len(s.levels)-1]
	between := byte(':')
	if top.array {
		between = ','
	}
	switch {
	case err != nil, top.ready, top.array && (top.count == 0 || c == ']'):
		return c, err
	case c != between:
		return 0, ErrBroken
	}
	s.pos++
	top.ready = true
	if c, err = s.nextInside(); err == nil && top.array && c == ']' {
		err = ErrBroken
	}
	return c, err
}

// Taken returns the position behind the value, name or bracket taken last, in bytes of the stream.
func (s *Scanner) Taken() int64 { return s.taken }

// Enter takes the bracket that opens an object or array.
func (s *Scanner) Enter() error {
	c, err := s.Peek()
	if err != nil {
		return err
	}
	s.countElement()
	s.advance(s.pos + 1)
	s.levels = append(s.levels, level{array: c == '['})
	return nil
}

// Leave takes the closing bracket.
func (s *Scanner) Leave() {
	s.advance(s.pos + 1)
	s.levels = s.levels[:len(s.levels)-1]
}

// advance goes on behind what ends at a place of the buffer.
func (s *Scanner) advance(end int) {
	s.pos, s.taken = end, s.base+int64(end)
}

// countElement counts an element. (A member was counted at its name.)
func (s *Scanner) countElement() {
	if n := len(s.levels); n > 0 {
		top := &s.levels[n-1]
		top.ready = false
		if top.array {
			top.count++
		}
	}
}

// NextMember takes the next name in an object; last says that the object is closed instead.
func (s *Scanner) NextMember() (name string, last bool, err error) {
	top := &s.levels[len(s.levels)-1]
	c, err := s.nextInside()
	if err == nil && c == '}' {
		s.Leave()
		return "", true, nil
	}
	if err == nil && top.count > 0 {
		if c != ',' {
			return "", false, ErrBroken
		}
		s.pos++
		_, err = s.nextInside()
	}
	if err != nil {
		return "", false, err
	}
	if name, err = s.readName(); err != nil {
		return "", false, err
	}
	if top.names[name] {
		return "", false, ErrBroken
	}
	if top.names == nil {
		top.names = map[string]bool{}
	}
	top.name, top.names[name] = name, true
	top.count++
	return name, false, nil
}

func (s *Scanner) readName() (string, error) {
	for {
		end, _, err := stringEnd(s.buf, s.pos)
		if err == nil {
			name := Unquote(s.buf[s.pos:end])
			s.advance(end)
			return name, nil
		}
		if err = s.readFurther(err); err != nil {
			return "", err
		}
	}
}

// ReadValue takes a value into a document. Its text stays until the scanner moves on.
func (s *Scanner) ReadValue(doc *Doc) error {
	if _, err := s.Peek(); err != nil {
		return err
	}
	for {
		err := doc.Parse(s.buf[s.pos:])
		if err == nil {
			s.advance(s.pos + len(doc.text))
			s.countElement()
			return nil
		}
		if err = s.readFurther(err); err != nil {
			return err
		}
	}
}

// readFurther reads on where a value does not end in the buffer.
func (s *Scanner) readFurther(err error) error {
	if err != errShort { //nolint:errorlint // its own
		return err
	}
	if err = s.fillBuffer(); errors.Is(err, io.EOF) {
		err = ErrBroken
	}
	return err
}

// AppendPointer points to the value that was taken or opened last.
func (s *Scanner) AppendPointer(b []byte) []byte {
	for i := range s.levels {
		switch l := &s.levels[i]; {
		case l.count == 0:
		case l.array:
			b = strconv.AppendInt(append(b, '/'), int64(l.count-1), 10)
		default:
			b = appendToken(b, l.name)
		}
	}
	return b
}

// appendToken adds a name to a pointer.
func appendToken[T string | []byte](b []byte, name T) []byte {
	b = append(b, '/')
	for i := range len(name) {
		switch name[i] {
		case '~':
			b = append(b, "~0"...)
		case '/':
			b = append(b, "~1"...)
		default:
			b = append(b, name[i])
		}
	}
	return b
}
