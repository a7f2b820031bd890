package watch

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"io/fs"
	"path/filepath"
	"strings"

	"obmen/convert/source"
	"obmen/watch/drop"
)

// plain tells of bytes as they were before they were encrypted.
type plain struct {
	SHA256 string // lower-case hex
	Size   int64
}

// counted hashes and counts what passes.
type counted struct {
	sum  hash.Hash
	size int64
}

func (c *counted) Write(b []byte) (int, error) {
	c.size += int64(len(b))
	return c.sum.Write(b)
}

// stage writes plain bytes into a new file of the set, encrypted if the seal is on: no other bytes ever
// reach the disk.
func (s *Seal) stage(set *drop.Set, fill func(io.Writer) error) (*drop.Staged, plain, error) {
	staged, err := set.Create()
	if err != nil {
		return nil, plain{}, err
	}
	w, err := s.writer(staged)
	if err != nil {
		return nil, plain{}, err
	}
	c := &counted{sum: sha256.New()}
	if err := fill(io.MultiWriter(w, c)); err != nil {
		return nil, plain{}, err
	}
	return staged, plain{hex.EncodeToString(c.sum.Sum(nil)), c.size}, w.Close()
}

// holds says whether a file is there and has these plain bytes; it is durable then. No two encryptions of
// the same bytes are alike, so it is decrypted. One that this identity cannot read holds something else.
func (s *Seal) holds(disk drop.FS, path, sha string) (there, same bool, err error) {
	if _, err := disk.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		return false, false, nil
	}
	sum, err := s.sha256(disk, path)
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

// keep puts bytes into the state folder under their hash. An error of fill leaves nothing there.
func (w *Watcher) keep(ctx context.Context, fill func(io.Writer) error) (plain, error) {
	set := w.raw().Stage()
	defer set.Abort()
	staged, p, err := w.Seal.stage(set, fill)
	if err != nil {
		return p, err
	}
	if !w.Seal.on() {
		_, err = set.Publish(ctx, drop.Entry{File: staged, Name: p.SHA256})
		return p, err
	}
	path := filepath.Join(w.raw().Dir, p.SHA256)
	there, same, err := w.Seal.holds(w.fs(), path+SealSuffix, p.SHA256)
	if err != nil {
		return p, err
	}
	if there && !same { // of an older key: nobody reads it, and here are its bytes
		if err := w.gone(path + SealSuffix); err != nil {
			return p, err
		}
	}
	if !same {
		if _, err := set.Publish(ctx, drop.Entry{File: staged, Name: p.SHA256 + SealSuffix}); err != nil {
			return p, err
		}
	}
	return p, w.gone(path) // kept before encryption was turned on
}

// keepCharset keeps the text of a side file beside kept bytes.
func (w *Watcher) keepCharset(ctx context.Context, sha string, text []byte) error {
	name, other := sha+CharsetSuffix, sha+CharsetSuffix+SealSuffix
	if old, err := w.Seal.text(w.fs(), w.either(filepath.Join(w.raw().Dir, name))); err == nil && bytes.Equal(old, text) {
		return nil
	}
	if w.Seal.on() {
		name, other = other, name
	}
	if err := w.gone(filepath.Join(w.raw().Dir, name)); err != nil { // the same bytes came with another charset before
		return err
	}
	set := w.raw().Stage()
	defer set.Abort()
	staged, _, err := w.Seal.stage(set, func(w io.Writer) error { _, err := w.Write(text); return err })
	if err != nil {
		return err
	}
	if _, err := set.Publish(ctx, drop.Entry{File: staged, Name: name}); err != nil {
		return err
	}
	return w.gone(filepath.Join(w.raw().Dir, other))
}

// either is the file of that name that is there, plain or encrypted.
func (w *Watcher) either(path string) string {
	if _, err := w.fs().Lstat(path); errors.Is(err, fs.ErrNotExist) {
		if _, err := w.fs().Lstat(path + SealSuffix); err == nil {
			return path + SealSuffix
		}
	}
	return path
}

// rawPath is where kept bytes lie.
func (w *Watcher) rawPath(sha string) string { return w.either(filepath.Join(w.raw().Dir, sha)) }

// rawInput opens kept bytes under the name they were dropped with.
func (w *Watcher) rawInput(sha, name string) source.Input {
	path := w.rawPath(sha)
	in := source.Input{Name: name, Open: func() (io.ReadCloser, error) { return w.Seal.open(w.fs(), path) }}
	text, err := w.Seal.text(w.fs(), w.either(filepath.Join(w.raw().Dir, sha+CharsetSuffix)))
	switch {
	case err == nil:
		in.Charset = strings.TrimSpace(string(text))
	case !errors.Is(err, fs.ErrNotExist): // without its charset the file would be misread
		in.Open = func() (io.ReadCloser, error) { return nil, err }
	}
	return in
}

// readable says whether kept bytes are encrypted to somebody else: that ends no hold and is no refusal.
func (w *Watcher) readable(sha string) error {
	r, err := w.Seal.open(w.fs(), w.rawPath(sha))
	if _, foreign := errors.AsType[*cipherError](err); foreign {
		return err
	}
	if err == nil {
		r.Close()
	}
	return nil // what else is wrong shows when it is read
}

// text is all of a small file.
func (s *Seal) text(disk drop.FS, path string) ([]byte, error) {
	r, err := s.open(disk, path)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}
