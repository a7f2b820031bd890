package drop

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strings"
)

// Move takes a file from anywhere into the folder and returns its new path. A name taken by other bytes
// gets "-2", "-3" … before its extension; one taken by the same bytes is kept and the source removed.
// On another volume the source is removed only when its copy is durable. When Move is cut short the
// file is whole in one of the two places, or in both; moving it again ends well.
func (f Folder) Move(ctx context.Context, src, name string) (string, error) {
	if !isPlainName(name) {
		return "", refusedBy("move to", filepath.Join(f.Dir, name), errors.New("not a plain file name"))
	}
	if err := f.checkSource(src); err != nil {
		return "", refusedBy("move", src, err)
	}
	dst, err := f.moveFree(ctx, src, name)
	if err != nil {
		return "", refusedBy("move", src, err)
	}
	if err := f.fs().SyncDir(filepath.Dir(src)); err != nil {
		return dst, refusedBy("sync", filepath.Dir(src), err)
	}
	return dst, nil
}

// checkSource refuses what is no file, and what lies in the folder already: there the name that is in
// the way could be the source itself, and removing it as its own double would lose it.
func (f Folder) checkSource(src string) error {
	info, err := f.fs().Lstat(src)
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%w: %s", ErrNotRegular, kindOf(info.Mode()))
	}
	from, err := f.fs().Lstat(followed(filepath.Dir(src)))
	if err != nil {
		return err
	}
	to, err := f.fs().Lstat(followed(f.Dir))
	if err != nil {
		return err
	}
	if f.fs().SameFile(from, to) {
		return fmt.Errorf("the file is in %q already", f.Dir)
	}
	return nil
}

// followed is a path to a folder that is followed when the folder is behind a symbolic link.
func followed(dir string) string { return dir + string(filepath.Separator) + "." }

// moveFree tries one name after another.
func (f Folder) moveFree(ctx context.Context, src, name string) (string, error) {
	for n := 1; ; n++ {
		dst := filepath.Join(f.Dir, Numbered(name, n))
		err := f.moveTo(ctx, src, dst)
		if err == nil {
			return dst, nil
		}
		if !errors.Is(err, fs.ErrExist) {
			return "", err
		}
		if err := ctx.Err(); err != nil {
			return "", err
		}
	}
}

// ErrOtherVolume is the cause of a rename that would have to copy.
var ErrOtherVolume = errors.New("on another volume")

// moveTo moves to one name, which is made durable; a name with other bytes is fs.ErrExist.
func (f Folder) moveTo(ctx context.Context, src, dst string) error {
	err := retry(ctx, func() error { return f.fs().Rename(src, dst) })
	switch {
	case err == nil:
		return f.fs().SyncDir(f.Dir)
	case errors.Is(err, ErrOtherVolume):
		return f.copyTo(ctx, src, dst)
	case !errors.Is(err, fs.ErrExist):
		return err
	}
	same, err := f.sameBytes(src, dst)
	if err != nil {
		return err
	}
	if !same {
		return nameTaken(dst, false)
	}
	return f.dropDouble(ctx, src, dst)
}

// dropDouble removes a source whose bytes are under dst already. Whoever put them there may not have
// made them durable.
func (f Folder) dropDouble(ctx context.Context, src, dst string) error {
	if err := f.syncWithFolder(dst); err != nil {
		return err
	}
	return f.removeFile(ctx, src)
}

// copyTo moves across volumes. The source is looked at again before its copy is published and before it
// goes: what somebody still writes to is not archived by half.
func (f Folder) copyTo(ctx context.Context, src, dst string) error {
	before, err := f.fs().Lstat(src)
	if err != nil {
		return err
	}
	s := f.Stage()
	defer s.Abort()
	w, err := s.Create()
	if err != nil {
		return err
	}
	if err := f.copyWhole(ctx, w, src); err != nil {
		return err
	}
	if err := f.checkUnchanged(src, before, w.Size()); err != nil {
		return err
	}
	if _, err := s.Publish(ctx, Entry{w, filepath.Base(dst)}); err != nil {
		return err
	}
	if err := f.checkUnchanged(src, before, w.Size()); err != nil {
		return err
	}
	return f.removeFile(ctx, src)
}

func (f Folder) copyWhole(ctx context.Context, w io.Writer, src string) error {
	r, err := f.fs().Open(src)
	if err != nil {
		return err
	}
	defer r.Close()
	_, err = io.Copy(w, reader{ctx, r})
	return err
}

func (f Folder) checkUnchanged(src string, before fs.FileInfo, size int64) error {
	after, err := f.fs().Lstat(src)
	if err != nil {
		return err
	}
	if size != after.Size() || !before.ModTime().Equal(after.ModTime()) || !f.fs().SameFile(before, after) {
		return errors.New("it was changed while it was copied")
	}
	return nil
}

func (f Folder) sameBytes(a, b string) (bool, error) {
	x, err := f.fs().Lstat(a)
	if err != nil {
		return false, err
	}
	y, err := f.fs().Lstat(b)
	if err != nil || !y.Mode().IsRegular() || x.Size() != y.Size() {
		return false, err
	}
	p, err := f.hashFile(a)
	if err != nil {
		return false, err
	}
	q, err := f.hashFile(b)
	return p == q, err
}

// syncWithFolder makes a file that is there already durable, with its entry in the folder.
func (f Folder) syncWithFolder(path string) error {
	if err := f.fs().SyncFile(path); err != nil {
		return err
	}
	return f.fs().SyncDir(filepath.Dir(path))
}

// Numbered is "a.json", then "a-2.json", "a-3.json" …
func Numbered(name string, n int) string {
	if n == 1 {
		return name
	}
	ext := filepath.Ext(name)
	return fmt.Sprintf("%s-%d%s", strings.TrimSuffix(name, ext), n, ext)
}
