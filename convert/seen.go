package convert

import "cmp"

// seenInMemory is how many orders a run remembers in memory, in less than two megabytes. What it knows of
// more lies in a temporary file: memory must not grow with the input.
const seenInMemory = 1 << 16

// seenOrders remembers the revision of every order of a run. The zero value keeps all in memory; close
// it otherwise.
type seenOrders struct {
	scratch func() (Scratch, error) // nil where there can be no file
	most    int                     // in memory; 0 means seenInMemory
	table   seenTable               // until there is a file
	file    *seenFile
}

func (s *seenOrders) get(key orderKey) (rev revision, ok bool, err error) {
	if s.file != nil {
		return s.file.get(key)
	}
	rev, ok = s.table.get(key)
	return rev, ok, nil
}

func (s *seenOrders) set(key orderKey, rev revision) error {
	if s.file == nil {
		if s.scratch == nil || s.table.used < cmp.Or(s.most, seenInMemory) {
			s.table.set(key, rev)
			return nil
		}
		if err := s.spill(); err != nil {
			return err
		}
	}
	return s.file.set(key, rev)
}

// spill moves what is in memory into a file.
func (s *seenOrders) spill() (err error) {
	if s.file, err = newSeenFile(s.scratch, 1+4*s.table.used/bucketSlots); err != nil {
		return err
	}
	for key, rev := range s.table.all {
		if err := s.file.set(key, rev); err != nil {
			return err
		}
	}
	s.table = seenTable{}
	return nil
}

// close lets go of the file. Nothing is remembered any more.
func (s *seenOrders) close() error {
	f := s.file
	s.file, s.table = nil, seenTable{}
	if f == nil {
		return nil
	}
	return f.f.Close()
}
