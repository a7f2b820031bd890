package drop_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"obmen/watch/drop"
)

func TestVerify(t *testing.T) {
	f := drop.Folder{Dir: t.TempDir()}
	done, err := f.Put(t.Context(), "a.xml", strings.NewReader("whole"))
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Verify(t.Context(), "a.xml", done.SHA256); err != nil {
		t.Error(err)
	}
	if err := os.WriteFile(filepath.Join(f.Dir, "a.xml"), []byte("whol\x00"), 0o666); err != nil {
		t.Fatal(err)
	}
	var refused *drop.Error
	if err := f.Verify(t.Context(), "a.xml", done.SHA256); !errors.As(err, &refused) || refused.Advice == "" {
		t.Errorf("changed bytes: %v", err)
	}
	if err := f.Verify(t.Context(), "taken.xml", done.SHA256); err != nil {
		t.Errorf("a file that was taken: %v", err)
	}
}
