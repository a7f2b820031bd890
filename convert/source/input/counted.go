package input

import (
	"bytes"
	"io"
)

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
