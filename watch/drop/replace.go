package drop

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Unfinished ends the name of a file that ReplaceFile is writing: one name, so that a killed program leaves
// one file at most, which the next one takes away.
const Unfinished = ".tmp"

// replacePatience is how long ReplaceFile waits for another program that has the older file open: a virus
// scanner lets go within it. Excel does not, and the caller must not wait for a person.
const replacePatience = 2 * time.Second

// ReplaceFile writes a file that takes the place of the one under its name, whole and durable or not at all.
// It is for lists and states of obmen's own, whose newest content is what counts; what 1C reads is published.
// One caller at a time may replace a file. A file that cannot be replaced stays as it was.
func ReplaceFile(disk FS, path string, mode fs.FileMode, write func(io.Writer) error) error {
	temp := path + Unfinished
	if err := removeIfExists(disk, temp); err != nil {
		return refusedBy("replace", path, err)
	}
	if err := createWhole(disk, temp, mode, write); err != nil {
		return errors.Join(err, removeIfExists(disk, temp))
	}
	if err := retryFor(context.Background(), replacePatience, func() error { return disk.Replace(temp, path) }); err != nil {
		return refusedBy("replace", path, errors.Join(err, removeIfExists(disk, temp)))
	}
	return refusedBy("sync", filepath.Dir(path), disk.SyncDir(filepath.Dir(path)))
}

// createWhole makes a new file with durable content. Errors of write are returned as they are.
func createWhole(disk FS, path string, mode fs.FileMode, write func(io.Writer) error) error {
	f, err := disk.Create(path, mode)
	if err != nil {
		return err
	}
	if err = write(f); err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// RemoveFile removes a file that ReplaceFile wrote, and what a killed program left of one. It is no error
// when there is none.
func RemoveFile(disk FS, path string) error {
	return refusedBy("remove", path, errors.Join(removeIfExists(disk, path), removeIfExists(disk, path+Unfinished)))
}

// UnfinishedIn returns the paths of the files that ReplaceFile is writing in a folder, or that a killed program left
// there; none where there is no such folder.
func UnfinishedIn(dir string) []string {
	var paths []string
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), Unfinished) && e.Type().IsRegular() {
			paths = append(paths, filepath.Join(dir, e.Name()))
		}
	}
	return paths
}

func removeIfExists(disk FS, path string) error {
	if err := disk.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Replace gives a staged file a name that may be taken: whoever opens the name finds the whole old file
// or the whole new one. It is for the one kind of file whose name is fixed and whose newest content is
// what counts, a message of 1C's synchronisation; everything else is published and never replaced.
func (s *Set) Replace(ctx context.Context, e Entry) error {
	if err := s.checkEntry([]Entry{e}, 0); err != nil {
		return err
	}
	if err := e.File.Close(); err != nil {
		return err
	}
	to, disk := filepath.Join(s.folder.Dir, e.Name), s.folder.fs()
	if err := retry(ctx, func() error { return disk.Replace(e.File.path, to) }); err != nil {
		return refusedBy("replace", to, err)
	}
	return refusedBy("sync", s.folder.Dir, disk.SyncDir(s.folder.Dir))
}
