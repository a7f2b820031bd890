package watch

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"obmen/watch/drop"
)

// A writer that pauses is not done: many equal looks in a moment call nothing complete.
func TestAPausingWriterIsLeftAlone(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "f"), []byte("a"), 0o666); err != nil {
		t.Fatal(err)
	}
	s := newSettler(drop.OS{}, &Route{Inbox: dir, Settle: time.Hour})
	for range 2 * observations {
		if ready, err := s.scan(); err != nil || len(ready) != 0 {
			t.Fatalf("%+v, %v before its time", ready, err)
		}
	}
}
