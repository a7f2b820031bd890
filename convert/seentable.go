package convert

// seenTable is a hash table of orders in memory, some 26 bytes each. Its parts grow one after another, by
// a quarter each time: no growing doubles the memory.
type seenTable struct {
	parts [256]seenPart
	used  int
}

type seenPart struct {
	slots []seenSlot
	used  int
}

// seenSlot is an order; the zero slot is free, for no hash of 96 bits is zero.
type seenSlot struct {
	key orderKey
	rev revision
}

func (s *seenSlot) free() bool { return s.key == orderKey{} }

func (s *seenTable) get(key orderKey) (revision, bool) {
	p := &s.parts[key[0]]
	if len(p.slots) == 0 {
		return revision{}, false
	}
	slot := &p.slots[p.find(key)]
	return slot.rev, !slot.free()
}

func (s *seenTable) set(key orderKey, rev revision) {
	p := &s.parts[key[0]]
	if p.used >= len(p.slots)-len(p.slots)/8 {
		p.grow()
	}
	slot := &p.slots[p.find(key)]
	if slot.free() {
		p.used++
		s.used++
	}
	*slot = seenSlot{key, rev}
}

// all gives every order, nearly in the order of the keys.
func (s *seenTable) all(yield func(orderKey, revision) bool) {
	for i := range s.parts {
		for _, slot := range s.parts[i].slots {
			if !slot.free() && !yield(slot.key, slot.rev) {
				return
			}
		}
	}
}

// find gives the key's slot, or the free one where it belongs. Keys are hashes already.
func (p *seenPart) find(key orderKey) int {
	hash := uint64(key[1])<<24 | uint64(key[2])<<16 | uint64(key[3])<<8 | uint64(key[4])
	at := int(hash * uint64(len(p.slots)) >> 32)
	for !p.slots[at].free() && p.slots[at].key != key {
		if at++; at == len(p.slots) {
			at = 0
		}
	}
	return at
}

func (p *seenPart) grow() {
	old := p.slots
	p.slots = make([]seenSlot, max(8, len(old)+len(old)/4))
	for i := range old {
		if !old[i].free() {
			p.slots[p.find(old[i].key)] = old[i]
		}
	}
}
