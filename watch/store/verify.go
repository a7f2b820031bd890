package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"io/fs"

	"obmen/watch/drop"
)

// ErrDamaged reports kept bytes that are not those of their SHA-256.
var ErrDamaged = errors.New("the kept copy is damaged: its bytes are not those of its SHA-256")

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

// verifying compares what it has read with a hash when the end comes.
type verifying struct {
	io.ReadCloser
	sum  hash.Hash
	want string
	path string
}

func (v *verifying) Read(b []byte) (int, error) {
	n, err := v.ReadCloser.Read(b)
	v.sum.Write(b[:n])
	if errors.Is(err, io.EOF) && hex.EncodeToString(v.sum.Sum(nil)) != v.want {
		err = &fs.PathError{Op: "check", Path: v.path, Err: ErrDamaged}
	}
	return n, err
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
