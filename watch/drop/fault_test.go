package drop_test

import (
	"path/filepath"
	"testing"

	"obmen/watch/drop"
)

// eachFault runs an operation on fresh folders, once for every call it makes to the disk, with that call
// refused, and once more with the process killed there. It fails when nothing was ever refused.
func eachFault(t *testing.T, run func(t *testing.T, disk *faulty) error) {
	t.Helper()
	for _, killed := range []bool{false, true} {
		for at := 1; ; at++ {
			disk := &faulty{FS: drop.OS{}, at: at, killed: killed}
			err := run(t, disk)
			if disk.calls < at {
				if err != nil || at == 1 {
					t.Fatalf("an undisturbed run: %d calls, error %v", disk.calls, err)
				}
				break
			}
			if t.Failed() {
				t.Fatalf("after call %d (%s) was refused, killed %v, error %v", at, disk.log[at-1], killed, err)
			}
		}
	}
}

func TestPutFaults(t *testing.T) {
	const text = "<order>1</order>"
	eachFault(t, func(t *testing.T, disk *faulty) error {
		f := drop.Folder{Dir: t.TempDir(), FS: disk}
		_, err := publish(t.Context(), f, text)
		seen := visible(t, f.Dir)
		for _, name := range seen {
			if got := read(t, filepath.Join(f.Dir, name)); got != text {
				t.Errorf("%q can be seen", got)
			}
		}
		if err == nil && len(seen) != 1 {
			t.Error("acknowledged and not there")
		}
		again(t, f, text)
		return err
	})
}

func TestPublishFaults(t *testing.T) {
	texts := []string{"workbook", "", "exchange file"}
	eachFault(t, func(t *testing.T, disk *faulty) error {
		f := drop.Folder{Dir: t.TempDir(), FS: disk}
		_, err := publish(t.Context(), f, texts...)
		seen := visible(t, f.Dir)
		for i, name := range seen { // in order and whole: a name appears after those before it
			if want := []string{"f0", "f1", "f2"}[i]; name != want {
				t.Errorf("%q can be seen before %q", name, want)
			}
			if got := read(t, filepath.Join(f.Dir, name)); got != texts[i] {
				t.Errorf("%s holds %q", name, got)
			}
		}
		if err == nil && len(seen) != len(texts) {
			t.Error("acknowledged and not there")
		}
		if !disk.killed {
			wantTold(t, f.Dir, seen, err)
		}
		again(t, f, texts...)
		return err
	})
}

// wantTold checks that an error says exactly what can be seen.
func wantTold(t *testing.T, dir string, seen []string, err error) {
	t.Helper()
	if err == nil {
		return
	}
	var told []string
	if p, ok := err.(*drop.PartialError); ok {
		for _, path := range p.Visible {
			told = append(told, filepath.Base(path))
		}
	} else if len(seen) == 3 {
		return // all published; only the removal of a temporary file was refused
	}
	wantNames(t, told, seen...)
}

// again repeats the work on a sound disk: it always ends well, and nothing is doubled.
func again(t *testing.T, f drop.Folder, texts ...string) {
	t.Helper()
	f.FS = nil
	if _, err := publish(t.Context(), f, texts...); err != nil {
		t.Errorf("the next run: %v", err)
	}
	if n := len(visible(t, f.Dir)); n != len(texts) {
		t.Errorf("%d files in the end, want %d", n, len(texts))
	}
}

func TestMoveFaults(t *testing.T) {
	for name, there := range map[string]string{"free": "", "same bytes there": "text", "other bytes there": "other"} {
		for _, across := range []bool{false, true} {
			t.Run(name+map[bool]string{true: ", another volume"}[across], func(t *testing.T) {
				eachFault(t, func(t *testing.T, disk *faulty) error { return moveFault(t, disk, there, across) })
			})
		}
	}
}

func moveFault(t *testing.T, disk *faulty, there string, across bool) error {
	src, f := places(t, "text")
	if there != "" {
		write(t, filepath.Join(f.Dir, "a.json"), there)
	}
	if across {
		disk.FS = volumes{drop.OS{}, filepath.Dir(f.Dir)}
	}
	f.FS = disk
	_, err := f.Move(t.Context(), src, "a.json")
	whole := len(visible(t, filepath.Dir(src)))
	for _, name := range visible(t, f.Dir) {
		switch got := read(t, filepath.Join(f.Dir, name)); got {
		case "text":
			whole++
		case there:
		default:
			t.Errorf("%s holds %q", name, got)
		}
	}
	if whole == 0 {
		t.Error("the file is lost")
	}
	if err == nil && len(visible(t, filepath.Dir(src))) > 0 {
		t.Error("acknowledged, and the source is still there")
	}
	if len(visible(t, filepath.Dir(src))) > 0 {
		f.FS = nil
		if _, err := f.Move(t.Context(), src, "a.json"); err != nil {
			t.Errorf("the next run: %v", err)
		}
	}
	want := 1
	if there == "other" {
		want = 2
	}
	if n := len(visible(t, f.Dir)); n != want {
		t.Errorf("%d files in the archive in the end, want %d", n, want)
	}
	return err
}
