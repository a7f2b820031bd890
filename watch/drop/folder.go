package drop

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"path/filepath"
	"time"
)

// TempDir is the sub-folder for files that are still being written. Masks of 1C name files of a folder,
// never those of its sub-folders.
const TempDir = ".obmen-tmp"

// renameLock is the lock file in TempDir that serves file systems without an exclusive rename.
const renameLock = "rename.lock"

// DefaultMode lets other accounts, 1C's among them, read what was published; the umask may take away.
const DefaultMode fs.FileMode = 0o644

// Folder is a folder that receives files. Dir must exist: a missing one is an error and not made, for it
// may be the place of a share that is not mounted.
type Folder struct {
	Dir  string
	Temp string      // where files are written, on Dir's volume; default TempDir in Dir
	Mode fs.FileMode // of the files; default DefaultMode
	FS   FS          // default OS
}

// Published is a file under its final name.
type Published struct {
	Path    string
	SHA256  string // lower-case hex
	Size    int64
	Already bool // it was there before, byte for byte
}

// Put drops a new file into the folder; when it returns nil the file is whole, visible and durable. A
// taken name is an *ExistsError, with Same set when nothing more needs to be done. An error leaves
// nothing under the name.
func (f Folder) Put(ctx context.Context, name string, r io.Reader) (Published, error) {
	s := f.Stage()
	defer s.Abort()
	w, err := s.Create()
	if err != nil {
		return Published{}, err
	}
	if _, err := io.Copy(w, reader{ctx, r}); err != nil {
		return Published{}, refusedBy("put", filepath.Join(f.Dir, name), err)
	}
	done, err := s.Publish(ctx, Entry{w, name})
	if err != nil {
		return Published{}, err
	}
	if done[0].Already {
		return done[0], nameTaken(done[0].Path, true)
	}
	return done[0], nil
}

// Sweep removes files that were being written when an earlier run was killed and that nobody has written
// to since the given time. It returns their paths. Call it only while holding the Lock of the state
// folder, and leave a margin for another program's obmen that writes into the same folder now.
func (f Folder) Sweep(ctx context.Context, before time.Time) ([]string, error) {
	entries, err := f.fs().ReadDir(f.temp())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, refusedBy("sweep", f.temp(), err)
	}
	var removed []string
	for _, e := range entries {
		if ctx.Err() != nil {
			return removed, ctx.Err()
		}
		path := filepath.Join(f.temp(), e.Name())
		info, err := f.fs().Lstat(path)
		if err != nil || filepath.Ext(path) != tempExt || !info.Mode().IsRegular() || !info.ModTime().Before(before) {
			continue // gone meanwhile, not ours, or still being written
		}
		if err := f.removeFile(ctx, path); err != nil {
			return removed, refusedBy("sweep", path, err)
		}
		removed = append(removed, path)
	}
	return removed, nil
}

const tempExt = ".tmp"

// createTemp opens a file under a name that nobody has used before.
func (f Folder) createTemp() (path string, w File, err error) {
	mode := f.Mode
	if mode == 0 {
		mode = DefaultMode
	}
	path = filepath.Join(f.temp(), rand.Text()+tempExt)
	w, err = f.fs().Create(path, mode)
	if errors.Is(err, fs.ErrNotExist) { // the first file, or another program's Tidy took the folder
		if err := f.makeTemp(); err != nil {
			return "", nil, refusedBy("make folder", f.temp(), err)
		}
		w, err = f.fs().Create(path, mode)
	}
	return path, w, refusedBy("create", path, err)
}

// Tidy removes the folder for files being written, if none is there: where no watcher works nobody else would.
func (f Folder) Tidy() { _ = f.fs().Remove(f.temp()) }

// makeTemp makes the folder for files being written, which only its owner may enter. Its own name is made
// durable too: a durable set must be there after a power cut.
func (f Folder) makeTemp() error {
	err := f.fs().Mkdir(f.temp(), 0o700)
	switch {
	case errors.Is(err, fs.ErrExist):
		return nil
	case err != nil:
		return err
	}
	return f.fs().SyncDir(filepath.Dir(f.temp()))
}

// removeFile takes a file away; that it is gone already is no error.
func (f Folder) removeFile(ctx context.Context, path string) error {
	err := retry(ctx, func() error { return f.fs().Remove(path) })
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func (f Folder) fs() FS {
	if f.FS == nil {
		return OS{}
	}
	return f.FS
}

func (f Folder) temp() string {
	if f.Temp == "" {
		return filepath.Join(f.Dir, TempDir)
	}
	return f.Temp
}

func nameTaken(path string, same bool) error {
	h := "move the older file away, or let 1C take it first"
	if same {
		h = "nothing to do"
	}
	return &ExistsError{Path: path, Same: same, Advice: h}
}

// reader ends when its context does.
type reader struct {
	ctx context.Context
	r   io.Reader
}

func (r reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}
