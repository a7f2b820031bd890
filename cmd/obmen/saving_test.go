package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"obmen/cmd/obmen/config"
	"obmen/cmd/obmen/ui"
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
	var said bytes.Buffer
	cats := &catalogs{dir: filepath.Join(dir, "catalogs"), s: ui.Streams{Err: &said}, saving: saving{settle: settle}}
	products := func() int {
		t.Helper()
		cat, err := cats.current()
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
	if got := grown(products, 0); got != 1 || cats.changing() != 0 {
		t.Fatalf("%d products, still changing: %s", got, cats.changing())
	}
	write("catalogs/products.csv", "sku;name\nB;Ot")
	if products() != 1 || cats.changing() == 0 {
		t.Fatal("half of a saved catalog is in force")
	}
	write("catalogs/products.csv", "sku;name\nB;Other\nA;Thing\n")
	if got := grown(products, 1); got != 2 || said.Len() > 0 {
		t.Fatalf("%d products; said %q", got, &said)
	}

	var events []watch.Event
	cfg := config.None()
	cfg.Layouts, cfg.Folders.Templates, cfg.Watch.Settle = []string{"salesorder"}, filepath.Join(dir, "templates"), settle
	write("templates/salesorder/document.xml", "<a/>")
	l, err := openLayouts(t.Context(), cfg, filepath.Join(dir, "kept"), func(e watch.Event) { events = append(events, e) })
	if err != nil {
		t.Fatal(err)
	}
	first := l.current()[0].Hash()
	write("templates/salesorder/document.xml", "<a>{{range .Doc")
	if l.current()[0].Hash() != first || l.changing() == 0 {
		t.Fatal("half of a saved template is in force")
	}
	write("templates/salesorder/document.xml", "<a>two</a>")
	if grown(func() int { l.current(); return len(events) }, 0) != 1 || events[0].Kind != watch.Renewed {
		t.Fatalf("said: %v", events)
	}
}
