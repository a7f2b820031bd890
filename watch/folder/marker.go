package folder

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"obmen/watch/drop"
)

// Marker is the file that tells a folder of a route from the empty place where its share is not mounted.
const Marker = ".obmen-folder"

// Error is a folder that is not the one that it was: most of the time the empty place of a share that is not
// connected.
type Error struct {
	Role, Dir string
	Err       error // nil when the marker is missing or another's
	Advice    string
}

func (e *Error) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("folder %s (%s) cannot be read: %v", e.Role, e.Dir, e.Err)
	}
	return fmt.Sprintf("folder %s (%s) is not the one it was: its marker %s is missing or another's", e.Role, e.Dir, Marker)
}

// Hint returns the next step, one line; empty when there is none.
func (e *Error) Hint() string { return e.Advice }

func (e *Error) Unwrap() error { return e.Err }

// CheckConnected reports whether a route's inbox is the folder that the watcher knows, for programs that put
// files there; an *Error when it is not. One that no watcher has seen yet only has to be there.
func CheckConnected(ctx context.Context, book Cursors, route, dir string) error {
	const hint = "look whether its share is connected"
	known, found, err := book.Cursor(ctx, CursorName(route, Inbox))
	if err != nil {
		return err
	}
	id, err := ReadMarker(dir)
	switch {
	case err == nil && (!found || id == known):
		return nil
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return &Error{Inbox, dir, err, hint}
	case found:
		return &Error{Inbox, dir, nil, hint}
	}
	if _, err := os.Stat(dir); err != nil {
		return &Error{Inbox, dir, err, hint}
	}
	return nil
}

// ReadMarker returns the marker of a folder.
func ReadMarker(dir string) (string, error) {
	text, err := drop.ReadFile(drop.OS{}, filepath.Join(dir, Marker), markerLimit)
	return strings.TrimSpace(string(text)), err
}
