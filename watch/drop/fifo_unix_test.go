//go:build unix

package drop_test

import (
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

func fifos(t *testing.T, dir string) []string {
	path := filepath.Join(dir, "fifo")
	if err := unix.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	return []string{path}
}
