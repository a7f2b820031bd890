package store

import (
	"context"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"obmen/watch/drop"
)

// Place is where kept bytes lie under names that do not change: a folder, or a bucket of a server. What is not there
// is an fs.ErrNotExist; other faults of reading are *fs.PathErrors, for the place is at fault and not the file as it
// was dropped.
type Place interface {
	// Put makes the staged files of a set visible under their names, whole and durable. A name that has other bytes
	// is an fs.ErrExist, one that has the same bytes is no error. An error may leave some of them visible.
	Put(ctx context.Context, set *drop.Set, entries ...drop.Entry) error
	// Open streams what lies under a name; it may be what was put or read there a moment ago.
	Open(name string) (io.ReadCloser, error)
	// Forget makes the next Open of a name look at the place itself.
	Forget(name string)
	// Stat looks at a name.
	Stat(name string) (Object, error)
	// List calls a function for all whose names begin so, in the order of their names.
	List(prefix string, each func(Object) error) error
	// Delete removes what lies under a name; a missing one is no error.
	Delete(name string) error
	// Path is a name with its place, as people read it.
	Path(name string) string
}

// Object is what lies under a name.
type Object struct {
	Name string
	Size int64
	Kept time.Time // when it was put there
}

// OutageError reports that the place of the kept bytes cannot be used now. Nothing is lost: files wait in the inbox.
type OutageError struct {
	Text    string
	Advice  string
	Passing bool // trying again may help; else a person has to mend something
	Err     error
}

func (e *OutageError) Error() string { return e.Text }

// Hint returns the next step, one line; empty when there is none.
func (e *OutageError) Hint() string { return e.Advice }

func (e *OutageError) Unwrap() error { return e.Err }

// progressKey is that of a function in a context.
type progressKey struct{}

// ProgressOf returns the function that is to be called while bytes are sent: a slow way is told from one that hangs.
func ProgressOf(ctx context.Context) func() {
	if f, ok := ctx.Value(progressKey{}).(func()); ok {
		return f
	}
	return func() {}
}

// folderPlace is the folder of the kept bytes in the state folder.
type folderPlace struct {
	dir  string
	disk drop.FS
}

func (p folderPlace) Path(name string) string { return filepath.Join(p.dir, name) }

func (p folderPlace) Put(ctx context.Context, set *drop.Set, entries ...drop.Entry) error {
	_, err := set.Publish(ctx, entries...)
	return err
}

func (folderPlace) Forget(string) {}

func (p folderPlace) Open(name string) (io.ReadCloser, error) { return p.disk.Open(p.Path(name)) }

func (p folderPlace) Stat(name string) (Object, error) {
	info, err := p.disk.Lstat(p.Path(name))
	if err != nil {
		return Object{}, err
	}
	return Object{name, info.Size(), info.ModTime()}, nil
}

// List leaves out what is no regular file, and what goes away meanwhile.
func (p folderPlace) List(prefix string, each func(Object) error) error {
	entries, err := os.ReadDir(p.dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), prefix) {
			continue
		}
		info, err := e.Info()
		if err != nil || !info.Mode().IsRegular() {
			continue
		}
		if err := each(Object{e.Name(), info.Size(), info.ModTime()}); err != nil {
			return err
		}
	}
	return nil
}

func (p folderPlace) Delete(name string) error { return drop.RemoveIfExists(p.disk, p.Path(name)) }

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
