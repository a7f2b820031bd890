package watch

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"obmen/convert"
	"obmen/convert/catalog"
	"obmen/watch/drop"
	"obmen/watch/inbox"
	"obmen/watch/ledger"
	"obmen/watch/onec"
	"obmen/watch/outbox"
	"obmen/watch/store"
)

// Rebuilt counts what a rebuild found.
type Rebuilt struct {
	Files, Orders, Sets, Held, Dismissed, Answers int
	Left                                          []string // archived files that told nothing
	Unknown                                       []string // those whose route is not recorded: their orders are held
	Lost                                          []string // orders that were held, and of which no archived file tells
	KeptLists                                     []string // the lists that name them
}

// Rebuild fills a new ledger from what is left of an old one: it converts every archived file again,
// publishes nothing, and takes each order that goes through for exported. Orders that held.csv names
// count as held; they and whatever is held with today's catalogs are tried again by the next watcher. Those
// that dismissed.csv names stay dismissed. A file's route and account are those recorded beside it; where a
// shared archive has no record, its orders are held. Held orders whose files the archive has no more are read from
// their kept copies, see readKept.
// Sets whose files are not in the outbox count as taken by 1C, unless an archived answer says more.
//
// What it cannot know: sets and documents as older catalogs and settings made them. Where those have
// changed since, set names may differ, so 1C's answers to them are ignored, and the next update of such an
// order may list more changes than there were. Files that the archive's retention has removed
// are forgotten: dropped again, they go out again, under the same document ids. The caller holds the
// lock of the state folder.
func (w *Watcher) Rebuild(ctx context.Context) (sum Rebuilt, err error) {
	cat, err := w.Catalog()
	if err != nil {
		return sum, err
	}
	temp, err := os.MkdirTemp(w.State, "rebuild-")
	if err != nil {
		return sum, err
	}
	defer os.RemoveAll(temp)
	if err := drop.MakeDirs(drop.OS{}, w.Store().Folder().Dir, 0o700); err != nil {
		return sum, err
	}
	gone, err := w.importDismissed(ctx)
	if err != nil {
		return sum, err
	}
	sum.Dismissed = len(gone)
	held, err := w.heldBefore()
	if err != nil {
		return sum, err
	}
	m := &memory{
		watcher: w, cat: cat, temp: temp, sum: &sum, held: held, dismissed: gone, routes: map[store.Origin]*rebuilder{},
		known: map[ledger.Key]*convert.Known{}, waits: map[ledger.Key]bool{}, archived: map[string]bool{},
	}
	err = errors.Join(m.readArchives(ctx), m.close())
	if err == nil {
		err = m.findLost()
	}
	if err != nil {
		return sum, err
	}
	return sum, w.adoptFolders(ctx)
}

// memory holds what a rebuild finds out over all routes.
type memory struct {
	watcher   *Watcher
	cat       *catalog.Snapshot
	temp      string
	sum       *Rebuilt
	held      heldOrders
	dismissed dismissed
	routes    map[store.Origin]*rebuilder
	list      []*rebuilder                  // in the order of their first files
	known     map[ledger.Key]*convert.Known // exported so far
	waits     map[ledger.Key]bool           // held, in whatever file
	answers   []string                      // paths of 1C's
	archived  map[string]bool               // SHA-256 of the archived files
}

func (m *memory) close() (err error) {
	for _, b := range m.list {
		if b.attempt != nil {
			err = errors.Join(err, b.attempt.close())
		}
	}
	return err
}

// readArchives goes through the archives, the kept copies, then through 1C's answers, and asks for another try at what is held.
func (m *memory) readArchives(ctx context.Context) error {
	done := map[string]bool{}
	for i := range m.watcher.Routes {
		dir := m.watcher.Routes[i].Archive
		if done[dir] {
			continue
		}
		done[dir] = true
		if err := m.readArchive(ctx, dir); err != nil {
			return err
		}
	}
	if err := m.readKept(ctx); err != nil {
		return err
	}
	for _, path := range m.answers {
		if err := m.answer(ctx, path); err != nil {
			return err
		}
	}
	for _, b := range m.list {
		if err := b.retry(ctx); err != nil {
			return err
		}
	}
	for key := range m.waits {
		if m.known[key] == nil {
			m.sum.Held++
		}
	}
	return nil
}

// readArchive goes through an archive, oldest day first.
func (m *memory) readArchive(ctx context.Context, archive string) error {
	day, origins := "", store.Origins{}
	return filepath.WalkDir(archive, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case ctx.Err() != nil:
			return ctx.Err()
		case !d.Type().IsRegular() || strings.HasPrefix(d.Name(), ".") || strings.HasSuffix(strings.TrimSuffix(d.Name(), store.EncryptedSuffix), store.CharsetSuffix):
			return nil
		}
		if dir := filepath.Dir(path); dir != day {
			day = dir
			if origins, err = store.ReadOrigins(dir); err != nil {
				return err
			}
		}
		return m.readFile(ctx, archive, path, d, &origins)
	})
}

func (m *memory) readFile(ctx context.Context, archive, path string, d fs.DirEntry, origins *store.Origins) error {
	if onec.ExchangeOf(m.watcher.Layouts, store.PlainName(path)) != nil {
		return nil // 1C's numbers are learnt from its next message
	}
	if onec.ExchangeOfFile(m.watcher.Layouts, store.PlainName(filepath.Base(path))) != nil {
		return nil // an answer to the one file: what it answered is not in there any more
	}
	acks, err := onec.ReadAnswerFile(m.watcher.fs(), path, m.watcher.Now())
	if err == nil && len(acks) > 0 {
		m.answers = append(m.answers, path)
		return nil
	}
	kept, err := m.restoreCopy(ctx, path)
	if err != nil {
		return err
	}
	m.archived[kept.SHA256] = true
	origin, recorded := origins.Take(kept.SHA256)
	candidates := m.sharing(archive)
	if !recorded && len(candidates) > 1 {
		beside, err := m.watcher.Store().Origins(kept.SHA256)
		if err == nil && len(beside) == 1 {
			return m.rebuilder(beside[0], candidates[0]).convertArchived(ctx, kept, path, d)
		}
		return m.holdUnknown(ctx, candidates, kept, path, d)
	}
	if !recorded {
		origin = store.Origin{Route: candidates[0].Name, Account: candidates[0].Account}
	}
	return m.rebuilder(origin, candidates[0]).convertArchived(ctx, kept, path, d)
}

// sharing are the routes with one archive.
func (m *memory) sharing(archive string) (list []*inbox.Route) {
	for i := range m.watcher.Routes {
		if r := &m.watcher.Routes[i]; r.Archive == archive {
			list = append(list, r)
		}
	}
	return list
}

// rebuilder is that of an origin. A route that is not set up any more is as it was recorded, in the folders of
// another one.
func (m *memory) rebuilder(o store.Origin, other *inbox.Route) *rebuilder {
	if b := m.routes[o]; b != nil {
		return b
	}
	r := *other
	if now := m.watcher.routeNamed(o.Route); now != nil {
		r = *now
	}
	r.Name, r.Account = o.Route, o.Account
	b := &rebuilder{memory: m, watcher: m.watcher, route: &r, halves: map[ledger.Key][]ledger.File{}, messages: map[string]map[string]bool{}}
	b.writer = outbox.Writer{
		Folder: drop.Folder{Dir: m.temp}, Layouts: m.watcher.Layouts, Publishing: outbox.Publishing{Discard: true, Exchanges: true}, Steps: outbox.Steps{Each: b.noteOutcome, Restart: b.restart},
	}
	b.writer.Fetched = m.watcher.fetchedIn(r.Name)
	m.routes[o], m.list = b, append(m.list, b)
	return b
}

// RouteUnknown holds the orders of an archived file whose route is recorded nowhere.
const RouteUnknown convert.Code = ledger.RouteUnknown

// routeUnknown is the outcome of such a file.
const routeUnknown = "route unknown"

// holdUnknown holds the orders of a file of a shared archive whose route is not recorded.
func (m *memory) holdUnknown(ctx context.Context, candidates []*inbox.Route, kept store.Bytes, path string, d fs.DirEntry) error {
	first := candidates[0]
	b := m.rebuilder(store.Origin{Route: first.Name, Account: first.Account}, first)
	if result, err := b.read(ctx, kept, path, d); err != nil || result == nil {
		return err
	}
	return b.holdAll(ctx, candidates, path, "look whether 1C has it: then obmen dismiss, else obmen requeue --route NAME "+b.file.Name)
}

// holdAll holds all orders of the converted file, which one of these routes brought: under another account they would
// be other orders to 1C.
func (b *rebuilder) holdAll(ctx context.Context, routes []*inbox.Route, path, cure string) error {
	var names []string
	for _, r := range routes {
		names = append(names, r.Name)
	}
	work, err := b.watcher.Ledger.Rerun(ctx, b.file)
	if err != nil {
		return err
	}
	holds, err := b.allHolds()
	if err != nil {
		return err
	}
	for i := range holds {
		h := &holds[i]
		h.Code, h.File, h.Add, h.Details.Lines, h.Part = string(RouteUnknown), "", nil, nil, ""
		h.Sentence = "the ledger was lost, and it is recorded nowhere which of the routes " + strings.Join(names, ", ") + " the order came through"
		h.Cure = cure
		b.waits[h.Key] = true
	}
	b.sum.Files++
	b.sum.Unknown = append(b.sum.Unknown, path)
	return work.Finish(ctx, ledger.Result{Holds: holds, Outcome: routeUnknown, Counts: ledger.Counts{Held: len(holds)}, At: b.file.Seen})
}

// allHolds are holds of all orders of the converted file, also of those that went through.
func (b *rebuilder) allHolds() (holds []ledger.Hold, err error) {
	a := b.attempt
	err = a.found.holds.each(&a.spill, func(h *ledger.Hold) error {
		holds = append(holds, *h)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return holds, a.eachExported(func(e *exportedOrder) error {
		o := &e.Order
		holds = append(holds, ledger.Hold{Key: o.Key, Revision: o.Revision, Account: o.Account, Route: b.route.Name, SHA256: b.file.SHA256, Origin: b.file.Name, Since: b.file.Seen})
		return nil
	})
}

// restoreCopy copies an archived file back into the state folder, where it was when it was converted.
func (m *memory) restoreCopy(ctx context.Context, path string) (store.Bytes, error) {
	kept, err := m.watcher.Store().Keep(ctx, func(w io.Writer) error {
		r, err := m.watcher.Encryption.Open(path)
		if err != nil {
			return err
		}
		defer r.Close()
		_, err = io.Copy(w, r)
		return err
	})
	if err != nil {
		return kept, err
	}
	side := filepath.Join(filepath.Dir(path), store.PlainName(path)+store.CharsetSuffix)
	if store.Encrypted(path) {
		side += store.EncryptedSuffix
	}
	text, err := m.watcher.Encryption.ReadText(side)
	if errors.Is(err, fs.ErrNotExist) {
		return kept, nil
	}
	if err == nil {
		err = m.watcher.Store().KeepCharset(ctx, kept.SHA256, text)
	}
	return kept, err
}
