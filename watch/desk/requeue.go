package desk

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"obmen/watch/desk/words"
	"obmen/watch/drop"
	"obmen/watch/inbox"
	"obmen/watch/ledger"
	"obmen/watch/store"
)

// Requeued is a file that was put back into the inbox.
type Requeued struct {
	From   string `json:"from"`
	To     string `json:"to"`
	SHA256 string `json:"sha256"`
}

// Requeue puts a file from quarantine or archive back into the inbox, by its path or by its name. What was exported
// does not go out twice.
//
// The ledger forgets first what became of the file: a kill in between leaves the file where it is, and Requeue may
// be called again.
func (d *Desk) Requeue(ctx context.Context, file string) (*Requeued, error) {
	path, routes, err := d.findAside(file)
	if err != nil {
		return nil, err
	}
	encryption, err := d.encryptionOf(path)
	if err != nil {
		return nil, err
	}
	sum, err := encryption.SHA256(path)
	if err != nil {
		return nil, err
	}
	route, err := d.routeOf(ctx, path, sum, routes)
	if err != nil {
		return nil, err
	}
	err = d.Ledger.Requeue(ctx, sum, route.Name)
	if _, byHand := errors.AsType[*ledger.UnknownError](err); err != nil && !byHand {
		return nil, err
	}
	to, err := restore(ctx, encryption, path, drop.Folder{Dir: route.Inbox})
	if err != nil {
		return nil, err
	}
	if err := os.Remove(path + ".reason.json"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return &Requeued{path, to, sum}, nil
}

// restore moves a file into the inbox, the file with its encoding before it.
func restore(ctx context.Context, encryption *store.Encryption, path string, to drop.Folder) (string, error) {
	name := store.PlainName(path)
	side := filepath.Join(filepath.Dir(path), name+store.CharsetSuffix)
	if store.Encrypted(path) {
		side += store.EncryptedSuffix
	}
	if _, err := encryption.Restore(ctx, side, to, name+store.CharsetSuffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	return encryption.Restore(ctx, path, to, name)
}

// findAside finds a file that the watcher has put aside, and the routes that put files there. A name is looked for in
// quarantine first; the archive counts when quarantine has no such file.
func (d *Desk) findAside(file string) (path string, routes []*inbox.Route, err error) {
	if routes := d.routesOver(file); len(routes) > 0 && isRegular(file) {
		return file, routes, nil
	}
	found := map[string]bool{}
	for _, folder := range []func(*inbox.Route) string{quarantineOf, archiveOf} {
		for i := range d.Routes {
			for _, path := range filesNamed(folder(&d.Routes[i]), file) {
				found[path] = true
			}
		}
		if len(found) > 0 {
			break
		}
	}
	paths := slices.Sorted(maps.Keys(found))
	switch len(paths) {
	case 0:
		return "", nil, words.Refuse(words.New("requeue.no-file", "File", file), words.New("requeue.status-lists", "Command", d.Command("status")))
	case 1:
		return paths[0], d.routesOver(paths[0]), nil
	}
	return "", nil, words.Refuse(words.Count("requeue.several", len(paths), "File", file, "Paths", paths), words.New("requeue.give-path"))
}

func quarantineOf(r *inbox.Route) string { return r.Quarantine }

func archiveOf(r *inbox.Route) string { return r.Archive }

// routesOver are the routes that put files into the folder of a path.
func (d *Desk) routesOver(path string) (routes []*inbox.Route) {
	for i := range d.Routes {
		if r := &d.Routes[i]; below(path, r.Quarantine) || below(path, r.Archive) {
			routes = append(routes, r)
		}
	}
	return routes
}

// routeOf is the route that a file came through. Where routes share the folder the ledger knows it; where that does not
// either, the file may belong to any of them, and its orders to any account: then it is refused.
func (d *Desk) routeOf(ctx context.Context, path, sum string, routes []*inbox.Route) (*inbox.Route, error) {
	if len(routes) == 1 {
		return routes[0], nil
	}
	came, sameName, name := map[*inbox.Route]bool{}, map[*inbox.Route]bool{}, store.PlainName(path)
	files, err := d.Ledger.Files(ctx, ledger.FileFilter{SHA256: sum})
	if err != nil {
		return nil, err
	}
	for i := range files {
		for _, r := range routes {
			if r.Name == files[i].Route {
				came[r] = true
				sameName[r] = sameName[r] || filepath.Base(files[i].Name) == name
			}
		}
	}
	maps.DeleteFunc(sameName, func(_ *inbox.Route, same bool) bool { return !same })
	for _, candidates := range []map[*inbox.Route]bool{came, sameName} {
		if len(candidates) == 1 {
			for r := range candidates {
				return r, nil
			}
		}
	}
	names := make([]string, len(routes))
	for i, r := range routes {
		names[i] = r.Name
	}
	return nil, words.Refuse(
		words.New("requeue.which-route", "File", path, "Routes", names),
		words.New("requeue.put-instead", "Command", d.Command("put", "--to", routes[0].Inbox, path)))
}

// below reports whether a path lies in a folder, however both are written.
func below(path, dir string) bool {
	a, err1 := filepath.Abs(path)
	b, err2 := filepath.Abs(dir)
	return err1 == nil && err2 == nil && strings.HasPrefix(a, b+string(filepath.Separator))
}

func isRegular(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.Mode().IsRegular()
}

// filesNamed lists the files below a folder that have a name.
func filesNamed(dir, name string) (found []string) {
	if name != filepath.Base(name) {
		return nil
	}
	_ = filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error { // what cannot be read has no such file
		if err == nil && e.Type().IsRegular() && (e.Name() == name || e.Name() == name+store.EncryptedSuffix) {
			found = append(found, path)
		}
		return nil
	})
	return found
}

// encryptionOf is what a file that was put aside is read with; a plain one needs no key.
func (d *Desk) encryptionOf(path string) (*store.Encryption, error) {
	if !store.Encrypted(path) {
		return nil, nil
	}
	encryption, err := d.Encryption()
	if err == nil && encryption == nil {
		err = words.Refuse(words.New("requeue.no-identity", "File", path, "Settings", d.Settings), words.New("requeue.write-identity"))
	}
	return encryption, err
}
