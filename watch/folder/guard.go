// Package folder watches over the folders that obmen works on: whether each is the one it was, on the volume
// it was, with room to work, and what its file system can do.
package folder

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"sync"

	"obmen/watch/drop"
)

// DefaultFree is the free space, in bytes, that the volumes of state and outbox must have.
const DefaultFree = 64 << 20

// markerLimit bounds the read of a marker, in bytes; obmen writes 27.
const markerLimit = 4096

// Roles of a route's folders, as messages name them and as the ledger knows them.
const (
	Inbox      = "inbox"
	Outbox     = "outbox"
	Archive    = "archive"
	Quarantine = "quarantine"
	State      = "state folder"
)

// Folder is a folder and its role.
type Folder struct{ Role, Dir string }

// Cursors is the part of the ledger that remembers markers and disks.
type Cursors interface {
	Cursor(ctx context.Context, name string) (value string, found bool, err error)
	SetCursor(ctx context.Context, name, value string) error
}

// Codes of a PauseError: what alerts and metrics call its cause.
const (
	Disconnected = "share-lost"
	NoSpace      = "disk-low"
	OutboxFull   = "outbox-full"
	NoRights     = "no-rights"
	StillSaving  = "still-saving"
)

// PauseError states why nothing is claimed for now: it passes, or a person mends it.
type PauseError struct{ code, text, hint string }

// Pause makes a PauseError.
func Pause(code, text, hint string) *PauseError { return &PauseError{code, text, hint} }

// Code returns the kind of the cause.
func (e *PauseError) Code() string { return e.code }

func (e *PauseError) Error() string { return e.text }

// Hint returns the next step, one line; empty when there is none.
func (e *PauseError) Hint() string { return e.hint }

// Guard looks after the folders of one route.
type Guard struct {
	Registry *Registry
	Cursors  Cursors
	FS       drop.FS
	Route    string
	Marked   []Folder // these bear a marker, and are looked at in this order
	Roomy    []Folder // the volumes of these must have free space
	Free     int64    // bytes; 0 means DefaultFree

	Beat      func(what string)            // called before each folder is looked at
	Alert     func(dir, text, hint string) // what people should know
	Remounted func()                       // called when a folder lies on another volume than before
}

// Check reports whether every folder is the one that it was, and whether there is room to work: a
// *PauseError when it is not.
func (g *Guard) Check(ctx context.Context) error {
	for _, f := range g.Marked {
		g.Beat(Place(f.Role, f.Dir))
		if err := g.checkMarker(ctx, f); err != nil {
			return err
		}
	}
	for _, f := range g.Roomy {
		g.Beat(Place(f.Role, f.Dir))
		if err := g.checkSpace(f.Dir); err != nil {
			return err
		}
	}
	return nil
}

// Place names a folder to people.
func Place(role, dir string) string { return "the " + role + " (" + dir + ")" }

// CursorPrefix begins the ledger's names of markers.
const CursorPrefix = "folder "

// CursorName is the ledger's name for the marker of a folder.
func CursorName(route, role string) string { return CursorPrefix + route + " " + role }

// checkMarker compares a folder's marker with the one that the ledger knows. A folder that is new to the
// ledger gets a marker.
func (g *Guard) checkMarker(ctx context.Context, f Folder) error {
	defer g.Registry.Lock(f.Dir)() // two routes must not mark one folder at once
	name := CursorName(g.Route, f.Role)
	known, found, err := g.Cursors.Cursor(ctx, name)
	if err != nil {
		return err
	}
	path := filepath.Join(f.Dir, Marker)
	text, err := drop.ReadFile(g.FS, path, markerLimit)
	id := strings.TrimSpace(string(text))
	switch {
	case err == nil && found && id == known:
		return g.checkVolume(ctx, f)
	case err == nil && !found && len(text) == 0:
		return g.mark(ctx, name, f) // a run was killed between making the file and writing it
	case err == nil && !found:
		return g.adopt(ctx, name, id, f)
	case errors.Is(err, fs.ErrNotExist) && !found:
		return g.mark(ctx, name, f)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return Pause(Disconnected, fmt.Sprintf("folder %s (%s) cannot be read: %v", f.Role, f.Dir, err), "look whether its share is connected")
	}
	return Pause(
		Disconnected, fmt.Sprintf("folder %s (%s) is not the one it was: its marker %s is missing or another's", f.Role, f.Dir, Marker),
		"connect its share; if you moved the folder, copy "+Marker+" into it with the text "+known,
	)
}

// adopt takes the marker of another route or of an earlier ledger for the folder's own.
func (g *Guard) adopt(ctx context.Context, name, id string, f Folder) error {
	if err := g.syncMarker(filepath.Join(f.Dir, Marker)); err != nil {
		return err
	}
	if err := g.Cursors.SetCursor(ctx, name, id); err != nil {
		return err
	}
	return g.checkVolume(ctx, f)
}

// syncMarker makes a marker durable that is there already: perhaps of a run that was killed before it was.
// One that this account may not write to is another's.
func (g *Guard) syncMarker(path string) error {
	if err := g.FS.SyncFile(path); err != nil && !errors.Is(err, fs.ErrPermission) {
		return err
	}
	return g.FS.SyncDir(filepath.Dir(path))
}

func (g *Guard) mark(ctx context.Context, name string, f Folder) error {
	id, path := rand.Text(), filepath.Join(f.Dir, Marker)
	err := drop.RemoveIfExists(g.FS, path)
	if err == nil {
		err = drop.WriteNewFile(g.FS, path, id+"\n", 0o644)
	}
	if err != nil {
		return Pause(NoRights, fmt.Sprintf("cannot write %s: %v", path, err), "give the account that runs obmen the right to write there")
	}
	if err := g.Cursors.SetCursor(ctx, name, id); err != nil {
		return err
	}
	return g.checkVolume(ctx, f)
}

// checkSpace pauses while a volume is nearly full: a half-written file is of no use.
func (g *Guard) checkSpace(dir string) error { return CheckSpace(dir, cmp.Or(g.Free, DefaultFree)) }

// FreeSpace returns how much may still be written to a folder's volume, in bytes.
func FreeSpace(dir string) (int64, error) { return freeSpace(dir) }

// CheckSpace returns a *PauseError when a folder's volume has less free space than needed, in bytes.
func CheckSpace(dir string, need int64) error {
	free, err := freeSpace(dir)
	if err != nil {
		return Pause(Disconnected, fmt.Sprintf("cannot tell the free space of %s: %v", dir, err), "look whether its share is connected")
	}
	if free < need {
		return Pause(
			NoSpace, fmt.Sprintf("the disk of %s is nearly full: %d MB free, %d MB needed", dir, free>>20, need>>20),
			"free some space; work then continues",
		)
	}
	return nil
}

// Registry holds what a run knows of the folders that its routes may share. The zero Registry is ready for use.
type Registry struct {
	locks   sync.Map // *sync.Mutex by folder
	volumes sync.Map // uint64 by folder: the volume it was on at the last good look
	durable sync.Map // folders of obmen's own whose names are durable
	swept   sync.Map // folders where nothing is left of earlier runs
}

// Reset forgets what a new run has to find out again.
func (r *Registry) Reset() {
	r.durable.Clear()
	r.swept.Clear()
}

// Lock takes a folder that routes may share, and returns the function that releases it.
func (r *Registry) Lock(dir string) (unlock func()) {
	m, _ := r.locks.LoadOrStore(dir, new(sync.Mutex))
	m.(*sync.Mutex).Lock()
	return m.(*sync.Mutex).Unlock
}

// Once runs a sweep of a folder that routes may share, until it has succeeded once. The caller holds the
// folder's lock.
func (r *Registry) Once(dir string, sweep func() error) error {
	if _, swept := r.swept.Load(dir); swept {
		return nil
	}
	err := sweep()
	if err == nil {
		r.swept.Store(dir, true)
	}
	return err
}

// MakeDir makes a folder of obmen's own. One that is there already may be of a run that was killed before
// its name was durable: so the folder above is synced once in every run, for a power cut would take
// everything below such a name with it.
func (r *Registry) MakeDir(disk drop.FS, dir string, mode fs.FileMode) error {
	if err := drop.MakeDirs(disk, dir, mode); err != nil {
		return err
	}
	if _, durable := r.durable.Load(dir); durable {
		return nil
	}
	if err := disk.SyncDir(filepath.Dir(dir)); err != nil {
		return err
	}
	r.durable.Store(dir, true)
	return nil
}
