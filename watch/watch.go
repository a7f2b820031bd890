package watch

import (
	"cmp"
	"context"
	"errors"
	"io"
	"io/fs"
	"path/filepath"
	"sync"
	"time"

	"obmen/convert"
	"obmen/convert/catalog"
	"obmen/convert/layout"
	"obmen/watch/drop"
	"obmen/watch/ledger"
)

// PollEvery is how often an inbox is looked at when nothing tells of a change: sooner while files arrive,
// less often after minutes without any. Polling is the truth: events get lost on network shares and in
// bursts.
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
	Keep    Retention
	Seal    *Seal         // encrypts what is kept and archived; nil keeps it plain
	Hang    time.Duration // 0 means DefaultHang
	Grace   time.Duration // 0 means DefaultGrace
	Wake    []string      // further folders whose changes are looked at soon: the catalogs
	FS      drop.FS       // what files lie on; nil means the disk itself

	// Renew, if set, gives the layouts in force instead of Layouts, in the same order and with the same
	// settings; it is asked in every round, so that a saved template counts at once.
	Renew   func() []*layout.Layout
	Catalog func() (*catalog.Snapshot, error) // asked in every round; nil at first while Saving
	// Saving, if set, says for how long catalogs or layouts have been changing; 0 when they are not. Meanwhile
	// nothing is converted: half of them would make wrong documents.
	Saving func() time.Duration
	Now    func() time.Time // wall clock, for the ledger and the archive's folders
	Report func(Event)      // may be called from several goroutines

	board     board    // for people who ask how it stands
	locks     sync.Map // *sync.Mutex by folder: routes may share one
	volumes   sync.Map // uint64 by folder: the volume it was on at the last good look
	recovered sync.Map // outboxes where nothing is left of earlier runs
	lasting   sync.Map // folders of obmen's own whose names are durable
	keeping   sync.Mutex
}

// Run watches until the context ends; with once it works until nothing is left to do. The caller holds
// the lock of the state folder. A route that waits or fails stops no other; only a ledger that is broken
// stops them all. An *HungError says that Run did not wait any longer for a disk or share.
func (w *Watcher) Run(ctx context.Context, once bool) error {
	w.lasting.Clear()
	for _, dir := range []string{w.raw().Dir, filepath.Join(w.State, requestDir)} {
		if err := w.makeDir(dir, 0o700); err != nil {
			return err
		}
	}
	if _, err := w.raw().Sweep(ctx, time.Now()); err != nil {
		return err
	}
	requests := drop.Folder{Dir: filepath.Join(w.State, requestDir), FS: w.FS}
	if _, err := requests.Sweep(ctx, time.Now().Add(-requestTime)); err != nil {
		return err
	}
	if _, err := w.scratch().Sweep(ctx, time.Now().Add(-requestTime)); err != nil {
		return err
	}
	w.recovered.Clear()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	workers := make([]*worker, len(w.Routes))
	for i := range w.Routes {
		workers[i] = newWorker(w, &w.Routes[i])
		if err := workers[i].settler.compile(); err != nil {
			return err
		}
	}
	if len(workers) == 0 {
		return nil
	}
	done := make(chan error, 1)
	go func() { done <- runAll(ctx, stop, workers, once) }()
	var dog sync.WaitGroup
	dog.Go(func() { w.watchdog(ctx, workers) })
	defer dog.Wait()
	defer stop()
	return w.await(ctx, workers, done)
}

// runAll runs the workers side by side and gives all their errors.
func runAll(ctx context.Context, stop func(), workers []*worker, once bool) error {
	errs := make([]error, len(workers))
	var all sync.WaitGroup
	for i, k := range workers {
		all.Go(func() {
			errs[i] = k.run(ctx, once)
			if permanent(errs[i]) {
				stop()
			}
		})
	}
	all.Wait()
	return errors.Join(errs...)
}

// lock takes a folder that routes may share, and gives the function that lets it go.
func (w *Watcher) lock(dir string) (unlock func()) {
	m, _ := w.locks.LoadOrStore(dir, new(sync.Mutex))
	m.(*sync.Mutex).Lock()
	return m.(*sync.Mutex).Unlock
}

// route is the route of that name, or nil.
func (w *Watcher) route(name string) *Route {
	for i := range w.Routes {
		if w.Routes[i].Name == name {
			return &w.Routes[i]
		}
	}
	return nil
}

func (w *Watcher) hang() time.Duration { return cmp.Or(w.Hang, DefaultHang) }

func (w *Watcher) grace() time.Duration { return cmp.Or(w.Grace, DefaultGrace) }

func (w *Watcher) raw() drop.Folder {
	return drop.Folder{Dir: filepath.Join(w.State, rawDir), Mode: 0o600, FS: w.FS}
}

// fs is what all files lie on that come, go and are kept. Past it go only questions to the system (events,
// kinds of volumes, free space), what a crash may undo (old days and old copies that are removed, the
// status file), and the ledger, which is SQLite's.
func (w *Watcher) fs() drop.FS {
	if w.FS == nil {
		return drop.OS{}
	}
	return w.FS
}

// read is all of a small file.
func (w *Watcher) read(path string) ([]byte, error) {
	r, err := w.fs().Open(path)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}

// write makes a small new file, durable with its name.
func (w *Watcher) write(path, text string, mode fs.FileMode) error {
	f, err := w.fs().Create(path, mode)
	if err != nil {
		return err
	}
	_, err = io.WriteString(f, text)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return w.fs().SyncDir(filepath.Dir(path))
}

// gone removes a file; that it is not there is no error.
func (w *Watcher) gone(path string) error {
	if err := w.fs().Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func (w *Watcher) poll() time.Duration {
	if w.Poll > 0 {
		return w.Poll
	}
	return PollEvery
}
