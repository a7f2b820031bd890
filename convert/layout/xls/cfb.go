package xls

import (
	"encoding/binary"
	"io"
)

// The compound file of version 3: sectors of 512 bytes, chained by a table (FAT), which a second table
// (DIFAT) finds. It holds one stream here.
const (
	sector       = 512
	perSector    = sector / 4 // entries of the tables
	inHeader     = 109        // entries of the second table that stand in the header
	smallest     = 4096       // a shorter stream would have to lie in a stream of small ones
	freeSector   = 0xFFFFFFFF
	endOfChain   = 0xFFFFFFFE
	tableSector  = 0xFFFFFFFD
	table2Sector = 0xFFFFFFFC
	noEntry      = 0xFFFFFFFF
)

// compound is where everything lies in the file: the second table, the table, the directory, the
// stream.
type compound struct {
	stream                 int // its length in bytes, at least smallest
	table2, table, sectors int // how many sectors these take, and the stream
}

// layOut finds how many sectors the tables take, which they count themselves.
func layOut(length int) compound {
	c := compound{stream: max(length, smallest)}
	c.sectors = (c.stream + sector - 1) / sector
	for {
		all := c.table2 + c.table + 1 + c.sectors
		table := (all + perSector - 1) / perSector
		table2 := (max(0, table-inHeader) + perSector - 2) / (perSector - 1)
		if table == c.table && table2 == c.table2 {
			return c
		}
		c.table, c.table2 = table, table2
	}
}

// writeStart writes all that comes before the stream.
func (c compound) writeStart(w io.Writer, name string) error {
	for _, part := range [][]byte{c.headerSector(), c.secondTable(), c.firstTable(), c.directorySector(name)} {
		if _, err := w.Write(part); err != nil {
			return err
		}
	}
	return nil
}

// writeEnd fills the last sector, when so much of the stream has been written.
func (c compound) writeEnd(w io.Writer, written int) error {
	_, err := w.Write(make([]byte, c.sectors*sector-written))
	return err
}

func (c compound) headerSector() []byte {
	b := make([]byte, 0, sector)
	le := binary.LittleEndian
	b = append(b, 0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1)
	b = append(b, make([]byte, 16)...) // class
	for _, v := range []uint16{0x3E, 3, 0xFFFE, 9, 6, 0, 0, 0} {
		b = le.AppendUint16(b, v) // version, byte order, 512 and 64 bytes, reserved
	}
	first2 := uint32(endOfChain)
	if c.table2 > 0 {
		first2 = 0
	}
	for _, v := range []uint32{0, uint32(c.table), uint32(c.table2 + c.table), 0, smallest, endOfChain, 0, first2, uint32(c.table2)} {
		b = le.AppendUint32(b, v)
	}
	for i := range inHeader {
		b = le.AppendUint32(b, c.tableAt(i))
	}
	return b
}

// tableAt is the sector of the table's i-th part.
func (c compound) tableAt(i int) uint32 {
	if i >= c.table {
		return freeSector
	}
	return uint32(c.table2 + i)
}

func (c compound) secondTable() []byte {
	b := make([]byte, 0, c.table2*sector)
	i := inHeader
	for s := range c.table2 {
		for range perSector - 1 {
			b = binary.LittleEndian.AppendUint32(b, c.tableAt(i))
			i++
		}
		next := uint32(s + 1)
		if s+1 == c.table2 {
			next = endOfChain
		}
		b = binary.LittleEndian.AppendUint32(b, next)
	}
	return b
}

func (c compound) firstTable() []byte {
	b := make([]byte, 0, c.table*sector)
	put := func(v uint32) { b = binary.LittleEndian.AppendUint32(b, v) }
	for range c.table2 {
		put(table2Sector)
	}
	for range c.table {
		put(tableSector)
	}
	put(endOfChain) // the directory is one sector
	first := c.table2 + c.table + 1
	for s := 1; s < c.sectors; s++ {
		put(uint32(first + s))
	}
	put(endOfChain)
	for len(b) < c.table*sector {
		put(freeSector)
	}
	return b
}

func (c compound) directorySector(name string) []byte {
	const storage, file, root = 0, 2, 5
	first := uint32(c.table2 + c.table + 1)
	b := appendEntry(nil, "Root Entry", root, 1, endOfChain, 0)
	b = appendEntry(b, name, file, noEntry, first, uint32(c.stream))
	b = appendEntry(b, "", storage, noEntry, 0, 0)
	return appendEntry(b, "", storage, noEntry, 0, 0)
}

// appendEntry appends an entry of the directory.
func appendEntry(b []byte, name string, kind byte, child, first, size uint32) []byte {
	le := binary.LittleEndian
	at := len(b)
	b = append(b, encodeUTF16(name)...)
	length := 0
	if name != "" {
		length = len(b) - at + 2
	}
	b = append(b, make([]byte, 64-(len(b)-at))...)
	b = le.AppendUint16(b, uint16(length))
	b = append(b, kind, 1) // 1: black
	for _, v := range []uint32{noEntry, noEntry, child} {
		b = le.AppendUint32(b, v)
	}
	b = append(b, make([]byte, 16+4+8+8)...) // class, state, times
	b = le.AppendUint32(b, first)
	b = le.AppendUint32(b, size)
	return append(b, 0, 0, 0, 0)
}
