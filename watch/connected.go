package watch

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"obmen/watch/ledger"
)

// FolderError is a folder that is not the one that it was: the empty place of a share that is not
// connected, most of the time.
type FolderError struct {
	Role, Dir string
	Err       error // nil when the marker is missing or another's
	Advice    string
}

func (e *FolderError) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("folder %s (%s) cannot be read: %v", e.Role, e.Dir, e.Err)
	}
	return fmt.Sprintf("folder %s (%s) is not the one it was: its marker %s is missing or another's", e.Role, e.Dir, Marker)
}

// Hint returns the next step, one line; empty when there is none.
func (e *FolderError) Hint() string { return e.Advice }

func (e *FolderError) Unwrap() error { return e.Err }

// Connected says whether the route's inbox is the folder that the watcher knows, for whoever puts files
// there; a *FolderError when it is not. One that no watcher has seen yet only has to be there.
func (r *Route) Connected(ctx context.Context, book *ledger.Ledger) error {
	const hint = "look whether its share is connected"
	known, found, err := book.Cursor(ctx, "folder "+r.Name+" inbox")
	if err != nil {
		return err
	}
	text, err := os.ReadFile(filepath.Join(r.Inbox, Marker))
	switch {
	case err == nil && (!found || strings.TrimSpace(string(text)) == known):
		return nil
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return &FolderError{"inbox", r.Inbox, err, hint}
	case found:
		return &FolderError{"inbox", r.Inbox, nil, hint}
	}
	if _, err := os.Stat(r.Inbox); err != nil {
		return &FolderError{"inbox", r.Inbox, err, hint}
	}
	return nil
}
