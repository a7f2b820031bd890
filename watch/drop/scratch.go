package drop

import (
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Scratch is a file for the time being, which its owner alone may read: work that is too large for memory.
// It is never published and never durable, and goes with the program: at Close, and where the system can
// do that also when the program is killed; elsewhere Sweep finds it. It is always on the disk itself.
type Scratch struct {
	file *os.File
	path string
	left bool // its name is still there
}

// Scratch makes a file in the folder for files being written.
func (f Folder) Scratch() (*Scratch, error) {
	if err := f.makeTemp(); err != nil {
		return nil, refusedBy("make folder", f.temp(), err)
	}
	s := &Scratch{path: filepath.Join(f.temp(), rand.Text()+tempExt)}
	var err error
	s.file, s.left, err = createScratch(s.path)
	if err != nil {
		return nil, refusedBy("create", s.path, err)
	}
	return s, nil
}

// ReadAt is that of io.ReaderAt. Bytes that were never written are zero, or beyond the end.
func (s *Scratch) ReadAt(p []byte, at int64) (int, error) {
	n, err := s.file.ReadAt(p, at)
	if errors.Is(err, io.EOF) {
		return n, io.EOF
	}
	return n, refusedBy("read", s.path, err)
}

// WriteAt is that of io.WriterAt.
func (s *Scratch) WriteAt(p []byte, at int64) (int, error) {
	n, err := s.file.WriteAt(p, at)
	return n, refusedBy("write", s.path, err)
}

// Close takes the file away. Whether its last bytes arrived is nobody's concern any more.
func (s *Scratch) Close() error {
	_ = s.file.Close()
	if !s.left {
		return nil
	}
	if err := os.Remove(s.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return refusedBy("remove", s.path, err)
	}
	return nil
}
