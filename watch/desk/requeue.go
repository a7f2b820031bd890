package desk

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"obmen/watch"
	"obmen/watch/desk/roles"
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
// does not go out twice. The file goes to the route it came through; name is that of the route where it is recorded
// nowhere, else empty.
//
// The ledger forgets first what became of the file: a kill in between leaves the file where it is, and Requeue may
// be called again.
func (d *Desk) Requeue(ctx context.Context, file, name string) (*Requeued, error) {
	if err := d.begin(ctx, roles.Work, "requeue", filepath.Base(file)); err != nil {
		return nil, err
	}
	path, err := d.findAside(file)
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
	route, err := d.routeOf(ctx, path, sum, name)
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
	for _, beside := range []string{path + reasonSuffix, watch.SpokenReason(path)} {
		if err := os.Remove(beside); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
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

// routeOf is the route that a file came through, or the one that a person names.
func (d *Desk) routeOf(ctx context.Context, path, sum, name string) (*inbox.Route, error) {
	if name == "" {
		return watch.RouteOf(ctx, d.Routes, d.Ledger, path, sum)
	}
	for i := range d.Routes {
		if d.Routes[i].Name == name {
			return &d.Routes[i], nil
		}
	}
	return nil, words.Refuse(words.New("requeue.no-route", "Route", name), words.New("requeue.name-route", "Settings", d.Settings))
}

// findAside finds a file that the watcher has put aside; by name one in quarantine counts before those of archives,
// for that is the one which waits for a person. The records beside it are the watcher's own.
func (d *Desk) findAside(file string) (path string, err error) {
	if strings.HasPrefix(filepath.Base(file), ".") {
		return "", words.Refuse(words.New("requeue.own-record", "File", file), words.New("requeue.status-lists", "Command", d.Command("status")))
	}
	var quarantines, archives []string
	for i := range d.Routes {
		quarantines, archives = append(quarantines, d.Routes[i].Quarantine), append(archives, d.Routes[i].Archive)
	}
	for _, dir := range slices.Concat(quarantines, archives) {
		if liesIn(file, dir) && isRegular(file) {
			return file, nil
		}
	}
	found := filesNamed(quarantines, file)
	if len(found) == 0 {
		found = filesNamed(archives, file)
	}
	switch len(found) {
	case 0:
		return "", words.Refuse(words.New("requeue.no-file", "File", file), words.New("requeue.status-lists", "Command", d.Command("status")))
	case 1:
		return found[0], nil
	}
	return "", words.Refuse(words.Count("requeue.several", len(found), "File", file, "Paths", found), words.New("requeue.give-path"))
}

// liesIn reports whether a path lies in a folder, however both are written.
func liesIn(path, dir string) bool {
	a, err1 := filepath.Abs(path)
	b, err2 := filepath.Abs(dir)
	return err1 == nil && err2 == nil && strings.HasPrefix(a, b+string(filepath.Separator))
}

func isRegular(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.Mode().IsRegular()
}

// filesNamed lists the files below folders that have a name. Routes may share a folder: it counts once.
func filesNamed(dirs []string, name string) (found []string) {
	if name != filepath.Base(name) {
		return nil
	}
	slices.Sort(dirs)
	for _, dir := range slices.Compact(dirs) {
		_ = filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error { // what cannot be read has no such file
			if err == nil && e.Type().IsRegular() && (e.Name() == name || e.Name() == name+store.EncryptedSuffix) {
				found = append(found, path)
			}
			return nil
		})
	}
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
