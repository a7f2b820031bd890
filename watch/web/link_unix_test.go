//go:build unix

package web

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// A link that root asks for is one that the service can read, also the first of all.
func TestRootsLinkIsTheServices(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can do this")
	}
	state := t.TempDir()
	if err := os.Mkdir(filepath.Join(state, Dir), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := NoteAddress(state, "http://127.0.0.1:1"); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(filepath.Join(state, Dir), 12345, 12346); err != nil {
		t.Skip("this disk knows no owners: ", err)
	}
	if _, err := MakeLink(state, "root", time.Now()); err != nil {
		t.Fatal(err)
	}
	links, err := filepath.Glob(filepath.Join(state, Dir, linksDir, "*"))
	if err != nil || len(links) != 1 {
		t.Fatalf("links %q, %v", links, err)
	}
	for _, path := range append(links, filepath.Dir(links[0])) {
		info, err := os.Lstat(path)
		if err != nil {
			t.Fatal(err)
		}
		if st := info.Sys().(*syscall.Stat_t); st.Uid != 12345 {
			t.Errorf("%s belongs to %d", path, st.Uid)
		}
	}
}
