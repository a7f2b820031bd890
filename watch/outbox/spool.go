package outbox

import (
	"io"

	"obmen/watch/drop"
)

// spoolInMemory is how many bytes a spool holds in memory.
const spoolInMemory = 256 << 10

// spool keeps what is written to it, in order: the end in memory, what is before it in a temporary file.
type spool struct {
	folder drop.Folder
	mem    []byte
	file   *drop.Scratch
	size   int64 // of the file
}

var (
	_ io.Writer   = (*spool)(nil)
	_ io.WriterTo = (*spool)(nil)
)

func (s *spool) Write(p []byte) (int, error) {
	if len(s.mem) > 0 && len(s.mem)+len(p) > spoolInMemory {
		if err := s.spill(); err != nil {
			return 0, err
		}
	}
	s.mem = append(s.mem, p...)
	return len(p), nil
}

func (s *spool) spill() (err error) {
	if s.file == nil {
		if s.file, err = s.folder.Scratch(); err != nil {
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

// WriteTo gives everything from the beginning, any number of times.
func (s *spool) WriteTo(w io.Writer) (n int64, err error) {
	if s.file != nil {
		if n, err = io.Copy(w, io.NewSectionReader(s.file, 0, s.size)); err != nil {
			return n, err
		}
	}
	m, err := w.Write(s.mem)
	return n + int64(m), err
}

// close forgets everything; the spool can be used again.
func (s *spool) close() error {
	f := s.file
	s.mem, s.size, s.file = nil, 0, nil
	if f == nil {
		return nil
	}
	return f.Close()
}
