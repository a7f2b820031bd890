package drop_test

import (
	"io/fs"
	"os"
	"path/filepath"
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
