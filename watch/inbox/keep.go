package inbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"

	"obmen/watch/drop"
	"obmen/watch/store"
)

// bytesAtOnce are kept of dropped files before the next wait for the disk; a larger file waits for itself only.
const bytesAtOnce = 4 << 20

// Kept is a claimed file whose bytes are in the store.
type Kept struct {
	Claim string
	store.Bytes
}

// Keep copies the first claimed files into the store, where they no longer change: all later work reads the
// copy. It returns how many it has dealt with; a file that changes meanwhile is given back.
func (in *Inbox) Keep(ctx context.Context, claims []string) (list []Kept, n int, err error) {
	if list, n, err = in.keepTogether(ctx, claims[:in.fitting(claims)]); err == nil && n > 0 {
		return list, n, nil
	}
	bytes, err := in.keepOne(ctx, claims[0])
	switch {
	case errors.Is(err, drop.ErrChanging):
		return nil, 1, in.GiveBack(ctx, claims[0], err.Error(), unknownSize)
	case err != nil:
		return nil, 0, fmt.Errorf("%s: %w", DroppedName(claims[0]), err)
	}
	return []Kept{{claims[0], bytes}}, 1, nil
}

func (in *Inbox) keepOne(ctx context.Context, claim string) (store.Bytes, error) {
	in.beatInbox()
	kept, err := in.Store.Keep(ctx, func(w io.Writer) error { return in.copyClaim(w, claim) })
	if err != nil {
		return kept, err
	}
	return kept, in.settleSides(ctx, claim, kept.SHA256)
}

func (in *Inbox) copyClaim(to io.Writer, claim string) error {
	return drop.CopySteady(in.FS, store.ProgressWriter{Writer: to, Progress: in.Progress}, in.ClaimPath(claim))
}

// fitting is how many of the first claimed files may be kept together by number and size.
func (in *Inbox) fitting(claims []string) int {
	left := int64(bytesAtOnce)
	for i, claim := range claims {
		info, err := in.FS.Lstat(in.ClaimPath(claim))
		if err != nil || i == ClaimAtOnce || info.Size() > left || in.Store.Encryption.On() {
			return i
		}
		left -= info.Size()
	}
	return len(claims)
}

// keepTogether copies files until one refuses or has the bytes of another.
func (in *Inbox) keepTogether(ctx context.Context, claims []string) (list []Kept, n int, err error) {
	if len(claims) < 2 {
		return nil, 0, nil
	}
	in.beatInbox()
	set := in.Store.Folder().Stage()
	defer set.Abort()
	var entries []drop.Entry
	seen := map[string]bool{}
	for _, claim := range claims {
		file, err := set.Create()
		if err == nil {
			err = in.copyClaim(file, claim)
		}
		if err != nil || seen[file.SHA256()] {
			break
		}
		file.Begin()
		seen[file.SHA256()] = true
		entries = append(entries, drop.Entry{File: file, Name: file.SHA256()})
		list = append(list, Kept{claim, store.Bytes{SHA256: file.SHA256(), Size: file.Size()}})
	}
	if err := in.Store.PutAll(ctx, set, entries...); err != nil {
		return nil, 0, err
	}
	for _, f := range list {
		if err := in.settleSides(ctx, f.Claim, f.SHA256); err != nil {
			return nil, 0, err
		}
	}
	return list, len(list), nil
}

// settleSides removes a done-marker that was left over, and keeps the charset.
func (in *Inbox) settleSides(ctx context.Context, claim, sha256 string) error {
	if err := in.removeLeftMarker(claim); err != nil {
		return err
	}
	return in.keepCharset(ctx, claim, sha256)
}

// SideError refuses a file because of the side file beside it: without its charset the file would be misread.
type SideError struct {
	Name   string // of the side file
	Err    error
	Advice string
}

func (e *SideError) Error() string { return "its side file " + e.Name + ": " + e.Err.Error() }

func (e *SideError) Unwrap() error { return e.Err }

// Hint returns the next step, one line; empty when there is none.
func (e *SideError) Hint() string { return e.Advice }

var errIrregular = errors.New("is no regular file")

// keepCharset keeps a side file beside the copy. One that a killed run left in the inbox, between the file's
// claim and its own, is claimed first.
func (in *Inbox) keepCharset(ctx context.Context, claim, sha256 string) error {
	name := DroppedName(claim) + store.CharsetSuffix
	text, err := in.readCharset(ctx, claim)
	var size *drop.SizeError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case errors.Is(err, errIrregular) || errors.As(err, &size):
		return &SideError{name, err, "let it hold nothing but the name of a charset, as Cp1252, then: obmen requeue " + DroppedName(claim)}
	case err != nil:
		return err
	}
	changed, err := in.Store.CharsetChanges(sha256, text)
	if err == nil && changed {
		err = in.CharsetChanged(ctx, sha256) // before it is kept: a program that is killed in between finds it again
	}
	if err != nil {
		return err
	}
	return in.Store.KeepCharset(ctx, sha256, text)
}

func (in *Inbox) readCharset(ctx context.Context, claim string) ([]byte, error) {
	path := in.ClaimPath(claim + store.CharsetSuffix)
	if _, err := in.FS.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		left := filepath.Join(in.Route.Inbox, DroppedName(claim)+store.CharsetSuffix)
		info, err := in.FS.Lstat(left)
		if err != nil {
			return nil, err
		}
		if !info.Mode().IsRegular() {
			return nil, errIrregular
		}
		if _, err := in.claimFolder().Move(ctx, left, filepath.Base(path)); err != nil {
			return nil, err
		}
	}
	info, err := in.FS.Lstat(path)
	if err == nil && !info.Mode().IsRegular() {
		err = errIrregular
	}
	if err != nil {
		return nil, err
	}
	return drop.ReadFile(in.FS, path, store.CharsetLimit)
}
