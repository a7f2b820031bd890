package ui

import (
	"fmt"
	"io"
	"os"
	"sync"
	"unicode/utf8"

	"obmen/watch/desk/words"
)

// SafeWriter passes text on with everything escaped that a terminal or a reader's eye would obey: control
// characters (ESC, BEL, C1), those that turn the direction of text, and those without width. They come from
// order numbers, names and messages of others. An escape is written as in JSON (\u202e), so that JSON that
// passes through keeps its values; a byte that is no UTF-8 becomes \x9b.
//
// Line breaks and tabs pass, a carriage return before a line break, and a byte order mark at the beginning.
type SafeWriter struct {
	mu      sync.Mutex
	w       io.Writer
	begun   bool
	pending []byte // the beginning of a character, or a carriage return, whose rest comes with the next write
}

// NewSafeWriter filters what is written to w.
func NewSafeWriter(w io.Writer) *SafeWriter { return &SafeWriter{w: w} }

// Raw returns the file below a filter; nil when there is none.
func Raw(w io.Writer) *os.File {
	if s, ok := w.(*SafeWriter); ok {
		w = s.w
	}
	f, _ := w.(*os.File)
	return f
}

func (s *SafeWriter) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	text := append(s.pending, b...)
	safe, rest := s.escape(make([]byte, 0, len(text)), text)
	s.pending = append([]byte(nil), rest...)
	if len(safe) == 0 {
		return len(b), nil
	}
	if _, err := s.w.Write(safe); err != nil {
		return 0, err
	}
	return len(b), nil
}

// escape appends text to safe, and returns what cannot be judged before more of it comes.
func (s *SafeWriter) escape(safe, text []byte) (out, rest []byte) {
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		switch {
		case r == utf8.RuneError && size == 1:
			if !utf8.FullRune(text) {
				return safe, text
			}
			safe = fmt.Appendf(safe, `\x%02x`, text[0])
		case r == '\r' && len(text) == 1:
			return safe, text
		case r == '\r' && text[1] == '\n', r == '\ufeff' && !s.begun:
			safe = append(safe, text[:size]...)
		case words.Unsafe(r):
			safe = words.AppendEscape(safe, r)
		default:
			safe = append(safe, text[:size]...)
		}
		s.begun = true
		text = text[size:]
	}
	return safe, nil
}
