package convert

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"obmen/convert/catalog"
	"obmen/convert/document"
	"obmen/convert/source"
)

// Whatever is put there, it is what a map would hold, in memory and on the disk; also with keys that all
// fall into one place.
func TestSeenOrdersLikeAMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		disk := &scratchDisk{}
		s := seenOrders{most: rapid.IntRange(1, 300).Draw(t, "in memory")}
		if rapid.Bool().Draw(t, "disk") {
			s.scratch = disk.create
		}
		want := map[orderKey]revision{}
		crowded := rapid.Bool().Draw(t, "crowded")
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		for i := range rapid.IntRange(0, 1500).Draw(t, "orders") {
			key := keyOf("amazon", fmt.Sprint(random.IntN(1000)))
			if crowded {
				clear(key[:8])
			}
			before, again, err := s.get(key)
			if known, ok := want[key]; err != nil || ok != again || known != before {
				t.Fatalf("order %d: %v, %v, %v; want %v, %v", i, before, again, err, known, ok)
			}
			rev := revision{updated: uint32(i), print: binary.BigEndian.Uint32(key[8:]), sums: ^uint32(i)}
			if err := s.set(key, rev); err != nil {
				t.Fatal(err)
			}
			want[key] = rev
		}
		for key, rev := range want {
			if got, ok, err := s.get(key); err != nil || !ok || got != rev {
				t.Fatalf("%v: %v, %v, %v; want %v", key, got, ok, err, rev)
			}
		}
		if spilled := s.scratch != nil && len(want) > s.most; spilled != (disk.made > 0) || len(s.table) > s.most && s.scratch != nil {
			t.Fatalf("%d orders, %d of them in memory, which may hold %d; %d files", len(want), len(s.table), s.most, disk.made)
		}
		if err := s.close(); err != nil || len(disk.open) > 0 {
			t.Fatalf("closed: %v, %d files are left", err, len(disk.open))
		}
	})
}

// A run tells the same of orders that come again, wherever it remembers them, and leaves no file.
func TestRunRemembersOnTheDisk(t *testing.T) {
	const n = 2000
	var text strings.Builder
	text.WriteString(`{"orders":[`)
	line := func(id, day int) { // a changed day is a changed price
		fmt.Fprintf(&text, `{"order_number":%d,"currency":"USD","created_at":"2026-11-01T10:00:00Z","updated_at":"2026-11-0%dT10:00:00Z","line_items":[{"sku":"A","quantity":1,"price":"5.0%d"}]}`, id, day, day)
	}
	for id := range n {
		line(id, 2)
		text.WriteByte(',')
	}
	line(7, 2) // the same, from when all was in memory
	text.WriteByte(',')
	line(n-7, 1) // an older one, and a newer
	text.WriteByte(',')
	line(8, 3)
	text.WriteString(`]}`)
	in := source.Input{Name: "many.json", Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text.String())), nil }}
	disk := &scratchDisk{}
	opt := Options{Match: MatchOptions{UnknownProduct: Create}, Scratch: disk.create, inMemory: 500}
	var sum summing
	if _, err := Run(t.Context(), []source.Input{in}, catalog.Empty(), opt, &sum); err != nil {
		t.Fatal(err)
	}
	if sum.Exported != n || sum.Rules[SkipDuplicate] != 1 || sum.Rules[SkipOlder] != 2 || sum.resets != 1 {
		t.Errorf("%d exported of %d, %v, begun again %d times", sum.Exported, n, sum.Rules, sum.resets)
	}
	if disk.made < 4 || len(disk.open) > 0 {
		t.Errorf("%d files were made, %d are left", disk.made, len(disk.open))
	}
	// A disk that refuses ends the run, with its own words.
	for at := range 12 {
		disk := &scratchDisk{failAt: 1 + 10*at*at}
		opt.Scratch = disk.create
		if _, err := Run(t.Context(), []source.Input{in}, catalog.Empty(), opt, &summing{}); !errors.Is(err, errScratch) || len(disk.open) > 0 {
			t.Errorf("refused at call %d: %v, %d files are left", disk.failAt, err, len(disk.open))
		}
	}
}

type summing struct {
	Summary
	resets int
}

func (s *summing) Outcome(o Outcome) error                     { s.Add(&o); return nil }
func (s *summing) Batch(context.Context, document.Batch) error { return nil }
func (s *summing) Reset() error                                { *s = summing{resets: s.resets + 1}; return nil }

// scratchDisk makes temporary files in memory, and refuses one call.
type scratchDisk struct {
	made   int
	open   map[*scratchFile]bool
	calls  int
	failAt int
}

var errScratch = errors.New("the disk is full")

func (d *scratchDisk) call() error {
	if d.calls++; d.calls == d.failAt {
		return errScratch
	}
	return nil
}

func (d *scratchDisk) create() (Scratch, error) {
	if err := d.call(); err != nil {
		return nil, err
	}
	if d.open == nil {
		d.open = map[*scratchFile]bool{}
	}
	d.made++
	f := &scratchFile{disk: d}
	d.open[f] = true
	return f, nil
}

type scratchFile struct {
	disk  *scratchDisk
	bytes []byte
}

func (f *scratchFile) ReadAt(p []byte, at int64) (int, error) {
	n := copy(p, f.bytes[min(int(at), len(f.bytes)):])
	if n < len(p) {
		return n, io.EOF
	}
	return n, f.disk.call()
}

func (f *scratchFile) WriteAt(p []byte, at int64) (int, error) {
	if missing := int(at) + len(p) - len(f.bytes); missing > 0 {
		f.bytes = append(f.bytes, make([]byte, missing)...)
	}
	return copy(f.bytes[at:], p), f.disk.call()
}

func (f *scratchFile) Close() error {
	delete(f.disk.open, f)
	return nil
}
