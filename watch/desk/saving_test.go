package desk

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"obmen/convert/catalog"
	"obmen/templates"
	"obmen/watch"
)

// What is saved in its place counts when it has stopped changing: half of a catalog may be whole to all
// appearance, and half of a template raises an alert that means nothing.
func TestHalfSavedCountsForNothing(t *testing.T) {
	const settle = 40 * time.Millisecond
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	var said []error
	folder := filepath.Join(dir, "catalogs")
	cats := &Catalogs{
		Dir: folder, Settle: settle, Broken: func(err error) { said = append(said, err) },
		Load: func() (*catalog.Snapshot, error) { return catalog.Load(os.DirFS(folder)) },
	}
	products := func() int {
		t.Helper()
		cat, err := cats.Current()
		switch {
		case err != nil:
			t.Fatal(err)
		case cat == nil:
			return 0
		}
		n, _ := cat.Len()
		return n
	}
	// grown asks as a watcher does until it says something new, and gives what that is.
	grown := func(ask func() int, was int) int {
		t.Helper()
		for range 1000 {
			if now := ask(); now != was {
				return now
			}
			time.Sleep(settle / 4)
		}
		return was
	}
	write("catalogs/products.csv", "sku;name\nA;Thing\n")
	if products() != 0 {
		t.Fatal("a start reads catalogs that may be half saved")
	}
	if got := grown(products, 0); got != 1 || cats.Changing() != 0 {
		t.Fatalf("%d products, still changing: %s", got, cats.Changing())
	}
	write("catalogs/products.csv", "sku;name\nB;Ot")
	if products() != 1 || cats.Changing() == 0 {
		t.Fatal("half of a saved catalog is in force")
	}
	write("catalogs/products.csv", "sku;name\nB;Other\nA;Thing\n")
	if got := grown(products, 1); got != 2 || len(said) > 0 {
		t.Fatalf("%d products; said %v", got, said)
	}

	var events []watch.Event
	from := Templates{Own: filepath.Join(dir, "templates"), BuiltIn: templates.FS}
	write("templates/salesorder/document.xml", "<a/>")
	l, err := OpenLayouts(t.Context(), from, []string{"salesorder"}, settle, filepath.Join(dir, "kept"), func(e watch.Event) { events = append(events, e) })
	if err != nil {
		t.Fatal(err)
	}
	first := l.Current()[0].Hash()
	write("templates/salesorder/document.xml", "<a>{{range .Doc")
	if l.Current()[0].Hash() != first || l.Changing() == 0 {
		t.Fatal("half of a saved template is in force")
	}
	write("templates/salesorder/document.xml", "<a>two</a>")
	if grown(func() int { l.Current(); return len(events) }, 0) != 1 || events[0].Kind != watch.Renewed {
		t.Fatalf("said: %v", events)
	}
}
