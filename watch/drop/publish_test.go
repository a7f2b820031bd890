package drop_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"obmen/watch/drop"
)

// stage writes files into a set and names them "f0", "f1" … in their order.
func stage(f drop.Folder, texts ...string) (*drop.Set, []drop.Entry, error) {
	s := f.Stage()
	var entries []drop.Entry
	for i, text := range texts {
		w, err := s.Create()
		if err != nil {
			return s, nil, err
		}
		if _, err := w.Write([]byte(text)); err != nil {
			return s, nil, err
		}
		entries = append(entries, drop.Entry{File: w, Name: fmt.Sprintf("f%d", i)})
	}
	return s, entries, nil
}

func publish(ctx context.Context, f drop.Folder, texts ...string) ([]drop.Published, error) {
	s, entries, err := stage(f, texts...)
	defer s.Abort()
	if err != nil {
		return nil, err
	}
	return s.Publish(ctx, entries...)
}

func TestPublishByHash(t *testing.T) {
	f := drop.Folder{Dir: t.TempDir()}
	s := f.Stage()
	w, err := s.Create()
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(w, "<a>")
	fmt.Fprint(w, "</a>")
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	name := "orders-" + w.SHA256()[:8] + ".xml"
	if _, err := s.Create(); err != nil { // staged, and not wanted in the end
		t.Fatal(err)
	}
	got, err := s.Publish(t.Context(), drop.Entry{File: w, Name: name})
	if err != nil {
		t.Fatal(err)
	}
	if got[0].Size != 7 || w.Size() != 7 || got[0].SHA256 != w.SHA256() {
		t.Errorf("published %+v", got[0])
	}
	wantNames(t, visible(t, f.Dir), name)
	wantNames(t, temps(t, f.Dir))
	if err := s.Abort(); err != nil {
		t.Errorf("abort after publishing: %v", err)
	}
	wantNames(t, visible(t, f.Dir), name)
}

func TestWriteAfterClose(t *testing.T) {
	s := drop.Folder{Dir: t.TempDir()}.Stage()
	defer s.Abort()
	w, err := s.Create()
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte("late")); err == nil {
		t.Error("a closed file took a write")
	}
	if err := w.Close(); err != nil {
		t.Errorf("second close: %v", err)
	}
}

func TestAbort(t *testing.T) {
	f := drop.Folder{Dir: t.TempDir()}
	s, _, err := stage(f, "one", "two")
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.Abort(); err != nil {
			t.Error(err)
		}
	}
	wantNames(t, visible(t, f.Dir))
	wantNames(t, temps(t, f.Dir))
}

func TestPublishRefuses(t *testing.T) {
	f := drop.Folder{Dir: t.TempDir()}
	other, alien, err := stage(f, "other")
	defer other.Abort()
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(e []drop.Entry) []drop.Entry{
		"same name twice": func(e []drop.Entry) []drop.Entry { e[1].Name = e[0].Name; return e },
		"same file twice": func(e []drop.Entry) []drop.Entry { e[1].File = e[0].File; return e },
		"path":            func(e []drop.Entry) []drop.Entry { e[1].Name = "../f1"; return e },
		"file of another": func(e []drop.Entry) []drop.Entry { return append(e, alien...) },
		"nothing staged":  func([]drop.Entry) []drop.Entry { return []drop.Entry{{Name: "f0"}} },
	} {
		t.Run(name, func(t *testing.T) {
			s, entries, err := stage(f, "one", "two")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := s.Publish(t.Context(), change(entries)...); err == nil {
				t.Error("published")
			}
			wantNames(t, visible(t, f.Dir))
		})
	}
}

func TestPublishCanceled(t *testing.T) {
	f := drop.Folder{Dir: t.TempDir()}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := publish(ctx, f, "one", "two"); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	wantNames(t, visible(t, f.Dir))
	wantNames(t, temps(t, f.Dir))
}

// A run that was cut short between two names is completed by the next one.
func TestPublishCompletes(t *testing.T) {
	f := drop.Folder{Dir: t.TempDir()}
	write(t, filepath.Join(f.Dir, "f0"), "one")
	got, err := publish(t.Context(), f, "one", "two")
	if err != nil {
		t.Fatal(err)
	}
	if !got[0].Already || got[1].Already {
		t.Errorf("published %+v", got)
	}
	wantNames(t, visible(t, f.Dir), "f0", "f1")
	wantNames(t, temps(t, f.Dir))
}

// takes lets a stranger have a name at the very moment of its rename.
type takes struct {
	drop.FS
	name, text string
}

func (d takes) Rename(from, to string) error {
	if filepath.Base(to) == d.name {
		if err := os.WriteFile(to, []byte(d.text), 0o644); err != nil {
			return err
		}
	}
	return d.FS.Rename(from, to)
}

func TestPublishNameTakenMeanwhile(t *testing.T) {
	f := drop.Folder{Dir: t.TempDir(), FS: takes{drop.OS{}, "f1", "strange"}}
	_, err := publish(t.Context(), f, "one", "two", "three")
	p, ok := errors.AsType[*drop.PartialError](err)
	if !ok || p.Advice == "" || !errors.Is(err, fs.ErrExist) {
		t.Fatalf("error %#v", err)
	}
	wantNames(t, p.Visible, filepath.Join(f.Dir, "f0"))
	wantNames(t, p.Missing, filepath.Join(f.Dir, "f1"), filepath.Join(f.Dir, "f2"))
	wantNames(t, visible(t, f.Dir), "f0", "f1")
	if got := read(t, filepath.Join(f.Dir, "f1")); got != "strange" {
		t.Errorf("the stranger's file was replaced by %q", got)
	}
	f = drop.Folder{Dir: t.TempDir(), FS: takes{drop.OS{}, "f1", "two"}}
	got, err := publish(t.Context(), f, "one", "two", "three")
	if err != nil || !got[1].Already {
		t.Errorf("the stranger wrote the same: %+v, %v", got, err)
	}
}

// A busy target is tried again, for as long as the context allows.
func TestPublishBusy(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("uses an error of Unix")
	}
	f := drop.Folder{Dir: t.TempDir(), FS: &busyDisk{FS: drop.OS{}, times: 3}}
	if _, err := publish(t.Context(), f, "one"); err != nil {
		t.Error(err)
	}
	wantNames(t, visible(t, f.Dir), "f0")
	ctx, cancel := context.WithCancel(t.Context())
	f = drop.Folder{Dir: t.TempDir(), FS: &busyDisk{FS: drop.OS{}, times: 1 << 20, after: cancel}}
	if _, err := publish(ctx, f, "one"); err == nil {
		t.Error("published on a disk that is always busy")
	}
	wantNames(t, visible(t, f.Dir))
	wantNames(t, temps(t, f.Dir))
}

// What has begun to appear is finished, whoever wants to stop.
func TestPublishCanceledBetweenNames(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("uses an error of Unix")
	}
	ctx, cancel := context.WithCancel(t.Context())
	f := drop.Folder{Dir: t.TempDir(), FS: &patient{FS: drop.OS{}, cancel: cancel}}
	if _, err := publish(ctx, f, "one", "two"); err != nil {
		t.Error(err)
	}
	wantNames(t, visible(t, f.Dir), "f0", "f1")
}

// liar takes all bytes, keeps half and reports no error.
type liar struct{ drop.FS }

func (d liar) Create(path string, mode fs.FileMode) (drop.File, error) {
	f, err := d.FS.Create(path, mode)
	return lyingFile{f}, err
}

type lyingFile struct{ drop.File }

func (f lyingFile) Write(p []byte) (int, error) {
	_, err := f.File.Write(p[:len(p)/2])
	return len(p), err
}

func TestPublishCountsBytes(t *testing.T) {
	f := drop.Folder{Dir: t.TempDir(), FS: liar{drop.OS{}}}
	if _, err := publish(t.Context(), f, "workbook"); err == nil {
		t.Error("published half a file")
	}
	wantNames(t, visible(t, f.Dir))
	wantNames(t, temps(t, f.Dir))
}

// The order of names is the caller's, and nothing is visible while anything can still be refused.
func TestPublishAnySet(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		f := drop.Folder{Dir: t.TempDir()}
		texts := rapid.SliceOfN(rapid.StringN(0, 200, -1), 1, 5).Draw(rt, "texts")
		taken := rapid.SliceOfN(rapid.SampledFrom([]string{"free", "same", "other"}), len(texts), len(texts)).Draw(rt, "taken")
		for i, what := range taken {
			switch what {
			case "same":
				write(t, filepath.Join(f.Dir, fmt.Sprintf("f%d", i)), texts[i])
			case "other":
				write(t, filepath.Join(f.Dir, fmt.Sprintf("f%d", i)), texts[i]+"!")
			}
		}
		before := visible(t, f.Dir)
		done, err := publish(t.Context(), f, texts...)
		if slices.Contains(taken, "other") {
			if _, ok := errors.AsType[*drop.ExistsError](err); !ok {
				rt.Fatalf("error %v, want an ExistsError", err)
			}
			wantNames(t, visible(t, f.Dir), before...)
			return
		}
		if err != nil {
			rt.Fatal(err)
		}
		for i, p := range done {
			if got := read(t, p.Path); got != texts[i] || p.Already != (taken[i] == "same") {
				rt.Fatalf("file %d: %+v holds %q, want %q", i, p, got, texts[i])
			}
		}
		if left := temps(t, f.Dir); len(left) > 0 {
			rt.Fatalf("left behind: %q", left)
		}
	})
}

func TestErrorsTell(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want []string
	}{
		{&drop.ExistsError{Path: "out/a.xml", Same: true}, []string{`"out/a.xml"`, "same file"}},
		{&drop.ExistsError{Path: "out/a.xml"}, []string{`"out/a.xml"`, "another file"}},
		{&drop.LockedError{Dir: "state", PID: 71}, []string{`"state"`, "process 71"}},
		{&drop.PartialError{Visible: []string{"a"}, Missing: []string{"b", "c"}, Err: errFault}, []string{`"b", "c"`, `only "a"`, "fault"}},
		{&drop.PartialError{Visible: []string{"a"}, Err: errFault}, []string{`"a"`, "durable", "fault"}},
	} {
		for _, want := range tt.want {
			if got := tt.err.Error(); !strings.Contains(got, want) {
				t.Errorf("%q does not say %q", got, want)
			}
		}
	}
}
