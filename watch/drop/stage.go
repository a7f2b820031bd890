package drop

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"path/filepath"
	"slices"
)

// Set is a set of files that become visible together, as nearly as a disk allows: nothing of it before
// all of it is durable, and then one name after another. It belongs to one goroutine.
type Set struct {
	folder   Folder
	files    []*Staged
	receipts []string // that MakeDurable writes
	receipt  *receipt // with those of all sets that became durable together
	durable  bool     // MakeDurable promised that the staged files will be published
}

// Stage begins a set. Defer Abort: after Publish it does nothing.
func (f Folder) Stage() *Set { return &Set{folder: f} }

// Create opens one more file of the set for writing. Its name is given to Publish, when its hash is known.
func (s *Set) Create() (*Staged, error) {
	path, w, err := s.folder.createTemp()
	if err != nil {
		return nil, err
	}
	f := &Staged{path: path, w: w, hash: sha256.New(), folder: s.folder}
	s.files = append(s.files, f)
	return f, nil
}

// Receipt asks MakeDurable for a receipt of that name, of one line. It lies beside the staged files, and stays
// there until ForgetReceipts. Only with it does an absent file prove anything: a file that is not staged where its receipt
// lies was published from there, while without a receipt it was staged somewhere else, as in the empty
// place of a share that went away for a moment.
func (s *Set) Receipt(name string) { s.receipts = append(s.receipts, name) }

// MakeDurable makes the staged files durable, their places in Temp too, before any is visible. From then on
// only Abort removes them: what Publish could not publish stays staged for Adopt. So a file of
// a durable set that is neither in Temp nor under its name was published and taken away, if its receipt is
// there.
func (s *Set) MakeDurable() error { return MakeAllDurable(s) }

// MakeAllDurable is MakeDurable for sets on one disk, which share their waits. After an error none is durable.
func MakeAllDurable(sets ...*Set) error {
	var files []*Staged
	var temps []Folder
	for _, s := range sets {
		files = append(files, s.files...)
		if len(s.files) == 0 { // then its folder need not even be there
			continue
		}
		if !slices.ContainsFunc(temps, func(f Folder) bool { return f.temp() == s.folder.temp() }) {
			temps = append(temps, s.folder)
		}
	}
	if len(sets) == 0 {
		return nil
	}
	if err := closeAll(sets[0].folder.fs(), files); err != nil {
		return err
	}
	for _, s := range sets {
		s.durable = true // Abort removes its receipts too
	}
	for _, f := range temps {
		if err := f.writeReceipt(sets); err != nil {
			return err
		}
		if err := f.fs().SyncDir(f.temp()); err != nil {
			return refusedBy("sync", f.temp(), err)
		}
		if err := f.checkTogether(sets); err != nil {
			return err
		}
	}
	return nil
}

// writeReceipt makes one receipt for the sets that are staged in a folder.
func (f Folder) writeReceipt(sets []*Set) error {
	r := &receipt{folder: f, path: f.newReceiptPath()}
	for _, s := range sets {
		if s.folder.temp() == f.temp() && len(s.receipts) > 0 {
			r.names = append(r.names, s.receipts...)
			s.receipt = r
		}
	}
	if len(r.names) == 0 {
		return nil
	}
	return r.write()
}

// checkTogether reports whether all that was staged in a folder is there with its receipts, at one look.
func (f Folder) checkTogether(sets []*Set) error {
	entries, err := f.fs().ReadDir(f.temp())
	if err != nil {
		return refusedBy("check", f.temp(), err)
	}
	there := make(map[string]bool, len(entries))
	for _, e := range entries {
		there[e.Name()] = true
	}
	for _, s := range sets {
		if s.folder.temp() != f.temp() {
			continue
		}
		for _, file := range s.files {
			if !there[filepath.Base(file.path)] {
				return refusedBy("check", file.path, errScattered)
			}
		}
		if s.receipt.isMade() && !there[filepath.Base(s.receipt.path)] {
			return refusedBy("check", s.receipt.path, errScattered)
		}
	}
	return nil
}

// Abort removes what was staged and is not published. It may be called at any time and more than once.
// The receipt goes first, for all sets that became durable together: they are aborted together, or not at all. One
// without its files would say that they were published.
func (s *Set) Abort() error {
	var errs []error
	if len(s.receipts) > 0 {
		errs = append(errs, s.receipt.remove(context.Background()))
	}
	s.receipts = nil
	for _, f := range s.files {
		errs = append(errs, f.discard())
	}
	s.files = nil
	return errors.Join(errs...)
}

// Discard removes staged files that nothing knows of, and the receipts of their names before them: one without its
// files would say that they were published. What else was staged stays for Adopt.
func (s *Set) Discard(receipts []string, files []*Staged) error {
	if s.durable {
		if err := s.withdraw(receipts); err != nil {
			return err
		}
	}
	var errs []error
	for _, f := range files {
		errs = append(errs, f.discard())
	}
	return errors.Join(errs...)
}

// Staged is a file of a set while it is written.
type Staged struct {
	folder Folder
	path   string
	w      File      // nil when closed
	hash   hash.Hash // nil when sum is known
	sum    string
	size   int64
	err    error // the first error; the file cannot be published any more
	begun  bool  // the disk was told of its bytes
	public bool  // it has its final name
}

var _ io.WriteCloser = (*Staged)(nil)

// Write appends. After an error the file is lost: a disk that once refused to write a page may say that
// a second try went well when it did not.
func (f *Staged) Write(p []byte) (int, error) {
	if f.err != nil {
		return 0, f.err
	}
	if f.w == nil {
		return 0, refusedBy("write", f.path, errors.New("the file is closed"))
	}
	n, err := f.w.Write(p)
	if err == nil && n < len(p) {
		err = io.ErrShortWrite
	}
	f.hash.Write(p[:n])
	f.size += int64(n)
	f.err = refusedBy("write", f.path, err)
	return n, f.err
}

// Close makes the bytes durable and closes the file. Publish does so too; closing twice is no error.
func (f *Staged) Close() error {
	if f.w == nil {
		return f.err
	}
	if f.err == nil {
		f.err = refusedBy("sync", f.path, f.w.Sync())
	}
	err := f.w.Close()
	f.w = nil
	if f.err == nil {
		f.err = refusedBy("close", f.path, err)
	}
	if f.err == nil {
		f.err = f.checkSize()
	}
	return f.err
}

// Reread opens what was written so far for reading, as often as it is asked: it need not be durable, nor will it be
// where it is sent to another place.
func (f *Staged) Reread() (io.ReadCloser, error) {
	if f.err != nil {
		return nil, f.err
	}
	r, err := f.folder.fs().Open(f.path)
	return r, refusedBy("read", f.path, err)
}

// SHA256 is the hash of what was written so far, in lower-case hex.
func (f *Staged) SHA256() string {
	if f.w != nil {
		return hex.EncodeToString(f.hash.Sum(nil))
	}
	if f.hash != nil { // nothing more is written; sets of thousands of files wait for their names
		f.sum, f.hash = hex.EncodeToString(f.hash.Sum(nil)), nil
	}
	return f.sum
}

// Size is the number of bytes written so far.
func (f *Staged) Size() int64 { return f.size }

func (f *Staged) checkSize() error {
	info, err := f.folder.fs().Lstat(f.path)
	if err != nil {
		return refusedBy("check", f.path, err)
	}
	if info.Size() != f.size {
		return refusedBy("check", f.path, fmt.Errorf("%d bytes arrived of %d", info.Size(), f.size))
	}
	return nil
}

func (f *Staged) discard() error {
	if f.public {
		return nil
	}
	if f.w != nil {
		_ = f.w.Close() // its bytes are not wanted any more
		f.w = nil
	}
	return refusedBy("remove", f.path, f.folder.removeFile(context.Background(), f.path))
}
