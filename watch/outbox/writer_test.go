package outbox

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"obmen/convert"
	"obmen/convert/catalog"
	"obmen/convert/layout"
	"obmen/convert/source"
	"obmen/templates"
	"obmen/watch/drop"
)

func writer(t *testing.T, dir string) *Writer {
	t.Helper()
	w := &Writer{Folder: drop.Folder{Dir: dir}}
	for _, name := range []string{"commerceml", "sheet"} {
		l, err := layout.Compile(templates.FS, name, nil)
		if err != nil {
			t.Fatal(err)
		}
		w.Layouts = append(w.Layouts, l)
	}
	return w
}

func orders(n int) []source.Input {
	var list []string
	for i := range n {
		list = append(list, fmt.Sprintf(`{"order_number":%d,"currency":"USD","created_at":"2026-11-01T10:00:00Z","line_items":[{"sku":"A","quantity":1,"price":"5.00"}]}`, i+1))
	}
	text := `{"orders":[` + strings.Join(list, ",") + `]}`
	return []source.Input{{Name: "orders.json", Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }}}
}

func run(t *testing.T, w *Writer, n int, opt convert.Options) *Result {
	t.Helper()
	opt.Match.UnknownProduct = convert.Create
	r, err := w.Convert(context.Background(), orders(n), catalog.Empty(), opt)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func list(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !e.IsDir() {
			names = append(names, e.Name())
		}
	}
	return names
}

func TestNamesFollowFromContent(t *testing.T) {
	dir := t.TempDir()
	first := run(t, writer(t, dir), 2, convert.Options{})
	again := run(t, writer(t, dir), 2, convert.Options{})
	other := run(t, writer(t, dir), 3, convert.Options{})
	if first.Outputs[0].Path != again.Outputs[0].Path || !again.Outputs[0].Already || first.Outputs[0].Already {
		t.Errorf("first %+v, again %+v", first.Outputs[0], again.Outputs[0])
	}
	if other.Outputs[0].Set == first.Outputs[0].Set {
		t.Error("two contents have one name")
	}
	if n := len(list(t, dir)); n != 4 {
		t.Errorf("%d files", n)
	}
	long := run(t, writer(t, dir), 1, convert.Options{Account: strings.Repeat("Магазин", 30)})
	if name := filepath.Base(long.Outputs[0].Path); len(name) > 100 {
		t.Errorf("name of %d characters: %s", len(name), name)
	}
}

// A name that somebody else's file has is never overwritten, and never waited for.
func TestATakenNameGetsANumber(t *testing.T) {
	dir := t.TempDir()
	want := run(t, writer(t, t.TempDir()), 1, convert.Options{}).Outputs[0]
	if err := os.WriteFile(filepath.Join(dir, filepath.Base(want.Path)), []byte("mine"), 0o666); err != nil {
		t.Fatal(err)
	}
	r := run(t, writer(t, dir), 1, convert.Options{})
	if r.Outputs[0].Set != want.Set+"-2" || len(r.Outputs[0].Notes) == 0 {
		t.Errorf("output %+v", r.Outputs[0])
	}
	text, err := os.ReadFile(filepath.Join(dir, filepath.Base(want.Path)))
	if err != nil || string(text) != "mine" {
		t.Errorf("the other's file holds %q, %v", text, err)
	}
}

func TestBatchesAndMarkers(t *testing.T) {
	dir := t.TempDir()
	w := writer(t, dir)
	w.Ready = ".ready"
	r := run(t, w, 5, convert.Options{BatchSize: 2})
	if len(r.Outputs) != 6 {
		t.Fatalf("%d outputs", len(r.Outputs))
	}
	names := list(t, dir)
	for i, o := range r.Outputs {
		if ext := filepath.Ext(o.Path); ext != []string{".xml", ".xlsx"}[i%2] && ext != []string{".xlsx", ".xml"}[i%2] {
			t.Errorf("output %d is %s", i, o.Path)
		}
	}
	markers := slices.DeleteFunc(slices.Clone(names), func(n string) bool { return !strings.HasSuffix(n, ".ready") })
	if len(markers) != 3 {
		t.Errorf("markers %q", markers)
	}
}

func TestDiscardLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	w := writer(t, dir)
	w.Discard = true
	if r := run(t, w, 3, convert.Options{}); len(r.Outputs) != 2 || r.Outputs[0].SHA256 == "" {
		t.Errorf("outputs %+v", r.Outputs)
	}
	if names := list(t, dir); names != nil {
		t.Errorf("left behind: %q", names)
	}
}

// What was planned and staged before a crash is completed; what was taken away since stays away.
func TestCompleteAfterACrash(t *testing.T) {
	dir := t.TempDir()
	w := writer(t, dir)
	var planned []Output
	w.Plan = func(_ context.Context, outputs []Output) error {
		planned = outputs
		return os.CopyFS(filepath.Join(dir, "kept"), os.DirFS(filepath.Join(dir, drop.TempDir)))
	}
	run(t, w, 1, convert.Options{})
	for i := range planned {
		planned[i].Path = filepath.Base(planned[i].Path)
	}
	for _, name := range list(t, dir) {
		os.Remove(filepath.Join(dir, name))
	}
	if known, err := writer(t, dir).Complete(t.Context(), planned); err != nil || !known {
		t.Fatalf("known %v, %v", known, err)
	}
	if names := list(t, dir); names != nil {
		t.Errorf("what 1C has taken came back: %q", names)
	}
	// Without its receipt nothing says that the set was ever here.
	if err := w.Finished(t.Context(), planned[0].Set); err != nil {
		t.Fatal(err)
	}
	if known, err := writer(t, dir).Complete(t.Context(), planned); err != nil || known {
		t.Fatalf("known %v, %v", known, err)
	}
	if err := os.CopyFS(filepath.Join(dir, drop.TempDir), os.DirFS(filepath.Join(dir, "kept"))); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if known, err := writer(t, dir).Complete(t.Context(), planned); err != nil || !known {
			t.Fatalf("known %v, %v", known, err)
		}
		if names := list(t, dir); len(names) != 2 {
			t.Errorf("completed: %q", names)
		}
	}
}

// failing is a disk on which no rename works.
type failing struct {
	drop.OS
	broken bool
}

func (f *failing) Rename(from, to string) error {
	if f.broken {
		return &os.PathError{Op: "rename", Path: to, Err: os.ErrPermission}
	}
	return f.OS.Rename(from, to)
}

// What was planned and could not be published stays staged: else the next attempt would take it for
// published and taken away, and its orders would be lost.
func TestARefusedPublishIsCompletedLater(t *testing.T) {
	dir := t.TempDir()
	disk := &failing{broken: true}
	w := writer(t, dir)
	w.Folder.FS = disk
	var planned []Output
	w.Plan = func(_ context.Context, outputs []Output) error { planned = outputs; return nil }
	if _, err := w.Convert(t.Context(), orders(1), catalog.Empty(), convert.Options{Match: convert.MatchOptions{UnknownProduct: convert.Create}}); err == nil {
		t.Fatal("published on a disk that refuses")
	}
	for i := range planned {
		planned[i].Path = filepath.Base(planned[i].Path)
	}
	if _, err := w.Complete(t.Context(), planned); err == nil {
		t.Fatal("completed on a disk that refuses")
	}
	disk.broken = false
	if known, err := w.Complete(t.Context(), planned); err != nil || !known {
		t.Fatalf("known %v, %v", known, err)
	}
	if names := list(t, dir); len(names) != 2 {
		t.Errorf("published %q", names)
	}
}

// A layout may have a pattern of its own for its files; the set keeps its name, and no two files get one.
func TestFileNames(t *testing.T) {
	for pattern, want := range map[string]string{
		"":                           `^main-20261101-[0-9a-f]{12}-(commerceml|salesorder)\.xml$`,
		"documents___{hash}":         `^documents___[0-9a-f]{12}\.xml$|^main-20261101-[0-9a-f]{12}\.xml$`,
		"{set}":                      `^main-20261101-[0-9a-f]{12}-(commerceml|salesorder)\.xml$`,
		"{layout}.{account}.{hash}x": `^commerceml\.main\.[0-9a-f]{12}x\.xml$|^main-20261101-[0-9a-f]{12}\.xml$`,
	} {
		dir := t.TempDir()
		w := &Writer{Folder: drop.Folder{Dir: dir}}
		for name, settings := range map[string]map[string]string{"commerceml": {"file_name": pattern}, "salesorder": nil} {
			l, err := layout.Compile(templates.FS, name, settings)
			if err != nil {
				t.Fatal(err)
			}
			w.Layouts = append(w.Layouts, l)
		}
		slices.SortFunc(w.Layouts, func(a, b *layout.Layout) int { return strings.Compare(a.Name(), b.Name()) })
		run(t, w, 1, convert.Options{Account: "main"})
		names := list(t, dir)
		if len(names) != 2 {
			t.Errorf("%q: %v", pattern, names)
		}
		for _, name := range names {
			if !regexp.MustCompile(want).MatchString(name) {
				t.Errorf("%q: %s", pattern, name)
			}
		}
		// What somebody put there under such a name stays, and ours goes beside it.
		for _, name := range names {
			if err := os.WriteFile(filepath.Join(dir, name), []byte("other"), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		again := run(t, w, 1, convert.Options{Account: "main"})
		if all := list(t, dir); len(all) != 4 || len(again.Outputs[0].Notes) == 0 || !strings.HasSuffix(again.Outputs[0].Set, "-2") {
			t.Errorf("%q: %v, %+v", pattern, all, again.Outputs[0])
		}
	}
}
