package watch

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"obmen/convert"
	"obmen/convert/catalog"
	"obmen/convert/layout"
	"obmen/watch/drop"
	"obmen/watch/ledger"
)

// PollEvery is how often an inbox is looked at when nothing tells of a change. Polling is the truth:
// events get lost on network shares and in bursts.
const PollEvery = 2 * time.Second

// Folders below the state folder.
const (
	claimDir = "claim" // files that are being worked on, by route
	rawDir   = "raw"   // bytes of dropped files, by SHA-256
)

// Watcher works on the inboxes of its routes. Its fields are set before Run and not changed after.
type Watcher struct {
	State   string // obmen's own memory; on a local disk
	Routes  []Route
	Ledger  *ledger.Ledger
	Layouts []*layout.Layout
	Options convert.Options
	Poll    time.Duration // 0 means PollEvery
	Free    int64         // bytes; 0 means DefaultFree

	Catalog func() (*catalog.Snapshot, error) // asked in every round: a saved catalog counts at once
	Now     func() time.Time                  // wall clock, for the ledger and the archive's folders
	Report  func(Event)                       // may be called from several goroutines
}

// Run watches until the context ends; with once it works until nothing is left to do. The caller holds
// the lock of the state folder.
func (w *Watcher) Run(ctx context.Context, once bool) error {
	if err := os.MkdirAll(w.raw().Dir, 0o700); err != nil {
		return err
	}
	if err := w.recover(ctx); err != nil {
		return err
	}
	g, ctx := errgroup.WithContext(ctx)
	for i := range w.Routes {
		k := newWorker(w, &w.Routes[i])
		g.Go(func() error { return k.run(ctx, once) })
	}
	return g.Wait()
}

func (w *Watcher) raw() drop.Folder {
	return drop.Folder{Dir: filepath.Join(w.State, rawDir), Mode: 0o600}
}

func (w *Watcher) poll() time.Duration {
	if w.Poll > 0 {
		return w.Poll
	}
	return PollEvery
}
