package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/urfave/cli/v2"

	"obmen/cmd/obmen/ui"
	"obmen/watch"
	"obmen/watch/drop"
	"obmen/watch/ledger"
)

func ledgerCommand(s ui.Streams) *cli.Command {
	return &cli.Command{
		Name:  "ledger",
		Usage: "rebuild obmen's memory after a loss",
		Subcommands: []*cli.Command{{
			Name:  "rebuild",
			Usage: "make a new ledger from archive, outbox, held.csv and dismissed.csv; the watcher must be stopped",
			Description: "Every archived file is converted again and nothing is published: what goes through counts as exported,\n" +
				"what held.csv and dismissed.csv name stays held and dismissed. Files that are in the archive no more are forgotten.",
			Flags: []cli.Flag{configFlag(), jsonFlag()},
			Action: func(c *cli.Context) error {
				if err := noArguments(c, "obmen ledger rebuild --config FILE"); err != nil {
					return err
				}
				return runRebuild(c.Context, c.Path("config"), c.Bool("json"), s)
			},
		}},
		Action: func(c *cli.Context) error {
			return ui.Usage("obmen ledger rebuild", "say what to do with the ledger")
		},
	}
}

// The object that ledger rebuild --json prints.
type jsonRebuilt struct {
	Files     int      `json:"files"`
	Orders    int      `json:"orders"` // that count as exported
	Sets      int      `json:"sets"`
	Held      int      `json:"held"` // to be tried again by the next watcher
	Dismissed int      `json:"dismissed"`
	Answers   int      `json:"answers"`
	Left      []string `json:"left"`          // archived files that told nothing
	Old       string   `json:"old,omitempty"` // where the damaged ledger lies now
}

func runRebuild(ctx context.Context, path string, json bool, s ui.Streams) error {
	cfg, err := loadSetUp(path)
	if err != nil {
		return err
	}
	layouts, err := loadLayouts(cfg, cfg.Layouts)
	if err != nil {
		return err
	}
	seal, err := loadSeal(cfg)
	if err != nil {
		return err
	}
	lock, err := drop.LockDir(cfg.Folders.State)
	if err != nil {
		return err
	}
	defer lock.Release()
	file := filepath.Join(cfg.Folders.State, ledgerFile)
	old, err := setAside(ctx, file)
	if err != nil {
		return err
	}
	sum, err := rebuild(ctx, file, &watch.Watcher{
		State: cfg.Folders.State, Routes: cfg.Routes(), Layouts: layouts, Options: cfg.Options, Encryption: seal, Now: time.Now,
		Catalog: (&catalogs{dir: cfg.Folders.Catalogs, s: s}).current,
	})
	if err != nil {
		return err
	}
	if json {
		return ui.PrintJSON(s.Out, jsonRebuilt{sum.Files, sum.Orders, sum.Sets, sum.Held, sum.Dismissed, sum.Answers, append([]string{}, sum.Left...), old})
	}
	if old != "" {
		fmt.Fprintln(s.Out, "the old ledger lies in "+old)
	}
	for _, path := range sum.Left {
		fmt.Fprintln(s.Out, "told nothing: "+path)
	}
	fmt.Fprintf(s.Out, "%s read: %s in %s count as exported; held, to be tried again by the next obmen watch: %d; answers of 1C: %d",
		ui.Plural(sum.Files, "file", "files"), ui.Plural(sum.Orders, "order", "orders"), ui.Plural(sum.Sets, "set", "sets"), sum.Held, sum.Answers)
	if sum.Dismissed > 0 {
		fmt.Fprintf(s.Out, "; dismissed: %d", sum.Dismissed)
	}
	fmt.Fprintln(s.Out)
	return nil
}

// setAside moves a damaged ledger away. One that is whole knows more than a rebuild could find out.
func setAside(ctx context.Context, file string) (old string, err error) {
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	book, err := ledger.Open(ctx, file, ledger.Options{})
	if err == nil {
		err = book.Check(ctx)
		book.Close()
	}
	var broken *ledger.Error
	switch {
	case err == nil:
		return "", ui.WithHint(fmt.Errorf("ledger %s is whole: nothing to rebuild", file), "to rebuild it all the same, move it away first")
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

// rebuild makes the new ledger under another name first: cut short, it is as if it had never begun.
func rebuild(ctx context.Context, file string, w *watch.Watcher) (sum watch.Rebuilt, err error) {
	fresh := file + ".rebuild"
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(fresh + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return sum, err
		}
	}
	if w.Ledger, err = ledger.Open(ctx, fresh, ledger.Options{}); err != nil {
		return sum, err
	}
	sum, err = w.Rebuild(ctx)
	if err2 := w.Ledger.Close(); err == nil {
		err = err2
	}
	if err != nil {
		return sum, err
	}
	return sum, os.Rename(fresh, file)
}
