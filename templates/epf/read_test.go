package epf_test

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"io"
	"strconv"
	"unicode/utf16"
)

// part is an entry that the reader below found in a container.
type part struct {
	name string
	data []byte
}

// takeApart reads a v8 container by its addresses. It shares nothing with the writer: it follows chains
// of blocks, as the platform writes them, and believes no length that it has not checked.
func takeApart(file []byte) ([]part, error) {
	if len(file) < 16 || binary.LittleEndian.Uint32(file) != 0x7fffffff {
		return nil, fmt.Errorf("no container: it begins with % x", file[:min(16, len(file))])
	}
	toc, err := blockAt(file, 16)
	if err != nil {
		return nil, fmt.Errorf("table of addresses: %w", err)
	}
	if len(toc)%12 != 0 {
		return nil, fmt.Errorf("table of addresses: %d bytes", len(toc))
	}
	var parts []part
	for ; len(toc) > 0; toc = toc[12:] {
		head, err := blockAt(file, binary.LittleEndian.Uint32(toc))
		if err != nil {
			return nil, fmt.Errorf("header of entry %d: %w", len(parts), err)
		}
		if len(head) < 24 || len(head)%2 != 0 {
			return nil, fmt.Errorf("header of entry %d: %d bytes", len(parts), len(head))
		}
		data, err := blockAt(file, binary.LittleEndian.Uint32(toc[4:]))
		if err != nil {
			return nil, fmt.Errorf("data of entry %d: %w", len(parts), err)
		}
		parts = append(parts, part{utf16Text(head[20 : len(head)-4]), data})
	}
	return parts, nil
}

// blockAt joins the chain of blocks that begins at an address.
func blockAt(file []byte, at uint32) ([]byte, error) {
	var out []byte
	want := -1
	for at != 0x7fffffff {
		if int64(at)+31 > int64(len(file)) {
			return nil, fmt.Errorf("address %d is behind the end", at)
		}
		line := file[at : at+31]
		if string(line[:2]) != "\r\n" || string(line[28:]) != " \r\n" || line[10] != ' ' || line[19] != ' ' {
			return nil, fmt.Errorf("address %d: %q is no header of a block", at, line)
		}
		var num [3]uint32
		for i := range num {
			n, err := strconv.ParseUint(string(line[2+9*i:10+9*i]), 16, 32)
			if err != nil {
				return nil, err
			}
			num[i] = uint32(n)
		}
		if want < 0 {
			want = int(num[0])
		}
		from, to := int64(at)+31, int64(at)+31+int64(num[1])
		if to > int64(len(file)) || num[1] == 0 && want > 0 {
			return nil, fmt.Errorf("address %d: room for %d bytes in a file of %d", at, num[1], len(file))
		}
		out = append(out, file[from:min(to, from+int64(want-len(out)))]...)
		if num[2] != 0x7fffffff && num[2] <= at {
			return nil, fmt.Errorf("address %d: the chain goes back to %d", at, num[2])
		}
		at = num[2]
	}
	if len(out) != want {
		return nil, fmt.Errorf("%d of %d bytes", len(out), want)
	}
	return out, nil
}

func inflate(data []byte) ([]byte, error) {
	r := bytes.NewReader(data)
	out, err := io.ReadAll(flate.NewReader(r))
	if err == nil && r.Len() > 0 {
		err = fmt.Errorf("%d bytes behind the packed data", r.Len())
	}
	return out, err
}

func utf16Text(b []byte) string {
	units := make([]uint16, len(b)/2)
	for i := range units {
		units[i] = binary.LittleEndian.Uint16(b[2*i:])
	}
	return string(utf16.Decode(units))
}
