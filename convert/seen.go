package convert

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"maps"
	"slices"

	"obmen/convert/order"
)

// orderKey stands for an order's scope and id. A run remembers one for every order it has seen, so it
// is small; 96 bits are enough that two orders never share one.
type orderKey [keySize]byte

const keySize = 12

func keyOf(scope, id string) orderKey {
	sum := sha256.Sum256([]byte(scope + "\x00" + id))
	return orderKey(sum[:keySize])
}

// revision tells two states of one order apart. 32 bits of the fingerprint do: they are compared
// between states of one order only.
type revision struct {
	updated uint32 // Unix seconds
	print   uint32
	sums    uint32 // of the quantities and amounts, and in its first byte of the format
}

func revisionOf(o *order.Order) revision {
	print, sums := fingerprintOf(o), sumsPrintOf(o)
	return revision{
		updated: uint32(max(0, o.Updated.Unix())), print: binary.BigEndian.Uint32(print[:]), sums: binary.BigEndian.Uint32(sums[:]),
	}
}

// hasOtherSums reports whether two states of an order have other quantities or amounts, as far as that can be
// told: each format has its own way to state them.
func (r revision) hasOtherSums(other revision) bool {
	const format = 0xff << 24
	return r.sums != other.sums && r.sums&format == other.sums&format
}

// seenInMemory is how many orders a run remembers in memory, in some five megabytes. What it knows of
// more lies in a temporary file: memory must not grow with the input. There an order costs two calls of the
// system, where everything else waits for them.
const seenInMemory = 1 << 17

// seenOrders remembers the revision of every order of a run. The zero value keeps all in memory; close
// it otherwise.
type seenOrders struct {
	scratch func() (Scratch, error) // nil where there can be no file
	most    int                     // in memory; 0 means seenInMemory
	table   map[orderKey]revision   // until there is a file
	file    *seenFile
}

func (s *seenOrders) get(key orderKey) (rev revision, ok bool, err error) {
	if s.file != nil {
		return s.file.get(key)
	}
	rev, ok = s.table[key]
	return rev, ok, nil
}

func (s *seenOrders) set(key orderKey, rev revision) error {
	if s.file == nil {
		if s.scratch == nil || len(s.table) < cmp.Or(s.most, seenInMemory) {
			if s.table == nil {
				s.table = make(map[orderKey]revision)
			}
			s.table[key] = rev
			return nil
		}
		if err := s.spill(); err != nil {
			return err
		}
	}
	return s.file.set(key, rev)
}

// spill moves what is in memory into a file, front to back: its buckets are in the order of the keys.
func (s *seenOrders) spill() (err error) {
	if s.file, err = newSeenFile(s.scratch, 1+4*len(s.table)/bucketSlots); err != nil {
		return err
	}
	for _, key := range slices.SortedFunc(maps.Keys(s.table), func(a, b orderKey) int { return bytes.Compare(a[:], b[:]) }) {
		if err := s.file.set(key, s.table[key]); err != nil {
			return err
		}
	}
	s.table = nil
	return nil
}

// close lets go of the file. Nothing is remembered any more.
func (s *seenOrders) close() error {
	f := s.file
	s.file, s.table = nil, nil
	if f == nil {
		return nil
	}
	return f.f.Close()
}
