//go:build linux

package main

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// Whatever a file is called, it goes through.
func TestOddNames(t *testing.T) {
	s := newScene(t)
	for i, name := range []string{
		"Заказы за ноябрь.json", "two\nlines.json", "-rf.json", "a..b.json", "..json.json", " space .json", "quote'\".json", "$(id).json",
		strings.Repeat("a", 250) + ".json", strings.Repeat("я", 125) + ".json", "%s%d.json", "CON.json", "bad\xff\xfebytes.json", "a__b.json", "no extension",
	} {
		if strings.HasPrefix(name, ".") {
			name = "x" + name
		}
		s.drop(name, shopOrders(i+1), fmt.Sprint(i+1))
	}
	if err := s.finish(); err != nil {
		t.Fatal(err)
	}
	if got, want := len(s.files("archive")), len(s.drops); got != want {
		t.Errorf("%d files in the archive, want %d", got, want)
	}
}

// What is no file is neither opened nor claimed: opening a FIFO would wait for ever, and a link leads
// out of the inbox.
func TestNoFiles(t *testing.T) {
	s := newScene(t)
	s.drop("good.json", shopOrders(1), "1")
	s.write("secret.json", shopOrders(2))
	s.check(unix.Mkfifo(s.path("inbox/fifo.json"), 0o666))
	s.check(os.Symlink(s.path("secret.json"), s.path("inbox/link.json")))
	s.check(os.Mkdir(s.path("inbox/folder.json"), 0o777))
	if err := s.finish(); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"fifo.json", "link.json", "folder.json"} {
		if _, err := os.Lstat(s.path("inbox/" + name)); err != nil {
			t.Errorf("%s was taken: %v", name, err)
		}
	}
}

// Producers that write slowly, stop in the middle, replace a file while it is read, or keep its old time:
// only what is whole comes out.
func TestClumsyProducers(t *testing.T) {
	s := newScene(t)
	s.write("obmen.toml", "[watch]\nsettle = \"150ms\"\n")
	stop := s.start()
	defer stop()

	slow := shopOrders(1, 2, 3)
	f, err := os.Create(s.path("inbox/slow.json"))
	s.check(err)
	old := time.Now().Add(-24 * time.Hour)
	for i := 0; i < len(slow); i += 40 {
		_, err := f.WriteString(slow[i:min(i+40, len(slow))])
		s.check(err)
		s.check(os.Chtimes(f.Name(), old, old)) // the time of change says "long ago"
		time.Sleep(30 * time.Millisecond)
	}
	s.check(f.Close())
	s.drop("slow.json", slow, "1", "2", "3")

	whole := shopOrders(4, 5)
	s.write("inbox/cut.json", whole[:len(whole)/2])
	time.Sleep(600 * time.Millisecond) // long enough to be taken for complete
	s.drop("cut.json", whole, "4", "5")

	for range 20 { // each replaces the one before
		s.write("new.part", shopOrders(6))
		s.check(os.Rename(s.path("new.part"), s.path("inbox/replaced.json")))
		time.Sleep(20 * time.Millisecond)
	}
	s.drop("replaced.json", shopOrders(6, 7), "6", "7")
	s.wait(3)
	stop()
	if err := s.finish(); err != nil {
		t.Fatal(err)
	}
}

// More changes than the system can tell of: the next look finds what the events did not tell.
func TestEventsGetLost(t *testing.T) {
	s := newScene(t)
	stop := s.start()
	defer stop()
	a, b := s.path("inbox/.a"), s.path("inbox/.b")
	s.check(os.WriteFile(a, nil, 0o666))
	for range 20_000 {
		s.check(os.Rename(a, b))
		s.check(os.Rename(b, a))
	}
	s.drop("good.json", shopOrders(1), "1")
	s.wait(1)
	stop()
	s.check(os.Remove(a))
	if err := s.finish(); err != nil {
		t.Fatal(err)
	}
}
