// Package store keeps the bytes of dropped files: in the state folder under their SHA-256, to be converted
// again, and in the days of the archive under the names they came with. Both are encrypted if so set.
package store

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"obmen/watch/drop"
)

// rawDir is the folder of kept bytes below the state folder.
const rawDir = "raw"

// Store keeps the bytes of dropped files, by SHA-256.
type Store struct {
	State      string      // the state folder; what is kept elsewhere is written here first
	Remote     Place       // where bytes are kept instead of the state folder; nil for none
	Encryption *Encryption // nil keeps files plain
	FS         drop.FS     // nil means the disk itself

	// Lock takes the folder of the kept bytes where several work with it at once, and returns the function that
	// releases it: no two encryptions of the same bytes are alike. nil: only one works.
	Lock func(dir string) (unlock func())

	Progress func() // called while bytes come from elsewhere or go there, and while they are listed and removed; may be nil
}

// Folder is the folder of the kept bytes; only of those that are being written where there is a Remote.
func (s Store) Folder() drop.Folder {
	return drop.Folder{Dir: filepath.Join(s.State, rawDir), Mode: 0o600, FS: s.FS}
}

func (s Store) place() Place {
	if s.Remote != nil {
		return s.Remote
	}
	return folderPlace{filepath.Join(s.State, rawDir), s.disk()}
}

func (s Store) disk() drop.FS {
	if s.FS == nil {
		return drop.OS{}
	}
	return s.FS
}

func (s Store) lock() (unlock func()) {
	if s.Lock == nil {
		return func() {}
	}
	return s.Lock(filepath.Join(s.State, rawDir))
}

// find returns the name under which something lies, plain or encrypted, and whether it is there; the plain name where
// it is not. A plain one counts first.
func (s Store) find(name string) (found string, there bool, err error) {
	if s.Remote != nil {
		return s.findRemote(name)
	}
	for _, found := range []string{name, name + EncryptedSuffix} {
		if _, err := s.place().Stat(found); !errors.Is(err, fs.ErrNotExist) {
			return found, err == nil, err
		}
	}
	return name, false, nil
}

// findRemote is find with one question to the server.
func (s Store) findRemote(name string) (found string, there bool, err error) {
	plain, sealed, err := s.lookUp(name)
	if !plain && sealed {
		name += EncryptedSuffix
	}
	return name, plain || sealed, err
}

// lookUp reports whether a plain and an encrypted file lie under a name.
func (s Store) lookUp(name string) (plain, sealed bool, err error) {
	err = s.Remote.List(name, func(o Object) error {
		plain, sealed = plain || o.Name == name, sealed || o.Name == name+EncryptedSuffix
		return nil
	})
	return plain, sealed, err
}

// Path is where kept bytes lie, or would lie.
func (s Store) Path(sha string) string {
	name, _, _ := s.find(sha) // what cannot be looked at is named as if it were plain
	return s.place().Path(name)
}

// Copy is a kept copy.
type Copy struct {
	SHA256 string
	Size   int64 // as it lies there
	Kept   time.Time
}

// Copies lists the kept copies, the oldest first.
func (s Store) Copies() (list []Copy, err error) {
	err = s.place().List("", func(o Object) error {
		if sha := strings.TrimSuffix(o.Name, EncryptedSuffix); len(sha) == 2*sha256.Size {
			list = append(list, Copy{sha, o.Size, o.Kept})
		}
		return nil
	})
	slices.SortFunc(list, func(a, b Copy) int { return cmp.Or(a.Kept.Compare(b.Kept), cmp.Compare(a.SHA256, b.SHA256)) })
	return list, err
}

// Each calls a function for all that is kept, side files too, in the order of their names.
func (s Store) Each(do func(Object) error) error {
	return s.place().List("", func(o Object) error {
		s.progress()
		return do(o)
	})
}

// removedAtOnce is how many removals wait for a server side by side.
const removedAtOnce = 16

// RemoveAll removes what lies under names; a missing one is no error.
func (s Store) RemoveAll(names []string) error {
	var all errgroup.Group
	all.SetLimit(1)
	if s.Remote != nil {
		all.SetLimit(removedAtOnce)
	}
	for _, name := range names {
		all.Go(func() error {
			s.progress()
			return s.place().Delete(name)
		})
	}
	return all.Wait()
}

func (s Store) progress() {
	if s.Progress != nil {
		s.Progress()
	}
}

// CheckKey returns an error when kept bytes are encrypted to another key: that ends no hold and is no
// refusal. Any other fault shows when the bytes are read.
func (s Store) CheckKey(sha string) error {
	r, _, err := s.openKept(sha)
	if _, foreign := errors.AsType[*cipherError](err); foreign {
		return err
	}
	if err == nil {
		r.Close()
	}
	return nil
}

// Verify reads kept bytes and compares them with their SHA-256. The error is ErrDamaged, fs.ErrNotExist, or that
// of the disk or the key.
func (s Store) Verify(sha string) error {
	s.place().Forget(sha)
	s.place().Forget(sha + EncryptedSuffix)
	r, err := s.open(sha)
	if err != nil {
		return err
	}
	defer r.Close()
	_, err = io.Copy(io.Discard, r)
	return err
}

// open opens kept bytes; reading them to their end compares them with their SHA-256.
func (s Store) open(sha string) (io.ReadCloser, error) {
	r, name, err := s.openKept(sha)
	if err != nil {
		return nil, err
	}
	if s.Remote != nil && s.Progress != nil {
		r = readCloser{&progressReader{r, s.Progress}, r}
	}
	return &verifying{r, sha256.New(), sha, s.place().Path(name)}, nil
}

// openKept opens kept bytes, and returns the name under which they lie. What new files are encrypted as is looked for
// first at a server, where each look is a wait.
func (s Store) openKept(sha string) (r io.ReadCloser, name string, err error) {
	name, other := sha, sha+EncryptedSuffix
	if s.Remote != nil && s.Encryption.On() {
		name, other = other, name
	}
	r, err = s.openName(name)
	if !errors.Is(err, fs.ErrNotExist) {
		return r, name, err
	}
	if r, otherErr := s.openName(other); !errors.Is(otherErr, fs.ErrNotExist) {
		return r, other, otherErr
	}
	return nil, name, err
}

// openName opens the plain bytes of what lies under a name.
func (s Store) openName(name string) (io.ReadCloser, error) {
	f, err := s.place().Open(name)
	if err != nil {
		return nil, err
	}
	return s.Encryption.decrypt(f, s.place().Path(name))
}

// watched is a context that has the store's progress.
func (s Store) watched(ctx context.Context) context.Context {
	if s.Progress == nil {
		return ctx
	}
	return context.WithValue(ctx, progressKey{}, s.Progress)
}

// progressReader calls a function for all that is read.
type progressReader struct {
	io.Reader
	progress func()
}

func (r *progressReader) Read(b []byte) (int, error) {
	r.progress()
	return r.Reader.Read(b)
}
