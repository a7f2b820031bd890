package desk

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"obmen/convert/document"
	"obmen/convert/layout"
	"obmen/watch"
	"obmen/watch/desk/words"
	"obmen/watch/drop"
	"obmen/watch/inbox"
	"obmen/watch/ledger"
)

// LedgerFile is the ledger's name in the state folder.
const LedgerFile = "ledger.db"

// wholeMark ends the name of the file that keeps which ledger was found whole last.
const wholeMark = "-whole"

// ledgerOptions are those of every ledger that the program opens.
var ledgerOptions = ledger.Options{OldNumber: ledger.OldNumber}

// OpenLedger opens the ledger of a state folder, see LedgerPlace.Open.
func OpenLedger(ctx context.Context, state string, routes []inbox.Route, fresh bool) (*ledger.Ledger, error) {
	return LedgerPlace{State: state}.Open(ctx, routes, fresh)
}

// LedgerPlace is where a ledger lies: in a state folder, or on a server that has an address.
type LedgerPlace struct {
	State, Address, Password string
	TakeOver                 time.Duration // from a node that is silent for so long; 0 means postgres.DefaultTerm
	Reading                  bool          // nothing is written into it: what was found whole is not checked once more
}

func (p LedgerPlace) file() string { return filepath.Join(p.State, LedgerFile) }

// IsMissing reports whether the state folder has no ledger; one on a server is looked for when it is opened.
func (p LedgerPlace) IsMissing() bool {
	_, err := os.Stat(p.file())
	return p.Address == "" && errors.Is(err, fs.ErrNotExist)
}

// CheckLost refuses a ledger that is missing though the folders of the routes show work: a *watch.LostLedgerError.
func (p LedgerPlace) CheckLost(ctx context.Context, routes []inbox.Route) error {
	if !p.IsMissing() {
		return nil
	}
	return watch.CheckLedger(ctx, routes, nil)
}

// Open opens the ledger; a new one is made. Unless told to start with an empty one, it refuses one that does not know of the work
// that was done in the folders of the routes: a *watch.LostLedgerError.
func (p LedgerPlace) Open(ctx context.Context, routes []inbox.Route, fresh bool) (*ledger.Ledger, error) {
	if p.Address != "" {
		opt := ledgerOptions
		opt.Password, opt.Term = p.Password, p.TakeOver
		return openKnowing(ctx, p.Address, opt, routes, fresh)
	}
	if !fresh {
		if err := p.CheckLost(ctx, routes); err != nil {
			return nil, err
		}
	}
	file := p.file()
	opt := ledgerOptions
	opt.Mark, opt.Reading = file+wholeMark, p.Reading
	opt.Watched = func() bool {
		running, _, err := lockHolder(p.State)
		return running && err == nil
	}
	book, err := openKnowing(ctx, file, opt, routes, fresh)
	for _, suffix := range []string{"", "-wal", "-shm"} {
		drop.GiveToOwner(file + suffix)
	}
	return book, err
}

// openKnowing opens a ledger that knows of the work in the folders, unless told to start with an empty one.
func openKnowing(ctx context.Context, place string, opt ledger.Options, routes []inbox.Route, fresh bool) (*ledger.Ledger, error) {
	book, err := ledger.Open(ctx, place, opt)
	if err != nil || fresh {
		return book, err
	}
	if err := watch.CheckLedger(ctx, routes, book); err != nil {
		return nil, errors.Join(err, book.Close())
	}
	return book, nil
}

// Rebuilt is what a rebuild found.
type Rebuilt struct {
	Files     int      `json:"files"`
	Orders    int      `json:"orders"` // that count as exported
	Sets      int      `json:"sets"`
	Held      int      `json:"held"` // to be tried again by the next watcher
	Dismissed int      `json:"dismissed"`
	Answers   int      `json:"answers"`
	Left      []string `json:"left"`                 // archived files that told nothing
	Unknown   []string `json:"unknown,omitempty"`    // archived files whose route is not recorded: their orders are held
	Lost      []string `json:"lost,omitempty"`       // orders that were held, and of which no archived file tells: their files must be dropped again
	KeptLists []string `json:"kept_lists,omitempty"` // the lists that name them
	Old       string   `json:"old,omitempty"`        // where the damaged ledger lies now
}

// Rebuild makes a new ledger from archive, outbox and the lists of held and dismissed orders. The watcher must be
// stopped; a ledger that is whole is not replaced. The desk needs no ledger. It is made under another name first:
// cut short, it is as if it had never begun.
func (d *Desk) Rebuild(ctx context.Context, layouts []*layout.Layout) (*Rebuilt, error) {
	kept, err := d.keptCopies()
	if err != nil {
		return nil, err
	}
	lock, err := drop.LockDir(d.State)
	if err != nil {
		return nil, err
	}
	defer lock.Release()
	file := filepath.Join(d.State, LedgerFile)
	old, err := setAside(ctx, file, d.Routes)
	if err != nil {
		return nil, err
	}
	sum, err := rebuildAt(ctx, file, d.Numbering, &watch.Watcher{
		Disk: watch.Disk{State: d.State, Encryption: kept.Encryption, Remote: kept.Remote}, Routes: d.Routes, Layouts: layouts, Options: d.Options, Hooks: watch.Hooks{Now: time.Now, Catalog: d.Catalog, Fetched: d.BySite},
	})
	if err != nil {
		return nil, err
	}
	return &Rebuilt{sum.Files, sum.Orders, sum.Sets, sum.Held, sum.Dismissed, sum.Answers, append([]string{}, sum.Left...), sum.Unknown, sum.Lost, sum.KeptLists, old}, nil
}

// setAside moves away a ledger that is damaged, or does not know of the work that was done. One that is whole knows more than a rebuild could find out.
func setAside(ctx context.Context, file string, routes []inbox.Route) (old string, err error) {
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	book, err := ledger.Open(ctx, file, ledgerOptions)
	if err == nil {
		err = errors.Join(book.Check(ctx), watch.CheckLedger(ctx, routes, book), book.Close())
	}
	var broken *ledger.Error
	_, lost := errors.AsType[*watch.LostLedgerError](err)
	switch {
	case lost:
	case err == nil:
		return "", words.Refuse(words.New("rebuild.whole", "File", file), words.New("rebuild.move-away"))
	case !errors.As(err, &broken) || !broken.Corrupt():
		return "", err
	}
	old = file + ".damaged-" + time.Now().Format("20060102-150405")
	for _, suffix := range []string{"-wal", "-shm", ""} {
		if err := os.Rename(file+suffix, old+suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
	}
	return old, nil
}

// rebuildAt fills a new ledger and gives it its name at the end.
func rebuildAt(ctx context.Context, file string, numbering document.Numbering, w *watch.Watcher) (sum watch.Rebuilt, err error) {
	fresh := file + ".rebuild"
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(fresh + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return sum, err
		}
	}
	if w.Ledger, err = ledger.Open(ctx, fresh, ledgerOptions); err != nil {
		return sum, err
	}
	w.Ledger.CountFrom(numbering)
	if err = w.Ledger.LogNumbers(ctx, w.State, w.Routes[0].Archive); err == nil {
		sum, err = w.Rebuild(ctx)
	}
	if err2 := w.Ledger.Close(); err == nil {
		err = err2
	}
	if err != nil {
		return sum, err
	}
	return sum, os.Rename(fresh, file)
}
