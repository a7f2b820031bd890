package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"obmen/cmd/obmen/ui"
	"obmen/watch/drop"
	"obmen/watch/inbox"
	"obmen/watch/ledger"
	"obmen/watch/store"
)

func requeueCommand(s ui.Streams) *cli.Command {
	return &cli.Command{
		Name:      "requeue",
		Usage:     "put a file from quarantine or archive back into the inbox for another try",
		ArgsUsage: "FILE",
		Flags:     []cli.Flag{configFlag(), jsonFlag()},
		Action: func(c *cli.Context) error {
			if c.NArg() != 1 {
				return ui.Usage("obmen requeue orders.json", "name one file, by its path or by its name in quarantine")
			}
			return runRequeue(c.Context, c.Path("config"), c.Args().First(), c.Bool("json"), s)
		},
	}
}

// The object that requeue --json prints.
type jsonRequeue struct {
	From   string `json:"from"`
	To     string `json:"to"`
	SHA256 string `json:"sha256"`
}

func runRequeue(ctx context.Context, config, file string, json bool, s ui.Streams) error {
	shop, err := openShop(ctx, config)
	if err != nil {
		return err
	}
	defer shop.Close()
	path, route, err := shop.putAside(file)
	if err != nil {
		return err
	}
	done, err := shop.requeue(ctx, path, route)
	switch {
	case err != nil:
		return err
	case json:
		return ui.PrintJSON(s.Out, done)
	}
	fmt.Fprintf(s.Out, "%s → %s\nthe watcher reads it again; orders that were exported do not go out twice\n", done.From, done.To)
	return nil
}

// putAside finds a file that the watcher has put aside, and its route.
func (s *shop) putAside(file string) (path string, route *inbox.Route, err error) {
	var found []string
	for i := range s.routes {
		r := &s.routes[i]
		for _, dir := range []string{r.Quarantine, r.Archive} {
			if below(file, dir) && regular(file) {
				return file, r, nil
			}
			if dir == r.Quarantine || len(found) == 0 {
				more := named(dir, file)
				if len(more) > 0 {
					route = r
				}
				found = append(found, more...)
			}
		}
	}
	switch len(found) {
	case 0:
		return "", nil, ui.WithHint(fmt.Errorf("requeue %q: neither quarantine nor archive has such a file", file), s.cfg.Command("status")+" lists the files that were refused")
	case 1:
		return found[0], route, nil
	}
	return "", nil, ui.WithHint(fmt.Errorf("requeue %q: %d files have this name: %s", file, len(found), strings.Join(found, ", ")), "give the path of one of them")
}

// below says whether a path lies in a folder, however both are written.
func below(path, dir string) bool {
	a, err1 := filepath.Abs(path)
	b, err2 := filepath.Abs(dir)
	return err1 == nil && err2 == nil && a != b && within(a, b)
}

func regular(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.Mode().IsRegular()
}

// named lists the files below a folder that have a name.
func named(dir, name string) (found []string) {
	if name != filepath.Base(name) {
		return nil
	}
	filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && (d.Name() == name || d.Name() == name+store.EncryptedSuffix) {
			found = append(found, path)
		}
		return nil
	})
	return found
}

// requeue makes the ledger forget what became of a file and moves it into the inbox. The ledger comes
// first: a kill in between leaves the file where it is, and the command may be given again.
func (s *shop) requeue(ctx context.Context, path string, r *inbox.Route) (jsonRequeue, error) {
	seal, err := s.sealFor(path)
	if err != nil {
		return jsonRequeue{}, err
	}
	sum, err := seal.SHA256(path)
	if err != nil {
		return jsonRequeue{}, err
	}
	err = s.book.Requeue(ctx, sum, r.Name)
	var unknown *ledger.UnknownError // put there by hand: the inbox takes it all the same
	if err != nil && !errors.As(err, &unknown) {
		return jsonRequeue{}, err
	}
	inbox := drop.Folder{Dir: r.Inbox}
	name := store.PlainName(path)
	side := filepath.Join(filepath.Dir(path), name+charsetSuffix)
	if store.Encrypted(path) {
		side += store.EncryptedSuffix
	}
	if _, err := seal.Restore(ctx, side, inbox, name+charsetSuffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return jsonRequeue{}, err
	}
	to, err := seal.Restore(ctx, path, inbox, name)
	if err != nil {
		return jsonRequeue{}, err
	}
	if err := os.Remove(path + ".reason.json"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return jsonRequeue{}, err
	}
	return jsonRequeue{path, to, sum}, nil
}

// sealFor is what a file that was put aside is read with; a plain one needs no key.
func (s *shop) sealFor(path string) (*store.Encryption, error) {
	if !store.Encrypted(path) {
		return nil, nil
	}
	seal, err := loadSeal(s.cfg)
	if err == nil && seal == nil {
		err = ui.InSettings(ui.WithHint(fmt.Errorf("requeue %q: it is encrypted, and %s names no identity", path, s.cfg.Path), `write [watch] identity = "FILE" with the key that it was encrypted to`))
	}
	return seal, err
}
