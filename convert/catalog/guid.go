package catalog

import "encoding/hex"

// no one is 1C's empty reference.
const nobody = "00000000-0000-0000-0000-000000000000"

// guid is a GUID of 1C; the zero value, 1C's empty reference, is none.
type guid [16]byte

// guidPlaces is where the bytes of a GUID stand in its text.
var guidPlaces = [16]int{0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34}

const noDigit = 0xff

var hexDigits = func() (digits [256]byte) {
	for i := range digits {
		digits[i] = noDigit
	}
	for i, c := range []byte("0123456789abcdef") {
		digits[c] = byte(i)
	}
	for i, c := range []byte("ABCDEF") {
		digits[c] = byte(10 + i)
	}
	return digits
}()

// parseGUID reads a GUID in letters of either case.
func parseGUID(s string) (id guid, ok bool) {
	if len(s) != len(nobody) || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return id, false
	}
	wrong := byte(0)
	for i, at := range guidPlaces {
		high, low := hexDigits[s[at]], hexDigits[s[at+1]]
		wrong |= high | low
		id[i] = high<<4 | low
	}
	return id, wrong < 16
}

// packBytes is a GUID as tables keep it: its 16 bytes, "" for none.
func (id guid) packBytes() string {
	if id == (guid{}) {
		return ""
	}
	return string(id[:])
}

// unpackGUID is the text of a packed GUID, in small letters.
func unpackGUID(bytes string) string {
	if bytes == "" {
		return ""
	}
	var text [len(nobody)]byte
	out := text[:0]
	for i := range len(bytes) {
		if len(out) < len(nobody) && nobody[len(out)] == '-' {
			out = append(out, '-')
		}
		out = hex.AppendEncode(out, []byte{bytes[i]})
	}
	return string(out)
}

// readGUID reads a GUID of 1C.
func (s *csvFile) readGUID(column, value string) guid {
	if value == "" {
		return guid{}
	}
	id, ok := parseGUID(value)
	switch {
	case ok:
	case len(value) == 2*len(nobody)+1 && value[len(nobody)] == '#':
		s.reportCell(column, value, "a product and a characteristic in one cell", "the part behind # belongs into the column characteristic")
	default:
		s.reportCell(column, value, "not a GUID of 1C (8-4-4-4-12 hexadecimal digits)", "export Строка(Ссылка.УникальныйИдентификатор()), or leave the cell empty")
	}
	if !ok {
		return guid{}
	}
	return id
}
