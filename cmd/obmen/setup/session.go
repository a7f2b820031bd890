// Package setup is what commands begin with: the settings they are given, the ledger, the catalogs and the layouts
// that these name, and the files of the command line. A command that begins without one of them is refused here,
// with its next step.
package setup

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"obmen/cmd/obmen/config"
	"obmen/cmd/obmen/ui"
	"obmen/convert/catalog"
	"obmen/fetch/spapi"
	"obmen/watch"
	"obmen/watch/desk"
	"obmen/watch/desk/words"
	"obmen/watch/ledger"
	"obmen/watch/store"
	"obmen/watch/store/bucket"
)

// Version is set by the linker.
var Version = "dev"

// Session is what the commands of the desk work with: the settings and an open ledger.
type Session struct {
	*desk.Desk
	Config *config.Config
}

// OpenSession opens the ledger of a configuration, beside a running watcher or without one. It makes none: a new
// ledger is the watcher's business.
func OpenSession(ctx context.Context, path string) (*Session, error) {
	return openSession(ctx, path, false)
}

// OpenReading is OpenSession for a command that writes nothing into the ledger: it does not look through a large one for
// damage that another has looked for.
func OpenReading(ctx context.Context, path string) (*Session, error) {
	return openSession(ctx, path, true)
}

func openSession(ctx context.Context, path string, reading bool) (*Session, error) {
	cfg, err := LoadSettings(path)
	if err != nil {
		return nil, err
	}
	if place := PlaceOfLedger(cfg); place.IsMissing() && place.CheckLost(ctx, cfg.Routes()) == nil {
		return nil, words.Refuse(words.New("desk.no-ledger", "State", cfg.Folders.State), words.New("desk.watch-makes-it", "Settings", cfg.Path))
	}
	book, err := openLedger(ctx, cfg, false, reading)
	if err != nil {
		return nil, err
	}
	return &Session{NewDesk(cfg, book), cfg}, nil
}

// OpenLedger opens the ledger, and refuses one that is lost.
func OpenLedger(ctx context.Context, cfg *config.Config, fresh bool) (*ledger.Ledger, error) {
	return openLedger(ctx, cfg, fresh, false)
}

func openLedger(ctx context.Context, cfg *config.Config, fresh, reading bool) (*ledger.Ledger, error) {
	password, err := LedgerPassword(cfg)
	if err != nil {
		return nil, err
	}
	place := PlaceOfLedger(cfg)
	place.Password, place.Reading = password, reading
	book, err := place.Open(ctx, cfg.Routes(), fresh)
	if _, lost := errors.AsType[*watch.LostLedgerError](err); lost {
		return nil, InSettings(err)
	}
	return book, err
}

// PlaceOfLedger is where the settings have the ledger, without the password of a server.
func PlaceOfLedger(cfg *config.Config) desk.LedgerPlace {
	return desk.LedgerPlace{State: cfg.Folders.State, Address: cfg.Ledger.Address, TakeOver: cfg.Ledger.TakeOver}
}

// LedgerPassword finds the password of the ledger's server; empty for a ledger in a file.
func LedgerPassword(cfg *config.Config) (string, error) {
	if cfg.Ledger.Address == "" {
		return "", nil
	}
	password, err := cfg.LedgerPassword()
	return password, InSettings(err)
}

// Close closes the ledger.
func (s *Session) Close() { s.Ledger.Close() }

// NewDesk is the desk of a configuration; book may be nil for a rebuild.
func NewDesk(cfg *config.Config, book *ledger.Ledger) *desk.Desk {
	return &desk.Desk{
		State: cfg.Folders.State, Routes: cfg.Routes(), Ledger: book, Options: cfg.Options, Settings: cfg.Path, Catalogs: cfg.Folders.Catalogs, Sources: cfg.SourcesDir(),
		Numbering: cfg.Numbers,
		Lookups: desk.Lookups{
			Catalog:    func() (*catalog.Snapshot, error) { return LoadCatalogs(cfg.Folders.Catalogs) },
			Encryption: func() (*store.Encryption, error) { return LoadEncryption(cfg) },
			Remote:     sync.OnceValues(func() (store.Place, error) { return openPlace(cfg) }),
			Command:    cfg.Command,
			Fetched: func(account string) (string, bool) {
				f, ok := cfg.FetchOf(account)
				return f.Account, ok && f.Pull == nil // a shop that is pulled is not asked for single orders
			},
			InboxOf: func(account string) (string, bool) {
				inbox, err := InboxOf(cfg, book, account)
				if err != nil {
					return "", false
				}
				return inbox.Route.Inbox, true
			},
		},
		FetchAtOnce: spapi.DefaultLimits()[spapi.OpGetOrder].Burst,
	}
}

// LoadSettings reads the configuration of a command that cannot do without one.
func LoadSettings(path string) (*config.Config, error) {
	cfg, err := config.Load(path)
	if err == nil && cfg.Path == "" {
		err = ui.InSettings(words.Refuse(words.New("settings.none"), words.New("settings.init")))
	}
	return cfg, err
}

// LoadEncryption reads the identity that kept files are encrypted with; nil when none is set.
func LoadEncryption(cfg *config.Config) (*store.Encryption, error) {
	if cfg.Encryption.Identity == "" {
		return nil, nil
	}
	encryption, err := store.NewEncryption(cfg.Encryption.To, cfg.Encryption.Identity)
	if _, ok := errors.AsType[*store.KeyError](err); ok {
		return nil, ui.InSettings(err)
	}
	if err != nil {
		return nil, ui.InSettings(&words.Error{Text: words.Plain(err.Error()), Next: words.New("settings.identity-rights", "Settings", cfg.Path), Err: err})
	}
	return encryption, nil
}

// FetchedAccount finds an account that is fetched.
func FetchedAccount(cfg *config.Config, name string) (config.Fetch, error) {
	if f, ok := cfg.FetchOf(name); ok {
		return f, nil
	}
	var known []string
	for _, f := range cfg.Fetch {
		known = append(known, f.Account)
	}
	err := fmt.Errorf("account %q: no [[account]] of this name has a region, or a source to pull by", name)
	if len(known) == 0 {
		return config.Fetch{}, ui.InSettings(ui.WithHint(err, `add region = "eu" (or "na", "fe") to an [[account]] of `+cfg.Path+" to fetch its orders from Amazon, or pull = … for a shop"))
	}
	return config.Fetch{}, ui.InSettings(ui.WithHint(err, "accounts that are fetched: "+strings.Join(known, ", ")))
}

// FetchedAccounts are the accounts of those names, or all that are fetched.
func FetchedAccounts(cfg *config.Config, names []string) (list []config.Fetch, err error) {
	if len(names) == 0 {
		if len(cfg.Fetch) == 0 {
			return nil, ui.InSettings(ui.WithHint(errors.New("no account is fetched"), `add region = "eu" (or "na", "fe") to an [[account]] of `+cfg.Path))
		}
		return cfg.Fetch, nil
	}
	for _, name := range names {
		a, err := FetchedAccount(cfg, name)
		if err != nil {
			return nil, err
		}
		list = append(list, a)
	}
	return list, nil
}

// OpenBucket makes the bucket of the kept copies ready for use; nil when they lie in the state folder. Its requests end
// with the context.
func OpenBucket(ctx context.Context, cfg *config.Config) (*bucket.Bucket, error) {
	if cfg.Store.Bucket == nil {
		return nil, nil
	}
	secrets, _, err := cfg.StoreSecrets()
	if err != nil {
		return nil, InSettings(err)
	}
	b, err := bucket.Open(ctx, bucket.Options{Address: *cfg.Store.Bucket, Key: secrets[config.StoreKey], Secret: secrets[config.StoreSecret], Version: Version})
	if err != nil {
		return nil, ui.InSettings(err)
	}
	return b, nil
}

// openPlace is OpenBucket for commands that look at a kept copy or two.
func openPlace(cfg *config.Config) (store.Place, error) {
	b, err := OpenBucket(context.Background(), cfg)
	if err != nil || b == nil {
		return nil, err
	}
	return b, nil
}

// ProbeBucket tries all that obmen does with the bucket of the kept copies; false when they lie in the state folder.
func ProbeBucket(ctx context.Context, cfg *config.Config) (found bucket.Report, there bool, err error) {
	b, err := OpenBucket(ctx, cfg)
	if err != nil || b == nil {
		return found, false, err
	}
	found, err = b.Probe(ctx)
	return found, true, InSettings(err)
}
