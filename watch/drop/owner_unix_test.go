//go:build unix

package drop

import (
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// What root makes in a folder of another account belongs to that account, the service's.
func TestRootGivesToTheFoldersOwner(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can do this")
	}
	dir := t.TempDir()
	if err := os.Chown(dir, 12345, 12346); err != nil {
		t.Skip("this disk knows no owners: ", err)
	}
	below, file := filepath.Join(dir, "below"), filepath.Join(dir, "below", "file")
	if err := (OS{}).Mkdir(below, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := ReplaceFile(OS{}, file, 0o600, func(w io.Writer) error { _, err := io.WriteString(w, "secret"); return err }); err != nil {
		t.Fatal(err)
	}
	lock, err := LockDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Release()
	for _, path := range []string{below, file, filepath.Join(dir, LockName)} {
		info, err := os.Lstat(path)
		if err != nil {
			t.Fatal(err)
		}
		if st := info.Sys().(*syscall.Stat_t); st.Uid != 12345 || st.Gid != 12346 {
			t.Errorf("%s belongs to %d:%d", path, st.Uid, st.Gid)
		}
	}
}
