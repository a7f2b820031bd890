package epf

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"unicode/utf16"
)

const (
	// pageSize is the smallest room of a block's data: what the platform gives new containers.
	pageSize = 512
	// endMark stands where there is no next block, and where there is no third address.
	endMark = 0x7fffffff
	// headSize is the container's own header, blockHead the line before each block's data.
	headSize, blockHead = 16, 31
	// stamp is the time of all entries, in 1/10,000 s since the year 1: 2026-01-01T00:00:00. A clock
	// would give the same processor other bytes every day.
	stamp = 639_028_224_000_000
)

// entry is a named part of a container.
type entry struct {
	name string
	data []byte
}

// container lays entries out as one v8 container: a header, a table of addresses, and for each entry a
// block with its name and one with its data.
func container(entries []entry) []byte {
	toc := make([]byte, 0, 12*len(entries))
	var body bytes.Buffer
	start := headSize + blockHead + max(pageSize, 12*len(entries))
	for _, e := range entries {
		name := block(nameOf(e.name), 0)
		toc = binary.LittleEndian.AppendUint32(toc, uint32(start+body.Len()))
		toc = binary.LittleEndian.AppendUint32(toc, uint32(start+body.Len()+len(name)))
		toc = binary.LittleEndian.AppendUint32(toc, endMark)
		body.Write(name)
		body.Write(block(e.data, pageSize))
	}
	out := binary.LittleEndian.AppendUint32(nil, endMark)
	out = binary.LittleEndian.AppendUint32(out, pageSize)
	out = binary.LittleEndian.AppendUint32(out, uint32(len(entries)))
	out = binary.LittleEndian.AppendUint32(out, 0)
	out = append(out, block(toc, pageSize)...)
	return append(out, body.Bytes()...)
}

// block is a length line and the data, filled up with zeros to the room it has at least.
func block(data []byte, room int) []byte {
	room = max(room, len(data))
	out := fmt.Appendf(nil, "\r\n%08x %08x %08x \r\n", len(data), room, endMark)
	out = append(out, data...)
	return append(out, make([]byte, room-len(data))...)
}

// nameOf is the header block of an entry: when it was made and changed, flags, its name.
func nameOf(name string) []byte {
	out := binary.LittleEndian.AppendUint64(nil, stamp)
	out = binary.LittleEndian.AppendUint64(out, stamp)
	out = binary.LittleEndian.AppendUint32(out, 0)
	for _, unit := range utf16.Encode([]rune(name)) {
		out = binary.LittleEndian.AppendUint16(out, unit)
	}
	return append(out, 0, 0, 0, 0)
}

// deflate packs data as the entries of the outer container are: without the header of zlib.
func deflate(data []byte) []byte {
	var out bytes.Buffer
	w, err := flate.NewWriter(&out, flate.BestCompression)
	if err != nil {
		panic(err) // a level that does not exist is a programming mistake
	}
	w.Write(data) // a bytes.Buffer takes everything
	w.Close()
	return out.Bytes()
}
