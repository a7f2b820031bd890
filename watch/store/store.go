// Package store keeps the bytes of dropped files: in the state folder under their SHA-256, to be converted
// again, and in the days of the archive under the names they came with. Both are encrypted if so set.
package store

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"obmen/convert/source"
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

// Bytes identifies bytes as they were before they were encrypted.
type Bytes struct {
	SHA256 string // lower-case hex
	Size   int64
}

// digest hashes and counts the bytes that pass.
type digest struct {
	sum  hash.Hash
	size int64
}

func (d *digest) Write(b []byte) (int, error) {
	d.size += int64(len(b))
	return d.sum.Write(b)
}

// stage writes plain bytes into a new file of the set, encrypted if encryption is on: no other bytes ever
// reach the disk.
func (e *Encryption) stage(set *drop.Set, fill func(io.Writer) error) (*drop.Staged, Bytes, error) {
	staged, err := set.Create()
	if err != nil {
		return nil, Bytes{}, err
	}
	w, err := e.writer(staged)
	if err != nil {
		return nil, Bytes{}, err
	}
	d := &digest{sum: sha256.New()}
	if err := fill(io.MultiWriter(w, d)); err != nil {
		return nil, Bytes{}, err
	}
	return staged, Bytes{hex.EncodeToString(d.sum.Sum(nil)), d.size}, w.Close()
}

// holds reports whether a file is there and has these plain bytes; it is durable then. No two encryptions of
// the same bytes are alike, so it is decrypted. One that this identity cannot read holds something else.
func (e *Encryption) holds(disk drop.FS, path, sha string) (there, same bool, err error) {
	if _, err := disk.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		return false, false, nil
	}
	sum, err := e.sha256(disk, path)
	if _, foreign := errors.AsType[*cipherError](err); foreign || err == nil && sum != sha {
		return true, false, nil
	}
	if err != nil {
		return true, false, err
	}
	if err := disk.SyncFile(path); err != nil {
		return true, false, err
	}
	return true, true, disk.SyncDir(filepath.Dir(path))
}

// Keep puts bytes under their hash. An error of fill leaves nothing there.
func (s Store) Keep(ctx context.Context, fill func(io.Writer) error) (Bytes, error) {
	set := s.Folder().Stage()
	defer set.Abort()
	staged, kept, err := s.Encryption.stage(set, fill)
	if err != nil {
		return kept, err
	}
	switch {
	case s.Remote != nil:
		return kept, s.keepRemote(ctx, set, staged, kept.SHA256)
	case s.Encryption.On():
		return kept, s.keepEncrypted(ctx, set, staged, kept.SHA256)
	}
	if err := s.dropDamaged(kept.SHA256); err != nil {
		return kept, err
	}
	return kept, s.PutAll(ctx, set, drop.Entry{File: staged, Name: kept.SHA256})
}

// PutAll puts staged files under the SHA-256 of their bytes: a damaged copy makes no room.
func (s Store) PutAll(ctx context.Context, set *drop.Set, entries ...drop.Entry) error {
	return s.place().Put(s.watched(ctx), set, entries...)
}

// keepEncrypted puts a staged file into the folder, unless the same bytes lie there encrypted.
func (s Store) keepEncrypted(ctx context.Context, set *drop.Set, staged *drop.Staged, sha string) error {
	defer s.lock()()
	name, place := sha+EncryptedSuffix, s.place()
	there, same, err := s.Encryption.holds(s.disk(), place.Path(name), sha)
	if err != nil {
		return err
	}
	if there && !same { // of an older key: it cannot be read, and here are its bytes
		if err := place.Delete(name); err != nil {
			return err
		}
	}
	if !same {
		if err := place.Put(ctx, set, drop.Entry{File: staged, Name: name}); err != nil {
			return err
		}
	}
	return place.Delete(sha) // kept before encryption was turned on
}

// keepRemote puts a staged file into a bucket. A name that is taken has the same bytes most often; bytes that are
// damaged, or encrypted to an older key, make room.
func (s Store) keepRemote(ctx context.Context, set *drop.Set, staged *drop.Staged, sha string) error {
	name, before := sha, false
	if s.Encryption.On() {
		plain, sealed, err := s.lookUp(sha)
		if err != nil {
			return err
		}
		if name, before = sha+EncryptedSuffix, plain; sealed {
			if same, err := s.isWhole(name, sha); err != nil || same {
				return errors.Join(err, s.deleteIf(before, sha))
			}
		}
	}
	ctx = s.watched(ctx)
	err := s.Remote.Put(ctx, set, drop.Entry{File: staged, Name: name})
	if errors.Is(err, fs.ErrExist) {
		if err = s.Remote.Delete(name); err == nil {
			err = s.Remote.Put(ctx, set, drop.Entry{File: staged, Name: name})
		}
	}
	return errors.Join(err, s.deleteIf(before && err == nil, sha))
}

// deleteIf removes what was kept before encryption was turned on, if there is such a copy.
func (s Store) deleteIf(there bool, sha string) error {
	if !there {
		return nil
	}
	return s.Remote.Delete(sha)
}

// isWhole reports whether the plain bytes of what lies under a name are those of a SHA-256. Those that this identity
// cannot read are not.
func (s Store) isWhole(name, sha string) (bool, error) {
	r, err := s.openName(name)
	if err == nil {
		defer r.Close()
		_, err = io.Copy(io.Discard, &verifying{r, sha256.New(), sha, name})
	}
	if _, foreign := errors.AsType[*cipherError](err); foreign || errors.Is(err, ErrDamaged) || errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
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

// Input opens kept bytes under the name they were dropped with. Bytes that are not those of their SHA-256 are an
// error at their end.
func (s Store) Input(sha, name string) source.Input {
	in := source.Input{Name: name, Open: func() (io.ReadCloser, error) { return s.open(sha) }}
	text, err := s.readCharset(sha)
	switch {
	case err == nil:
		in.Charset = strings.TrimSpace(string(text))
	case !errors.Is(err, fs.ErrNotExist): // without its charset the file would be misread
		in.Open = func() (io.ReadCloser, error) { return nil, err }
	}
	return in
}

// ExistingInput is Input; the error is fs.ErrNotExist when the bytes have been purged.
func (s Store) ExistingInput(sha, name string) (source.Input, error) {
	_, there, err := s.find(sha)
	if err == nil && !there {
		err = fs.ErrNotExist
	}
	if err != nil {
		return source.Input{}, err
	}
	return s.Input(sha, name), nil
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

// Restock replaces kept bytes that are missing or damaged by those of a file, plain or encrypted; false when they
// are not the same.
func (s Store) Restock(ctx context.Context, sha, path string) (bool, error) {
	sum, err := s.Encryption.sha256(s.disk(), path)
	if err != nil || sum != sha {
		return false, err
	}
	_, err = s.Keep(ctx, func(w io.Writer) error {
		r, err := s.Encryption.open(s.disk(), path)
		if err != nil {
			return err
		}
		defer r.Close()
		_, err = io.Copy(w, r)
		return err
	})
	return err == nil, err
}

// dropDamaged removes a kept copy that is damaged, so that another can take its name.
func (s Store) dropDamaged(sha string) error {
	if _, err := s.place().Stat(sha); err != nil {
		return nil // most often: these bytes are new
	}
	if err := s.Verify(sha); !errors.Is(err, ErrDamaged) {
		return nil
	}
	return s.place().Delete(sha)
}
