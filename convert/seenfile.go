package convert

import (
	"encoding/binary"
	"errors"
	"io"
	"math/bits"
)

// Scratch is a temporary file of a run; no one else sees it, and Close takes it away. Bytes that were
// never written are zero, or beyond the end.
type Scratch interface {
	io.ReaderAt
	io.WriterAt
	io.Closer
}

// seenFile is a hash table of orders in a temporary file. Its buckets are pages of the disk, in the order
// of the keys' first bits, so that a larger table is filled from a smaller one from front to back. Of a
// key that its bucket has no room for the next one knows. A bucket is read when an order of it is asked
// for, and written when another bucket is read.
//
// Without their buyers and numbers, which only the hashes stand for, the orders need no protection.
type seenFile struct {
	scratch func() (Scratch, error)
	f       Scratch
	buckets int
	used    int // orders

	at    int // the bucket that page holds; none when negative
	page  [bucketSize]byte
	dirty bool // page is not in the file yet
}

const (
	bucketSize  = 4096
	slotSize    = keySize + 12 // a key, and its revision's three numbers; zero where it is free
	bucketSlots = bucketSize / slotSize
)

func newSeenFile(scratch func() (Scratch, error), buckets int) (*seenFile, error) {
	f, err := scratch()
	if err != nil {
		return nil, err
	}
	return &seenFile{scratch: scratch, f: f, buckets: buckets, at: -1}, nil
}

func (s *seenFile) get(key orderKey) (revision, bool, error) {
	slot, found, err := s.findSlot(key)
	if err != nil || !found {
		return revision{}, false, err
	}
	return revisionIn(slot), true, nil
}

func (s *seenFile) set(key orderKey, rev revision) error {
	slot, found, err := s.findSlot(key)
	if err != nil {
		return err
	}
	copy(slot, key[:])
	binary.BigEndian.PutUint32(slot[keySize:], rev.updated)
	binary.BigEndian.PutUint32(slot[keySize+4:], rev.print)
	binary.BigEndian.PutUint32(slot[keySize+8:], rev.sums)
	s.dirty = true
	if found {
		return nil
	}
	s.used++
	if s.used < s.buckets*bucketSlots/4*3 { // fuller, and many orders would lie in another bucket than theirs
		return nil
	}
	return s.doubleSize()
}

// findSlot returns the key's slot in page, or the free one where it belongs.
func (s *seenFile) findSlot(key orderKey) (slot []byte, found bool, err error) {
	first, _ := bits.Mul64(binary.BigEndian.Uint64(key[:]), uint64(s.buckets))
	for at := int(first); ; at = (at + 1) % s.buckets {
		if err := s.loadBucket(at); err != nil {
			return nil, false, err
		}
		for slot := range s.eachSlot {
			if known := orderKey(slot); known == key || known == (orderKey{}) {
				return slot, known == key, nil
			}
		}
	}
}

// eachSlot returns the slots of page.
func (s *seenFile) eachSlot(yield func([]byte) bool) {
	for at := 0; at+slotSize <= bucketSize; at += slotSize {
		if !yield(s.page[at : at+slotSize]) {
			return
		}
	}
}

func revisionIn(slot []byte) revision {
	return revision{
		updated: binary.BigEndian.Uint32(slot[keySize:]), print: binary.BigEndian.Uint32(slot[keySize+4:]),
		sums: binary.BigEndian.Uint32(slot[keySize+8:]),
	}
}

// loadBucket brings a bucket into page.
func (s *seenFile) loadBucket(at int) error {
	if at == s.at {
		return nil
	}
	if s.dirty {
		if _, err := s.f.WriteAt(s.page[:], int64(s.at)*bucketSize); err != nil {
			return err
		}
		s.dirty = false
	}
	s.at = -1
	n, err := s.f.ReadAt(s.page[:], int64(at)*bucketSize)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	clear(s.page[n:]) // behind the end no bucket was written yet
	s.at = at
	return nil
}

// doubleSize makes the table twice as large, in a file of its own.
func (s *seenFile) doubleSize() error {
	to, err := newSeenFile(s.scratch, 2*s.buckets)
	if err != nil {
		return err
	}
	for at := range s.buckets {
		if err = s.loadBucket(at); err != nil {
			break
		}
		for slot := range s.eachSlot {
			if key := orderKey(slot); key != (orderKey{}) && err == nil {
				err = to.set(key, revisionIn(slot))
			}
		}
		if err != nil {
			break
		}
	}
	if err != nil {
		return errors.Join(err, to.f.Close())
	}
	old := s.f
	*s = *to
	return old.Close()
}
