// Package input is a file of orders before anything is known of it: how it is opened, how its text is
// encoded, how sources write times and flags, and how a file or one order of it is refused.
package input

import (
	"bytes"
	"io"

	"obmen/convert/order"
)

// Input is a file to read. Open may be called more than once and returns the same bytes each time:
// a report is read twice, once to learn its encoding and where its orders end.
type Input struct {
	Name    string // for messages and origins
	Open    func() (io.ReadCloser, error)
	Charset string // declared charset of a text file ("Cp1252", "windows-31j"); empty when none was declared
}

// HeadSize is how much of a file the formats judge it by: a report's header line and a first row, or
// the first keys of a JSON or XML body.
const HeadSize = 64 << 10

// Refuse returns the *FileError that refuses the file as a whole.
func (in Input) Refuse(err error, hint string) error {
	return &FileError{At: order.Origin{File: in.Name}, Err: err, Advice: hint}
}

// RefuseOpen refuses a file that cannot be opened or read.
func (in Input) RefuseOpen(err error) error {
	return in.Refuse(err, "check that the file is there and may be read")
}

// LooksLikeJSON reports whether a file begins like a JSON object, or an array of objects or arrays.
func LooksLikeJSON(head []byte) bool {
	first := SkipBlanks(head, 0)
	if first == len(head) || head[first] != '[' {
		return first < len(head) && head[first] == '{'
	}
	second := SkipBlanks(head, first+1)
	return second < len(head) && (head[second] == '{' || head[second] == '[')
}

// SkipBlanks returns the position of the first byte that is no blank.
func SkipBlanks(text []byte, pos int) int {
	for pos < len(text) && (text[pos] == ' ' || text[pos] == '\n' || text[pos] == '\r' || text[pos] == '\t') {
		pos++
	}
	return pos
}

// CountedFile counts the bytes of a file before they are decoded, and keeps the error that ended it.
type CountedFile struct {
	io.ReadCloser
	Size int64
	head []byte
	Err  error
}

// Wrap returns the input whose bytes are counted.
func (c *CountedFile) Wrap(in Input) Input {
	open := in.Open
	in.Open = func() (io.ReadCloser, error) {
		f, err := open()
		if err != nil {
			return nil, err
		}
		*c = CountedFile{ReadCloser: f}
		return c, nil
	}
	return in
}

func (c *CountedFile) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	c.Size += int64(n)
	if len(c.head) < 3 {
		c.head = append(c.head, p[:min(n, 3)]...)
	}
	if err != nil && err != io.EOF {
		c.Err = err
	}
	return n, err
}

// FileOffset turns an offset in the decoded text into one in the file. It is exact for UTF-8; of UTF-16
// text it counts two bytes a character.
func (c *CountedFile) FileOffset(decoded int64) int64 {
	switch {
	case bytes.HasPrefix(c.head, []byte("\xef\xbb\xbf")):
		return decoded + 3
	case bytes.HasPrefix(c.head, []byte("\xff\xfe")), bytes.HasPrefix(c.head, []byte("\xfe\xff")):
		return 2*decoded + 2
	case bytes.IndexByte(c.head, 0) >= 0:
		return 2 * decoded
	}
	return decoded
}
