package watch

import (
	"cmp"
	"context"
	"errors"
	"path/filepath"
	"sync"
	"time"

	"obmen/convert"
	"obmen/convert/catalog"
	"obmen/convert/layout"
	"obmen/watch/desk/words"
	"obmen/watch/drop"
	"obmen/watch/folder"
	"obmen/watch/inbox"
	"obmen/watch/ledger"
	"obmen/watch/onec"
	"obmen/watch/outbox"
	"obmen/watch/store"
)

// PollEvery is how often an inbox is looked at when no event reports a change: sooner while files arrive,
// less often after minutes without any. Polling is the truth: events get lost on network shares and in
// bursts.
const PollEvery = 2 * time.Second

// Measured is a part of the work whose duration is told.
type Measured int

// The parts that are measured.
const (
	Round      Measured = iota // of a route
	Conversion                 // of the files that go through together
)

// Watcher works on the inboxes of its routes. Its fields are set before Run and not changed after.
type Watcher struct {
	Disk
	Routes  []inbox.Route
	Ledger  *ledger.Ledger
	Layouts []*layout.Layout
	Options convert.Options
	Timing
	Language string   // of lists and reasons, see package words; empty means English
	Wake     []string // further folders whose changes are looked at soon: the catalogs
	// Share, if set, hands the routes out among several nodes, of which this one has the name Node.
	Share Sharing
	Node  string

	// Settings stands for the program and for all of its settings that decide over orders. Where it is not empty, a start with
	// the same, and the same catalogs and layouts, does not try held orders again.
	Settings string

	Hooks
	running
}

// Disk is where obmen's own memory lies, and how much of it.
type Disk struct {
	State      string // obmen's own memory; on a local disk
	Free       int64  // bytes; 0 means folder.DefaultFree
	Keep       Retention
	Encryption *store.Encryption // of what is kept and archived; nil keeps it plain
	Remote     store.Place       // where bytes are kept instead of the state folder; nil for none
	FS         drop.FS           // what files lie on; nil means the disk itself
}

// Timing is how often, and for how long.
type Timing struct {
	Poll  time.Duration // 0 means PollEvery
	Hang  time.Duration // 0 means DefaultHang
	Grace time.Duration // 0 means DefaultGrace
}

// Hooks are what the watcher asks of its caller, or reports to it.
type Hooks struct {
	// Renew, if set, returns the layouts in force instead of Layouts, in the same order and with the same
	// settings; it is called in every round, so that a saved template counts at once.
	Renew func() []*layout.Layout
	// Fetched, if set, returns the layout of the orders of an account in a route that 1C fetches itself, and
	// the name of their exchange; an empty name for orders that go into the outbox.
	Fetched func(route, account string) (*layout.Layout, string)
	Catalog func() (*catalog.Snapshot, error) // called in every round; nil at first while Saving
	// Saving, if set, returns for how long catalogs or layouts have been changing; 0 when they are not. Meanwhile
	// nothing is converted: half of them would make wrong documents.
	Saving func() time.Duration
	// Stale, if set, returns the places of mistakes in catalogs, layouts and mappings that have been saved: what was
	// loaded before them stays in force.
	Stale  func() []string
	Now    func() time.Time // wall clock, for the ledger and the archive's folders
	Report func(Event)      // may be called from several goroutines
	// Began, if set, is called when a group of routes is this node's from now on. What it begins ends with the context, and
	// others get the group when wait has returned.
	Began func(ctx context.Context, g Group) (wait func())
	// Took, if set, is told how long a part of the work took; it may be called from several goroutines.
	Took func(Measured, time.Duration)
}

// running is what a watcher knows while it runs.
type running struct {
	board   board // the status of all routes
	crew    crew  // those who work
	folders folder.Registry
	events  inbox.Events
	glance  glance
	cursors map[string]string // of folders and disks, as of the start; see folder.Guard
	purging sync.Mutex
	trimmed sync.Map // folders of days and the day on which they were last trimmed
	blind   bool     // polls only, without events of the system
}

// worker works on one route, one bundle of files after another.
type worker struct {
	watcher   *Watcher
	route     *inbox.Route
	once      bool // the run ends when nothing is left to do
	heartbeat heartbeat
	inbox     inbox.Inbox
	guard     folder.Guard
	onec      *onec.Connection
	writer    outbox.Writer
	handover  handover
	current   current
	cures     cures
	pause     pause
	lists     lists
	chores    chores
}

// Run watches until the context ends; with once it works until nothing is left to do. The caller holds
// the lock of the state folder. A route that waits or fails stops no other; only a ledger that is broken
// stops them all. An *HungError says that Run did not wait any longer for a disk or share.
func (w *Watcher) Run(ctx context.Context, once bool) error {
	w.folders.Reset()
	w.trimmed.Clear()
	kept := w.Store().Folder()
	for _, dir := range []string{kept.Dir, w.requestFolder()} {
		if err := w.folders.MakeDir(w.fs(), dir, 0o700); err != nil {
			return err
		}
	}
	if _, err := kept.Sweep(ctx, w.unfinishedBefore()); err != nil {
		return err
	}
	requests := drop.Folder{Dir: w.requestFolder(), FS: w.FS}
	if _, err := requests.Sweep(ctx, time.Now().Add(-requestTime)); err != nil {
		return err
	}
	if _, err := w.scratch().Sweep(ctx, time.Now().Add(-requestTime)); err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	if len(w.Routes) == 0 {
		return nil
	}
	work := func() error { return w.runShared(ctx, stop) }
	if w.Share == nil {
		workers, err := w.newWorkers(routePointers(w.Routes))
		if err != nil {
			return err
		}
		w.crew.add(workers...)
		work = func() error { return runAll(ctx, stop, workers, once) }
	}
	w.events.Refused = w.reportUnwatched
	defer w.events.Close()
	defer context.AfterFunc(ctx, w.events.Close)() // all at once takes less time than one folder after the other
	done := make(chan error, 1)
	go func() { done <- work() }()
	var dog sync.WaitGroup
	dog.Go(func() { w.watchWorkers(ctx) })
	defer dog.Wait()
	defer stop()
	return w.await(ctx, done)
}

func routePointers(routes []inbox.Route) (list []*inbox.Route) {
	for i := range routes {
		list = append(list, &routes[i])
	}
	return list
}

func (w *Watcher) newWorkers(routes []*inbox.Route) ([]*worker, error) {
	workers := make([]*worker, len(routes))
	for i, r := range routes {
		workers[i] = newWorker(w, r)
		if err := workers[i].inbox.Compile(); err != nil {
			return nil, err
		}
	}
	return workers, nil
}

// runAll runs the workers side by side and returns all their errors.
func runAll(ctx context.Context, stop func(), workers []*worker, once bool) error {
	errs := make([]error, len(workers))
	var all sync.WaitGroup
	for i, k := range workers {
		all.Go(func() {
			errs[i] = k.run(ctx, once)
			if isPermanent(errs[i]) {
				stop()
			}
		})
	}
	all.Wait()
	return errors.Join(errs...)
}

// run does rounds until there is nothing to do (once) or the context ends.
func (k *worker) run(ctx context.Context, once bool) error {
	k.once, k.inbox.Once, k.onec.Once = once, once, once
	defer k.inbox.ResetNotifier()
	defer k.heartbeat.beat("")
	for {
		begun := time.Now()
		worked, err := k.round(ctx)
		k.watcher.reportTaken(Round, begun)
		if k.isOvertaken(ctx, err) {
			worked, err = true, nil // the next round leaves the order out
		}
		if err == nil && k.pause.reason == "" && !k.inbox.Queued() { // never into a folder that may be another
			err = k.writeStaleLists(ctx)
		}
		k.noteStatus()
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil && (once || isPermanent(err)):
			return err
		case err != nil:
			k.inbox.ResetNotifier()
			k.backOff(ctx, err)
		case worked:
			k.pause.tries = 0
			k.inbox.NoteArrival()
		case k.retain(ctx):
			k.pause.tries = 0
		case once && (k.pause.reason != "" || k.inbox.Idle() && k.onec.Idle() && !k.current.saving):
			return nil
		default:
			k.pause.tries = 0
			k.heartbeat.beat("")
			k.rest(ctx)
		}
	}
}

// routeNamed is the route of that name, or nil.
func (w *Watcher) routeNamed(name string) *inbox.Route {
	for i := range w.Routes {
		if w.Routes[i].Name == name {
			return &w.Routes[i]
		}
	}
	return nil
}

func (w *Watcher) words() *words.Words { return words.In(w.Language) }

func (w *Watcher) hangAfter() time.Duration { return cmp.Or(w.Hang, DefaultHang) }

func (w *Watcher) graceTime() time.Duration { return cmp.Or(w.Grace, DefaultGrace) }

// Store is where the bytes of dropped files are kept.
func (w *Watcher) Store() store.Store {
	return store.Store{State: w.State, Remote: w.Remote, Encryption: w.Encryption, FS: w.FS, Lock: w.folders.Lock}
}

// scratch is the folder for what does not fit into memory; it need not outlive a crash.
func (w *Watcher) scratch() drop.Folder { return drop.Folder{Dir: w.State, Temp: w.State} }

func (w *Watcher) requestFolder() string { return filepath.Join(w.State, requestDir) }

// fs is what all files lie on that come, go and are kept. Past it go only questions to the system (events,
// kinds of volumes, free space), what a crash may undo (old days and old copies that are removed, the
// status file), and the ledger, which is SQLite's.
func (w *Watcher) fs() drop.FS {
	if w.FS == nil {
		return drop.OS{}
	}
	return w.FS
}

func (w *Watcher) pollEvery() time.Duration {
	if w.Poll > 0 {
		return w.Poll
	}
	return PollEvery
}

// fetchedIn is Fetched for one route; nil when no orders are fetched.
func (w *Watcher) fetchedIn(route string) func(account string) (*layout.Layout, string) {
	if w.Fetched == nil {
		return nil
	}
	return func(account string) (*layout.Layout, string) { return w.Fetched(route, account) }
}

// reportTaken tells how long a part of the work took that began at a moment.
func (w *Watcher) reportTaken(what Measured, begun time.Time) {
	if w.Took != nil {
		w.Took(what, time.Since(begun))
	}
}

// adoptFolders makes a rebuilt ledger that of the routes' folders.
func (w *Watcher) adoptFolders(ctx context.Context) error {
	for i := range w.Routes {
		r := &w.Routes[i]
		for _, f := range r.Folders() {
			id, err := folder.ReadMarker(f.Dir)
			if err != nil || id == "" {
				continue // the watcher marks it
			}
			if err := w.Ledger.SetCursor(ctx, folder.CursorName(r.Name, f.Role), id); err != nil {
				return err
			}
		}
	}
	return nil
}

// Event is something that people should know.
type Event struct {
	Route string
	Kind  EventKind
	File  string // name of the dropped file, if it is about one
	Place string // where that file lies now
	Text  string // one line
	Hint  string // what to do next
	// Lasting marks an Alert about what the ledger or a folder shows until it is mended.
	Lasting bool
	Result  *outbox.Result // of Converted and Cured
}

// EventKind is the kind of an event.
type EventKind string

// The kinds of events.
const (
	Converted   EventKind = "converted"   // a file was read and put into the archive
	Repeated    EventKind = "repeated"    // a file whose bytes were done before
	Quarantined EventKind = "quarantined" // a file that cannot be read
	Cured       EventKind = "cured"       // held orders were tried again
	Waiting     EventKind = "waiting"     // nothing is claimed for now
	Going       EventKind = "going"       // the reason for waiting is gone
	Alert       EventKind = "alert"       // a person has to look
	Renewed     EventKind = "renewed"     // a template was changed: it counts from now on
	Answered    EventKind = "answered"    // 1C has loaded what it was sent
	Republished EventKind = "republished" // orders were sent once more, on request
	Removed     EventKind = "removed"     // what was kept for long enough
	Fetched     EventKind = "fetched"     // 1C fetched orders itself, and confirmed them
	Replied     EventKind = "replied"     // 1C sent the states of orders, or its products, to the site
)

// report reports an event of the route.
func (k *worker) report(e Event) {
	e.Route = k.route.Name
	if k.watcher.Report != nil {
		k.watcher.Report(e)
	}
}

func (k *worker) reportAnswered(file, text string) {
	k.report(Event{Kind: Answered, File: file, Text: text})
}
