package drop

import (
	"errors"
	"io/fs"
	"path/filepath"
)

// MakeDirs makes a folder, and those above it that are missing, and makes their names durable: after a
// power cut a folder whose name was not is gone, with all that was made durable below it.
func MakeDirs(disk FS, dir string, mode fs.FileMode) error {
	if _, err := disk.Lstat(dir); err == nil {
		return nil
	}
	above := filepath.Dir(dir)
	err := disk.Mkdir(dir, mode)
	if errors.Is(err, fs.ErrNotExist) && above != dir {
		if err := MakeDirs(disk, above, mode); err != nil {
			return err
		}
		err = disk.Mkdir(dir, mode)
	}
	if errors.Is(err, fs.ErrExist) { // somebody else was faster
		err = nil
	}
	if err != nil {
		return err
	}
	return disk.SyncDir(above)
}

// WalkDir is filepath.WalkDir on any disk.
func WalkDir(disk FS, root string, fn fs.WalkDirFunc) error {
	info, err := disk.Lstat(root)
	if err != nil {
		err = fn(root, nil, err)
	} else {
		err = walkEntry(disk, root, fs.FileInfoToDirEntry(info), fn)
	}
	if errors.Is(err, fs.SkipDir) || errors.Is(err, fs.SkipAll) {
		return nil
	}
	return err
}

func walkEntry(disk FS, path string, d fs.DirEntry, fn fs.WalkDirFunc) error {
	if err := fn(path, d, nil); err != nil || !d.IsDir() {
		if errors.Is(err, fs.SkipDir) && d.IsDir() {
			return nil
		}
		return err
	}
	entries, err := disk.ReadDir(path)
	if err != nil {
		if err = fn(path, d, err); err != nil {
			if errors.Is(err, fs.SkipDir) {
				return nil
			}
			return err
		}
	}
	for _, e := range entries {
		if err := walkEntry(disk, filepath.Join(path, e.Name()), e, fn); err != nil {
			if errors.Is(err, fs.SkipDir) {
				break
			}
			return err
		}
	}
	return nil
}
