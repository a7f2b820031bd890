package drop_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"obmen/watch/drop"
)

func TestPut(t *testing.T) {
	f := drop.Folder{Dir: t.TempDir()}
	got, err := f.Put(t.Context(), "a.xml", strings.NewReader("<a/>"))
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte("<a/>"))
	want := drop.Published{Path: filepath.Join(f.Dir, "a.xml"), SHA256: hex.EncodeToString(sum[:]), Size: 4}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if text := read(t, got.Path); text != "<a/>" {
		t.Errorf("the file holds %q", text)
	}
	wantNames(t, visible(t, f.Dir), "a.xml")
	wantNames(t, temps(t, f.Dir))
}

func TestPutMode(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no file modes")
	}
	f := drop.Folder{Dir: t.TempDir(), Mode: 0o600}
	got, err := f.Put(t.Context(), "a.xml", strings.NewReader("<a/>"))
	if err != nil {
		t.Fatal(err)
	}
	wantMode(t, got.Path, 0o600)
	wantMode(t, filepath.Join(f.Dir, drop.TempDir), 0o700)
}

func wantMode(t *testing.T, path string, want fs.FileMode) {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Mode().Perm(); got != want {
		t.Errorf("%s has mode %o, want %o", path, got, want)
	}
}

func TestPutTaken(t *testing.T) {
	for _, tt := range []struct {
		name, there string
		same        bool
	}{
		{"equal bytes", "<a/>", true},
		{"other bytes of the same length", "<b/>", false},
		{"other length", "<a></a>", false},
		{"empty", "", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := drop.Folder{Dir: t.TempDir()}
			path := filepath.Join(f.Dir, "a.xml")
			write(t, path, tt.there)
			_, err := f.Put(t.Context(), "a.xml", strings.NewReader("<a/>"))
			taken, ok := errors.AsType[*drop.ExistsError](err)
			if !ok || taken.Same != tt.same || taken.Path != path || taken.Advice == "" || !errors.Is(err, fs.ErrExist) {
				t.Errorf("error %#v", err)
			}
			if got := read(t, path); got != tt.there {
				t.Errorf("the older file now holds %q", got)
			}
			wantNames(t, temps(t, f.Dir))
		})
	}
}

func TestPutRefusesNames(t *testing.T) {
	for _, name := range []string{"", ".", "..", "../a", "a/b", "/a", drop.TempDir} {
		f := drop.Folder{Dir: t.TempDir()}
		_, err := f.Put(t.Context(), name, strings.NewReader("x"))
		if _, ok := errors.AsType[*drop.Error](err); !ok {
			t.Errorf("%q: error %v", name, err)
		}
		wantNames(t, visible(t, f.Dir))
		wantNames(t, temps(t, f.Dir))
	}
}

// A missing folder may be a share that is not mounted: it is never made.
func TestPutIntoMissingFolder(t *testing.T) {
	f := drop.Folder{Dir: filepath.Join(t.TempDir(), "outbox")}
	_, err := f.Put(t.Context(), "a.xml", strings.NewReader("x"))
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v", err)
	}
	if e, ok := errors.AsType[*drop.Error](err); !ok || !strings.Contains(e.Advice, "connected") {
		t.Errorf("error %#v has no hint about the share", err)
	}
	if _, err := os.Lstat(f.Dir); !errors.Is(err, fs.ErrNotExist) {
		t.Error("the folder was made")
	}
}

func TestPutCutShort(t *testing.T) {
	canceled, cancel := context.WithCancel(t.Context())
	for _, tt := range []struct {
		name string
		ctx  context.Context
		r    io.Reader
		want error
	}{
		{"source breaks", t.Context(), io.MultiReader(strings.NewReader("<a>"), iotest.ErrReader(errFault)), errFault},
		{"canceled", canceled, io.MultiReader(strings.NewReader("<a>"), onRead(cancel), strings.NewReader("</a>")), context.Canceled},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := drop.Folder{Dir: t.TempDir()}
			if _, err := f.Put(tt.ctx, "a.xml", tt.r); !errors.Is(err, tt.want) {
				t.Errorf("error %v, want %v", err, tt.want)
			}
			wantNames(t, visible(t, f.Dir))
			wantNames(t, temps(t, f.Dir))
		})
	}
}

type onRead func()

func (f onRead) Read([]byte) (int, error) { f(); return 0, io.EOF }

func TestSweep(t *testing.T) {
	f := drop.Folder{Dir: t.TempDir(), FS: &faulty{FS: drop.OS{}, at: 5, killed: true}}
	if _, err := f.Put(t.Context(), "a.xml", strings.NewReader("<a/>")); !errors.Is(err, errFault) {
		t.Fatalf("error %v", err)
	}
	f.FS = nil
	left := temps(t, f.Dir)
	if len(left) != 1 {
		t.Fatalf("%d files left behind by the kill, want 1", len(left))
	}
	lock := filepath.Join(f.Dir, drop.TempDir, "rename.lock")
	write(t, lock, "")
	old, young := time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	if got, err := f.Sweep(t.Context(), old); err != nil || len(got) != 0 {
		t.Errorf("swept %q, %v: younger files are being written", got, err)
	}
	got, err := f.Sweep(t.Context(), young)
	if err != nil {
		t.Fatal(err)
	}
	wantNames(t, got, filepath.Join(f.Dir, drop.TempDir, left[0]))
	wantNames(t, temps(t, f.Dir), "rename.lock")
	none := drop.Folder{Dir: t.TempDir()}
	if got, err := none.Sweep(t.Context(), young); err != nil || len(got) != 0 {
		t.Errorf("a folder that never received anything: %q, %v", got, err)
	}
}
