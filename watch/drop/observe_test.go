package drop_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"obmen/watch/drop"
)

func observe(t *testing.T, path string) drop.Observation {
	t.Helper()
	o, err := drop.Observe(path)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func TestObserveSeesEveryChange(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.txt")
	write(t, path, "one")
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	keepTime := func() {
		if err := os.Chtimes(path, info.ModTime(), info.ModTime()); err != nil {
			t.Fatal(err)
		}
	}
	keepTime()
	first := observe(t, path)
	if first.Size != 3 || first.Modified != info.ModTime().UnixNano() {
		t.Errorf("observed %+v", first)
	}
	if again := observe(t, path); again != first {
		t.Errorf("nothing happened, and %+v became %+v", first, again)
	}
	for name, change := range map[string]func(){
		"grown":                          func() { write(t, path, "three"); keepTime() },
		"rewritten, same size, old time": func() { write(t, path, "ONE"); keepTime() },
		"replaced by a rename": func() {
			write(t, path+".new", "one")
			if err := os.Rename(path+".new", path); err != nil {
				t.Fatal(err)
			}
			keepTime()
		},
	} {
		write(t, path, "one")
		keepTime()
		before := observe(t, path)
		time.Sleep(30 * time.Millisecond) // file systems count time in steps of up to 13 ms
		change()
		if after := observe(t, path); after == before {
			t.Errorf("%s: not seen", name)
		}
	}
}

func TestObserveRefuses(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "a.txt")
	write(t, file, "one")
	link := filepath.Join(dir, "link")
	if err := os.Symlink(file, link); err != nil {
		t.Skip("this account may not make symbolic links: ", err)
	}
	for _, path := range append(fifos(t, dir), dir, link) {
		_, err := drop.Observe(path)
		if e, ok := errors.AsType[*drop.Error](err); !ok || !errors.Is(err, drop.ErrNotRegular) || e.Advice == "" {
			t.Errorf("%s: error %v", path, err)
		}
	}
	if _, err := drop.Observe(filepath.Join(dir, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is gone: %v", err)
	}
}
