package watch

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"obmen/watch/drop"
)

// failing is a disk that refuses to stage the first files in a folder.
type failing struct {
	drop.OS
	dir string

	mu   sync.Mutex
	left int
}

func (d *failing) Create(path string, mode fs.FileMode) (drop.File, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if filepath.Dir(path) == d.dir && d.left > 0 {
		d.left--
		return nil, errors.New("the disk does not feel like it")
	}
	return d.OS.Create(path, mode)
}

// A catalog that cures an order while the disk fails cures it when the disk works again, without a further
// word from anybody.
func TestCureIsTriedAgain(t *testing.T) {
	p := newPlace(t)
	p.put(p.r.Inbox, "1.json", shopFile(1, "02", "B", "5.00"))
	p.once()
	disk := &failing{dir: filepath.Join(p.r.Outbox, drop.TempDir)}
	p.w.FS = disk
	disk.left = 1
	p.catalog["products.csv"] = "sku;name\nA;Thing\nB;Other\n"
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- p.w.Run(ctx, false) }()
	for ctx.Err() == nil {
		if _, n := p.exported(); n == 1 {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if _, n := p.exported(); n != 1 || disk.left > 0 {
		t.Errorf("%d exchange files; the disk would refuse %d more", n, disk.left)
	}
}
