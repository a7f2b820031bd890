package watch

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// spoolAbove is how many bytes of facts of one dropped file are held in memory: those of some thousand
// orders. What is more goes into a file, for memory must not grow with the input.
const spoolAbove = 4 << 20

// spoolName is that of files with facts in the state folder; a killed program leaves one there.
const spoolName = "facts-*.tmp"

// spool keeps the facts of the orders of one dropped file until the ledger gets them all at once. It need
// not outlive a crash: the file is then converted again.
type spool struct {
	dir   string
	above int    // 0 means spoolAbove
	mem   []byte // what comes behind the file's bytes
	file  *os.File
	size  int64 // of the file
}

// spot is where a record is in a spool.
type spot struct {
	at int64
	n  int
}

func (s *spool) add(record []byte) (spot, error) {
	if len(s.mem) > 0 && len(s.mem)+len(record) > cmp.Or(s.above, spoolAbove) {
		if err := s.spill(); err != nil {
			return spot{}, err
		}
	}
	p := spot{s.size + int64(len(s.mem)), len(record)}
	s.mem = append(s.mem, record...)
	return p, nil
}

// spill moves what is in memory to the end of the file.
func (s *spool) spill() (err error) {
	if s.file == nil {
		if s.file, err = os.CreateTemp(s.dir, spoolName); err != nil { // for its owner only: facts tell of buyers
			return err
		}
	}
	if _, err := s.file.WriteAt(s.mem, s.size); err != nil {
		return err
	}
	s.size += int64(len(s.mem))
	s.mem = s.mem[:0]
	return nil
}

// get reads a record; it is valid until the next add.
func (s *spool) get(p spot) ([]byte, error) {
	if p.n == 0 {
		return nil, nil
	}
	if at := p.at - s.size; at >= 0 {
		return s.mem[at : at+int64(p.n)], nil
	}
	record := make([]byte, p.n)
	if _, err := s.file.ReadAt(record, p.at); err != nil {
		return nil, fmt.Errorf("read what was noted of an order: %w", err)
	}
	return record, nil
}

// close forgets everything; the spool can be used again.
func (s *spool) close() error {
	s.mem, s.size = s.mem[:0], 0
	if s.file == nil {
		return nil
	}
	name := s.file.Name()
	err := s.file.Close()
	s.file = nil
	return errors.Join(err, os.Remove(name))
}

// sweepSpools removes the spools of a killed program.
func (w *Watcher) sweepSpools() error {
	left, err := filepath.Glob(filepath.Join(w.State, spoolName))
	for _, path := range left {
		err = errors.Join(err, os.Remove(path))
	}
	return err
}
