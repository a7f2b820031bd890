package setup

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"obmen/cmd/obmen/config"
	"obmen/cmd/obmen/ui"
	"obmen/fetch"
	"obmen/watch/drop"
	"obmen/watch/folder"
	"obmen/watch/inbox"
	"obmen/watch/ledger"
)

// Inbox is the inbox that an account's orders go to.
type Inbox struct {
	Route *inbox.Route
	FS    drop.FS // what the files lie on; nil means the disk itself
	book  *ledger.Ledger
}

var _ fetch.Folder = Inbox{}

// InboxOf finds the inbox of an account: that of its route, else of the first route of no account.
func InboxOf(cfg *config.Config, book *ledger.Ledger, account string) (Inbox, error) {
	if r := RoutesOfAccounts(cfg)(account); r != nil {
		return Inbox{Route: r, book: book}, nil
	}
	return Inbox{}, ui.InSettings(ui.WithHint(fmt.Errorf("account %s: every [[route]] belongs to another account", account), `add a [[route]] with account = "`+account+`", or one without an account`))
}

// RoutesOfAccounts returns what finds the route into whose inbox an account's orders go; nil for an account without one.
func RoutesOfAccounts(cfg *config.Config) func(account string) *inbox.Route {
	routes, of := cfg.Routes(), map[string]*inbox.Route{}
	for i := range routes {
		key := strings.ToLower(routes[i].Account)
		if of[key] == nil {
			of[key] = &routes[i]
		}
	}
	return func(account string) *inbox.Route { return cmp.Or(of[strings.ToLower(account)], of[""]) }
}

// folder holds files that only the account that runs obmen may read: they may tell who bought.
func (f Inbox) folder() drop.Folder { return drop.Folder{Dir: f.Route.Inbox, FS: f.FS, Mode: 0o600} }

// Put makes a file durable in the inbox.
func (f Inbox) Put(ctx context.Context, name string, content []byte) error {
	if err := f.ready(ctx, name); err != nil {
		return err
	}
	_, err := f.folder().Put(ctx, name, bytes.NewReader(content))
	return taken(err)
}

// ready looks whether the inbox is the real one: a page that is put into the empty place of a share
// would be lost, for the cursor moves behind it. A marker that the route waits for comes first, for a run
// that is killed between the two would leave a file that nobody reads.
func (f Inbox) ready(ctx context.Context, name string) error {
	if err := f.Route.CheckConnected(ctx, f.book); err != nil {
		return err
	}
	if f.Route.Done == "" || strings.HasSuffix(name, fetch.CharsetSuffix) {
		return nil
	}
	_, err := f.folder().Put(ctx, name+f.Route.Done, bytes.NewReader(nil))
	return taken(err)
}

// taken speaks of a taken name as fetch does; the same file under it is as good as put.
func taken(err error) error {
	if e, ok := errors.AsType[*drop.ExistsError](err); ok {
		if e.Same {
			return nil
		}
		return fmt.Errorf("%w: %w", fetch.ErrTaken, err)
	}
	return err
}

// Create begins a file.
func (f Inbox) Create() (fetch.File, error) {
	set := f.folder().Stage()
	w, err := set.Create()
	if err != nil {
		return nil, err
	}
	return &stagedFile{Staged: w, set: set, folder: f}, nil
}

// stagedFile is a file of a size that is not known before it has come.
type stagedFile struct {
	*drop.Staged
	set     *drop.Set
	folder  Inbox
	checked int64 // bytes of it, up to which the disk had room
}

// spaceEvery is how many bytes are written between two looks at the free space.
const spaceEvery = 16 << 20

// Write appends, as long as the disk has room for what others write there, too.
func (s *stagedFile) Write(p []byte) (int, error) {
	if s.Size()+int64(len(p)) > s.checked {
		if err := folder.CheckSpace(s.folder.Route.Inbox, folder.DefaultFree+spaceEvery); err != nil {
			return 0, err
		}
		s.checked = s.Size() + int64(len(p)) + spaceEvery
	}
	return s.Staged.Write(p)
}

func (s *stagedFile) Publish(ctx context.Context, name string) error {
	if err := s.folder.ready(ctx, name); err != nil {
		return err
	}
	// A set that cannot be published is gone: the name is looked at before.
	if sum, err := FileSHA256(filepath.Join(s.folder.Route.Inbox, name)); err == nil && sum != s.SHA256() {
		return fetch.ErrTaken
	}
	_, err := s.set.Publish(ctx, drop.Entry{File: s.Staged, Name: name})
	return taken(err)
}

func (s *stagedFile) Abort() error { return s.set.Abort() }

// leftFor is how old a file must be to be one that a killed run left half written.
const leftFor = 24 * time.Hour

// Sweep removes what killed runs left half written.
func (f Inbox) Sweep(ctx context.Context) error {
	_, err := f.folder().Sweep(ctx, time.Now().Add(-leftFor))
	return err
}

// FileSHA256 is the hash of a file's bytes.
func FileSHA256(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}
