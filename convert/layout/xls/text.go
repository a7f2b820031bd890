package xls

import (
	"encoding/binary"
	"unicode/utf16"
	"unicode/utf8"
)

// Texts are written in one byte a character where Latin-1 has them all, else in UTF-16.

func encodeUTF16(s string) []byte {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return b
}

func isNarrow(s string) bool {
	for _, r := range s {
		if r > 0xFF || r == utf8.RuneError {
			return false
		}
	}
	return true
}

// encodeText are the bytes of a text, how many units they are, and the flag that says which.
func encodeText(s string) (b []byte, units int, wide byte) {
	if !isNarrow(s) {
		b = encodeUTF16(s)
		return b, len(b) / 2, 1
	}
	b = make([]byte, 0, len(s))
	for _, r := range s {
		b = append(b, byte(r))
	}
	return b, len(b), 0
}

// appendShort appends a text whose length is one byte.
func appendShort(b []byte, s string) []byte {
	chars, units, wide := encodeText(s)
	return append(append(b, byte(units), wide), chars...)
}

// appendLong appends a text whose length is two bytes.
func appendLong(b []byte, s string) []byte {
	chars, units, wide := encodeText(s)
	b = binary.LittleEndian.AppendUint16(b, uint16(units))
	return append(append(b, wide), chars...)
}

// texts are the different texts of all cells, numbered as they come.
type texts struct {
	index map[string]uint32
	list  []string
	uses  int
}

// numberOf finds or gives the number of a text.
func (t *texts) numberOf(s []byte) uint32 {
	t.uses++
	if n, ok := t.index[string(s)]; ok {
		return n
	}
	n := uint32(len(t.list))
	text := string(s)
	t.list = append(t.list, text)
	t.index[text] = n
	return n
}

// most is how many bytes a record holds; what is longer goes on in further ones.
const most = 8224

// appendTable appends the record of all texts (SST). A text's length stays with its first character, and
// where a text goes on in the next record, that begins with the flag again.
func (t *texts) appendTable(b []byte) []byte {
	le := binary.LittleEndian
	start := len(b)
	b = append(b, 0xFC, 0, 0, 0)
	b = le.AppendUint32(b, uint32(t.uses))
	b = le.AppendUint32(b, uint32(len(t.list)))
	size := func() int { return len(b) - start - 4 }
	next := func() {
		le.PutUint16(b[start+2:], uint16(size()))
		start = len(b)
		b = append(b, 0x3C, 0, 0, 0)
	}
	for _, s := range t.list {
		chars, units, wide := encodeText(s)
		step := 1 + int(wide)
		if size()+3+step > most {
			next()
		}
		b = le.AppendUint16(b, uint16(units))
		b = append(b, wide)
		for len(chars) > 0 {
			n := wholeUnits(chars, min(len(chars), (most-size())/step*step), wide)
			if n == 0 {
				next()
				b = append(b, wide)
				continue
			}
			b = append(b, chars[:n]...)
			chars = chars[n:]
		}
	}
	le.PutUint16(b[start+2:], uint16(size()))
	return b
}

// wholeUnits is n, or less where a character of two units would be torn: not every reader joins its halves.
func wholeUnits(chars []byte, n int, wide byte) int {
	if wide == 1 && n > 0 && n < len(chars) && chars[n-1]&0xFC == 0xD8 {
		return n - 2
	}
	return n
}

// appendRecord appends a record.
func appendRecord(b []byte, id uint16, parts ...[]byte) []byte {
	n := 0
	for _, p := range parts {
		n += len(p)
	}
	b = binary.LittleEndian.AppendUint16(b, id)
	b = binary.LittleEndian.AppendUint16(b, uint16(n))
	for _, p := range parts {
		b = append(b, p...)
	}
	return b
}
