package drop

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// DefaultSpillLimit is how many bytes a SpillBuffer holds in memory: the rows of some thousand held orders.
const DefaultSpillLimit = 256 << 10

// SpillBuffer holds what is written to it, in order: the newest bytes in memory, those before them in a
// Scratch file, so that memory does not grow with the input. It is not durable: after a crash its content is
// made again. The zero value with a Folder is ready; it belongs to one goroutine. Close it.
type SpillBuffer struct {
	Folder Folder // whose Temp holds the file
	Limit  int    // bytes in memory; 0 means DefaultSpillLimit

	mem  []byte // what follows the file's bytes
	file *Scratch
	size int64 // of the file
}

var (
	_ io.Writer   = (*SpillBuffer)(nil)
	_ io.WriterTo = (*SpillBuffer)(nil)
)

// Span is where a record stands in a SpillBuffer. The zero Span is an empty record.
type Span struct {
	At  int64 // byte offset
	Len int
}

// Write appends.
func (b *SpillBuffer) Write(p []byte) (int, error) {
	if _, err := b.Append(p); err != nil {
		return 0, err
	}
	return len(p), nil
}

// Append appends a record and returns where ReadSpan finds it.
func (b *SpillBuffer) Append(record []byte) (Span, error) {
	if len(b.mem) > 0 && len(b.mem)+len(record) > cmp.Or(b.Limit, DefaultSpillLimit) {
		if err := b.spill(); err != nil {
			return Span{}, err
		}
	}
	s := Span{b.size + int64(len(b.mem)), len(record)}
	b.mem = append(b.mem, record...)
	return s, nil
}

// spill moves what is in memory to the end of the file.
func (b *SpillBuffer) spill() (err error) {
	if b.file == nil {
		if b.file, err = b.Folder.Scratch(); err != nil {
			return err
		}
	}
	if _, err := b.file.WriteAt(b.mem, b.size); err != nil {
		return err
	}
	b.size += int64(len(b.mem))
	b.mem = b.mem[:0]
	return nil
}

// ReadSpan returns a record, which is valid until the next write.
func (b *SpillBuffer) ReadSpan(s Span) ([]byte, error) {
	if s.Len == 0 {
		return nil, nil
	}
	if at := s.At - b.size; at >= 0 {
		return b.mem[at : at+int64(s.Len)], nil
	}
	record := make([]byte, s.Len)
	if _, err := b.file.ReadAt(record, s.At); err != nil {
		return nil, err
	}
	return record, nil
}

// Reader reads everything from the beginning. It is valid until the next write.
func (b *SpillBuffer) Reader() io.Reader {
	if b.file == nil {
		return bytes.NewReader(b.mem)
	}
	return io.MultiReader(io.NewSectionReader(b.file, 0, b.size), bytes.NewReader(b.mem))
}

// WriteTo writes everything from the beginning, any number of times.
func (b *SpillBuffer) WriteTo(w io.Writer) (int64, error) { return io.Copy(w, b.Reader()) }

// Len is the number of bytes written.
func (b *SpillBuffer) Len() int64 { return b.size + int64(len(b.mem)) }

// Spilled reports whether a part lies on the disk.
func (b *SpillBuffer) Spilled() bool { return b.file != nil }

// Close drops everything and removes the file; the buffer can be used again.
func (b *SpillBuffer) Close() error {
	b.mem, b.size = b.mem[:0], 0
	if b.file == nil {
		return nil
	}
	f := b.file
	b.file = nil
	return f.Close()
}

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
