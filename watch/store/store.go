// Package store keeps the bytes of dropped files: in the state folder under their SHA-256, to be converted
// again, and in the days of the archive under the names they came with. Both are encrypted if so set.
package store

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"obmen/convert/source"
	"obmen/watch/drop"
)

// CharsetSuffix names the side file that states a report's charset: orders.txt.charset holds "Cp1252".
const CharsetSuffix = ".charset"

// CharsetLimit bounds the size of a side file, in bytes: the name of a charset is short.
const CharsetLimit = 4096

// rawDir is the folder of kept bytes below the state folder.
const rawDir = "raw"

// Store keeps the bytes of dropped files in the state folder, by SHA-256.
type Store struct {
	State      string      // the state folder
	Encryption *Encryption // nil keeps files plain
	FS         drop.FS     // nil means the disk itself

	// Lock takes the folder of the kept bytes where several work with it at once, and returns the function that
	// releases it: no two encryptions of the same bytes are alike. nil: only one works.
	Lock func(dir string) (unlock func())
}

// Folder is the folder of the kept bytes.
func (s Store) Folder() drop.Folder {
	return drop.Folder{Dir: filepath.Join(s.State, rawDir), Mode: 0o600, FS: s.FS}
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
	return s.Lock(s.path(""))
}

func (s Store) path(name string) string { return filepath.Join(s.State, rawDir, name) }

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

// Keep puts bytes into the state folder under their hash. An error of fill leaves nothing there.
func (s Store) Keep(ctx context.Context, fill func(io.Writer) error) (Bytes, error) {
	set := s.Folder().Stage()
	defer set.Abort()
	staged, kept, err := s.Encryption.stage(set, fill)
	if err != nil {
		return kept, err
	}
	if !s.Encryption.On() {
		if err := s.dropDamaged(kept.SHA256); err != nil {
			return kept, err
		}
		_, err = set.Publish(ctx, drop.Entry{File: staged, Name: kept.SHA256})
		return kept, err
	}
	defer s.lock()()
	path := s.path(kept.SHA256)
	there, same, err := s.Encryption.holds(s.disk(), path+EncryptedSuffix, kept.SHA256)
	if err != nil {
		return kept, err
	}
	if there && !same { // of an older key: it cannot be read, and here are its bytes
		if err := drop.RemoveIfExists(s.disk(), path+EncryptedSuffix); err != nil {
			return kept, err
		}
	}
	if !same {
		if _, err := set.Publish(ctx, drop.Entry{File: staged, Name: kept.SHA256 + EncryptedSuffix}); err != nil {
			return kept, err
		}
	}
	return kept, drop.RemoveIfExists(s.disk(), path) // kept before encryption was turned on
}

// CharsetChanges reports whether kept bytes have another charset than the text of a side file names.
func (s Store) CharsetChanges(sha string, text []byte) (bool, error) {
	if _, err := s.disk().Lstat(s.Path(sha)); errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	old, err := s.Encryption.readText(s.disk(), s.existing(sha+CharsetSuffix))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return true, nil // whatever it was, it cannot be read
	}
	return !bytes.Equal(bytes.TrimSpace(old), bytes.TrimSpace(text)), nil
}

// KeepCharset keeps the text of a side file beside kept bytes.
func (s Store) KeepCharset(ctx context.Context, sha string, text []byte) error {
	defer s.lock()()
	name, other := sha+CharsetSuffix, sha+CharsetSuffix+EncryptedSuffix
	if old, err := s.Encryption.readText(s.disk(), s.existing(name)); err == nil && bytes.Equal(old, text) {
		return nil
	}
	if s.Encryption.On() {
		name, other = other, name
	}
	if err := drop.RemoveIfExists(s.disk(), s.path(name)); err != nil { // the same bytes came with another charset before
		return err
	}
	set := s.Folder().Stage()
	defer set.Abort()
	staged, _, err := s.Encryption.stage(set, func(w io.Writer) error { _, err := w.Write(text); return err })
	if err != nil {
		return err
	}
	if _, err := set.Publish(ctx, drop.Entry{File: staged, Name: name}); err != nil {
		return err
	}
	return drop.RemoveIfExists(s.disk(), s.path(other))
}

// existing is the path of the file of that name that is there, plain or encrypted.
func (s Store) existing(name string) string {
	path := s.path(name)
	if _, err := s.disk().Lstat(path); errors.Is(err, fs.ErrNotExist) {
		if _, err := s.disk().Lstat(path + EncryptedSuffix); err == nil {
			return path + EncryptedSuffix
		}
	}
	return path
}

// Path is where kept bytes lie, or would lie.
func (s Store) Path(sha string) string { return s.existing(sha) }

// Copy is a kept copy.
type Copy struct {
	SHA256 string
	Size   int64 // as it lies there
	Kept   time.Time
}

// Copies lists the kept copies, the oldest first.
func (s Store) Copies() (list []Copy, err error) {
	entries, err := os.ReadDir(s.path(""))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for _, e := range entries {
		sha := strings.TrimSuffix(e.Name(), EncryptedSuffix)
		info, err := e.Info()
		if err != nil || !info.Mode().IsRegular() || len(sha) != 2*sha256.Size {
			continue
		}
		list = append(list, Copy{sha, info.Size(), info.ModTime()})
	}
	slices.SortFunc(list, func(a, b Copy) int { return cmp.Or(a.Kept.Compare(b.Kept), cmp.Compare(a.SHA256, b.SHA256)) })
	return list, nil
}

// Input opens kept bytes under the name they were dropped with. Bytes that are not those of their SHA-256 are an
// error at their end.
func (s Store) Input(sha, name string) source.Input {
	in := source.Input{Name: name, Open: func() (io.ReadCloser, error) { return s.open(sha) }}
	text, err := s.Encryption.readText(s.disk(), s.existing(sha+CharsetSuffix))
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
	if _, err := s.disk().Lstat(s.Path(sha)); err != nil {
		return source.Input{}, err
	}
	return s.Input(sha, name), nil
}

// CheckKey returns an error when kept bytes are encrypted to another key: that ends no hold and is no
// refusal. Any other fault shows when the bytes are read.
func (s Store) CheckKey(sha string) error {
	r, err := s.Encryption.open(s.disk(), s.Path(sha))
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
	path := s.Path(sha)
	r, err := s.Encryption.open(s.disk(), path)
	if err != nil {
		return nil, err
	}
	return &verifying{r, sha256.New(), sha, path}, nil
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
	if _, err := s.disk().Lstat(s.path(sha)); err != nil {
		return nil // most often: these bytes are new
	}
	if err := s.Verify(sha); !errors.Is(err, ErrDamaged) {
		return nil
	}
	return drop.RemoveIfExists(s.disk(), s.path(sha))
}

// readText returns the text of a side file.
func (e *Encryption) readText(disk drop.FS, path string) ([]byte, error) {
	r, err := e.open(disk, path)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return drop.ReadAll(r, path, CharsetLimit)
}

// ReadText returns the text of a side file, decrypted.
func (e *Encryption) ReadText(path string) ([]byte, error) { return e.readText(drop.OS{}, path) }
