package store

import (
	"errors"
	"io"
	"io/fs"
	"strings"

	"obmen/convert/source"
)

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
