package input

import (
	"bytes"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/transform"
)

const scanSize = 64 << 10

// AllUTF8 reads a whole file and reports whether it is valid UTF-8. With cut, a character that the end of
// the file cuts is forgiven: it tells that the file is not whole, not that it is not UTF-8.
func AllUTF8(in Input, cut bool) (bool, error) {
	var rest []byte
	valid := true
	err := scanFile(in, func(chunk []byte) bool {
		whole := len(chunk) - unfinishedBytes(chunk)
		valid = utf8.Valid(chunk[:whole])
		rest = chunk[whole:]
		return valid
	}, func() []byte { return rest })
	return valid && (cut || len(rest) == 0), err
}

// unfinishedBytes counts the bytes at the end of b that begin a character and do not finish it.
func unfinishedBytes(b []byte) int {
	for n := 1; n < utf8.UTFMax && n <= len(b); n++ {
		if last := b[len(b)-n:]; utf8.RuneStart(last[0]) {
			if utf8.FullRune(last) {
				return 0
			}
			return n
		}
	}
	return 0
}

// What only a report about Japan holds: its sales channel, its currency, or its country in a cell.
var japanMarks = [][]byte{
	[]byte("Amazon.co.jp"), []byte("JPY"), []byte("\tJP\t"), []byte("\tJP\r"), []byte("\tJP\n"), []byte(",JP,"), []byte(";JP;"),
}

// isJapanese reports whether a file names Japan and all of it can be read as CP932. The second half
// matters: one parcel to Japan does not make the other umlauts of a report Japanese.
func isJapanese(in Input) (bool, error) {
	named := false
	var tail []byte
	err := scanFile(in, func(chunk []byte) bool {
		for _, mark := range japanMarks {
			named = named || bytes.Contains(chunk, mark)
		}
		tail = chunk[max(0, len(chunk)-16):]
		return !named
	}, func() []byte { return tail })
	if err != nil || !named {
		return false, err
	}
	return isCP932(in)
}

type decoded struct {
	io.Reader
	io.Closer
}

func isCP932(in Input) (bool, error) {
	open := func() (io.ReadCloser, error) {
		r, err := in.Open()
		if err != nil {
			return nil, err
		}
		return decoded{transform.NewReader(r, japanese.ShiftJIS.NewDecoder()), r}, nil
	}
	valid := true
	var tail []byte
	err := scanFile(Input{Name: in.Name, Open: open}, func(chunk []byte) bool {
		valid = !bytes.Contains(chunk, []byte("\ufffd"))
		tail = chunk[max(0, len(chunk)-2):]
		return valid
	}, func() []byte { return tail })
	return valid, err
}

// scanFile reads a file in chunks until look says no. Each chunk begins with what keep gives after the
// one before it.
func scanFile(in Input, look func(chunk []byte) bool, keep func() []byte) error {
	r, err := in.Open()
	if err != nil {
		return in.RefuseOpen(err)
	}
	defer r.Close()
	buf := make([]byte, scanSize)
	for kept := 0; ; kept = copy(buf, keep()) {
		n, err := io.ReadFull(r, buf[kept:])
		if n > 0 && !look(buf[:kept+n]) {
			return nil
		}
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			return nil
		}
		if err != nil {
			return in.RefuseOpen(err)
		}
	}
}
