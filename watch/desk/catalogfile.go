package desk

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"obmen/convert/catalog"
	"obmen/watch/desk/words"
	"obmen/watch/drop"
)

// catalogLimit bounds a catalog file that is changed or compared here, in bytes: a million products.
const catalogLimit = 256 << 20

// catalogMode is the mode of a new catalog file; the umask may take away.
const catalogMode fs.FileMode = 0o666

// catalogFile is a catalog file as it lies in its folder.
type catalogFile struct {
	path string
	data []byte
	hash string // SHA-256 in hex; empty where there is no such file
}

// readCatalogFile reads a catalog file, in whatever letter case its name is written.
func (d *Desk) readCatalogFile(name string) (*catalogFile, error) {
	f, info, err := d.findCatalogFile(name)
	if err != nil || info == nil {
		return f, err
	}
	if f.data, err = drop.ReadFile(drop.OS{}, f.path, catalogLimit); err != nil {
		return nil, err
	}
	f.hash = hashOf(f.data)
	return f, nil
}

// findCatalogFile finds a catalog file without reading it; info is nil where there is no such file.
func (d *Desk) findCatalogFile(name string) (f *catalogFile, info fs.FileInfo, err error) {
	if d.Catalogs == "" {
		return nil, nil, words.Refuse(words.New("cure.no-catalogs"), words.New("cure.name-catalogs", "Settings", d.Settings))
	}
	entries, err := os.ReadDir(d.Catalogs)
	if err != nil {
		return nil, nil, err
	}
	f = &catalogFile{path: filepath.Join(d.Catalogs, name)}
	for _, e := range entries {
		if strings.EqualFold(e.Name(), name) && (e.Name() == name || filepath.Base(f.path) == name) {
			f.path = filepath.Join(d.Catalogs, e.Name())
		}
	}
	info, err = os.Stat(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return f, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, nil, words.Refuse(words.New("cure.no-file", "File", f.path), words.New("cure.put-file"))
	}
	return f, info, nil
}

func hashOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// CatalogHash returns the hash of a catalog file as it is now: whoever shows the file hands it back with a change.
// It is empty where there is no such file. A file that looks as it did is not read again: a change compares what it
// reads itself.
func (d *Desk) CatalogHash(name string) (string, error) {
	f, info, err := d.findCatalogFile(name)
	if err != nil || info == nil {
		return "", err
	}
	state := fmt.Sprint(info.Size(), " ", info.ModTime().UnixNano())
	knownHashes.Lock()
	defer knownHashes.Unlock()
	if known, ok := knownHashes.of[f.path]; ok && known[0] == state {
		return known[1], nil
	}
	if f, err = d.readCatalogFile(name); err != nil {
		return "", err
	}
	knownHashes.of[f.path] = [2]string{state, f.hash}
	return f.hash, nil
}

// knownHashes are the hashes of catalog files, with the size and time that they had: pages ask for them at every look.
var knownHashes = struct {
	sync.Mutex
	of map[string][2]string // by path: state and hash
}{of: map[string][2]string{}}

// noFile is the hash of a file that is not there, for changes that must not find one.
const noFile = "none"

// checkUnchanged refuses a change of a file that is not what was shown. An empty hash is of whatever there is.
func (f *catalogFile) checkUnchanged(shown string) error {
	if shown == "" || shown == f.hash || shown == noFile && f.hash == "" {
		return nil
	}
	knownHashes.Lock()
	defer knownHashes.Unlock()
	delete(knownHashes.of, f.path) // in case size and time did not tell
	return words.Refuse(words.New("cure.changed", "File", filepath.Base(f.path)), words.New("cure.look-again"))
}

// replace writes the file: whole, or not at all.
func (f *catalogFile) replace(data []byte) error {
	mode := catalogMode
	if info, err := os.Stat(f.path); err == nil {
		mode = info.Mode().Perm()
	}
	return drop.ReplaceFile(drop.OS{}, f.path, mode, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

// lockPatience is how long a change of catalogs waits for another one.
const lockPatience = 10 * time.Second

// lockCatalogs takes the folder of the catalogs for this process: changes come one after the other.
func (d *Desk) lockCatalogs(ctx context.Context) (*drop.Lock, error) {
	return lockFolder(ctx, d.Catalogs)
}

func lockFolder(ctx context.Context, dir string) (*drop.Lock, error) {
	ctx, stop := context.WithTimeout(ctx, lockPatience)
	defer stop()
	const pause = 20 * time.Millisecond
	for {
		lock, err := drop.LockDir(dir)
		if _, held := errors.AsType[*drop.LockedError](err); !held {
			return lock, err
		}
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(pause):
		}
	}
}

// removeUnfinished removes unfinished files of folders that are written while the folder locked is locked.
func removeUnfinished(ctx context.Context, locked string, dirs ...string) {
	var left []string
	for _, dir := range dirs {
		left = append(left, drop.UnfinishedIn(dir)...)
	}
	if len(left) == 0 {
		return
	}
	lock, err := lockFolder(ctx, locked)
	if err != nil {
		return
	}
	defer lock.Release()
	for _, path := range left {
		_ = os.Remove(path)
	}
}

// loadWith loads the catalogs as they would be with new content of a file.
func (d *Desk) loadWith(f *catalogFile, data []byte) (*catalog.Snapshot, error) {
	return catalog.Load(overlay{os.DirFS(d.Catalogs), filepath.Base(f.path), data})
}

// overlay is a folder in which one file has other content.
type overlay struct {
	fs.FS
	name string
	data []byte
}

// Open opens the other content, or a file of the folder.
func (o overlay) Open(name string) (fs.File, error) {
	if name != o.name {
		return o.FS.Open(name)
	}
	return &overlaid{bytes.NewReader(o.data), o}, nil
}

// ReadDir lists the folder, with the one file also where it is not there yet.
func (o overlay) ReadDir(name string) ([]fs.DirEntry, error) {
	entries, err := fs.ReadDir(o.FS, name)
	if err != nil || name != "." {
		return entries, err
	}
	for _, e := range entries {
		if e.Name() == o.name {
			return entries, nil
		}
	}
	return append(entries, fs.FileInfoToDirEntry(overlaidInfo{o})), nil
}

type overlaid struct {
	*bytes.Reader
	of overlay
}

func (f *overlaid) Stat() (fs.FileInfo, error) { return overlaidInfo{f.of}, nil }
func (f *overlaid) Close() error               { return nil }

type overlaidInfo struct{ of overlay }

func (i overlaidInfo) Name() string       { return i.of.name }
func (i overlaidInfo) Size() int64        { return int64(len(i.of.data)) }
func (i overlaidInfo) Mode() fs.FileMode  { return catalogMode }
func (i overlaidInfo) ModTime() time.Time { return time.Time{} }
func (i overlaidInfo) IsDir() bool        { return false }
func (i overlaidInfo) Sys() any           { return nil }
