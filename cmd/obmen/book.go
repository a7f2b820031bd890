package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/urfave/cli/v2"

	"obmen/cmd/obmen/config"
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
		return nil, hinted{fmt.Errorf("there is no ledger in %s yet", cfg.Folders.State), "obmen watch makes it; look whether [folders] state in " + cfg.Path + " is the right folder"}
	}
	book, err := ledger.Open(ctx, file, ledger.Options{})
	if err != nil {
		return nil, err
	}
	return &shop{cfg, book, cfg.Routes()}, nil
}

func (s *shop) Close() { s.book.Close() }

// printJSON prints the result of a command as one object. Its fields are a promise: they are added,
// never renamed or removed.
func printJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// oneLine is a name for people. Some systems let it have line breaks: what follows one could pass for words of
// obmen's own.
func oneLine(name string) string {
	if strings.ContainsFunc(name, unicode.IsControl) {
		return strconv.Quote(name)
	}
	return name
}

// clock is a moment for people, in their own time; empty when it is not known.
func clock(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Local().Format(time.DateTime)
}

// local is a stamp as a clock.
func local(stamp string) string {
	t, err := time.Parse(time.RFC3339, stamp)
	if err != nil {
		return stamp
	}
	return clock(t)
}

// stamp is a moment for programs; empty when it is not known.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

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
