package store

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"

	"obmen/watch/drop"
)

// CharsetSuffix names the side file that states a report's charset: orders.txt.charset holds "Cp1252".
const CharsetSuffix = ".charset"

// CharsetLimit bounds the size of a side file, in bytes: the name of a charset is short.
const CharsetLimit = 4096

// CharsetChanges reports whether kept bytes have another charset than the text of a side file names.
func (s Store) CharsetChanges(sha string, text []byte) (bool, error) {
	if _, there, err := s.find(sha); err != nil || !there {
		return false, err
	}
	old, err := s.readCharset(sha)
	if _, out := errors.AsType[*OutageError](err); out {
		return false, err
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return true, nil // whatever it was, it cannot be read
	}
	return !bytes.Equal(bytes.TrimSpace(old), bytes.TrimSpace(text)), nil
}

// KeepCharset keeps the text of a side file beside kept bytes.
func (s Store) KeepCharset(ctx context.Context, sha string, text []byte) error {
	defer s.lock()()
	name, other := sha+CharsetSuffix, sha+CharsetSuffix+EncryptedSuffix
	if old, err := s.readCharset(sha); err == nil && bytes.Equal(old, text) {
		return nil
	}
	if s.Encryption.On() {
		name, other = other, name
	}
	if err := s.place().Delete(name); err != nil { // the same bytes came with another charset before
		return err
	}
	if err := s.putText(ctx, name, text); err != nil {
		return err
	}
	return s.place().Delete(other)
}

// readCharset returns the text of the side file beside kept bytes.
func (s Store) readCharset(sha string) ([]byte, error) {
	name, there, err := s.find(sha + CharsetSuffix)
	if err != nil {
		return nil, err
	}
	if !there {
		return nil, fs.ErrNotExist
	}
	r, err := s.openName(name)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return drop.ReadAll(r, s.place().Path(name), CharsetLimit)
}

// putText puts a short text under a name, encrypted if the name is that of an encrypted file.
func (s Store) putText(ctx context.Context, name string, text []byte) error {
	set := s.Folder().Stage()
	defer set.Abort()
	staged, _, err := s.Encryption.stage(set, func(w io.Writer) error { _, err := w.Write(text); return err })
	if err != nil {
		return err
	}
	return s.place().Put(ctx, set, drop.Entry{File: staged, Name: name})
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
