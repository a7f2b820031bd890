package store

import (
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"io/fs"
)

// ErrDamaged reports kept bytes that are not those of their SHA-256.
var ErrDamaged = errors.New("the kept copy is damaged: its bytes are not those of its SHA-256")

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
