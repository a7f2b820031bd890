package drop_test

import (
	"os"
	"path/filepath"
	"testing"

	"obmen/watch/drop"
)

// durableTogether makes sets of one file each durable, and returns what they become.
func durableTogether(t *testing.T, f drop.Folder, names ...string) (sets []*drop.Set, files []*drop.Staged, planned []drop.Planned) {
	t.Helper()
	for _, name := range names {
		s, entries, err := stage(f, "text of "+name)
		if err != nil {
			t.Fatal(err)
		}
		s.Receipt(name)
		file := entries[0].File
		sets, files = append(sets, s), append(files, file)
		planned = append(planned, drop.Planned{Name: name + ".xml", SHA256: file.SHA256(), Size: file.Size(), Receipt: name})
	}
	if err := drop.MakeAllDurable(sets...); err != nil {
		t.Fatal(err)
	}
	return sets, files, planned
}

func wantReceipts(t *testing.T, f drop.Folder, want int) {
	t.Helper()
	if list, _ := filepath.Glob(filepath.Join(f.Dir, drop.TempDir, "*.receipt")); len(list) != want {
		t.Errorf("receipts %q, want %d", list, want)
	}
}

func wantKnown(t *testing.T, f drop.Folder, p drop.Planned, want bool) {
	t.Helper()
	if known, err := f.Adopt(t.Context(), p); err != nil || known != want {
		t.Errorf("%s is known: %v, %v; want %v", p.Name, known, err, want)
	}
}

// Sets that become durable together have one receipt. It proves what each of them was until all are dismissed.
func TestOneReceiptForSetsThatGoTogether(t *testing.T) {
	f := drop.Folder{Dir: t.TempDir()}
	sets, files, planned := durableTogether(t, f, "a", "b")
	wantReceipts(t, f, 1)
	for i, s := range sets {
		done, err := s.Publish(t.Context(), drop.Entry{File: files[i], Name: planned[i].Name})
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(done[0].Path); err != nil { // 1C takes it
			t.Fatal(err)
		}
	}
	for i, s := range sets {
		wantKnown(t, f, planned[i], true)
		if err := s.ForgetReceipts(t.Context(), planned[i].Receipt); err != nil {
			t.Fatal(err)
		}
	}
	wantReceipts(t, f, 0)
	wantKnown(t, f, planned[0], false)
}

// What is removed before it was published is no longer in the receipt; the others are.
func TestAReceiptForgetsWhatIsDiscarded(t *testing.T) {
	f := drop.Folder{Dir: t.TempDir()}
	sets, files, planned := durableTogether(t, f, "a", "b", "c")
	if err := sets[0].Discard([]string{"a"}, files[:1]); err != nil {
		t.Fatal(err)
	}
	if _, err := sets[1].Publish(t.Context(), drop.Entry{File: files[1], Name: planned[1].Name}); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(f.Dir, planned[1].Name)); err != nil {
		t.Fatal(err)
	}
	wantReceipts(t, f, 1)
	for i, want := range []bool{false, true, true} {
		wantKnown(t, f, planned[i], want)
	}
	// The next run knows no sets, and looks for their names.
	if err := f.ForgetReceipts(t.Context(), "b"); err != nil {
		t.Fatal(err)
	}
	wantReceipts(t, f, 1)
	wantKnown(t, f, planned[1], false)
}

// A receipt of an obmen that wrote an empty file for each name counts as before.
func TestAnEmptyReceiptStandsForItsName(t *testing.T) {
	f := drop.Folder{Dir: t.TempDir()}
	temp := filepath.Join(f.Dir, drop.TempDir)
	if err := os.Mkdir(temp, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"a.receipt", "b.receipt"} {
		if err := os.WriteFile(filepath.Join(temp, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.SweepReceipts(t.Context(), func(name string) bool { return name == "a" }); err != nil {
		t.Fatal(err)
	}
	wantReceipts(t, f, 1)
	wantKnown(t, f, drop.Planned{Name: "a.xml", Receipt: "a"}, true)
	wantKnown(t, f, drop.Planned{Name: "b.xml", Receipt: "b"}, false)
}
