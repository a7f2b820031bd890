package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"obmen/cmd/obmen/config"
	"obmen/cmd/obmen/ui"
	"obmen/convert/catalog"
	"obmen/fetch/spapi"
	"obmen/watch"
	"obmen/watch/desk"
	"obmen/watch/desk/words"
	"obmen/watch/ledger"
	"obmen/watch/store"
)

func configFlag() cli.Flag {
	return &cli.PathFlag{Name: "config", EnvVars: []string{config.PathVariable}, Usage: "configuration `FILE` (default: obmen.toml here, if there is one)"}
}

func jsonFlag() cli.Flag {
	return &cli.BoolFlag{Name: "json", Usage: "print the result as one JSON object on stdout"}
}

// ledgerSession is what the commands of the desk work with: the settings and an open ledger.
type ledgerSession struct {
	*desk.Desk
	cfg *config.Config
}

// openSession opens the ledger of a configuration, beside a running watcher or without one. It makes none: a new
// ledger is the watcher's business.
func openSession(ctx context.Context, path string) (*ledgerSession, error) {
	cfg, err := loadSetUp(path)
	if err != nil {
		return nil, err
	}
	file := filepath.Join(cfg.Folders.State, desk.LedgerFile)
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) && watch.CheckLedger(ctx, cfg.Routes(), nil) == nil {
		return nil, words.Refuse(words.New("desk.no-ledger", "State", cfg.Folders.State), words.New("desk.watch-makes-it", "Settings", cfg.Path))
	}
	book, err := openLedger(ctx, cfg, false)
	if err != nil {
		return nil, err
	}
	return &ledgerSession{newDesk(cfg, book), cfg}, nil
}

// openLedger opens the ledger, and refuses one that is lost.
func openLedger(ctx context.Context, cfg *config.Config, fresh bool) (*ledger.Ledger, error) {
	book, err := desk.OpenLedger(ctx, cfg.Folders.State, cfg.Routes(), fresh)
	if _, lost := errors.AsType[*watch.LostLedgerError](err); lost {
		return nil, inSettings(err)
	}
	return book, err
}

func (s *ledgerSession) Close() { s.Ledger.Close() }

// newDesk is the desk of a configuration; book may be nil for a rebuild.
func newDesk(cfg *config.Config, book *ledger.Ledger) *desk.Desk {
	return &desk.Desk{
		State: cfg.Folders.State, Routes: cfg.Routes(), Ledger: book, Options: cfg.Options, Settings: cfg.Path, Catalogs: cfg.Folders.Catalogs, Sources: cfg.SourcesDir(),
		Numbering:   cfg.Numbers,
		Catalog:     func() (*catalog.Snapshot, error) { return loadCatalogs(cfg.Folders.Catalogs) },
		Encryption:  func() (*store.Encryption, error) { return loadEncryption(cfg) },
		Command:     cfg.Command,
		FetchAtOnce: spapi.DefaultLimits()[spapi.OpGetOrder].Burst,
		Fetched: func(account string) (string, bool) {
			f, ok := cfg.FetchOf(account)
			return f.Account, ok && f.Pull == nil // a shop that is pulled is not asked for single orders
		},
		InboxOf: func(account string) (string, bool) {
			inbox, err := inboxOf(cfg, book, account)
			if err != nil {
				return "", false
			}
			return inbox.route.Inbox, true
		},
	}
}

// loadSetUp reads the configuration of a command that cannot do without one.
func loadSetUp(path string) (*config.Config, error) {
	cfg, err := config.Load(path)
	if err == nil && cfg.Path == "" {
		err = ui.InSettings(words.Refuse(words.New("settings.none"), words.New("settings.init")))
	}
	return cfg, err
}

// loadEncryption reads the identity that kept files are encrypted with; nil when none is set.
func loadEncryption(cfg *config.Config) (*store.Encryption, error) {
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
