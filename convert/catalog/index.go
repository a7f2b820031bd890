package catalog

import (
	"slices"
	"sync"
)

// index finds the rows of a key without keeping the keys: a slot is 32 bits of the key's hash and a
// row, and the row's own cell reports whether it is the one. About 11 bytes for each key.
type index struct {
	key   func(b []byte, row uint32) []byte // appends the key of a row that was added
	slots []slot
	used  int
	next  []uint32 // number (row + 1) of the row before, of the same key; 0 ends the chain
}

type slot struct {
	hash   uint32
	number uint32 // row + 1 of the latest row of the key; 0 is a free slot
}

// hashOf is FNV-1a with its bits stirred, because an index looks at the upper ones.
func hashOf[T string | []byte](key T) uint32 { return hashEnd(hashMore(hashStart, key)) }

const hashStart uint64 = 14695981039346656037

func hashMore[T string | []byte](h uint64, text T) uint64 {
	for i := range len(text) {
		h = (h ^ uint64(text[i])) * 1099511628211
	}
	return h
}

func hashEnd(h uint64) uint32 { return uint32((h ^ h>>32) * 0x9e3779b97f4a7c15 >> 32) }

// add puts a row under a key. Rows without a key cannot be found by it.
func (x *index) add(key string, row uint32) {
	if key == "" {
		return
	}
	if x.used >= len(x.slots)/4*3 {
		x.resize(max(16, len(x.slots)*2))
	}
	hash := hashOf(key)
	x.putSlot(findSlot(x, hash, key, nil), slot{hash, row + 1})
}

func (x *index) putSlot(at int, s slot) {
	if before := x.slots[at].number; before == 0 {
		x.used++
	} else {
		x.chainRow(s.number-1, before)
	}
	x.slots[at] = s
}

// fillRows puts so many rows under their keys, in their order. again, unless it is nil, is told of a row and
// of the latest one before it that has its key, and reports whether to leave the row out.
func (x *index) fillRows(rows int, again func(before, row uint32) (leave bool)) {
	x.slots = make([]slot, roomFor(rows))
	var key []byte
	other := make([]byte, 0, 64)
	for row := range uint32(rows) {
		if key = x.key(key[:0], row); len(key) == 0 {
			continue
		}
		hash := hashOf(key)
		at := findSlot(x, hash, key, other)
		if before := x.slots[at].number; before == 0 || again == nil || !again(before-1, row) {
			x.putSlot(at, slot{hash, row + 1})
		}
	}
	x.trimSlots()
}

func (x *index) chainRow(row, before uint32) {
	if n := int(row) + 1 - len(x.next); n > 0 {
		x.next = slices.Grow(x.next, n)[:int(row)+1]
	}
	x.next[row] = before
}

// findSlot returns the key's slot, or the free one where it belongs. The keys of rows are made in room, nil for
// none.
func findSlot[T string | []byte](x *index, hash uint32, key T, room []byte) int {
	at := x.homeSlot(hash)
	for x.slots[at].number != 0 {
		if x.slots[at].hash == hash && string(x.key(room[:0], x.slots[at].number-1)) == string(key) {
			break
		}
		if at++; at == len(x.slots) {
			at = 0
		}
	}
	return at
}

// homeSlot spreads hashes evenly over any number of slots.
func (x *index) homeSlot(hash uint32) int { return int(uint64(hash) * uint64(len(x.slots)) >> 32) }

func (x *index) resize(n int) {
	old := x.slots
	x.slots = make([]slot, n)
	for _, s := range old {
		if s.number == 0 {
			continue
		}
		at := x.homeSlot(s.hash)
		for x.slots[at].number != 0 {
			if at++; at == n {
				at = 0
			}
		}
		x.slots[at] = s
	}
}

// trimSlots returns back the room that growth left.
func (x *index) trimSlots() {
	if room := roomFor(x.used); room < len(x.slots)-len(x.slots)/8 {
		x.resize(room)
	}
}

// roomFor returns the number of slots for that number of keys: three of four are used.
func roomFor(keys int) int { return keys + keys/3 + 2 }

// usualKey is room for most keys.
const usualKey = 64

// lastRow is the latest row of a key.
func (x *index) lastRow(key string) (row uint32, ok bool) {
	if key == "" || len(x.slots) == 0 {
		return 0, false
	}
	n := x.slots[findSlot(x, hashOf(key), key, make([]byte, 0, usualKey))].number
	return n - 1, n != 0
}

// mayHave reports whether a key of that hash may have rows.
func (x *index) mayHave(hash uint32) bool {
	if len(x.slots) == 0 {
		return false
	}
	for at := x.homeSlot(hash); x.slots[at].number != 0; {
		if x.slots[at].hash == hash {
			return true
		}
		if at++; at == len(x.slots) {
			at = 0
		}
	}
	return false
}

// onlyRow is the row of a key that has one row and no more.
func (x *index) onlyRow(key string) (row uint32, ok bool) {
	row, ok = x.lastRow(key)
	return row, ok && x.rowBefore(row) == 0
}

// allRows is every row of a key in the order they were added.
func (x *index) allRows(key string) []uint32 {
	row, ok := x.lastRow(key)
	if !ok {
		return nil
	}
	rows := []uint32{row}
	for n := x.rowBefore(row); n != 0; n = x.rowBefore(n - 1) {
		rows = append(rows, n-1)
	}
	slices.Reverse(rows)
	return rows
}

func (x *index) rowBefore(row uint32) uint32 {
	if int(row) >= len(x.next) {
		return 0
	}
	return x.next[row]
}

// lazy is an index that is made when it is first asked: most of them answer one kind of question, which
// many jobs never have.
type lazy struct {
	once  sync.Once
	rows  func() int
	index index
}

func newLazy(rows func() int, key func(b []byte, row uint32) []byte) *lazy {
	return &lazy{rows: rows, index: index{key: key}}
}

func (x *lazy) build() *index {
	x.once.Do(func() { x.index.fillRows(x.rows(), nil) })
	return &x.index
}
