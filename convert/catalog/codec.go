package catalog

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"strings"

	"obmen/convert/money"
)

// errNotCached is what is wrong with anything but a whole entry of the cache.
var errNotCached = errors.New("no entry of this program's cache")

// codec writes the fields of a snapshot, or reads them again: the same calls do both, so that they
// cannot come apart. Exactly one of w and r is set. After an error it does nothing more.
type codec struct {
	w    io.Writer
	r    io.Reader
	left int64 // bytes still to read: no length can be larger
	sum  uint32
	buf  [1 << 16]byte
	err  error
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func (c *codec) fail() {
	if c.err == nil {
		c.err = errNotCached
	}
}

// raw writes or fills bytes.
func (c *codec) raw(p []byte) {
	if c.err != nil {
		return
	}
	if c.w != nil {
		_, c.err = c.w.Write(p)
	} else if c.left -= int64(len(p)); c.left < 0 {
		c.fail()
	} else {
		_, c.err = io.ReadFull(c.r, p)
	}
	c.sum = crc32.Update(c.sum, castagnoli, p)
}

// finish ends with the checksum, and nothing may come behind it.
func (c *codec) finish() {
	want := c.sum
	sum := want
	if c.number(&sum); sum != want || c.left != 0 {
		c.fail()
	}
}

func (c *codec) number(n *uint32) {
	var b [4]byte
	binary.LittleEndian.PutUint32(b[:], *n)
	c.raw(b[:])
	*n = binary.LittleEndian.Uint32(b[:])
}

// length is a number of things that each take a byte at least.
func (c *codec) length(n *uint32) {
	c.number(n)
	if c.r != nil && int64(*n) > c.left {
		*n = 0
		c.fail()
	}
}

func (c *codec) text(s *string) {
	n := uint32(len(*s))
	c.length(&n)
	if c.w != nil {
		for rest := *s; rest != "" && c.err == nil; {
			k := copy(c.buf[:], rest)
			c.raw(c.buf[:k])
			rest = rest[k:]
		}
		return
	}
	var b strings.Builder
	if c.err == nil {
		b.Grow(int(n))
	}
	for left := int(n); left > 0 && c.err == nil; {
		part := c.buf[:min(left, len(c.buf))]
		c.raw(part)
		b.Write(part)
		left -= len(part)
	}
	*s = b.String()
}

func (c *codec) texts(list *[]string) {
	n := uint32(len(*list))
	c.length(&n)
	if c.r != nil {
		*list = make([]string, n)
	}
	for i := range *list {
		c.text(&(*list)[i])
	}
}

func (c *codec) numbers(list *[]uint32) {
	n := uint32(len(*list))
	c.length(&n)
	if c.r != nil {
		*list = make([]uint32, n)
	}
	c.each(len(*list), 4, func(i int, b []byte) {
		if c.w != nil {
			binary.LittleEndian.PutUint32(b, (*list)[i])
		} else {
			(*list)[i] = binary.LittleEndian.Uint32(b)
		}
	})
}

func (c *codec) slots(list *[]slot) {
	n := uint32(len(*list))
	c.length(&n)
	if c.r != nil {
		*list = make([]slot, n)
	}
	c.each(len(*list), 8, func(i int, b []byte) {
		if s := &(*list)[i]; c.w != nil {
			binary.LittleEndian.PutUint32(b, s.hash)
			binary.LittleEndian.PutUint32(b[4:], s.number)
		} else {
			*s = slot{binary.LittleEndian.Uint32(b), binary.LittleEndian.Uint32(b[4:])}
		}
	})
}

// each writes or reads n things of a size, as many at a time as the buffer holds.
func (c *codec) each(n, size int, do func(i int, b []byte)) {
	for i := 0; i < n && c.err == nil; {
		k := min(n-i, len(c.buf)/size)
		part := c.buf[:k*size]
		if c.r != nil {
			c.raw(part)
		}
		for j := range k {
			do(i+j, part[j*size:])
		}
		if c.w != nil {
			c.raw(part)
		}
		i += k
	}
}

// rates reads VAT rates that were written as texts.
func (c *codec) rates(texts []string, list *[]money.VATRate) {
	if c.r == nil {
		return
	}
	*list = make([]money.VATRate, len(texts))
	for i, text := range texts {
		rate, err := money.ParseVATRate(text)
		if err != nil {
			c.fail()
		}
		(*list)[i] = rate
	}
}
