package drop_test

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"obmen/watch/drop"
)

func TestReplace(t *testing.T) {
	dir := t.TempDir()
	folder := drop.Folder{Dir: dir}
	replace := func(name, text string) error {
		s := folder.Stage()
		defer s.Abort()
		f, err := s.Create()
		if err != nil {
			return err
		}
		if _, err := f.Write([]byte(text)); err != nil {
			return err
		}
		return s.Replace(t.Context(), drop.Entry{File: f, Name: name})
	}
	for _, text := range []string{"the first", "the second, longer", "3"} {
		if err := replace("m.xml", text); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(filepath.Join(dir, "m.xml")); err != nil || string(got) != text {
			t.Errorf("%q, %v", got, err)
		}
	}
	for _, name := range []string{"", "a/b", "..", drop.TempDir} {
		if err := replace(name, "x"); err == nil {
			t.Errorf("%q was taken for a name", name)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "folder"), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := replace("folder", "x"); err == nil {
		t.Error("a folder was replaced")
	}
	left, err := fs.Glob(os.DirFS(dir), drop.TempDir+"/*")
	if err != nil || len(left) > 0 {
		t.Errorf("left over: %v, %v", left, err)
	}
}

// A file is replaced whole or stays as it was, and nothing else stays in the folder.
func TestReplaceFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "held.csv")
	errList := errors.New("the list has a mistake")
	replace := func(disk drop.FS, text string, err error) error {
		return drop.ReplaceFile(disk, path, 0o600, func(w io.Writer) error {
			if _, err := io.WriteString(w, text); err != nil {
				return err
			}
			return err
		})
	}
	for _, text := range []string{"the first", "the second, longer", ""} {
		if err := replace(drop.OS{}, text, nil); err != nil {
			t.Fatal(err)
		}
		if got := read(t, path); got != text {
			t.Errorf("%q", got)
		}
	}
	write(t, path+".tmp", "of a killed program")
	if err := replace(drop.OS{}, "new", errList); !errors.Is(err, errList) {
		t.Errorf("%v", err)
	}
	wantNames(t, visible(t, dir), "held.csv")
	for at := 1; ; at++ {
		disk := &faulty{FS: drop.OS{}, at: at}
		write(t, path, "old")
		err := replace(disk, "new", nil)
		if err == nil {
			break
		}
		got := read(t, path)
		if got != "old" && got != "new" {
			t.Errorf("after a fault at call %d: %q", at, got)
		}
		if last := disk.log[len(disk.log)-1]; got == "new" && !strings.HasPrefix(last, "syncdir") {
			t.Errorf("replaced, and refused at %q", last)
		}
	}
	if err := drop.RemoveFile(drop.OS{}, path); err != nil {
		t.Error(err)
	}
	wantNames(t, visible(t, dir))
}
