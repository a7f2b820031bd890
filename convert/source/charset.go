package source

import (
	"io"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// decodeHead gives the beginning of a file as UTF-8 where a byte order mark tells its encoding, and
// as it is otherwise. A character cut at the end is dropped.
func decodeHead(head []byte) []byte {
	out, _, err := transform.Bytes(unicode.BOMOverride(transform.Nop), head)
	if err != nil {
		return head
	}
	return out
}

// openUnicode opens a file whose encoding is UTF-8 unless a byte order mark says UTF-16; the mark
// itself is dropped. JSON is never anything else.
func openUnicode(in Input) (io.ReadCloser, error) {
	r, err := in.Open()
	if err != nil {
		return nil, err
	}
	return decoded{transform.NewReader(r, unicode.BOMOverride(transform.Nop)), r}, nil
}

type decoded struct {
	io.Reader
	io.Closer
}
