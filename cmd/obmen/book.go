package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"obmen/cmd/obmen/config"
	"obmen/cmd/obmen/ui"
	"obmen/watch/inbox"
	"obmen/watch/ledger"
)

func jsonFlag() cli.Flag {
	return &cli.BoolFlag{Name: "json", Usage: "print the result as one JSON object on stdout"}
}

// shop is what the commands beside watch work with: the settings and the watcher's memory.
type shop struct {
	cfg    *config.Config
	book   *ledger.Ledger
	routes []inbox.Route
}

// openShop opens the ledger of a configuration, beside a running watcher or without one. It makes none:
// a new ledger is the watcher's business.
func openShop(ctx context.Context, path string) (*shop, error) {
	cfg, err := loadSetUp(path)
	if err != nil {
		return nil, err
	}
	file := filepath.Join(cfg.Folders.State, ledgerFile)
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		return nil, ui.WithHint(fmt.Errorf("there is no ledger in %s yet", cfg.Folders.State), "obmen watch makes it; look whether [folders] state in "+cfg.Path+" is the right folder")
	}
	book, err := ledger.Open(ctx, file, ledger.Options{})
	if err != nil {
		return nil, err
	}
	return &shop{cfg, book, cfg.Routes()}, nil
}

func (s *shop) Close() { s.book.Close() }

// fileSHA256 is the hash of a file's bytes.
func fileSHA256(path string) (string, error) {
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
