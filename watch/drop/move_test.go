package drop_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"obmen/watch/drop"
)

// places is an inbox with one file, and an archive.
func places(t testing.TB, text string) (src string, archive drop.Folder) {
	root := t.TempDir()
	for _, d := range []string{"inbox", "archive"} {
		if err := os.Mkdir(filepath.Join(root, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	src = filepath.Join(root, "inbox", "a.json")
	write(t, src, text)
	return src, drop.Folder{Dir: filepath.Join(root, "archive")}
}

func TestMove(t *testing.T) {
	for _, tt := range []struct {
		name  string
		there map[string]string // in the archive before
		want  string
	}{
		{"free", nil, "a.json"},
		{"same bytes", map[string]string{"a.json": "text"}, "a.json"},
		{"other bytes", map[string]string{"a.json": "TEXT"}, "a-2.json"},
		{"two others", map[string]string{"a.json": "x", "a-2.json": "TEXT"}, "a-3.json"},
		{"same bytes under the second name", map[string]string{"a.json": "x", "a-2.json": "text"}, "a-2.json"},
	} {
		for _, across := range []bool{false, true} {
			t.Run(tt.name+map[bool]string{true: ", another volume"}[across], func(t *testing.T) {
				src, f := places(t, "text")
				if across {
					f.FS = volumes{drop.OS{}, filepath.Dir(f.Dir)}
				}
				for name, text := range tt.there {
					write(t, filepath.Join(f.Dir, name), text)
				}
				got, err := f.Move(t.Context(), src, "a.json")
				if err != nil || got != filepath.Join(f.Dir, tt.want) {
					t.Fatalf("moved to %q, %v; want %q", got, err, tt.want)
				}
				if text := read(t, got); text != "text" {
					t.Errorf("it holds %q", text)
				}
				for name, text := range tt.there {
					if got := read(t, filepath.Join(f.Dir, name)); got != text {
						t.Errorf("%s now holds %q", name, got)
					}
				}
				wantNames(t, visible(t, filepath.Dir(src)))
				wantNames(t, temps(t, f.Dir))
			})
		}
	}
}

// The real thing, where the machine has a second volume.
func TestMoveAcrossVolumes(t *testing.T) {
	mem, err := os.MkdirTemp("/dev/shm", "drop")
	if err != nil {
		t.Skip("no /dev/shm on this machine: only the simulated second volume is tested")
	}
	defer os.RemoveAll(mem)
	src, f := places(t, "text")
	err = drop.OS{}.Rename(src, filepath.Join(mem, "a.json"))
	if err == nil {
		t.Skip("/dev/shm and the temporary folder are one volume here: only the simulated one is tested")
	}
	if !errors.Is(err, drop.ErrOtherVolume) {
		t.Fatalf("rename to another volume: %v", err)
	}
	f.Dir = mem
	got, err := f.Move(t.Context(), src, "a.json")
	if err != nil {
		t.Fatal(err)
	}
	if text := read(t, got); text != "text" {
		t.Errorf("it holds %q", text)
	}
	wantNames(t, visible(t, filepath.Dir(src)))
	wantNames(t, temps(t, mem))
}

func TestMoveRefuses(t *testing.T) {
	src, f := places(t, "text")
	inbox := filepath.Dir(src)
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(inbox, link); err != nil {
		t.Skip("this account may not make symbolic links: ", err)
	}
	for _, tt := range []struct {
		name, src string
		to        drop.Folder
		as        string
	}{
		{"its own folder", src, drop.Folder{Dir: inbox}, "a.json"},
		{"its own folder behind a link", src, drop.Folder{Dir: link}, "a.json"},
		{"a link", link, f, "a.json"},
		{"a folder", inbox, f, "a.json"},
		{"not there", filepath.Join(inbox, "b.json"), f, "b.json"},
		{"a path as a name", src, f, "../a.json"},
		{"a missing archive", src, drop.Folder{Dir: filepath.Join(inbox, "none")}, "a.json"},
	} {
		if got, err := tt.to.Move(t.Context(), tt.src, tt.as); err == nil {
			t.Errorf("%s: moved to %q", tt.name, got)
		} else if e, ok := errors.AsType[*drop.Error](err); !ok || e.Advice == "" {
			t.Errorf("%s: error %#v without a hint", tt.name, err)
		}
		if got := read(t, src); got != "text" {
			t.Fatalf("%s: the source holds %q", tt.name, got)
		}
	}
	wantNames(t, visible(t, f.Dir))
}

// A hard link of the source under the wanted name is what a killed move may leave; the move ends.
func TestMoveFinishesALink(t *testing.T) {
	src, f := places(t, "text")
	if err := os.Link(src, filepath.Join(f.Dir, "a.json")); err != nil {
		t.Skip("no hard links here: ", err)
	}
	got, err := f.Move(t.Context(), src, "a.json")
	if err != nil {
		t.Fatal(err)
	}
	if text := read(t, got); text != "text" {
		t.Errorf("it holds %q", text)
	}
	wantNames(t, visible(t, f.Dir), "a.json")
	wantNames(t, visible(t, filepath.Dir(src)))
}

// grows adds to the source when its last byte was read, or at the rename of its copy.
type grows struct {
	volumes
	src      string
	atRename bool
}

func (d grows) grow() {
	f, err := os.OpenFile(d.src, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		panic(err)
	}
	_, _ = f.WriteString(" and more")
	_ = f.Close()
}

func (d grows) Open(path string) (io.ReadCloser, error) {
	f, err := d.volumes.Open(path)
	if err != nil || d.atRename {
		return f, err
	}
	return struct {
		io.Reader
		io.Closer
	}{io.MultiReader(io.LimitReader(f, 4), onRead(d.grow)), f}, nil
}

func (d grows) Rename(from, to string) error {
	if d.atRename && from != d.src {
		d.grow()
	}
	return d.volumes.Rename(from, to)
}

func TestMoveOfAGrowingFile(t *testing.T) {
	for name, atRename := range map[string]bool{"after its last byte was read": false, "when the copy is published": true} {
		src, f := places(t, "text")
		f.FS = grows{volumes{drop.OS{}, filepath.Dir(f.Dir)}, src, atRename}
		if got, err := f.Move(t.Context(), src, "a.json"); err == nil {
			t.Errorf("%s: moved to %q", name, got)
		}
		if text := read(t, src); text != "text and more" {
			t.Errorf("%s: the source holds %q", name, text)
		}
		if !atRename {
			wantNames(t, visible(t, f.Dir))
		}
	}
}

func TestMoveOnWindowsKeepsCase(t *testing.T) {
	if runtime.GOOS != "windows" {
		t.Skip("a question of file systems that ignore letter case")
	}
	src, f := places(t, "text")
	write(t, filepath.Join(f.Dir, "A.JSON"), "other")
	if got, err := f.Move(t.Context(), src, "a.json"); err != nil || filepath.Base(got) != "a-2.json" {
		t.Errorf("moved to %q, %v", got, err)
	}
}
