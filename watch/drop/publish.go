package drop

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"time"
)

// Entry gives a staged file its final name.
type Entry struct {
	File *Staged
	Name string // a plain name in the folder
}

// Publish makes the set visible in the order of its entries: what 1C looks for comes last. Staged files
// without an entry are removed.
//
// Every file is durable, and every name looked at, before the first rename: an error up to there leaves
// nothing visible. A name that holds the very same bytes counts as published by an earlier run. After
// the first rename the context is not asked any more, and what goes wrong is a *PartialError that says
// what can be seen.
func (s *Set) Publish(ctx context.Context, entries ...Entry) ([]Published, error) {
	done, err := s.publishEntries(ctx, entries)
	if s.durable {
		s.receipts = nil // they stay until ForgetReceipts
	}
	if err != nil && s.durable {
		s.files = nil // they stay for Adopt
		return done, err
	}
	if e := s.Abort(); e != nil && err == nil {
		return done, e
	}
	return done, err
}

func (s *Set) publishEntries(ctx context.Context, entries []Entry) ([]Published, error) {
	set, err := s.prepareEntries(entries)
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return nil, err
	}
	for i := range set {
		if set[i].Already {
			continue
		}
		if err := s.renameStaged(ctx, entries[i].File, &set[i]); err != nil {
			return nil, s.stoppedAt(set, i, err)
		}
		ctx = context.WithoutCancel(ctx)
	}
	if err := s.folder.fs().SyncDir(s.folder.Dir); err != nil {
		return nil, partialError(set, nil, refusedBy("sync", s.folder.Dir, err))
	}
	return set, nil
}

// prepareEntries closes the files and looks at all names; nothing of the set can be seen yet.
func (s *Set) prepareEntries(entries []Entry) ([]Published, error) {
	set := make([]Published, len(entries))
	files := make([]*Staged, len(entries))
	for i, e := range entries {
		if err := s.checkEntry(entries, i); err != nil {
			return nil, err
		}
		files[i] = e.File
	}
	if err := closeAll(s.folder.fs(), files); err != nil {
		return nil, err
	}
	for i, e := range entries {
		path := filepath.Join(s.folder.Dir, e.Name)
		set[i] = Published{Path: path, SHA256: e.File.SHA256(), Size: e.File.Size()}
		if err := s.folder.settleName(&set[i]); err != nil {
			return nil, err
		}
	}
	return set, nil
}

func (s *Set) checkEntry(entries []Entry, i int) error {
	e := entries[i]
	var err error
	switch {
	case !slices.Contains(s.files, e.File):
		err = errors.New("the file is not staged in this set")
	case !isPlainName(e.Name):
		err = errors.New("not a plain file name")
	case slices.ContainsFunc(entries[:i], func(o Entry) bool { return o.Name == e.Name || o.File == e.File }):
		err = errors.New("named twice in one set")
	}
	return refusedBy("publish", filepath.Join(s.folder.Dir, e.Name), err)
}

func isPlainName(name string) bool {
	return filepath.IsLocal(name) && filepath.Base(name) == name && name != "." && name != TempDir
}

// renameStaged publishes one file. A name taken since it was looked at is looked at again.
func (s *Set) renameStaged(ctx context.Context, f *Staged, p *Published) error {
	err := retry(ctx, func() error { return s.folder.fs().Rename(f.path, p.Path) })
	f.public = err == nil
	if errors.Is(err, fs.ErrExist) {
		err = s.folder.settleName(p)
		if err == nil && !p.Already {
			err = fmt.Errorf("the name was taken and is free again: %w", fs.ErrExist)
		}
	}
	return refusedBy("publish", p.Path, err)
}

// stoppedAt tells what can be seen when file i of a set was refused.
func (s *Set) stoppedAt(set []Published, i int, err error) error {
	var visible, missing []Published
	for j, p := range set {
		if j < i || p.Already {
			visible = append(visible, p)
		} else {
			missing = append(missing, p)
		}
	}
	if len(visible) == 0 {
		return err
	}
	return partialError(visible, missing, errors.Join(err, s.folder.fs().SyncDir(s.folder.Dir)))
}

func partialError(visible, missing []Published, err error) error {
	return &PartialError{
		Visible: pathsOf(visible), Missing: pathsOf(missing), Err: err,
		Advice: "convert the same file again: what is there stays, what is missing is added",
	}
}

func pathsOf(set []Published) []string {
	var list []string
	for _, p := range set {
		list = append(list, p.Path)
	}
	return list
}

// HoldsOther reports whether a name in the folder holds other bytes than these.
func (f Folder) HoldsOther(name, sha256 string, size int64) (bool, error) {
	err := f.settleName(&Published{Path: filepath.Join(f.Dir, name), SHA256: sha256, Size: size})
	var other *ExistsError
	if errors.As(err, &other) {
		return true, nil
	}
	return false, err
}

// checkName finds out whether a name is free, holds the same bytes (Already) or others (an *ExistsError).
func (f Folder) settleName(p *Published) error {
	info, err := f.fs().Lstat(p.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return refusedBy("look at", p.Path, err)
	}
	if !info.Mode().IsRegular() || info.Size() != p.Size {
		return nameTaken(p.Path, false)
	}
	sum, err := f.hashFile(p.Path)
	if err != nil {
		return err
	}
	p.Already = sum == p.SHA256
	if !p.Already {
		return nameTaken(p.Path, false)
	}
	return refusedBy("sync", p.Path, f.fs().SyncFile(p.Path))
}

// hashFile is the SHA-256 of a file in lower-case hex.
func (f Folder) hashFile(path string) (string, error) {
	r, err := f.fs().Open(path)
	if err != nil {
		return "", refusedBy("read", path, err)
	}
	defer r.Close()
	h := sha256.New()
	if _, err := io.Copy(h, r); err != nil {
		return "", refusedBy("read", path, err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// verifyTries and verifyPause let a share's caches catch up: after a change by another computer, reads
// were wrong or refused for up to 1.3 s.
const (
	verifyTries = 5
	verifyPause = 500 * time.Millisecond
)

var errDiffers = errors.New("what is read back is not what was written")

// Verify reads a published file back and compares its bytes. One that is gone was taken by its reader.
func (f Folder) Verify(ctx context.Context, name, sha256 string) error {
	path := filepath.Join(f.Dir, name)
	for try := 1; ; try++ {
		sum, err := f.hashFile(path)
		switch {
		case err == nil && sum == sha256, errors.Is(err, fs.ErrNotExist):
			return nil
		case err == nil:
			err = fmt.Errorf("%w: SHA-256 %s instead of %s", errDiffers, sum, sha256)
		}
		if try == verifyTries {
			return &Error{Op: "verify", Path: path, Err: err, Advice: "the share lost or changed bytes: take this file away and look at the share's server"}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(verifyPause):
		}
	}
}
