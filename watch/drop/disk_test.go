package drop_test

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"obmen/watch/drop"
)

func write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func read(t testing.TB, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// visible lists what a reader's mask could match: the plain files of a folder.
func visible(t testing.TB, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		if !e.IsDir() {
			names = append(names, e.Name())
		}
	}
	return names
}

// temps lists what is left of files that were being written.
func temps(t testing.TB, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(dir, drop.TempDir))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func wantNames(t testing.TB, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Fatalf("names %q, want %q", got, want)
	}
}

// faulty is a disk on which things go wrong. Calls are counted; the one numbered at is refused, and
// with killed every later one too, as for a process that is no more.
type faulty struct {
	drop.FS
	at     int
	killed bool
	calls  int
	log    []string
}

var errFault = errors.New("fault of the test")

func (d *faulty) step(op, path string) error {
	d.calls++
	d.log = append(d.log, op)
	if d.calls == d.at || d.killed && d.at > 0 && d.calls > d.at {
		return &fs.PathError{Op: op, Path: path, Err: errFault}
	}
	return nil
}

func (d *faulty) Create(path string, mode fs.FileMode) (drop.File, error) {
	if err := d.step("create", path); err != nil {
		return nil, err
	}
	f, err := d.FS.Create(path, mode)
	if err != nil {
		return nil, err
	}
	return &faultyFile{f, d, path}, nil
}

func (d *faulty) Lstat(path string) (fs.FileInfo, error) {
	if err := d.step("lstat", path); err != nil {
		return nil, err
	}
	return d.FS.Lstat(path)
}

func (d *faulty) Open(path string) (io.ReadCloser, error) {
	if err := d.step("open", path); err != nil {
		return nil, err
	}
	return d.FS.Open(path)
}

func (d *faulty) Mkdir(path string, mode fs.FileMode) error {
	return errors.Join(d.step("mkdir", path), d.unless(func() error { return d.FS.Mkdir(path, mode) }))
}

func (d *faulty) Rename(from, to string) error {
	return errors.Join(d.step("rename", to), d.unless(func() error { return d.FS.Rename(from, to) }))
}

func (d *faulty) Remove(path string) error {
	return errors.Join(d.step("remove", path), d.unless(func() error { return d.FS.Remove(path) }))
}

func (d *faulty) SyncFile(path string) error {
	return errors.Join(d.step("syncfile", path), d.unless(func() error { return d.FS.SyncFile(path) }))
}

func (d *faulty) SyncDir(path string) error {
	return errors.Join(d.step("syncdir", path), d.unless(func() error { return d.FS.SyncDir(path) }))
}

// unless does a call when the step just counted was not refused.
func (d *faulty) unless(call func() error) error {
	if d.calls == d.at || d.killed && d.at > 0 && d.calls > d.at {
		return nil
	}
	return call()
}

type faultyFile struct {
	drop.File
	disk *faulty
	path string
}

// Write writes half before it is refused, as a full disk does.
func (f *faultyFile) Write(p []byte) (int, error) {
	if err := f.disk.step("write", f.path); err != nil {
		n, _ := f.File.Write(p[:len(p)/2])
		return n, err
	}
	return f.File.Write(p)
}

func (f *faultyFile) Sync() error {
	return errors.Join(f.disk.step("sync", f.path), f.disk.unless(f.File.Sync))
}

func (f *faultyFile) Close() error {
	return errors.Join(f.disk.step("close", f.path), f.File.Close())
}

// volumes is a disk whose folders lie on volumes of their own: each rename between two folders of
// different first parts under root is refused.
type volumes struct {
	drop.FS
	root string
}

func (d volumes) Rename(from, to string) error {
	if d.volume(from) != d.volume(to) {
		return &os.LinkError{Op: "rename", Old: from, New: to, Err: drop.ErrOtherVolume}
	}
	return d.FS.Rename(from, to)
}

func (d volumes) volume(path string) string {
	rel, _ := filepath.Rel(d.root, path)
	first, _, _ := strings.Cut(filepath.ToSlash(rel), "/")
	return first
}
