package drop

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// What was written somewhere is read there; what never was is zero or beyond the end. Nothing is left.
func TestScratch(t *testing.T) {
	f := Folder{Dir: t.TempDir()}
	s, err := f.Scratch()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.WriteAt([]byte("second"), 100); err != nil {
		t.Fatal(err)
	}
	if _, err := s.WriteAt([]byte("first"), 1); err != nil {
		t.Fatal(err)
	}
	want := append([]byte("\x00first"), make([]byte, 94)...)
	got := make([]byte, 200)
	n, err := s.ReadAt(got, 0)
	if want = append(want, "second"...); !errors.Is(err, io.EOF) || !bytes.Equal(got[:n], want) {
		t.Errorf("%q, %v", got[:n], err)
	}
	if n, err := s.ReadAt(got, 500); n != 0 || err != io.EOF {
		t.Errorf("beyond the end: %d, %v", n, err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if left, err := os.ReadDir(filepath.Join(f.Dir, TempDir)); err != nil || len(left) > 0 {
		t.Errorf("left: %v, %v", left, err)
	}
	var refusal *Error
	if _, err := s.WriteAt([]byte("x"), 0); !errors.As(err, &refusal) || refusal.Advice == "" {
		t.Errorf("written after Close: %v", err)
	}
}

// Where the name cannot go at once, it goes at Close, or with what a killed program left.
func TestScratchThatKeptItsName(t *testing.T) {
	f := Folder{Dir: t.TempDir()}
	keep := func() *Scratch {
		s, err := f.Scratch()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := os.Lstat(s.path); err != nil {
			if err := os.WriteFile(s.path, nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		s.left = true
		return s
	}
	killed, closed := keep(), keep()
	if err := closed.Close(); err != nil {
		t.Error(err)
	}
	if removed, err := f.Sweep(t.Context(), time.Now().Add(time.Minute)); err != nil || len(removed) != 1 || removed[0] != killed.path {
		t.Errorf("swept %q, %v", removed, err)
	}
	if err := killed.Close(); err != nil {
		t.Error(err)
	}
}
