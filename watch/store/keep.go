package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"io/fs"
	"path/filepath"

	"obmen/watch/drop"
)

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
